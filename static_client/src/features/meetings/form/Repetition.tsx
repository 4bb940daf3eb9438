import { WEEKDAYS, isDay, placeInMonth } from "../../../state/days";
import type { MonthlyBy, Repeat } from "../../../state/drafts";
import { Input, Select } from "../../../ui/fields";
import { WEEKDAY_NAMES, monthlyWords } from "../words";
import type { PartProps } from "./ScheduleForm";

/** What a field for numbers holds; NaN while it is empty. */
export function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

const REPEATS: readonly { readonly value: Repeat; readonly label: string }[] = [
  { value: "once", label: "Once" },
  { value: "daily", label: "Every day" },
  { value: "weekly", label: "Every week" },
  { value: "monthly", label: "Every month" },
  { value: "yearly", label: "Every year" },
];

const UNITS = { daily: "days", weekly: "weeks", monthly: "months", yearly: "years" } as const;

/** How often: every week on these days, until that day. */
export function Repetition(props: PartProps) {
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
