import { useMemo, useState } from "preact/hooks";
import { Ban, ChevronDown, ChevronUp, Pencil } from "lucide";
import type { Meeting, Occurrence } from "../../../contract.gen";
import { occurrencesOf, stageOf } from "../../../state/agenda";
import { placeOf } from "../../../state/place";
import { useAct, useSelect } from "../../../ui/app";
import { useNow } from "../../../ui/clock";
import { Button, IconButton } from "../../../ui/controls";
import { PlaceLink } from "../../../ui/links";
import { dateIn, timesIn, viewerZone } from "../../../ui/zones";
import { JoinLink, StageSign } from "../JoinLink";
import { ADJUSTMENTS, counted, elsewhereWords, keyDay } from "../words";

interface OccurrencesProps {
  readonly meeting: Meeting;
  readonly chosen: string | null;
  readonly mayChange: boolean;
}

const FEW = 6;

/** Every class of a series: those to come, and on request those that were. */
export function Occurrences({ meeting, chosen, mayChange }: OccurrencesProps) {
  const now = useNow();
  const [past, setPast] = useState(false);
  const [all, setAll] = useState(false);
  const state = useSelect(({ meetings }) => meetings);
  const occurrences = useMemo(() => occurrencesOf(state, meeting.id), [state, meeting.id]);
  if (occurrences.length < 2 && !meeting.schedule.rule) return null;
  const ended = (one: Occurrence): boolean => Date.parse(one.ends_at) <= now && one.status !== "live";
  const before = occurrences.filter(ended);
  const coming = occurrences.filter((one) => !ended(one));
  const shown = all ? coming : coming.slice(0, FEW);
  const row = (occurrence: Occurrence) => (
    <OccurrenceRow key={occurrence.key} meeting={meeting} occurrence={occurrence} now={now} chosen={occurrence.key === chosen} mayChange={mayChange} />
  );
  return (
    <section class="page-part" aria-labelledby="occurrences">
      <h2 id="occurrences">Classes</h2>
      {before.length > 0 && (
        <Button look="quiet" icon={past ? ChevronUp : ChevronDown} onClick={() => setPast(!past)}>
          {past ? "Hide those that were" : `Show ${counted(before.length, "class", "classes")} that ${before.length === 1 ? "was" : "were"}`}
        </Button>
      )}
      <ul class="occurrences" aria-label="Classes">
        {past && before.map(row)}
        {shown.map(row)}
      </ul>
      {coming.length > shown.length && (
        <Button look="quiet" icon={ChevronDown} onClick={() => setAll(true)}>
          Show {coming.length - shown.length} more
        </Button>
      )}
      {coming.length === 0 && <p class="hint">No more classes to come.</p>}
    </section>
  );
}

interface OccurrenceRowProps extends Omit<OccurrencesProps, "chosen"> {
  readonly occurrence: Occurrence;
  readonly now: number;
  readonly chosen: boolean;
}

function OccurrenceRow({ meeting, occurrence, now, chosen, mayChange }: OccurrenceRowProps) {
  const act = useAct();
  const stage = stageOf({ meeting, occurrence }, now);
  const start = new Date(occurrence.starts_at);
  const elsewhere = elsewhereWords(occurrence);
  const moved = occurrence.changed && occurrence.starts !== occurrence.key;
  return (
    <li class="occurrence" data-stage={stage} data-chosen={chosen || undefined}>
      <p class="occurrence-when">
        <PlaceLink to={placeOf({ name: "meeting", meetingId: meeting.id, occurrence: occurrence.key })} class="meeting-link" current={chosen}>
          {dateIn(viewerZone(), start)}
        </PlaceLink>
        <span>{timesIn(viewerZone(), start, new Date(occurrence.ends_at))}</span>
        <small>
          {[
            elsewhere,
            moved && `moved from ${keyDay(occurrence.key)}, ${occurrence.key.slice(11)}`,
            occurrence.title !== meeting.title && occurrence.title,
            occurrence.adjustment && ADJUSTMENTS[occurrence.adjustment],
          ]
            .filter(Boolean)
            .join(" · ")}
        </small>
      </p>
      <StageSign stage={stage} />
      <JoinLink entry={{ meeting, occurrence }} stage={stage} />
      {mayChange && (stage === "later" || stage === "open") && (
        <span class="occurrence-tools">
          <IconButton
            small
            icon={Pencil}
            label={`Change the class of ${keyDay(occurrence.key)}`}
            onClick={() => act.dialog({ name: "change-meeting", meetingId: meeting.id, occurrence: occurrence.key })}
          />
          <IconButton
            small
            icon={Ban}
            label={`Cancel the class of ${keyDay(occurrence.key)}`}
            onClick={() => act.dialog({ name: "cancel-meeting", meetingId: meeting.id, occurrence: occurrence.key })}
          />
        </span>
      )}
    </li>
  );
}
