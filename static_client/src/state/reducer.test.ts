import { describe, expect, test } from "vitest";
import type { ServerEvent } from "../contract.gen";
import type { Action } from "./actions";
import type { OutboxItem, State } from "./model";
import { blank, reduce } from "./reducer";
import { messagesOf, roomGroups, typingSentence } from "./selectors";
import { EPOCH, ROOM, ada, ben, deleted, message, said, summary } from "./testing/log";

const at = (...actions: readonly Action[]): State => actions.reduce(reduce, blank);
const server = (event: ServerEvent): Action => ({ type: "server", event, now: 0 });
const joined = (seq = 0): Action => ({
  type: "room/joined",
  joined: {
    recovered: true,
    epoch: EPOCH,
    seq,
    events: [],
    room: summary().room,
    me: summary().me,
    present: [],
    typing: { repeat_ms: 3000, expire_ms: 5000, suppressed: false },
  },
});
const signedIn: Action = { type: "session/signed-in", user: ada, expiresAt: null };
const listed: Action = { type: "rooms/listed", items: [summary()], known: {} };
const here: Action = { type: "place", place: { roomId: ROOM, panel: null, at: null } };
const item: OutboxItem = { clientId: "c-1", roomId: ROOM, text: "Hello", createdAt: "2026-09-14T08:00:00.000Z", status: "waiting" };
const ready = [signedIn, listed, joined()];

describe("unread messages", () => {
  test("of others are counted, mine are not", () => {
    const state = at(...ready, server(said(1)), server(said(2, { author: ada })));
    expect(state.rooms.byId[ROOM]).toMatchObject({ me: { unread: 1 }, last_message: { id: "msg_2" }, seq: 2 });
  });

  test("that the list has counted already are not counted again", () => {
    const counted: Action = { type: "rooms/listed", items: [summary({ seq: 2, me: { role: "member", read_seq: 0, unread: 2 } })], known: {} };
    const state = at(signedIn, listed, joined(), counted, server(said(1)), server(said(2)), server(said(3)));
    expect(state.rooms.byId[ROOM]?.me.unread).toBe(3);
  });

  test("are read when the marker moves, on any of my devices", () => {
    const read = server({ type: "message.read", ts: "", room_id: ROOM, data: { user_id: ada.id, seq: 1, unread: 0 } });
    expect(at(...ready, server(said(1)), read).rooms.byId[ROOM]?.me).toMatchObject({ read_seq: 1, unread: 0 });
  });

  test("the last message of the list follows its deletion", () => {
    const gone = deleted(2, message(1, { text: "", deleted_at: "2026-09-14T09:00:00.000Z" }));
    expect(at(...ready, server(said(1)), server(gone)).rooms.byId[ROOM]?.last_message?.deleted_at).toBeDefined();
  });

  test("get a line before them when the room is opened", () => {
    const unread: Action = { type: "rooms/listed", items: [summary({ seq: 5, me: { role: "member", read_seq: 3, unread: 2 } })], known: {} };
    expect(at(signedIn, unread, here).ui.newAfter).toEqual({ [ROOM]: 3 });
    expect(at(signedIn, here, unread).ui.newAfter).toEqual({ [ROOM]: 3 });
  });

  test("get a line when they arrive while nobody looks, and none while somebody does", () => {
    const away: Action = { type: "focus", focused: false };
    expect(at(...ready, here, away, server(said(1))).ui.newAfter).toEqual({ [ROOM]: 0 });
    expect(at(...ready, here, server(said(1))).ui.newAfter).toEqual({});
  });
});

