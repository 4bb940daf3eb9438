import { useEffect, useState } from "preact/hooks";
import { Download } from "lucide";
import type { Held, Presence, Stay } from "../../../contract.gen";
import { useSelect } from "../../../ui/app";
import { useAttempt } from "../../../ui/attempt";
import { Button, Problem } from "../../../ui/controls";
import { saveFile } from "../../../ui/files";
import { dateIn, timeIn, timesIn, viewerZone } from "../../../ui/zones";
import { duration } from "../../call/words";
import { useMeetings } from "../context";
import { counted } from "../words";

interface AttendanceProps {
  readonly meetingId: string;
  readonly chosen: string | null;
  readonly staff: boolean;
}

/** Who came and how long: drawn, with the table behind it. */
export function Attendance({ meetingId, chosen, staff }: AttendanceProps) {
  const meetings = useMeetings();
  const changes = useSelect(({ meetings: state }) => state.changes);
  const [items, setItems] = useState<readonly Held[] | null>(null);
  const { problem, attempt } = useAttempt();
  useEffect(() => attempt(async () => setItems((await meetings.attendance(meetingId)).items)), [meetingId, changes]);
  const save = (): void =>
    attempt(async () => saveFile("attendance.csv", await meetings.attendanceFile(meetingId, null)));
  const shown = [...(items ?? [])].sort((a, b) => Number(b.occurrence.key === chosen) - Number(a.occurrence.key === chosen) || b.started_at.localeCompare(a.started_at));
  return (
    <section class="page-part" aria-labelledby="attendance">
      <div class="part-head">
        <h2 id="attendance">{staff ? "Attendance" : "Your attendance"}</h2>
        {staff && shown.length > 0 && (
          <Button icon={Download} onClick={save}>
            Download as CSV
          </Button>
        )}
      </div>
      <Problem sentence={problem} />
      {items?.length === 0 && <p class="hint">Appears here once a class has been held.</p>}
      {shown.map((held, index) => (
        <HeldClass key={`${held.occurrence.key} ${held.started_at}`} held={held} open={index === 0} />
      ))}
    </section>
  );
}

function HeldClass({ held, open }: { readonly held: Held; readonly open: boolean }) {
  const start = new Date(held.started_at);
  const when = held.ended_at ? timesIn(viewerZone(), start, new Date(held.ended_at)) : `since ${timeIn(viewerZone(), start)}`;
  return (
    <details class="held" open={open}>
      <summary>
        <strong>{dateIn(viewerZone(), start)}</strong> {when} · {counted(held.people.length, "person", "people")}
      </summary>
      <div class="table-view">
        <table class="attendance">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">When</th>
              <th scope="col">In all</th>
              <th scope="col">Of the class</th>
            </tr>
          </thead>
          <tbody>
            {held.people.map((person) => (
              <PersonRow key={`${person.user?.id} ${person.name}`} person={person} held={held} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function PersonRow({ person, held }: { readonly person: Presence; readonly held: Held }) {
  const { name, email, stays, seconds, percent, differs, webhook_seconds: seen, report_seconds: reported } = person;
  const shown = bestOf(stays);
  return (
    <tr>
      <th scope="row">
        {name}
        {email && <small>{email}</small>}
      </th>
      <td>
        <Bar stays={shown} held={held} />
        <span>{shown.map(({ joined_at: from, left_at: to }) => `${at(from)} to ${to ? at(to) : "now"}`).join(", ")}</span>
      </td>
      <td>
        {duration(seconds)}
        {differs && reported !== undefined && (
          <small class="differs">
            seen {duration(seen)}, reported {duration(reported)}
          </small>
        )}
      </td>
      <td>{percent} %</td>
    </tr>
  );
}

function at(time: string): string {
  return timeIn(viewerZone(), new Date(time));
}

/** Both accounts are kept; drawn is the provider's own report, where there is one. */
function bestOf(stays: readonly Stay[]): readonly Stay[] {
  const reported = stays.filter(({ source }) => source === "report");
  return reported.length > 0 ? reported : stays;
}

function Bar({ stays, held }: { readonly stays: readonly Stay[]; readonly held: Held }) {
  const start = Date.parse(held.started_at);
  const end = held.ended_at ? Date.parse(held.ended_at) : Date.now();
  const share = (time: string | undefined): number => Math.min(100, Math.max(0, (((time ? Date.parse(time) : end) - start) / Math.max(1, end - start)) * 100));
  return (
    <svg class="attendance-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      {stays.map(({ joined_at: from, left_at: to }) => (
        <rect key={from} x={share(from)} y="0" width={Math.max(0.75, share(to) - share(from))} height="4" />
      ))}
    </svg>
  );
}
