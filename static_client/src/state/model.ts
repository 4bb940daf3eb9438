/** The whole of what the page knows. Plain data: what is shown is a function of this. */

import type { Actor, LogEvent, Message, Member, Position, PresentPerson, RoomSummary, TypingTimes } from "../contract.gen";
import type { CallsState } from "./call";
import type { MeetingsState } from "./meetings";
import type { Page } from "./pages";

export type RoomId = string;
export type MessageId = string;
export type UserId = string;

/** Messages that lie next to each other in the log, oldest first. */
export interface Segment {
  readonly ids: readonly MessageId[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

export interface Timeline {
  /** Every event up to and including this one has been applied. */
  readonly position: Position;
  /** Events that came ahead of a gap, by seq. */
  readonly held: Readonly<Record<number, LogEvent>>;
  /** The server speaks of another epoch: what is here may be wrong until a snapshot comes. */
  readonly stale: boolean;
  readonly messages: Readonly<Record<MessageId, Message>>;
  /** The segment that ends with the newest message; null until the room was opened once. */
  readonly live: Segment | null;
  /** A segment elsewhere, opened from a search; shown instead of `live` while there is one. */
  readonly visit: Segment | null;
  /** The sender's own id of each message that this page sent, so that a row keeps its identity when it is confirmed. */
  readonly clientIds: Readonly<Record<MessageId, string>>;
  /** Reactions lately told by events: a history page read before them must not undo them. */
  readonly reactionsTold: Readonly<Record<string, boolean>>;
}

export interface SessionState {
  readonly phase: "starting" | "signed-out" | "signed-in";
  readonly me: Actor | null;
  readonly expiresAt: string | null;
  /** Why nobody is signed in any more, in a sentence. */
  readonly notice: string | null;
  /** Whether the server takes a name at its word; null until asked. */
  readonly development: boolean | null;
}

export type ConnectionPhase =
  | "connecting" // for the first time
  | "online"
  | "offline" // lost; tries again by itself
  | "expired" // the token ran out; a fresh one is needed
  | "ended"; // the server told this page not to come back

export interface ConnectionState {
  readonly phase: ConnectionPhase;
  readonly sentence: string | null;
  /** Add this to the local clock to get the server's, in milliseconds. */
  readonly clockOffset: number;
  readonly maxText: number;
}

export interface RoomsState {
  readonly loaded: boolean;
  readonly byId: Readonly<Record<RoomId, RoomSummary>>;
  /** Rooms that this connection listens to. */
  readonly joined: Readonly<Record<RoomId, true>>;
}

export type OutboxStatus = "waiting" | "sending" | "acknowledged" | "failed";

export interface OutboxItem {
  readonly clientId: string;
  readonly roomId: RoomId;
  readonly text: string;
  readonly createdAt: string;
  readonly status: OutboxStatus;
  /** Why it was refused, in a sentence. */
  readonly sentence?: string;
  /** Where it stands in the log, when that is known but what lies before it is not here yet. */
  readonly position?: Position;
}

export interface Typist {
  readonly name: string;
  /** Milliseconds of the local clock. */
  readonly until: number;
}

/** People, apart from what is said. */
export interface PeopleState {
  readonly present: Readonly<Record<RoomId, Readonly<Record<UserId, PresentPerson>>>>;
  readonly typing: Readonly<Record<RoomId, Readonly<Record<UserId, Typist>>>>;
  readonly typingTimes: Readonly<Record<RoomId, TypingTimes>>;
  readonly members: Readonly<Record<RoomId, readonly Member[]>>;
  /** How far others have read, where they show it. */
  readonly readBy: Readonly<Record<RoomId, Readonly<Record<UserId, number>>>>;
}

export interface SearchState {
  readonly query: string;
  readonly roomId: RoomId | null;
  readonly status: "idle" | "searching" | "done" | "failed";
  readonly items: readonly Message[];
  readonly next: MessageId | null;
  readonly sentence: string | null;
}

export type Panel = "people" | "search" | "details";

/** What the address bar says. */
export interface Place {
  readonly roomId: RoomId | null;
  readonly panel: Panel | null;
  /** The seq of a message to show. */
  readonly at: number | null;
  /** A page beside the rooms; then there is no room. */
  readonly page?: Page | undefined;
}

export type DialogName =
  | { readonly name: "create-room" }
  | { readonly name: "browse" }
  | { readonly name: "switcher" }
  | { readonly name: "keys" }
  | { readonly name: "sign-in-again" }
  | { readonly name: "history"; readonly messageId: MessageId }
  | { readonly name: "delete"; readonly messageId: MessageId }
  | { readonly name: "leave"; readonly roomId: RoomId }
  | { readonly name: "archive"; readonly roomId: RoomId }
  | { readonly name: "call-settings" }
  | { readonly name: "end-call" }
  | { readonly name: "attendance"; readonly callId: string }
  | { readonly name: "cancel-meeting"; readonly meetingId: string; readonly occurrence: string | null }
  | { readonly name: "change-meeting"; readonly meetingId: string; readonly occurrence: string | null }
  | { readonly name: "calendar-feed" }
  | { readonly name: "actions"; readonly messageId: MessageId };

export interface Toast {
  readonly id: number;
  readonly sentence: string;
}

export interface UiState {
  readonly place: Place;
  readonly dialog: DialogName | null;
  readonly toasts: readonly Toast[];
  readonly focused: boolean;
  readonly atNewest: boolean;
  readonly editing: MessageId | null;
  /** Per open room: messages after this seq were new when it was opened (or came while nobody looked). */
  readonly newAfter: Readonly<Record<RoomId, number>>;
  /** Rooms whose address was followed and which are not there, or not ours. */
  readonly missing: Readonly<Record<RoomId, true>>;
  readonly loading: Readonly<Record<string, true>>;
}

export interface State {
  readonly session: SessionState;
  readonly connection: ConnectionState;
  readonly rooms: RoomsState;
  readonly timelines: Readonly<Record<RoomId, Timeline>>;
  readonly outbox: readonly OutboxItem[];
  readonly people: PeopleState;
  readonly drafts: Readonly<Record<RoomId, string>>;
  readonly search: SearchState;
  readonly calls: CallsState;
  readonly meetings: MeetingsState;
  readonly ui: UiState;
}
