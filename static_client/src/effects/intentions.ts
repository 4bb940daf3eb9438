/** What a person wants, one function each. The views call these and nothing else. */

import type { Actor, CreateRoom, Revision, RoomChanges, RoomRole, RoomSummary } from "../contract.gen";
import type { Connection } from "../net/socket";
import type { DialogName, MessageId, Place, RoomId, State, UserId } from "../state/model";
import type { Attention } from "./attention";
import type { Navigating } from "./navigating";
import { patiently, sentenceOf } from "./patience";
import type { SigningIn } from "./signing-in";
import type { Store } from "./store";
import type { Sync } from "./sync";

const TOAST_MS = 6_000;

export interface Parts {
  readonly store: Store;
  readonly connection: Connection;
  readonly sync: Sync;
  readonly signingIn: SigningIn;
  readonly attention: Attention;
  readonly navigating: Navigating;
  readonly newId: () => string;
}

export type Intentions = ReturnType<typeof createIntentions>;

export function createIntentions(parts: Parts) {
  return { ...moving(parts), ...writing(parts), ...tending(parts), ...looking(parts), signingIn: parts.signingIn };
}

/** Going somewhere, opening and closing. */
function moving({ store, navigating, sync }: Parts) {
  const dialog = (name: DialogName | null): void => store.dispatch({ type: "dialog", dialog: name });
  return {
    go: (place: Partial<Place>) => navigating.go(place),
    goInstead: (place: Partial<Place>) => navigating.replace(place),
    up: () => navigating.up(),
    dialog,
    toast: (sentence: string) => toast(store, sentence),
    dismissToast: (id: number) => store.dispatch({ type: "toast/gone", id }),
    edit: (messageId: MessageId | null) => store.dispatch({ type: "editing", messageId }),
    atNewest: (atNewest: boolean) => store.dispatch({ type: "at-newest", atNewest }),
    seenNew: (roomId: RoomId) => store.dispatch({ type: "seen-new", roomId }),
    jumpToNewest(roomId: RoomId): void {
      const timeline = store.get().timelines[roomId];
      if (timeline?.visit) store.dispatch({ type: "leave-visit", roomId });
      if (store.get().ui.place.at) navigating.replace({ at: null });
      if (timeline && !timeline.live) void sync.loadNewest(roomId);
    },
    jumpToFirstNew(roomId: RoomId): void {
      const seq = store.get().ui.newAfter[roomId];
      if (seq !== undefined) void sync.loadAround(roomId, seq + 1);
    },
    loadOlder: (roomId: RoomId) => sync.loadOlder(roomId),
    loadNewer: (roomId: RoomId) => sync.loadNewer(roomId),
    loadMembers: (roomId: RoomId) => sync.loadMembers(roomId),
  };
}

/** Saying something, and changing what was said. */
function writing({ store, connection, attention, newId }: Parts) {
  const { dispatch } = store;
  return {
    draft(roomId: RoomId, text: string): void {
      dispatch({ type: "draft", roomId, text });
      if (text.trim()) attention.typed(roomId);
      else attention.stoppedTyping(roomId);
    },
    send(roomId: RoomId, text: string): void {
      const createdAt = new Date(Date.now() + store.get().connection.clockOffset).toISOString();
      dispatch({ type: "draft", roomId, text: "" });
      dispatch({ type: "seen-new", roomId });
      dispatch({ type: "outbox/added", item: { clientId: newId(), roomId, text, createdAt, status: "waiting" } });
      attention.stoppedTyping(roomId);
    },
    tryAgain: (clientId: string) => dispatch({ type: "outbox/waiting", clientId }),
    /** Takes a refused line back into the composer, where it can be mended. */
    discard(clientId: string): void {
      const item = store.get().outbox.find((one) => one.clientId === clientId);
      if (item && !store.get().drafts[item.roomId]) dispatch({ type: "draft", roomId: item.roomId, text: item.text });
      dispatch({ type: "outbox/settled", clientId });
    },
    async rewrite(messageId: MessageId, text: string): Promise<void> {
      const { message } = await patiently(() => connection.ask("message:edit", { message_id: messageId, text }));
      dispatch({ type: "message/answer", message });
    },
    async remove(messageId: MessageId): Promise<void> {
      const { message } = await patiently(() => connection.ask("message:delete", { message_id: messageId }));
      dispatch({ type: "message/answer", message });
    },
    /** Shown at once; taken back when the server will not have it. */
    async react(roomId: RoomId, messageId: MessageId, emoji: string, present: boolean): Promise<void> {
      dispatch({ type: "message/reacted", roomId, messageId, emoji, present });
      try {
        const name = present ? "reaction:add" : "reaction:remove";
        await connection.ask(name, { message_id: messageId, emoji });
      } catch (error) {
        dispatch({ type: "message/reacted", roomId, messageId, emoji, present: !present });
        toast(store, sentenceOf(error));
      }
    },
    async copy(text: string): Promise<void> {
      try {
        await navigator.clipboard.writeText(text);
        toast(store, "Copied.");
      } catch {
        toast(store, "The browser did not allow copying.");
      }
    },
    async revisions(messageId: MessageId): Promise<readonly Revision[]> {
      return (await patiently(() => connection.ask("message:revisions", { message_id: messageId }))).items;
    },
  };
}

