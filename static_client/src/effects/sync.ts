/** Keeps every room of mine up to date: lists, joins, catches up, and heals gaps. */

import type { CaughtUp, RoomSummary } from "../contract.gen";
import type { Connection } from "../net/socket";
import { Refusal } from "../net/socket";
import type { RoomId, State } from "../state/model";
import { needsHealing } from "../state/timeline";
import { fewAtATime, patiently, pauseBefore, sentenceOf } from "./patience";
import type { Store } from "./store";

const PAGE = 50;
const ROOMS_PER_PAGE = 200;
const JOINS_AT_ONCE = 4;
/** Events of a gap are often just late: another way delivers them first. */
const GRACE_MS = 250;
const ROOMS_PER_SYNC = 200;
/** How often it is made sure that every room of mine is listened to. */
const LOOK_AGAIN_MS = 4_000;

export interface Sync {
  openRoom(reference: { readonly room_id: string } | { readonly key: string }): Promise<RoomId>;
  loadOlder(roomId: RoomId): Promise<void>;
  loadNewer(roomId: RoomId): Promise<void>;
  loadAround(roomId: RoomId, seq: number): Promise<void>;
  loadNewest(roomId: RoomId): Promise<void>;
  loadMembers(roomId: RoomId): Promise<void>;
  /** Asks for whatever was missed in all rooms: after a sleep, for instance. */
  checkHeads(): void;
}

