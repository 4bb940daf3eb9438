import { expect, test } from "vitest";
import { formatPage, parentOfPage, parsePage } from "./pages";
import type { Page } from "./pages";
import { formatPlace, parentOf, parsePlace } from "./place";

const PAGES: readonly (readonly [string, Page])[] = [
  ["/calendar", { name: "calendar", view: null, day: null }],
  ["/calendar?view=month&day=2026-11-24", { name: "calendar", view: "month", day: "2026-11-24" }],
  ["/calendar/new?room=room_1", { name: "schedule", roomId: "room_1", starts: null }],
  ["/calendar/new?starts=2026-11-24T09:00", { name: "schedule", roomId: null, starts: "2026-11-24T09:00" }],
  ["/meetings/meet_1", { name: "meeting", meetingId: "meet_1", occurrence: null }],
  ["/meetings/meet_1?occurrence=2026-11-24T09:00", { name: "meeting", meetingId: "meet_1", occurrence: "2026-11-24T09:00" }],
  ["/meetings/meet_1/edit", { name: "change", meetingId: "meet_1", occurrence: null, scope: "all" }],
  [
    "/meetings/meet_1/edit?occurrence=2026-11-24T09:00&scope=following",
    { name: "change", meetingId: "meet_1", occurrence: "2026-11-24T09:00", scope: "following" },
  ],
  ["/m/meet_1", { name: "door", meetingId: "meet_1", occurrence: null }],
];

test.each(PAGES)("every page has an address: %s", (address, page) => {
  const url = new URL(address, "https://homeroom.test");
  expect(parsePage(url.pathname, url.search)).toEqual(page);
  expect(formatPage(page)).toBe(address);
  expect(formatPlace(parsePlace(url.pathname, url.search))).toBe(address);
});

test("what an address says wrongly is left out", () => {
  expect(parsePage("/calendar", "?view=year&day=tomorrow")).toEqual({ name: "calendar", view: null, day: null });
  expect(parsePage("/meetings/meet_1/edit", "?scope=this")).toMatchObject({ scope: "all" });
  expect(parsePage("/m/", "")).toBeNull();
  expect(parsePage("/rooms/room_1", "")).toBeNull();
});

test("one step up leads from a meeting to the calendar, and from there to the rooms", () => {
  expect(parentOfPage({ name: "meeting", meetingId: "meet_1", occurrence: null })).toMatchObject({ name: "calendar" });
  expect(parentOf(parsePlace("/meetings/meet_1/edit", "")).page).toMatchObject({ name: "meeting" });
  expect(parentOf(parsePlace("/calendar", ""))).toEqual({ roomId: null, panel: null, at: null });
});
