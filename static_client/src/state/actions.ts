/** Everything that can happen to the page: what the server said, what a person did, what came of it. */

import type {
  Actor,
  CaughtUp,
  Joined,
  Member,
  Message,
  MessageAnswer,
  MessagePage,
  RoomSummary,
  SearchPage,
  ServerEvent,
} from "../contract.gen";
import type { CallAction } from "./call";
import type { MeetingAction } from "./meetings";
import type { DialogName, MessageId, OutboxItem, Place, RoomId, RoomsState } from "./model";
import type { PageKind } from "./timeline";

export type Action =
  | CallAction
  | MeetingAction
  // what the server said
  | { readonly type: "server"; readonly event: ServerEvent; readonly now: number }
  | { readonly type: "rooms/listed"; readonly items: readonly RoomSummary[]; readonly known: RoomsState["byId"] }
  | { readonly type: "room/summary"; readonly summary: RoomSummary }
  | { readonly type: "room/joined"; readonly joined: Joined }
  | { readonly type: "room/caught-up"; readonly roomId: RoomId; readonly answer: CaughtUp }
  | { readonly type: "room/missing"; readonly roomId: RoomId }
  | { readonly type: "room/gone"; readonly roomId: RoomId }
  | { readonly type: "room/page"; readonly roomId: RoomId; readonly kind: PageKind; readonly page: MessagePage }
  | { readonly type: "room/members"; readonly roomId: RoomId; readonly members: readonly Member[] }
  | { readonly type: "room/read"; readonly roomId: RoomId; readonly seq: number; readonly unread: number }
  | { readonly type: "message/answer"; readonly message: Message }
  | { readonly type: "message/reacted"; readonly roomId: RoomId; readonly messageId: MessageId; readonly emoji: string; readonly present: boolean }
  // the connection
  | { readonly type: "connection/connecting" }
  | { readonly type: "connection/lost"; readonly sentence: string | null }
  | { readonly type: "connection/ended"; readonly sentence: string }
  | { readonly type: "connection/expired" }
  // who is signed in
  | { readonly type: "session/development"; readonly development: boolean }
  | { readonly type: "session/signed-in"; readonly user: Actor; readonly expiresAt: string | null }
  | { readonly type: "session/signed-out"; readonly notice: string | null }
  // the outbox
  | { readonly type: "outbox/restored"; readonly items: readonly OutboxItem[] }
  | { readonly type: "outbox/added"; readonly item: OutboxItem }
  | { readonly type: "outbox/sending"; readonly clientId: string }
  | { readonly type: "outbox/waiting"; readonly clientId: string }
  | { readonly type: "outbox/failed"; readonly clientId: string; readonly sentence: string }
  | { readonly type: "outbox/settled"; readonly clientId: string }
  | { readonly type: "outbox/acknowledged"; readonly clientId: string; readonly answer: MessageAnswer }
  // what a person does
  | { readonly type: "drafts/restored"; readonly drafts: Readonly<Record<RoomId, string>> }
  | { readonly type: "draft"; readonly roomId: RoomId; readonly text: string }
  | { readonly type: "place"; readonly place: Place }
  | { readonly type: "dialog"; readonly dialog: DialogName | null }
  | { readonly type: "editing"; readonly messageId: MessageId | null }
  | { readonly type: "focus"; readonly focused: boolean }
  | { readonly type: "at-newest"; readonly atNewest: boolean }
  | { readonly type: "leave-visit"; readonly roomId: RoomId }
  | { readonly type: "seen-new"; readonly roomId: RoomId }
  | { readonly type: "trim"; readonly roomId: RoomId }
  | { readonly type: "loading"; readonly what: string; readonly loading: boolean }
  | { readonly type: "typing/tick"; readonly now: number }
  | { readonly type: "toast"; readonly sentence: string; readonly id: number }
  | { readonly type: "toast/gone"; readonly id: number }
  // search
  | { readonly type: "search/started"; readonly query: string; readonly roomId: RoomId | null }
  | { readonly type: "search/found"; readonly query: string; readonly page: SearchPage; readonly more: boolean }
  | { readonly type: "search/failed"; readonly sentence: string };
