import { useEffect, useState } from "preact/hooks";
import { Download } from "lucide";
import type { Attendance } from "../../contract.gen";
import { useAct } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Button, Problem } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { clockTime, wholeTime } from "../../ui/times";
import { useCalls, useDesk } from "./context";
import { DeviceForm, Level } from "./DeviceForm";
import { useObserved } from "./context";
import type { Desk } from "../../effects/call-desk";
import { counted, duration } from "./words";

export type CallDialogName =
  | { readonly name: "call-settings" }
  | { readonly name: "end-call" }
  | { readonly name: "attendance"; readonly callId: string };

export function CallDialog({ dialog, onClose }: { readonly dialog: CallDialogName; readonly onClose: () => void }) {
  const desk = useDesk();
  switch (dialog.name) {
    case "call-settings":
      return desk && <Settings desk={desk} onClose={onClose} />;
    case "end-call":
      return <EndCall onClose={onClose} />;
    case "attendance":
      return <AttendanceDialog callId={dialog.callId} onClose={onClose} />;
  }
}

function Settings({ desk, onClose }: { readonly desk: Desk; readonly onClose: () => void }) {
  const on = useObserved(desk.model, ({ own }) => own.microphone !== "off");
  return (
    <Dialog title="Devices and sound" onClose={onClose}>
      <Level desk={desk} on={on} />
      <DeviceForm desk={desk} />
    </Dialog>
  );
}

function EndCall({ onClose }: { readonly onClose: () => void }) {
  const calls = useCalls();
  const { busy, problem, attempt } = useAttempt();
  return (
    <Dialog title="End the call for everybody?" onClose={onClose}>
      <p>Everybody leaves the call. The room and its messages stay.</p>
      <Problem sentence={problem} />
      <div class="row row-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" disabled={busy} onClick={() => attempt(() => calls.end(), onClose)}>
          End call
        </Button>
      </div>
    </Dialog>
  );
}

/** Who was there and when: drawn, with the table below. */
function AttendanceDialog({ callId, onClose }: { readonly callId: string; readonly onClose: () => void }) {
  const act = useAct();
  const calls = useCalls();
  const [found, setFound] = useState<Attendance | null>(null);
  const { busy, problem, attempt } = useAttempt();
  useEffect(() => attempt(async () => setFound(await calls.attendance(callId))), [callId]);
  const save = async (): Promise<void> => {
    const address = URL.createObjectURL(await calls.attendanceFile(callId));
    const link = document.createElement("a");
    link.href = address;
    link.download = `attendance-${callId}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    act.toast("Saved.");
  };
  return (
    <Dialog title="Attendance" wide onClose={onClose}>
      <Problem sentence={problem} />
      {found && (
        <>
          <p class="hint">
            {wholeTime(new Date(found.call.started_at))}
            {found.ended_at ? ` to ${clockTime(new Date(found.ended_at))}` : ", still going on"} · {counted(found.attendees.length, "person", "people")}
          </p>
          <AttendanceTable attendance={found} />
          <div class="row row-end">
            <Button icon={Download} disabled={busy} onClick={() => attempt(save)}>
              Download as CSV
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function AttendanceTable({ attendance }: { readonly attendance: Attendance }) {
  const start = Date.parse(attendance.call.started_at);
  const end = attendance.ended_at ? Date.parse(attendance.ended_at) : Date.now();
  const share = (time: number): number => ((time - start) / Math.max(1, end - start)) * 100;
  return (
    <div class="table-view">
      <table class="attendance">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">When</th>
            <th scope="col">In all</th>
          </tr>
        </thead>
        <tbody>
          {attendance.attendees.map(({ user, intervals, seconds }) => (
            <tr key={user.id}>
              <th scope="row">{user.name}</th>
              <td>
                <svg class="attendance-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                  {intervals.map(({ joined_at: from, left_at: to }) => {
                    const left = share(Date.parse(from));
                    const right = share(to ? Date.parse(to) : end);
                    return <rect key={from} x={left} y="0" width={Math.max(0.75, right - left)} height="4" />;
                  })}
                </svg>
                <span>
                  {intervals
                    .map(({ joined_at: from, left_at: to }) => `${clockTime(new Date(from))} to ${to ? clockTime(new Date(to)) : "now"}`)
                    .join(", ")}
                </span>
              </td>
              <td>{duration(seconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
