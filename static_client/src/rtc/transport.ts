/** How media get from and to the others of a call. Today a mesh; a forwarding server will be another. */

import type { CallSignal, CallState, IceServer, Source } from "../contract.gen";
import type { Observable } from "./observable";
import type { LinkState } from "./peer";
import type { Quality } from "./quality";
import type { Outgoing } from "./senders";

/** `waiting`: nothing arrived yet. `stalled`: it did, and stopped. */
export type Flow = "waiting" | "flowing" | "stalled";

export interface RemotePeer {
  readonly link: LinkState;
  readonly quality: Quality;
  /** Only what is listed in the call's state and not muted. */
  readonly media: { readonly [source in Source]?: MediaStream };
  /** Of everything that is listed and not muted, whether it arrived or not. */
  readonly flow: { readonly [source in Source]?: Flow };
}

export interface Transport {
  /** By peer id. */
  readonly remote: Observable<ReadonlyMap<string, RemotePeer>>;
  /** What is sent to everybody from now on; null takes it back. */
  send(source: Source, outgoing: Outgoing | null): void;
  /** The call as it is now. */
  apply(state: CallState): void;
  receive(signal: CallSignal): void;
  /** ICE servers with fresh credentials. */
  configure(servers: readonly IceServer[]): void;
  /** The network is another one: find new ways. */
  restart(): void;
  /** The connection to the server is back. */
  hurry(): void;
  /** From 0 to 1, by peer id: how loud each is heard just now. */
  levels(): ReadonlyMap<string, number>;
  /** Nothing is sent or received from now on. */
  close(): void;
}
