import "fake-indexeddb/auto";
import { expect, test, vi } from "vitest";
import type { Actor } from "../contract.gen";
import { blank, reduce } from "../state/reducer";
import { ROOM, ada, ben } from "../state/testing/log";
import { createOutboxKeeper, startDraftKeeper, startOutboxKeeper } from "./keeper";
import { createStore } from "./store";
import type { Store } from "./store";

let databases = 0;

function visit(database: string, person: Actor): Store {
  const store = createStore(reduce, blank);
  startOutboxKeeper(store, createOutboxKeeper(database));
  store.dispatch({ type: "session/signed-in", user: person, expiresAt: null });
  return store;
}

function write(store: Store, clientId: string): void {
  store.dispatch({ type: "outbox/added", item: { clientId, roomId: ROOM, text: clientId, createdAt: "2026-09-14T08:00:00.000Z", status: "waiting" } });
}

const ids = (store: Store): readonly string[] => store.get().outbox.map(({ clientId }) => clientId);

test("what waited at the last visit waits at the next, in the order of writing", async () => {
  const database = `test-${(databases += 1)}`;
  const before = visit(database, ada);
  for (const id of ["z", "m", "a"]) write(before, id);
  before.dispatch({ type: "outbox/failed", clientId: "m", sentence: "Refused." });
  await vi.waitFor(async () => expect((await createOutboxKeeper(database).load(ada.id)).map(({ status }) => status)).toEqual(["waiting", "failed", "waiting"]));

  const after = visit(database, ada);
  write(after, "new");
  await vi.waitFor(() => expect(ids(after)).toEqual(["z", "m", "a", "new"]));
});

test("what was confirmed is kept no longer", async () => {
  const database = `test-${(databases += 1)}`;
  const store = visit(database, ada);
  write(store, "a");
  write(store, "b");
  store.dispatch({ type: "outbox/settled", clientId: "a" });
  await vi.waitFor(async () => expect((await createOutboxKeeper(database).load(ada.id)).map(({ clientId }) => clientId)).toEqual(["b"]));
});

test("nobody sends what somebody else wrote in the same browser", async () => {
  const database = `test-${(databases += 1)}`;
  write(visit(database, ada), "of ada");
  await vi.waitFor(async () => expect(await createOutboxKeeper(database).load(ada.id)).toHaveLength(1));
  const other = visit(database, ben);
  write(other, "of ben");
  await vi.waitFor(async () => expect(await createOutboxKeeper(database).load(ben.id)).toHaveLength(1));
  expect(ids(other)).toEqual(["of ben"]);
});

test("drafts are kept at each keystroke, per person and room", () => {
  const kept = new Map<string, string>();
  const storage = new Proxy({} as Storage, {
    ownKeys: () => [...kept.keys()],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get: (_target, name) =>
      ({ getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) })[String(name)],
  });
  const open = (person: Actor): Store => {
    const store = createStore(reduce, blank);
    startDraftKeeper(store, () => storage);
    store.dispatch({ type: "session/signed-in", user: person, expiresAt: null });
    return store;
  };
  open(ada).dispatch({ type: "draft", roomId: ROOM, text: "Half a thou" });
  expect(open(ada).get().drafts).toEqual({ [ROOM]: "Half a thou" });
  expect(open(ben).get().drafts).toEqual({});
  open(ada).dispatch({ type: "draft", roomId: ROOM, text: "" });
  expect(kept.size).toBe(0);
});
