import { CalendarCheck, TriangleAlert } from "lucide";
import type { Clash, Occurrence, Preview } from "../../../contract.gen";
import type { Previewed } from "../../../effects/previewer";
import type { Draft } from "../../../state/drafts";
import { Icon } from "../../../ui/Icon";
import { dateIn, sameClock, shortDayIn, timesIn, timeIn, viewerZone, zoneName } from "../../../ui/zones";
import { ADJUSTMENTS, counted, listed } from "../words";
import { Notes } from "./Notes";

interface PreviewBoxProps {
  readonly previewed: Previewed;
  readonly draft: Draft;
  /** One class only: there will never be more than one date. */
  readonly single: boolean;
}

/** What it comes to: the rule in words and the next five dates, with whatever is in their way. Its height is kept while one types. */
export function PreviewBox({ previewed, draft, single }: PreviewBoxProps) {
  const preview = previewed.kind === "shown" || previewed.kind === "asking" ? previewed.preview : null;
  return (
    <section class="outcome" aria-label="What it comes to" aria-busy={previewed.kind === "asking"} data-single={single || undefined}>
      {previewed.kind === "refused" && (
        <p class="field-problem" role="alert">
          {previewed.sentence}
        </p>
      )}
      {previewed.kind === "nothing" && <p class="hint">The dates appear here as soon as day and time are told.</p>}
      {preview && <Shown preview={preview} zone={draft.zone} />}
    </section>
  );
}

function Shown({ preview, zone }: { readonly preview: Preview; readonly zone: string }) {
  const { occurrences, total, words, notes } = preview;
  const clashes = together(preview.clashes);
  const more = total - occurrences.length;
  const shown = new Set(occurrences.map(({ key }) => key));
  const later = clashes.filter(({ clash }) => !shown.has(clash.key));
  const here = viewerZone();
  const elsewhere = occurrences.some(({ starts_at: at }) => !sameClock(zone, here, new Date(at)));
  return (
    <>
      <p class="outcome-words" aria-live="polite">
        <Icon of={CalendarCheck} />
        <strong>{words}</strong>
      </p>
      <ol class="outcome-dates" aria-label="The next dates">
        {occurrences.map((occurrence) => (
          <PreviewDate
            key={occurrence.key}
            occurrence={occurrence}
            clashes={clashes.filter(({ clash }) => clash.key === occurrence.key)}
            elsewhere={elsewhere ? here : null}
          />
        ))}
      </ol>
      {more > 0 && <p class="hint">and {counted(more, "more date")}, {total} in all</p>}
      <Notes notes={notes} class="outcome-notes" label="Good to know" />
      {later.length > 0 && (
        <div class="outcome-clashes">
          {later.slice(0, 5).map((one) => (
            <ClashLine key={`${one.clash.key} ${one.clash.meeting_id}`} {...one} dated />
          ))}
          {later.length > 5 && <p class="hint">and {counted(later.length - 5, "more conflict")}</p>}
        </div>
      )}
    </>
  );
}

interface PreviewDateProps {
  readonly occurrence: Occurrence;
  readonly clashes: readonly Together[];
  /** The viewer's zone, where its clocks show other times than the host's. */
  readonly elsewhere: string | null;
}

function PreviewDate({ occurrence, clashes, elsewhere }: PreviewDateProps) {
  const { zone, starts_at: from, ends_at: to, adjustment } = occurrence;
  const [start, end] = [new Date(from), new Date(to)];
  const sameDay = elsewhere && shortDayIn(zone, start) === shortDayIn(elsewhere, start);
  return (
    <li data-clash={clashes.length > 0 || undefined}>
      <span class="outcome-day">{dateIn(zone, start)}</span>
      <span class="outcome-time">
        {timesIn(zone, start, end)}
        {elsewhere && <small> {zoneName(zone)}</small>}
      </span>
      {elsewhere && (
        <span class="outcome-here">
          {!sameDay && `${shortDayIn(elsewhere, start)}, `}
          {timeIn(elsewhere, start)} for you
        </span>
      )}
      {adjustment && <span class="outcome-note">{ADJUSTMENTS[adjustment]}</span>}
      {clashes.map((one) => (
        <ClashLine key={one.clash.meeting_id} {...one} />
      ))}
    </li>
  );
}

/** One thing that is in the way, and of whom. */
interface Together {
  readonly clash: Clash;
  readonly kinds: readonly string[];
}

/** The host and the room are often taken by the same class: that is said once. */
export function together(clashes: readonly Clash[]): readonly Together[] {
  const found = new Map<string, Together>();
  for (const clash of clashes) {
    const key = `${clash.key} ${clash.meeting_id} ${clash.starts_at}`;
    const before = found.get(key);
    found.set(key, { clash, kinds: [...(before?.kinds ?? []), clash.kind] });
  }
  return [...found.values()];
}

function ClashLine({ clash, kinds, dated }: Together & { readonly dated?: boolean }) {
  const start = new Date(clash.starts_at);
  return (
    <p class="outcome-clash">
      <Icon of={TriangleAlert} />
      <span>
        {dated && `${dateIn(viewerZone(), start)}: `}
        {clashWords(clash, kinds)}
      </span>
    </p>
  );
}

function clashWords({ title, starts_at: from, ends_at: to }: Clash, kinds: readonly string[]): string {
  const when = timesIn(viewerZone(), new Date(from), new Date(to));
  const what = title ? `“${title}”` : "something else";
  const who = listed(["host", "room"].filter((kind) => kinds.includes(kind)).map((kind) => `the ${kind}`));
  if (!who) return `All licences of this service are in use then (${what}, ${when}).`;
  const licence = kinds.includes("licence") ? ", and all licences of this service are in use" : "";
  return `${who.charAt(0).toUpperCase()}${who.slice(1)} already ${kinds.includes("host") && kinds.includes("room") ? "have" : "has"} ${what} then (${when})${licence}.`;
}