/** Rooms and their members. */
function tending({ store, connection, sync, navigating }: Parts) {
  const { dispatch } = store;
  const came = (summary: RoomSummary): RoomId => {
    dispatch({ type: "room/summary", summary });
    return summary.room.id;
  };
  return {
    async createRoom(wish: CreateRoom): Promise<void> {
      const { summary } = await connection.ask("room:create", wish);
      navigating.go({ roomId: came(summary) });
    },
    async direct(person: Actor): Promise<void> {
      const existing = directRoomWith(store.get(), person.id);
      if (existing) return navigating.go({ roomId: existing });
      const { summary } = await connection.ask("room:create", { kind: "direct", members: [{ user_id: person.id }] });
      navigating.go({ roomId: came(summary) });
    },
    async openRooms(after?: RoomId) {
      return patiently(() => connection.ask("room:list", { scope: "open", limit: 100, ...(after ? { after } : {}) }));
    },
    async enter(reference: { readonly room_id: RoomId } | { readonly key: string }): Promise<void> {
      navigating.go({ roomId: await sync.openRoom(reference) });
    },
    async update(roomId: RoomId, changes: RoomChanges): Promise<void> {
      came((await connection.ask("room:update", { room_id: roomId, ...changes })).summary);
    },
    async leave(roomId: RoomId): Promise<void> {
      await connection.ask("room:leave", { room_id: roomId });
      navigating.go({ roomId: null });
      dispatch({ type: "room/gone", roomId });
    },
    async addMember(roomId: RoomId, userId: UserId, role: RoomRole): Promise<void> {
      await connection.ask("member:add", { room_id: roomId, user_id: userId, role });
      await sync.loadMembers(roomId);
    },
    async changeRole(roomId: RoomId, userId: UserId, role: RoomRole): Promise<void> {
      await connection.ask("member:update", { room_id: roomId, user_id: userId, role });
      await sync.loadMembers(roomId);
    },
    async removeMember(roomId: RoomId, userId: UserId): Promise<void> {
      await connection.ask("member:remove", { room_id: roomId, user_id: userId });
      await sync.loadMembers(roomId);
    },
  };
}

/** Searching. */
function looking({ store, connection }: Parts) {
  const { dispatch } = store;
  async function find(query: string, roomId: RoomId | null, before: MessageId | null): Promise<void> {
    const words = query.trim();
    dispatch({ type: "search/started", query: words, roomId });
    if (!words) return;
    try {
      const page = await connection.ask("message:search", {
        q: words,
        ...(roomId ? { room_id: roomId } : {}),
        ...(before ? { before } : {}),
      });
      dispatch({ type: "search/found", query: words, page, more: before !== null });
    } catch (error) {
      dispatch({ type: "search/failed", sentence: sentenceOf(error) });
    }
  }
  return {
    find: (query: string, roomId: RoomId | null) => find(query, roomId, null),
    findMore(): Promise<void> {
      const { query, roomId, next } = store.get().search;
      return find(query, roomId, next);
    },
  };
}

let toasts = 0;

function toast(store: Store, sentence: string): void {
  const id = Date.now() + (toasts += 1);
  store.dispatch({ type: "toast", sentence, id });
  setTimeout(() => store.dispatch({ type: "toast/gone", id }), TOAST_MS);
}

function directRoomWith(state: State, userId: UserId): RoomId | null {
  const found = Object.values(state.rooms.byId).find(
    ({ room, people }) => room.kind === "direct" && people?.some(({ id }) => id === userId),
  );
  return found?.room.id ?? null;
}
