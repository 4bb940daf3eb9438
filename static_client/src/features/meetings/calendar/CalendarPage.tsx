import { useMemo } from "preact/hooks";
import { ChevronLeft, ChevronRight, Plus, Rss } from "lucide";
import { mayScheduleSomewhere } from "../../../state/allowed";
import { entriesIn } from "../../../state/agenda";
import { localDay } from "../../../state/days";
import { isKnown } from "../../../state/meetings";
import type { CalendarView, Page } from "../../../state/pages";
import { roomTones } from "../../../state/selectors";
import { useAct, useParts } from "../../../ui/app";
import { useNow } from "../../../ui/clock";
import { Button, IconButton } from "../../../ui/controls";
import { useMediaQuery } from "../../../ui/media";
import { useWatched } from "../context";
import { PageHead } from "../PageHead";
import { Agenda } from "./Agenda";
import { GridView } from "./GridView";
import { shownDays, spanOf, spanTitle, stepped, weekBegins } from "./spans";
import "../../../styles/meeting-pages.css";

const VIEWS: readonly { readonly view: CalendarView; readonly label: string }[] = [
  { view: "week", label: "Week" },
  { view: "month", label: "Month" },
  { view: "list", label: "List" },
];

/** Narrower than this, a week does not fit beside the rooms. */
const NARROW = "(max-width: 46rem)";

/** All classes of my rooms: week first, month second, and a list on phones. */
export function CalendarPage({ page }: { readonly page: Extract<Page, { readonly name: "calendar" }> }) {
  const act = useAct();
  const now = useNow();
  const narrow = useMediaQuery(NARROW);
  const { meetings, me, rooms } = useParts((state) => ({ meetings: state.meetings, me: state.session.me, rooms: state.rooms.byId }));
  const view = page.view ?? (narrow ? "list" : "week");
  const today = localDay(new Date(now));
  const day = page.day ?? today;
  const firstDay = useMemo(() => weekBegins(navigator.language), []);
  const shown = shownDays(view, day, firstDay);
  const span = spanOf(shown);
  const { problem, again } = useWatched("calendar", span);
  const entries = useMemo(() => entriesIn(meetings, span), [meetings, span.since, span.until]);
  const known = isKnown(meetings, span);
  const go = (change: { readonly view?: CalendarView; readonly day?: string | null }): void =>
    act.goInstead({ page: { name: "calendar", view: change.view ?? page.view, day: change.day === undefined ? page.day : change.day } });
  const tones = useMemo(() => roomTones(rooms), [rooms]);
  const maySchedule = mayScheduleSomewhere(rooms, me);
  return (
    <section class="page calendar" aria-label="Calendar" data-view={view}>
      <PageHead title="Calendar" sub={spanTitle(view, day, shown)}>
        <IconButton icon={Rss} label="Calendar for other programs" onClick={() => act.dialog({ name: "calendar-feed" })} />
        {maySchedule && (
          <Button look="accent" icon={Plus} onClick={() => act.go({ page: { name: "schedule", roomId: null, starts: null } })}>
            Schedule
          </Button>
        )}
      </PageHead>
      <div class="calendar-bar">
        <div class="row">
          <IconButton icon={ChevronLeft} label={`Earlier: previous ${unit(view)}`} onClick={() => go({ day: stepped(view, day, -1) })} />
          <IconButton icon={ChevronRight} label={`Later: next ${unit(view)}`} onClick={() => go({ day: stepped(view, day, 1) })} />
          <Button disabled={day === today} onClick={() => go({ day: null })}>
            Today
          </Button>
        </div>
        <div class="calendar-views" role="group" aria-label="View">
          {VIEWS.map(({ view: value, label }) => (
            <Button key={value} look="quiet" pressed={view === value} onClick={() => go({ view: value })}>
              {label}
            </Button>
          ))}
        </div>
      </div>
      {problem && (
        <div class="problem notice-row" role="alert">
          <p>{problem}</p>
          <Button onClick={again}>Try again</Button>
        </div>
      )}
      {view === "list" ? (
        <Agenda entries={entries} now={now} known={known || problem !== null} tones={tones} />
      ) : (
        <GridView view={view} day={day} entries={entries} now={now} firstDay={(firstDay + 1) % 7} maySchedule={maySchedule} tones={tones} />
      )}
      {view !== "list" && known && !problem && entries.length === 0 && (
        <p class="calendar-empty" role="status">
          Nothing planned {view === "week" ? "this week" : "this month"}.
        </p>
      )}
    </section>
  );
}

function unit(view: CalendarView): string {
  return view === "list" ? "four weeks" : view;
}
