import { expect, test } from "vitest";
import { formatPlace, parentOf, parseFragment, parsePlace } from "./place";

test.each([
  ["/", { roomId: null, panel: null, at: null }],
  ["/rooms/room_1", { roomId: "room_1", panel: null, at: null }],
  ["/rooms/room_1/people", { roomId: "room_1", panel: "people", at: null }],
  ["/rooms/room_1/search?at=41", { roomId: "room_1", panel: "search", at: 41 }],
] as const)("every place has an address: %s", (address, place) => {
  const url = new URL(address, "https://homeroom.test");
  expect(parsePlace(url.pathname, url.search)).toEqual(place);
  expect(formatPlace(place)).toBe(address);
});

test("an address that means nothing leads home", () => {
  expect(parsePlace("/somewhere/else", "?at=x").roomId).toBeNull();
  expect(parsePlace("/rooms/room_1/nothing", "?at=-1")).toEqual({ roomId: "room_1", panel: null, at: null });
});

test("one step up leads from a panel to its room, and from a room to the list", () => {
  const panel = { roomId: "room_1", panel: "people", at: null } as const;
  expect(parentOf(panel)).toEqual({ roomId: "room_1", panel: null, at: null });
  expect(parentOf(parentOf(panel)).roomId).toBeNull();
});

test("a sign-in link carries a token and perhaps a room", () => {
  expect(parseFragment("#token=a.b.c&room=algebra-1")).toEqual({ token: "a.b.c", room: "algebra-1" });
  expect(parseFragment("#section")).toBeNull();
});
