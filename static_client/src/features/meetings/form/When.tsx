import type { ComponentChildren } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import { Globe } from "lucide";
import { isDay, localDay, weekdayOf } from "../../../state/days";
import type { Weekday } from "../../../state/days";
import { fromWords } from "../../../state/plain-words";
import { Button } from "../../../ui/controls";
import { useNow } from "../../../ui/clock";
import { Input } from "../../../ui/fields";
import { allZones, viewerZone, zoneName } from "../../../ui/zones";
import { listed } from "../words";
import { Repetition, numberOf } from "./Repetition";
import type { PartProps } from "./ScheduleForm";

interface WhenProps extends PartProps {
  /** What it comes to: in view while one types. */
  readonly children: ComponentChildren;
}

/** When, how long and how often: said in words, or chosen. */
export function When({ children, ...props }: WhenProps) {
  const { draft, change, problems, scope } = props;
  return (
    <fieldset class="form-part">
      <legend>When</legend>
      {scope !== "this" && <InWords {...props} />}
      {scope !== "this" && children}
      <div class="fields-row">
        <Input
          id="meeting-day"
          type="date"
          label={draft.repeat === "once" ? "Day" : "First day"}
          value={draft.day}
          onInput={(day) => change({ day, ...(isDay(day) && onlyOwnDay(draft.days, draft.day) ? { days: [weekdayOf(day)] } : {}) })}
          problem={problems.day}
          required
        />
        <Input id="meeting-time" type="time" label="Begins at" value={draft.time} onInput={(time) => change({ time })} problem={problems.time} required />
        <Input
          id="meeting-minutes"
          type="number"
          label="Minutes"
          min={1}
          max={1440}
          value={Number.isNaN(draft.minutes) ? "" : String(draft.minutes)}
          onInput={(minutes) => change({ minutes: numberOf(minutes) })}
          problem={problems.minutes}
          required
        />
      </div>
      {scope !== "this" && <Zone {...props} />}
      {scope !== "this" && <Repetition {...props} />}
      {scope === "this" && children}
    </fieldset>
  );
}

/** Nobody has chosen other days of the week than the first day's own. */
function onlyOwnDay(days: readonly Weekday[], day: string): boolean {
  return days.length <= 1 && (!isDay(day) || days.length === 0 || days[0] === weekdayOf(day));
}

/** "Every Tuesday and Thursday at 9:00 until 18 December": the fields below follow. */
function InWords({ change }: PartProps) {
  const [text, setText] = useState("");
  const today = localDay(new Date(useNow()));
  const heard = useMemo(() => (text.trim() ? fromWords(text, today) : null), [text, today]);
  const hint = heard?.unknown.length ? `Not understood: ${listed(heard.unknown.map((word) => `“${word}”`))}. The dates and the fields below say what was.` : "Or fill in the fields below.";
  return (
    <Input
      id="meeting-words"
      type="text"
      label="In your own words"
      placeholder="Every Tuesday and Thursday at 9:00 until 18 December"
      value={text}
      onInput={(value) => {
        setText(value);
        const { changes } = fromWords(value, today);
        if (Object.keys(changes).length > 0) change(changes);
      }}
      hint={hint}
      autocomplete="off"
    />
  );
}

/** Whose clock it is. Most people never change it. */
function Zone({ draft, change, problems }: PartProps) {
  const here = viewerZone();
  const [open, setOpen] = useState(draft.zone !== here);
  const list = useId();
  const zones = useMemo(() => (open ? allZones() : []), [open]);
  if (!open) {
    return (
      <div class="row zone-line">
        <span class="hint">{zoneName(draft.zone)}</span>
        <Button look="quiet" icon={Globe} onClick={() => setOpen(true)}>
          Another time zone
        </Button>
      </div>
    );
  }
  return (
    <>
      <Input
        id="meeting-zone"
        type="text"
        label="Time zone"
        hint="Of the host. Everybody sees times of their own zone."
        value={draft.zone}
        onInput={(zone) => change({ zone })}
        problem={problems.zone ?? (zones.includes(draft.zone) ? undefined : "Choose one of the list, such as Europe/Paris.")}
        list={list}
        autocomplete="off"
      />
      <datalist id={list}>
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}
