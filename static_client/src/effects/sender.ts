/** Sends what waits: in each room one after the other, always with the same client id. */

import type { Connection } from "../net/socket";
import { Refusal } from "../net/socket";
import type { OutboxItem, State } from "../state/model";
import { nextToSend, roomsToSend } from "../state/outbox";
import { pause, pauseBefore, sentenceOf } from "./patience";
import type { Store } from "./store";

export function startSender(store: Store, connection: Connection): void {
  const { dispatch } = store;
  /** Rooms that were told to wait. */
  const waiting = new Set<string>();
  const failures = new Map<string, number>();

  store.subscribe((state, before) => {
    if (state.outbox !== before.outbox || state.connection !== before.connection) sendAll(state);
  });

  function sendAll(state: State): void {
    if (state.connection.phase !== "online") return;
    for (const roomId of roomsToSend(state.outbox)) {
      const item = nextToSend(store.get().outbox, roomId);
      if (item && !waiting.has(roomId)) void send(item);
    }
  }

  async function send(item: OutboxItem): Promise<void> {
    const { clientId, roomId, text } = item;
    dispatch({ type: "outbox/sending", clientId });
    try {
      const answer = await connection.ask("message:send", { room_id: roomId, client_id: clientId, text });
      failures.delete(roomId);
      dispatch({ type: "outbox/acknowledged", clientId, answer });
    } catch (error) {
      await refused(item, error);
    }
  }

  async function refused({ clientId, roomId }: OutboxItem, error: unknown): Promise<void> {
    const refusal = error instanceof Refusal ? error : null;
    const later = refusal?.retryable === true || refusal?.code === "token_expired" || refusal?.code === "not_joined";
    if (!later) return dispatch({ type: "outbox/failed", clientId, sentence: sentenceOf(error) });
    const attempt = failures.get(roomId) ?? 0;
    failures.set(roomId, attempt + 1);
    // The room waits first: to say so would otherwise send it again at once.
    waiting.add(roomId);
    dispatch({ type: "outbox/waiting", clientId });
    if (refusal?.code !== "offline") await pause(refusal?.retryAfterMs ?? pauseBefore(attempt));
    waiting.delete(roomId);
    sendAll(store.get());
  }
}