export function startSync(store: Store, connection: Connection): Sync {
  const { dispatch } = store;

  store.subscribe((state, before) => {
    const online = state.connection.phase === "online";
    if (online && before.connection.phase !== "online") void arrive().catch(() => undefined);
    if (!online) return;
    if (state.rooms.byId !== before.rooms.byId) joinAdded(state, before);
    if (state.ui.place !== before.ui.place) void showPlace(state, before).catch(() => undefined);
    if (state.timelines !== before.timelines && gaps(state).length) healSoon();
    if (state.rooms.joined !== before.rooms.joined || state.ui.place !== before.ui.place) fillOpenRoom(state);
  });

  /** The rooms that are in the list and not yet listened to, the open one first. */
  async function arrive(): Promise<void> {
    const known = store.get().rooms.byId;
    const items = await patiently(allMyRooms);
    dispatch({ type: "rooms/listed", items, known });
    const { place } = store.get().ui;
    const ids = items.map(({ room }) => room.id);
    if (place.roomId) ids.unshift(place.roomId);
    await fewAtATime([...new Set(ids)], JOINS_AT_ONCE, join);
    if (place.roomId && place.at) await loadAround(place.roomId, place.at);
  }

  async function allMyRooms(): Promise<readonly RoomSummary[]> {
    const items: RoomSummary[] = [];
    for (let after: string | undefined; ; ) {
      const page = await connection.ask("room:list", { limit: ROOMS_PER_PAGE, ...(after ? { after } : {}) });
      items.push(...page.items);
      if (!page.has_more || !page.next) return items;
      after = page.next;
    }
  }

  /** A join can be lost between two connections; a room of mine that nobody listens to is joined again. */
  setInterval(() => {
    const { connection: line, rooms, ui } = store.get();
    if (line.phase !== "online" || !rooms.loaded) return;
    const mine = Object.values(rooms.byId).filter(({ room, me }) => me.role && !rooms.joined[room.id]);
    const ids = mine.map(({ room }) => room.id);
    if (ui.place.roomId && rooms.byId[ui.place.roomId] && !rooms.joined[ui.place.roomId]) ids.unshift(ui.place.roomId);
    void fewAtATime([...new Set(ids)], JOINS_AT_ONCE, join);
    if (gaps(store.get()).length) healSoon();
  }, LOOK_AGAIN_MS);

  const joining = new Map<RoomId, Promise<void>>();

  function join(roomId: RoomId): Promise<void> {
    if (store.get().rooms.joined[roomId]) return Promise.resolve();
    const begun = joining.get(roomId) ?? joinNow(roomId).finally(() => joining.delete(roomId));
    joining.set(roomId, begun);
    return begun;
  }

  async function joinNow(roomId: RoomId): Promise<void> {
    try {
      const since = knownPosition(store.get(), roomId);
      const joined = await patiently(() => connection.ask("room:join", { room_id: roomId, ...(since ? { since } : {}) }));
      dispatch({ type: "room/joined", joined });
      if (!joined.recovered) await refreshSummary(roomId);
    } catch (error) {
      if (error instanceof Refusal && !error.retryable) dispatch({ type: "room/missing", roomId });
    }
  }

  /** Nothing known: the join answers with a snapshot. That is wanted for the open room only. */
  function knownPosition(state: State, roomId: RoomId): { epoch: string; seq: number } | null {
    const timeline = state.timelines[roomId];
    if (timeline && (timeline.live || state.ui.place.roomId !== roomId)) return timeline.position;
    const summary = state.rooms.byId[roomId];
    return summary && state.ui.place.roomId !== roomId ? { epoch: summary.epoch, seq: summary.seq } : null;
  }

  async function refreshSummary(roomId: RoomId): Promise<void> {
    const { summary } = await patiently(() => connection.ask("room:get", { room_id: roomId }));
    if (summary.me.role) dispatch({ type: "room/summary", summary });
  }

  function joinAdded(state: State, before: State): void {
    if (!before.rooms.loaded) return;
    for (const id of Object.keys(state.rooms.byId)) {
      if (!before.rooms.byId[id] && !state.rooms.joined[id]) void join(id);
    }
  }

  async function showPlace(state: State, before: State): Promise<void> {
    const { roomId, at } = state.ui.place;
    if (!roomId) return;
    if (!state.rooms.joined[roomId]) await join(roomId);
    if (at && (at !== before.ui.place.at || roomId !== before.ui.place.roomId)) await loadAround(roomId, at);
  }

  /** The open room is listened to, but was never looked at: fetch what to show. */
  function fillOpenRoom({ ui: { place }, rooms, timelines }: State): void {
    const timeline = place.roomId ? timelines[place.roomId] : undefined;
    const listens = place.roomId !== null && rooms.joined[place.roomId] === true;
    if (place.roomId && listens && timeline && !timeline.live && !timeline.visit && !place.at) void loadNewest(place.roomId);
  }

  let healing: ReturnType<typeof setTimeout> | null = null;
  let failures = 0;

  function gaps(state: State): readonly RoomId[] {
    return Object.keys(state.timelines).filter((id) => {
      const timeline = state.timelines[id];
      return timeline && (needsHealing(timeline) || isBehind(state, id));
    });
  }

  /** The list says that a room's log reaches further than is known here. Asked once for each such word. */
  const asked = new Map<RoomId, number>();

  function isBehind({ rooms, timelines }: State, id: RoomId): boolean {
    const [summary, timeline] = [rooms.byId[id], timelines[id]];
    if (!summary || !timeline || summary.epoch !== timeline.position.epoch) return false;
    return summary.seq > timeline.position.seq && asked.get(id) !== summary.seq;
  }

  function healSoon(delay = GRACE_MS): void {
    healing ??= setTimeout(() => void heal(), delay);
  }

  async function heal(): Promise<void> {
    const wanted = gaps(store.get());
    try {
      if (wanted.length) await catchUp(wanted);
      failures = 0;
    } catch {
      failures += 1;
    } finally {
      healing = null;
    }
    if (connection.connected && gaps(store.get()).length) healSoon(pauseBefore(failures));
  }

  async function catchUp(roomIds: readonly RoomId[]): Promise<void> {
    const { timelines } = store.get();
    const known = roomIds.flatMap((id) => (timelines[id] ? [[id, timelines[id].position] as const] : []));
    for (const id of roomIds) asked.set(id, store.get().rooms.byId[id]?.seq ?? 0);
    for (let start = 0; start < known.length; start += ROOMS_PER_SYNC) {
      const rooms = Object.fromEntries(known.slice(start, start + ROOMS_PER_SYNC));
      const answer = await connection.ask("sync:since", { rooms });
      for (const [roomId, caughtUp] of Object.entries(answer.rooms as Readonly<Record<RoomId, CaughtUp>>)) {
        dispatch({ type: "room/caught-up", roomId, answer: caughtUp });
        if (!caughtUp.recovered) await refreshSummary(roomId);
      }
      for (const roomId of answer.refused) dispatch({ type: "room/gone", roomId });
    }
  }

  /** Runs `work` unless the same is under way, telling the views meanwhile. */
  async function once(what: string, work: () => Promise<void>): Promise<void> {
    if (store.get().ui.loading[what] || !connection.connected) return;
    dispatch({ type: "loading", what, loading: true });
    try {
      await patiently(work);
    } catch (error) {
      dispatch({ type: "toast", sentence: sentenceOf(error), id: Date.now() });
    } finally {
      dispatch({ type: "loading", what, loading: false });
    }
  }

  function loadNewest(roomId: RoomId): Promise<void> {
    return once(`newest ${roomId}`, async () => {
      const page = await connection.ask("message:history", { room_id: roomId, limit: PAGE });
      dispatch({ type: "room/page", roomId, kind: "newest", page });
    });
  }

  function loadEdge(roomId: RoomId, kind: "older" | "newer"): Promise<void> {
    return once(`${kind} ${roomId}`, async () => {
      const timeline = store.get().timelines[roomId];
      const ids = (timeline?.visit ?? timeline?.live)?.ids ?? [];
      const edge = timeline?.messages[(kind === "older" ? ids[0] : ids.at(-1)) ?? ""]?.seq;
      if (edge === undefined) return;
      const cursor = kind === "older" ? { before: edge } : { after: edge };
      const page = await connection.ask("message:history", { room_id: roomId, limit: PAGE, ...cursor });
      dispatch({ type: "room/page", roomId, kind, page });
    });
  }

  function loadAround(roomId: RoomId, seq: number): Promise<void> {
    return once(`around ${roomId}`, async () => {
      const timeline = store.get().timelines[roomId];
      const here = timeline?.live?.ids.some((id) => timeline.messages[id]?.seq === seq);
      if (here && timeline?.live) return dispatch({ type: "leave-visit", roomId });
      const page = await connection.ask("message:history", { room_id: roomId, limit: PAGE, around: seq });
      dispatch({ type: "room/page", roomId, kind: "around", page });
    });
  }

  function loadMembers(roomId: RoomId): Promise<void> {
    return once(`members ${roomId}`, async () => {
      const members = [];
      for (let after: string | undefined; ; ) {
        const page = await connection.ask("member:list", { room_id: roomId, limit: 500, ...(after ? { after } : {}) });
        members.push(...page.items);
        if (!page.has_more || !page.next) break;
        after = page.next;
      }
      dispatch({ type: "room/members", roomId, members });
    });
  }

  return {
    async openRoom(reference) {
      const joined = await patiently(() => connection.ask("room:join", reference));
      dispatch({ type: "room/joined", joined });
      await refreshSummary(joined.room.id);
      return joined.room.id;
    },
    loadOlder: (roomId) => loadEdge(roomId, "older"),
    loadNewer: (roomId) => loadEdge(roomId, "newer"),
    loadAround,
    loadNewest,
    loadMembers,
    checkHeads: () => {
      const joined = Object.keys(store.get().rooms.joined);
      if (connection.connected && joined.length) void catchUp(joined).catch(() => undefined);
    },
  };
}
