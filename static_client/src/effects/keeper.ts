/** What must survive a reload: the outbox (IndexedDB) and the drafts (localStorage, written at each keystroke). */

import { openDB } from "idb";
import type { DBSchema, IDBPDatabase } from "idb";
import type { OutboxItem, RoomId, UserId } from "../state/model";
import type { Store } from "./store";

interface KeptItem extends OutboxItem {
  readonly userId: UserId;
  /** Order of writing, across reloads. */
  readonly order: number;
}

interface Kept extends DBSchema {
  outbox: { key: string; value: KeptItem; indexes: { userId: string } };
}

export interface OutboxKeeper {
  load(userId: UserId): Promise<readonly OutboxItem[]>;
  save(userId: UserId, item: OutboxItem): Promise<void>;
  remove(clientId: string): Promise<void>;
}

export function createOutboxKeeper(name = "homeroom"): OutboxKeeper {
  let opened: Promise<IDBPDatabase<Kept>> | null = null;
  let last = 0;
  const database = (): Promise<IDBPDatabase<Kept>> => {
    opened ??= openDB<Kept>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore("outbox", { keyPath: "clientId" }).createIndex("userId", "userId");
      },
    });
    return opened;
  };
  return {
    async load(userId) {
      const items = await (await database()).getAllFromIndex("outbox", "userId", userId);
      items.sort((a, b) => a.order - b.order);
      return items.map(({ userId: _user, order: _order, ...item }) => item);
    },
    async save(userId, item) {
      const store = await database();
      const known = await store.get("outbox", item.clientId);
      last = Math.max(Date.now(), last + 1);
      await store.put("outbox", { ...item, userId, order: known?.order ?? last });
    },
    async remove(clientId) {
      await (await database()).delete("outbox", clientId);
    },
  };
}

/** Writes each change of the outbox down, one after the other; a browser without storage keeps it in memory only. */
export function startOutboxKeeper(store: Store, keeper: OutboxKeeper): void {
  const others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("homeroom-outbox");
  let work: Promise<void> = Promise.resolve();
  const queue = (step: () => Promise<void>): void => {
    work = work.then(step).catch(() => undefined);
  };

  others?.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string") store.dispatch({ type: "outbox/settled", clientId: data });
  });

  store.subscribe((state, before) => {
    const userId = state.session.me?.id;
    if (userId && userId !== before.session.me?.id) {
      queue(async () => store.dispatch({ type: "outbox/restored", items: await keeper.load(userId) }));
    }
    if (userId && before.session.me?.id === userId && state.outbox !== before.outbox) write(userId, state.outbox, before.outbox);
  });

  function write(userId: UserId, now: readonly OutboxItem[], before: readonly OutboxItem[]): void {
    const present = new Map(now.map((item) => [item.clientId, item]));
    const earlier = new Map(before.map((item) => [item.clientId, item]));
    for (const [clientId, item] of present) {
      const known = earlier.get(clientId);
      if (item.status === "acknowledged") queue(() => keeper.remove(clientId));
      else if (!known || (known.status === "failed") !== (item.status === "failed")) queue(() => keeper.save(userId, item));
    }
    for (const clientId of earlier.keys()) {
      if (present.has(clientId)) continue;
      queue(() => keeper.remove(clientId));
      others?.postMessage(clientId);
    }
  }
}

const DRAFT = "homeroom.draft.";

export function startDraftKeeper(store: Store, storage: () => Storage): void {
  store.subscribe((state, before) => {
    const userId = state.session.me?.id;
    if (!userId) return;
    if (userId !== before.session.me?.id) store.dispatch({ type: "drafts/restored", drafts: draftsOf(userId) });
    else if (state.drafts !== before.drafts) write(userId, state.drafts, before.drafts);
  });

  function draftsOf(userId: UserId): Record<RoomId, string> {
    const prefix = `${DRAFT}${userId}.`;
    try {
      const keys = Object.keys(storage()).filter((key) => key.startsWith(prefix));
      return Object.fromEntries(keys.map((key) => [key.slice(prefix.length), storage().getItem(key) ?? ""]));
    } catch {
      return {};
    }
  }

  function write(userId: UserId, now: Readonly<Record<RoomId, string>>, before: Readonly<Record<RoomId, string>>): void {
    for (const [roomId, text] of Object.entries(now)) {
      if (before[roomId] === text) continue;
      try {
        if (text) storage().setItem(`${DRAFT}${userId}.${roomId}`, text);
        else storage().removeItem(`${DRAFT}${userId}.${roomId}`);
      } catch {
        return;
      }
    }
  }
}