describe("the outbox", () => {
  const added: Action = { type: "outbox/added", item };
  const sending: Action = { type: "outbox/sending", clientId: "c-1" };
  const mine = said(1, { author: ada, text: "Hello" }, "c-1");
  const acked: Action = { type: "outbox/acknowledged", clientId: "c-1", answer: { message: message(1, { author: ada }), epoch: EPOCH, seq: 1 } };
  const opened: Action = { type: "room/page", roomId: ROOM, kind: "newest", page: { items: [], has_more: false, has_newer: false } };

  test.each([
    ["the ack first", [acked, server(mine)]],
    ["the event first", [server(mine), acked]],
    ["the ack alone", [acked]],
    ["the event alone", [server(mine)]],
  ] as const)("a line is confirmed once: %s", (_order, news) => {
    const state = at(...ready, opened, added, sending, ...news);
    expect(state.outbox).toEqual([]);
    expect(messagesOf(state.timelines[ROOM]).map(({ id }) => id)).toEqual(["msg_1"]);
    expect(state.timelines[ROOM]?.clientIds).toEqual({ msg_1: "c-1" });
  });

  test("a line acknowledged beyond a gap stays until the gap is healed, and is not sent again", () => {
    const beyond: Action = { type: "outbox/acknowledged", clientId: "c-1", answer: { message: message(2, { author: ada }), epoch: EPOCH, seq: 2 } };
    const gap = at(...ready, opened, added, sending, beyond);
    expect(gap.outbox).toMatchObject([{ status: "acknowledged" }]);
    const lost = reduce(gap, { type: "connection/lost", sentence: null });
    expect(lost.outbox).toMatchObject([{ status: "acknowledged" }]);
    expect(reduce(gap, server(said(1))).outbox).toEqual([]);
  });

  test("what was on its way waits again when the connection is lost", () => {
    expect(at(...ready, added, sending, { type: "connection/lost", sentence: null }).outbox).toMatchObject([{ status: "waiting" }]);
  });

  test("lines of an earlier visit go before those of this one", () => {
    const kept: OutboxItem = { ...item, clientId: "c-0", status: "sending" };
    const state = at(...ready, added, { type: "outbox/restored", items: [kept, item] });
    expect(state.outbox.map(({ clientId, status }) => [clientId, status])).toEqual([["c-0", "waiting"], ["c-1", "waiting"]]);
  });

  test("a refused line says why until it is tried again", () => {
    const failed = at(...ready, added, { type: "outbox/failed", clientId: "c-1", sentence: "The room is archived." });
    expect(failed.outbox).toMatchObject([{ status: "failed", sentence: "The room is archived." }]);
    expect(reduce(failed, { type: "outbox/waiting", clientId: "c-1" }).outbox[0]).not.toHaveProperty("sentence");
  });
});

describe("the connection", () => {
  const greeted = server({
    type: "connection.ok",
    ts: "",
    data: { user: ada, expires_at: "2026-09-14T09:00:00.000Z", server_time: "1970-01-01T00:00:05.000Z", protocol: 1, max_text: 8000, max_message_bytes: 65536 },
  });

  test("is online after the greeting, and knows the server's clock", () => {
    expect(at(greeted).connection).toMatchObject({ phase: "online", clockOffset: 5000 });
  });

  test("an expired token is not called offline", () => {
    const expired = server({ type: "auth.expired", ts: "", data: { expires_at: "", cut_at: "" } });
    expect(at(greeted, expired, { type: "connection/lost", sentence: null }).connection.phase).toBe("expired");
    expect(at(greeted, expired, signedIn).connection.phase).toBe("online");
  });

  test("a lost connection knows of nobody's presence", () => {
    const came = server({ type: "user.presence.changed", ts: "", room_id: ROOM, data: { user: ben, status: "online" } });
    const state = at(...ready, came);
    expect(Object.keys(state.people.present[ROOM] ?? {})).toEqual([ben.id]);
    expect(reduce(state, { type: "connection/lost", sentence: null }).people.present).toEqual({});
  });

  test("signing out forgets everything that was said", () => {
    const state = at(...ready, server(said(1)), { type: "session/signed-out", notice: "You were signed out." });
    expect(state).toMatchObject({ timelines: {}, outbox: [], rooms: { byId: {} }, session: { notice: "You were signed out." } });
  });
});

describe("people", () => {
  const types = (user: typeof ben): Action => server({ type: "typing.start", ts: "", room_id: ROOM, data: { user } });

  test("typing ends by itself, by a message, or by a stop; mine is not shown to me", () => {
    const typing = at(...ready, types(ben), types(ada));
    expect(typingSentence(typing, ROOM)).toBe("Ben is typing");
    expect(typingSentence(reduce(typing, { type: "typing/tick", now: 5001 }), ROOM)).toBeNull();
    expect(typingSentence(reduce(typing, server(said(1))), ROOM)).toBeNull();
    const stop = server({ type: "typing.stop", ts: "", room_id: ROOM, data: { user: ben } });
    expect(typingSentence(reduce(typing, stop), ROOM)).toBeNull();
  });
});

test("rooms are grouped by what they are for, archived ones last", () => {
  const room = (id: string, kind: "course" | "announcement" | "direct", archived = false) =>
    summary({ room: { ...summary().room, id, kind, title: id, archived } });
  const items = [room("b", "course"), room("a", "course"), room("n", "announcement"), room("z", "course", true)];
  const groups = roomGroups(at(signedIn, { type: "rooms/listed", items, known: {} }));
  expect(groups.map(({ name, rooms }) => [name, rooms.map(({ room: { id } }) => id)])).toEqual([
    ["Announcements", ["n"]],
    ["Courses and groups", ["a", "b"]],
    ["Archived", ["z"]],
  ]);
});

test("a list asked for before a room was joined does not take the room away again", () => {
  const other = summary({ room: { ...summary().room, id: "room_2" } });
  const state = at(signedIn, listed, { type: "room/summary", summary: other }, { type: "rooms/listed", items: [], known: { [ROOM]: summary() } });
  expect(Object.keys(state.rooms.byId)).toEqual(["room_2"]);
});
