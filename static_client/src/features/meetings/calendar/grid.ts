/** The calendar library behind a small door: it draws weeks and months, and knows nothing of meetings. Loaded when first needed. */

import { Calendar } from "fullcalendar";
import dayGrid from "fullcalendar/daygrid";
import interaction from "fullcalendar/interaction";
import timeGrid from "fullcalendar/timegrid";
import "fullcalendar/skeleton.css";
import "../../../styles/calendar-grid.css";

export interface GridEvent {
  readonly id: string;
  readonly title: string;
  readonly start: string;
  readonly end: string;
  readonly class: string;
}

export interface GridOptions {
  readonly firstDay: number;
  readonly now: () => number;
  readonly onEvent: (id: string) => void;
  /** A free time was pressed; only where somebody may schedule. */
  readonly onTime: ((date: Date) => void) | null;
}

export interface Grid {
  show(view: "week" | "month", day: string): void;
  fill(events: readonly GridEvent[]): void;
  destroy(): void;
}

const VIEWS = { week: "timeGridWeek", month: "dayGridMonth" } as const;
const MORNING = "07:30:00";
/** Half an hour: enough for a title and its time in a class of fifty minutes. */
const SLOT_PX = 27;

export function drawGrid(element: HTMLElement, view: "week" | "month", day: string, options: GridOptions): Grid {
  const { onTime } = options;
  const calendar = new Calendar(element, {
    plugins: onTime ? [dayGrid, timeGrid, interaction] : [dayGrid, timeGrid],
    initialView: VIEWS[view],
    initialDate: day,
    now: () => new Date(options.now()),
    locale: navigator.language,
    firstDay: options.firstDay,
    headerToolbar: false,
    height: "100%",
    allDaySlot: false,
    nowIndicator: true,
    scrollTime: MORNING,
    scrollTimeReset: false,
    dayMaxEvents: true,
    eventInteractive: true,
    slotEventOverlap: false,
    eventDisplay: "block",
    eventTimeFormat: { hour: "numeric", minute: "2-digit" },
    slotHeaderFormat: { hour: "numeric" },
    slotMinHeight: SLOT_PX,
    dayHeaderAlign: "center",
    viewDidMount: ({ el }) => reachable(el),
    dayCellDidMount: ({ el }) => named(el),
    eventClick: ({ event, jsEvent }) => {
      jsEvent.preventDefault();
      options.onEvent(event.id);
    },
    ...(onTime ? { dateClick: ({ date }: { readonly date: Date }) => onTime(date) } : {}),
    ...CLASSES,
  });
  calendar.render();
  return {
    show(next, date) {
      if (calendar.view.type === VIEWS[next]) calendar.gotoDate(date);
      else calendar.changeView(VIEWS[next], date);
    },
    fill(events) {
      calendar.batchRendering(() => {
        for (const source of calendar.getEventSources()) source.remove();
        calendar.addEventSource(events.map(({ class: name, ...event }) => ({ ...event, className: name })));
      });
    },
    destroy: () => calendar.destroy(),
  };
}

/**
 * What scrolls can be scrolled by keyboard as well, also where there is nothing in it to stand on. A grid may hold only rows and
 * groups of rows: so the part that scrolls is the group, in place of the box around it.
 */
function reachable(view: HTMLElement): void {
  for (const group of view.querySelectorAll<HTMLElement>('[role="rowgroup"]')) {
    const part = [...group.children].find((child) => ["auto", "scroll"].includes(getComputedStyle(child).overflowY));
    if (!(part instanceof HTMLElement)) continue;
    group.setAttribute("role", "presentation");
    part.setAttribute("role", "rowgroup");
    part.tabIndex = 0;
  }
}

/** A day is called what is seen in it: its number and its classes, not a date in their place (WCAG 2.2, 2.5.3). */
function named(day: HTMLElement): void {
  day.removeAttribute("aria-label");
  day.querySelector(".grid-cell-number")?.removeAttribute("aria-hidden");
}

/** The library names nothing that can be styled by itself: these are the hooks of styles/calendar-grid.css. */
const CLASSES = {
  className: "grid",
  viewClass: "grid-view",
  dayHeaderClass: ({ isToday }: { readonly isToday?: boolean }) => (isToday ? "grid-head grid-today" : "grid-head"),
  dayHeaderInnerClass: "grid-head-text",
  slotHeaderClass: "grid-slot-head",
  slotHeaderInnerClass: "grid-slot-text",
  slotLaneClass: ({ isMinor }: { readonly isMinor?: boolean }) => (isMinor ? "grid-slot grid-slot-minor" : "grid-slot"),
  dayLaneClass: ({ isToday }: { readonly isToday?: boolean }) => (isToday ? "grid-lane grid-today" : "grid-lane"),
  dayCellClass: ({ isToday, isOther }: { readonly isToday?: boolean; readonly isOther?: boolean }) =>
    `grid-cell${isToday ? " grid-today" : ""}${isOther ? " grid-other" : ""}`,
  dayCellTopClass: "grid-cell-top",
  dayCellTopInnerClass: "grid-cell-number",
  dayRowClass: "grid-row",
  eventClass: "grid-event",
  eventInnerClass: "grid-event-inner",
  eventTimeClass: "grid-event-time",
  eventTitleClass: "grid-event-title",
  rowEventClass: "grid-event-row",
  columnEventClass: ({ isShort }: { readonly isShort?: boolean }) => (isShort ? "grid-event-column grid-event-short" : "grid-event-column"),
  moreLinkClass: "grid-more",
  nowIndicatorLineClass: "grid-now",
  popoverClass: "grid-popover",
};
