import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ListMeetings, MeetingPage } from "../contract.gen";
import type { Rest } from "../net/rest";
import type { Connection } from "../net/socket";
import { Refusal } from "../net/socket";
import { blank, reduce } from "../state/reducer";
import { EPOCH, ROOM, ada, summary } from "../state/testing/log";
import { FIRST, MEETING, detail, inRange, meeting, told } from "../state/testing/meetings";
import { startMeetings } from "./meetings";
import { createStore } from "./store";

const NOW = Date.UTC(2026, 10, 23, 9);
const WEEK = { since: NOW, until: NOW + 7 * 86_400_000 };

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

function scene(pages: readonly MeetingPage[] = [{ items: [inRange()], has_more: false }]) {
  const store = createStore(reduce, blank);
  const asked: { name: string; query?: ListMeetings }[] = [];
  const rest = {
    ask: (name: string, options: { query?: ListMeetings } = {}) => {
      asked.push({ name, ...(options.query ? { query: options.query } : {}) });
      if (name === "getMeeting") return Promise.resolve(detail());
      if (name === "listMeetings") return Promise.resolve(pages[options.query?.after ? 1 : 0]);
      return Promise.reject(new Refusal("not_found", "It is not there.", false));
    },
  } as unknown as Rest;
  const past = [told(2, "meeting.scheduled", { meeting: meeting() })];
  const connection = { ask: () => Promise.resolve({ rooms: { [ROOM]: { recovered: true, events: past } }, refused: [] }) } as unknown as Connection;
  const meetings = startMeetings({ store, connection, rest, newId: () => "k-1", now: () => NOW });
  const greet = (): void => {
    const data = { user: ada, expires_at: "2026-11-24T09:00:00.000Z", server_time: new Date(NOW).toISOString(), protocol: 1, max_text: 8000, max_message_bytes: 65536 };
    store.dispatch({ type: "server", event: { type: "connection.ok", ts: "", data }, now: NOW });
  };
  const lists = (): number => asked.filter(({ name }) => name === "listMeetings").length;
  return { store, asked, meetings, greet, lists };
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(300);

test("today's classes are there with the connection, page by page", async () => {
  const first: MeetingPage = { items: [inRange()], has_more: true, next: MEETING };
  const second: MeetingPage = { items: [inRange({ id: "meet_2" })], has_more: false };
  const { store, greet, asked } = scene([first, second]);
  greet();
  await settle();
  expect(Object.keys(store.get().meetings.byId)).toEqual([MEETING, "meet_2"]);
  expect(asked.map(({ query }) => query?.after)).toEqual([undefined, MEETING]);
});

test("what is shown is read again when a room tells of a change, once for many changes, and no longer than it is shown", async () => {
  const { store, greet, meetings, lists } = scene();
  greet();
  const stop = meetings.watch("calendar", WEEK, () => undefined);
  await settle();
  const before = lists();
  const joined = { room: summary().room, me: summary().me, present: [], typing: { repeat_ms: 1, expire_ms: 1, suppressed: false } };
  store.dispatch({ type: "room/joined", joined: { recovered: true, epoch: EPOCH, seq: 0, events: [], ...joined } });
  for (const seq of [1, 2]) {
    const event = told(seq, "meeting.updated", { meeting: meeting(), scope: "this", key: FIRST });
    store.dispatch({ type: "server", event, now: NOW });
  }
  await settle();
  expect(lists()).toBe(before + 2);
  stop();
  store.dispatch({ type: "server", event: told(3, "meeting.updated", { meeting: meeting(), scope: "all" }), now: NOW });
  await settle();
  expect(lists()).toBe(before + 3);
});

test("a meeting is read whole while it is shown; a refusal is told to whoever asked", async () => {
  const { store, greet, meetings } = scene();
  greet();
  meetings.watchDetail(MEETING, () => undefined);
  await settle();
  expect(store.get().meetings.details[MEETING]?.mayChange).toBe(true);
  await expect(meetings.feed()).rejects.toThrow("It is not there.");
});

test("a room's earlier lines are read once, when it is opened", async () => {
  const { store, greet } = scene();
  store.dispatch({ type: "place", place: { roomId: ROOM, panel: null, at: null } });
  greet();
  const joined = { room: summary().room, me: summary().me, present: [], typing: { repeat_ms: 1, expire_ms: 1, suppressed: false } };
  store.dispatch({ type: "room/joined", joined: { recovered: true, epoch: EPOCH, seq: 9, events: [], ...joined } });
  await settle();
  expect(store.get().meetings.lines[ROOM]).toMatchObject([{ kind: "scheduled", seq: 2 }]);
});
