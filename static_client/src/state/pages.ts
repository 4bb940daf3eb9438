/**
 * Pages beside the rooms, and their addresses: /calendar[?view=…&day=…], /calendar/new[?room=…&day=…],
 * /meetings/<id>[?occurrence=…], /meetings/<id>/edit[?occurrence=…&scope=…], and /m/<id>, the link that everybody is given.
 */

import type { Scope } from "../contract.gen";

export type CalendarView = "week" | "month" | "list";

export type Page =
  /** `day` is any day in the span to show: 2026-11-24. Nothing said: what suits the screen, today. */
  | { readonly name: "calendar"; readonly view: CalendarView | null; readonly day: string | null }
  | { readonly name: "schedule"; readonly roomId: string | null; readonly starts: string | null }
  | { readonly name: "meeting"; readonly meetingId: string; readonly occurrence: string | null }
  | { readonly name: "change"; readonly meetingId: string; readonly occurrence: string | null; readonly scope: Scope }
  | { readonly name: "door"; readonly meetingId: string; readonly occurrence: string | null };

export const CALENDAR: Page = { name: "calendar", view: null, day: null };

const VIEWS: readonly string[] = ["week", "month", "list"] satisfies readonly CalendarView[];
const SCOPES: readonly string[] = ["this", "following", "all"] satisfies readonly Scope[];
const DAY = /^\d{4}-\d\d-\d\d$/;
/** The wall time that names an occurrence. */
const WALL = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;

export function parsePage(pathname: string, search: string): Page | null {
  const [, head, ...rest] = pathname.split("/").map(decoded);
  const query = new URLSearchParams(search);
  const [id, tail] = rest;
  if (head === "calendar") return calendarPage(id, query);
  if (!id) return null;
  const occurrence = matching(query.get("occurrence"), WALL);
  if (head === "m") return { name: "door", meetingId: id, occurrence };
  if (head !== "meetings") return null;
  if (tail !== "edit") return { name: "meeting", meetingId: id, occurrence };
  const scope = query.get("scope") ?? "all";
  const known = SCOPES.includes(scope) && (occurrence !== null || scope === "all");
  return { name: "change", meetingId: id, occurrence, scope: known ? (scope as Scope) : "all" };
}

function calendarPage(tail: string | undefined, query: URLSearchParams): Page {
  if (tail === "new") return { name: "schedule", roomId: query.get("room"), starts: matching(query.get("starts"), WALL) };
  const view = query.get("view");
  return {
    name: "calendar",
    view: view && VIEWS.includes(view) ? (view as CalendarView) : null,
    day: matching(query.get("day"), DAY),
  };
}

export function formatPage(page: Page): string {
  switch (page.name) {
    case "calendar":
      return address("/calendar", { view: page.view, day: page.day });
    case "schedule":
      return address("/calendar/new", { room: page.roomId, starts: page.starts });
    case "meeting":
      return address(`/meetings/${encodeURIComponent(page.meetingId)}`, { occurrence: page.occurrence });
    case "change": {
      const scope = page.scope === "all" ? null : page.scope;
      return address(`/meetings/${encodeURIComponent(page.meetingId)}/edit`, { occurrence: page.occurrence, scope });
    }
    case "door":
      return address(`/m/${encodeURIComponent(page.meetingId)}`, { occurrence: page.occurrence });
  }
}

/** What a narrow screen goes back to; null: the list of rooms. */
export function parentOfPage(page: Page): Page | null {
  switch (page.name) {
    case "calendar":
      return null;
    case "change":
      return { name: "meeting", meetingId: page.meetingId, occurrence: null };
    default:
      return CALENDAR;
  }
}

/** Whether somebody may stand there without having signed in. */
export function isPublic(page: Page | undefined): boolean {
  return page?.name === "door";
}

function address(path: string, query: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== null);
  const text = new URLSearchParams(given).toString().replaceAll("%3A", ":");
  return text ? `${path}?${text}` : path;
}

function matching(value: string | null, pattern: RegExp): string | null {
  return value !== null && pattern.test(value) ? value : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
