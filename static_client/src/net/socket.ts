/** The socket: commands that are always answered, events as they come, and what becomes of the connection. */

import { io } from "socket.io-client";
import { EPHEMERAL_EVENT_TYPES, LOG_EVENT_TYPES } from "../contract.gen";
import type { Ack, AnswerOf, CommandName, ErrorBody, PayloadOf, ServerEvent } from "../contract.gen";

const ANSWER_TIMEOUT_MS = 10_000;

/** A command that was not carried out, or of which that is not known. */
export class Refusal extends Error {
  constructor(
    readonly code: ErrorBody["code"] | "offline" | "timeout",
    message: string,
    readonly retryable: boolean,
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
    this.name = "Refusal";
  }

  static of(error: ErrorBody): Refusal {
    return new Refusal(error.code, error.message, error.retryable, error.retry_after_ms ?? null);
  }
}

export interface SocketListener {
  /** The transport is there; the server has not greeted yet. */
  connecting(): void;
  event(event: ServerEvent): void;
  /** `final`: the server will not have this page back unless something changes. */
  lost(final: boolean): void;
  /** The server would not let this page in. */
  refused(code: string, message: string, retryAfterMs: number | null): void;
}

export interface Connection {
  open(): void;
  close(): void;
  /** Try now, not when the back-off says so. */
  hurry(): void;
  /** There is reason to believe that nobody hears us any more: hang up and call again. */
  doubt(): void;
  readonly connected: boolean;
  ask<Name extends CommandName>(name: Name, payload: PayloadOf<Name>): Promise<AnswerOf<Name>>;
}

export function createConnection(token: () => string | null, listener: SocketListener): Connection {
  const socket = io({
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 8_000,
    // An attempt that leads nowhere must not outlast the grace of a call's seat.
    timeout: 6_000,
    randomizationFactor: 0.5,
    auth: (give) => give({ token: token() ?? "" }),
  });
  for (const name of [...LOG_EVENT_TYPES, ...EPHEMERAL_EVENT_TYPES]) {
    socket.on(name, (event: ServerEvent) => listener.event(event));
  }
  socket.io.on("reconnect_attempt", () => listener.connecting());
  socket.on("disconnect", (reason) => listener.lost(reason === "io server disconnect"));
  socket.on("connect_error", (error: Error & { data?: { code?: string; retry_after_ms?: number } }) => {
    if (socket.active) listener.lost(false);
    else listener.refused(error.data?.code ?? "unavailable", error.message, error.data?.retry_after_ms ?? null);
  });

  async function ask<Name extends CommandName>(name: Name, payload: PayloadOf<Name>): Promise<AnswerOf<Name>> {
    // Nothing is left to the library's own buffer: what waits, waits where it can be seen and survives a reload.
    if (!socket.connected) throw new Refusal("offline", "You are offline.", true);
    const ack = await answered<AnswerOf<Name>>(name, payload);
    if (ack.ok) return ack.data;
    throw Refusal.of(ack.error);
  }

  async function answered<Answer>(name: string, payload: unknown): Promise<Ack<Answer>> {
    try {
      return (await socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck(name, payload)) as Ack<Answer>;
    } catch {
      if (socket.connected) doubt();
      throw new Refusal("timeout", "The server did not answer in time.", true);
    }
  }

  function doubt(): void {
    socket.io.engine?.close();
  }

  return {
    doubt,
    open: () => void socket.connect(),
    close: () => void socket.disconnect(),
    hurry: () => {
      if (!socket.connected && socket.active) socket.disconnect().connect();
    },
    get connected() {
      return socket.connected;
    },
    ask,
  };
}
