import { useId, useMemo, useState } from "preact/hooks";
import { Globe } from "lucide";
import { WEEKDAYS, isDay, placeInMonth, weekdayOf } from "../../../state/days";
import type { Weekday } from "../../../state/days";
import type { MonthlyBy, Repeat } from "../../../state/drafts";
import { fromWords } from "../../../state/plain-words";
import { localDay } from "../../../state/days";
import { Button } from "../../../ui/controls";
import { useNow } from "../../../ui/clock";
import { Input, Select } from "../../../ui/fields";
import { allZones, viewerZone, zoneName } from "../../../ui/zones";
import { WEEKDAY_NAMES, listed, monthlyWords } from "../words";
import type { PartProps } from "./ScheduleForm";

/** When, how long and how often: said in words, or chosen. */
export function When(props: PartProps) {
  const { draft, change, problems, scope } = props;
  return (
    <fieldset class="form-part">
      <legend>When</legend>
      {scope !== "this" && <InWords {...props} />}
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
    </fieldset>
  );
}

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
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
  const hint = heard?.unknown.length ? `Not understood: ${listed(heard.unknown.map((word) => `“${word}”`))}. The fields below say what was.` : "Or fill in the fields below.";
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

const REPEATS: readonly { readonly value: Repeat; readonly label: string }[] = [
  { value: "once", label: "Once" },
  { value: "daily", label: "Every day" },
  { value: "weekly", label: "Every week" },
  { value: "monthly", label: "Every month" },
  { value: "yearly", label: "Every year" },
];

const UNITS = { daily: "days", weekly: "weeks", monthly: "months", yearly: "years" } as const;

function Repetition(props: PartProps) {
  const { draft, change, problems } = props;
  const options = draft.repeat === "other" || draft.rule ? [...REPEATS, { value: "other", label: "By a rule of its own" }] : REPEATS;
  return (
    <>
      <Select id="meeting-repeat" label="How often" value={draft.repeat} options={options} onChange={(repeat) => change({ repeat: repeat as Repeat })} />
      {draft.repeat === "weekly" && <Weekdays {...props} />}
      {draft.repeat === "monthly" && isDay(draft.day) && <Monthly {...props} />}
      {draft.repeat === "other" && (
        <Input
          id="meeting-rule"
          type="text"
          label="Rule"
          hint="As calendars write it (RFC 5545)."
          value={draft.rule}
          onInput={(rule) => change({ rule })}
          problem={problems.rule}
          maxLength={500}
        />
      )}
      {draft.repeat !== "once" && draft.repeat !== "other" && (
        <div class="fields-row">
          <Input
            id="meeting-every"
            type="number"
            label={`Every so many ${UNITS[draft.repeat]}`}
            min={1}
            max={99}
            value={Number.isNaN(draft.every) ? "" : String(draft.every)}
            onInput={(every) => change({ every: numberOf(every) })}
            problem={problems.every}
          />
          <Select
            id="meeting-ends"
            label="Until"
            value={draft.ends}
            options={[
              { value: "until", label: "A last day" },
              { value: "count", label: "So many times" },
            ]}
            onChange={(ends) => change({ ends: ends === "count" ? "count" : "until" })}
          />
          {draft.ends === "until" ? (
            <Input id="meeting-until" type="date" label="Last day" value={draft.until} min={draft.day} onInput={(until) => change({ until })} problem={problems.until} />
          ) : (
            <Input
              id="meeting-count"
              type="number"
              label="Times"
              min={1}
              max={400}
              value={Number.isNaN(draft.count) ? "" : String(draft.count)}
              onInput={(count) => change({ count: numberOf(count) })}
              problem={problems.count}
            />
          )}
        </div>
      )}
    </>
  );
}

function Weekdays({ draft, change, problems }: PartProps) {
  return (
    <fieldset class="weekdays" aria-describedby={problems.days ? "days-problem" : undefined}>
      <legend>On</legend>
      <div class="row">
        {WEEKDAYS.map((day) => (
          <label key={day} class="weekday">
            <input
              id={`day-${day}`}
              type="checkbox"
              checked={draft.days.includes(day)}
              onChange={(event) => change({ days: event.currentTarget.checked ? [...draft.days, day] : draft.days.filter((one) => one !== day) })}
            />
            <span>
              {WEEKDAY_NAMES[day].slice(0, 2)}
              <span class="unseen">{WEEKDAY_NAMES[day].slice(2)}</span>
            </span>
          </label>
        ))}
      </div>
      {problems.days && (
        <p class="field-problem" id="days-problem">
          {problems.days}
        </p>
      )}
    </fieldset>
  );
}

function Monthly({ draft, change }: PartProps) {
  const { nth, last } = placeInMonth(draft.day);
  const ways: readonly MonthlyBy[] = ["date", ...(nth < 5 ? (["nth"] as const) : []), ...(last ? (["last"] as const) : [])];
  const chosen = ways.includes(draft.monthly) ? draft.monthly : "date";
  return (
    <Select
      id="meeting-monthly"
      label="On which day"
      value={chosen}
      options={ways.map((way) => ({ value: way, label: `Every month${monthlyWords(way, draft.day)}` }))}
      onChange={(monthly) => change({ monthly: monthly as MonthlyBy })}
    />
  );
}
