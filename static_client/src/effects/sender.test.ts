import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Connection } from "../net/socket";
import { Refusal } from "../net/socket";
import { blank, reduce } from "../state/reducer";
import { EPOCH, ROOM, ada, message } from "../state/testing/log";
import { startSender } from "./sender";
import { createStore } from "./store";
import type { Store } from "./store";

type Answer = (payload: { room_id: string; client_id: string; text: string }) => Promise<unknown>;

let asked: string[];
let answer: Answer;
let store: Store;
let seq: number;

const accept: Answer = async ({ room_id, text }) => {
  seq += 1;
  return { message: message(seq, { room_id, author: ada, text }), epoch: EPOCH, seq };
};

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  seq = 0;
  answer = accept;
  store = createStore(reduce, blank);
  const connection = {
    ask: (_name: string, payload: Parameters<Answer>[0]) => {
      asked.push(payload.client_id);
      return answer(payload);
    },
  } as unknown as Connection;
  startSender(store, connection);
  store.dispatch({ type: "session/signed-in", user: ada, expiresAt: null });
});

afterEach(() => void vi.useRealTimers());

function greet(): void {
  const data = { user: ada, expires_at: "", server_time: "2026-09-14T08:00:00.000Z", protocol: 1, max_text: 8000, max_message_bytes: 65536 };
  store.dispatch({ type: "server", now: 0, event: { type: "connection.ok", ts: "", data } });
}

function write(clientId: string, roomId = ROOM): void {
  store.dispatch({ type: "outbox/added", item: { clientId, roomId, text: clientId, createdAt: "2026-09-14T08:00:00.000Z", status: "waiting" } });
}

test("nothing is sent while there is no connection; then all of it, in order", async () => {
  for (const id of ["a", "b", "c"]) write(id);
  expect(asked).toEqual([]);
  greet();
  await vi.runAllTimersAsync();
  expect(asked).toEqual(["a", "b", "c"]);
  expect(store.get().outbox).toEqual([]);
});

test("the next line of a room waits for the answer to the one before, other rooms do not", async () => {
  let release: (() => void) | undefined;
  answer = (payload) => (payload.client_id === "a" ? new Promise((resolve) => (release = () => resolve(accept(payload)))) : accept(payload));
  greet();
  write("a");
  write("b");
  write("elsewhere", "room_2");
  await vi.runAllTimersAsync();
  expect(asked).toEqual(["a", "elsewhere"]);
  release?.();
  await vi.runAllTimersAsync();
  expect(asked).toEqual(["a", "elsewhere", "b"]);
});

test("a line of which nobody knows whether it arrived is sent again with the same id, before the next", async () => {
  let times = 0;
  answer = async (payload) => {
    times += 1;
    if (times < 3) throw new Refusal("timeout", "The server did not answer in time.", true);
    return accept(payload);
  };
  greet();
  write("a");
  write("b");
  await vi.runAllTimersAsync();
  expect(asked).toEqual(["a", "a", "a", "b"]);
});

test("a server that asks for patience is given it", async () => {
  answer = async () => {
    throw new Refusal("rate_limited", "Too many requests.", true, 5_000);
  };
  greet();
  write("a");
  await vi.advanceTimersByTimeAsync(4_900);
  expect(asked).toEqual(["a"]);
  answer = accept;
  await vi.advanceTimersByTimeAsync(200);
  expect(asked).toEqual(["a", "a"]);
  expect(store.get().outbox).toEqual([]);
});

test("a refused line says why and does not hold up the next; tried again, it is sent again", async () => {
  answer = async (payload) => {
    if (payload.client_id === "a") throw new Refusal("room_archived", "The room is archived and can only be read.", false);
    return accept(payload);
  };
  greet();
  write("a");
  write("b");
  await vi.runAllTimersAsync();
  expect(store.get().outbox).toMatchObject([{ clientId: "a", status: "failed", sentence: "The room is archived and can only be read." }]);
  answer = accept;
  store.dispatch({ type: "outbox/waiting", clientId: "a" });
  await vi.runAllTimersAsync();
  expect(asked).toEqual(["a", "b", "a"]);
  expect(store.get().outbox).toEqual([]);
});
