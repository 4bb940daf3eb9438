/* eslint-disable */
// Generated from the contract's registry by `python -m contract.export`. Do not edit.

export const PROTOCOL_VERSION = 1;
/** Characters (Unicode code points) of one message. */
export const MAX_TEXT = 8000;
export const LOG_EVENT_TYPES = [
  "room.created",
  "room.updated",
  "member.added",
  "member.updated",
  "member.removed",
  "message.new",
  "message.updated",
  "message.deleted",
  "reaction.new",
  "reaction.deleted",
  "call.started",
  "call.ended",
  "call.screen_started",
  "call.screen_stopped",
  "meeting.scheduled",
  "meeting.updated",
  "meeting.cancelled",
  "meeting.link_changed",
  "meeting.started",
  "meeting.ended",
  "meeting.joined",
  "meeting.left",
  "meeting.reminder",
  "meeting.recording_ready",
] as const;
export const EPHEMERAL_EVENT_TYPES = [
  "message.read",
  "typing.start",
  "typing.stop",
  "user.presence.changed",
  "room.added",
  "room.removed",
  "connection.ok",
  "connection.error",
  "auth.expiring",
  "auth.expired",
  "call.updated",
  "call.signal",
  "call.reaction",
  "call.admitted",
  "call.removed",
] as const;

/** Every code, its HTTP status, and whether the same request may succeed later. */
export const ERROR_CODES = {
  bad_request: { status: 400, retryable: false, meaning: "The request is malformed; `fields` names what to mend." },
  unauthorized: { status: 401, retryable: false, meaning: "The token is missing, invalid or revoked." },
  token_expired: { status: 401, retryable: false, meaning: "The token has expired; get a fresh one." },
  forbidden: { status: 403, retryable: false, meaning: "Your role does not allow this." },
  not_found: { status: 404, retryable: false, meaning: "It does not exist, or you may not see it." },
  method_not_allowed: { status: 405, retryable: false, meaning: "This address knows no such method." },
  conflict: { status: 409, retryable: false, meaning: "The present state of things forbids it." },
  room_archived: { status: 409, retryable: false, meaning: "The room is archived and can only be read." },
  not_joined: { status: 409, retryable: false, meaning: "Join the room on this connection first." },
  payload_too_large: { status: 413, retryable: false, meaning: "The request is larger than allowed." },
  unsupported_media_type: { status: 415, retryable: false, meaning: "The body must be JSON." },
  rate_limited: { status: 429, retryable: true, meaning: "Too many requests; wait `retry_after_ms`." },
  internal: { status: 500, retryable: true, meaning: "The server made a mistake." },
  unavailable: { status: 503, retryable: true, meaning: "A part of the server is away; try again with the same client_id." },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The room's call, if there is one, and how many are in it. */
export interface ActiveCall {
  readonly call?: Call;
  readonly people: number;
}

/** Somebody, as shown beside what they did. */
export interface Actor {
  /** The `sub` of the person's token. */
  readonly id: string;
  readonly name: string;
  readonly role: SignInRole;
  readonly picture?: string;
}

export interface AddMember {
  /** The `sub` of the person's token. */
  readonly user_id: string;
  readonly role?: RoomRole;
  /** Opaque id of a room. */
  readonly room_id: string;
}

/** What was done with a wall time that the clocks of its zone skip or show twice. */
export type Adjustment = "skipped" | "repeated";

/** Everybody for staff; for others only themselves. */
export interface Attendance {
  readonly call: Call;
  readonly ended_at?: string;
  readonly attendees: ReadonlyArray<Attendee>;
}

export interface AttendanceQuery {
  readonly occurrence?: string;
}

export interface Attendee {
  readonly user: Actor;
  readonly intervals: ReadonlyArray<Interval>;
  /** Time in the call; overlapping stays on two devices count once. */
  readonly seconds: number;
}

/** One's own calendar for programs that subscribe to it. Whoever has `url` can read it: a new one ends the old one. */
export interface CalendarFeed {
  readonly url?: string;
  readonly created_at?: string;
}

export interface Call {
  /** Opaque id of a call. */
  readonly id: string;
  /** Opaque id of a room. */
  readonly room_id: string;
  readonly started_at: string;
  readonly started_by: Actor;
  readonly policy: Policy;
}

/** To somebody in the lobby: come in. */
export interface CallAdmitted {
  /** Opaque id of a call. */
  readonly call_id: string;
  readonly state: CallState;
}

export interface CallEnded {
  /** Opaque id of a call. */
  readonly call_id: string;
  readonly started_at: string;
  readonly ended_at: string;
  /** How many different people were in it. */
  readonly people: number;
}

export interface CallPage {
  readonly items: ReadonlyArray<PastCall>;
  readonly has_more: boolean;
  /** Opaque id of a call. */
  readonly next?: string;
}

export interface CallReacted {
  /** Opaque id of a call. */
  readonly call_id: string;
  /** One seat in a call: a person on a device. */
  readonly peer_id: string;
  readonly emoji: string;
}

export interface CallReaction {
  /** Opaque id of a call. */
  readonly call_id: string;
  readonly emoji: string;
}

export interface CallRef {
  /** Opaque id of a call. */
  readonly call_id: string;
}

/** To one seat: it is no longer yours. */
export interface CallRemoved {
  /** Opaque id of a call. */
  readonly call_id: string;
  /** One seat in a call: a person on a device. */
  readonly peer_id: string;
  readonly reason: LeaveReason;
}

/** A signal from another peer; the server vouches for `from_peer` and `from_session`. */
export interface CallSignal {
  /** Opaque id of a call. */
  readonly call_id: string;
  /** One seat in a call: a person on a device. */
  readonly from_peer: string;
  /** Names a seat's present set of peer connections; a fresh one after each join that is not a resume. */
  readonly from_session: string;
  /** Position in the room's log, dense from 1. */
  readonly seq: number;
  /** Which peer connection of this pair of sessions it is about, from 0. Either side may begin the next; the greater number wins: signals of a smaller one are dropped, a greater one means a new peer connection. */
  readonly connection: number;
  readonly description?: Description;
  readonly candidate?: CandidateOutput;
  readonly wants_offer: boolean;
}

export interface CallStarted {
  readonly call: Call;
}

/** Everything about a call that its people see, at one version. `hands` lists raised hands, the oldest first. */
export interface CallState {
  readonly call: Call;
  /** Position in the room's log, dense from 1. */
  readonly version: number;
  readonly peers: ReadonlyArray<Peer>;
  readonly hands: ReadonlyArray<string>;
}

/** What changed from version `since` to `version`: the call itself, seats as they are now, seats that are empty. It fits every state between the two; who knows only an older one asks for `call:state`. */
export interface CallUpdated {
  /** Opaque id of a call. */
  readonly call_id: string;
  /** Position in the room's log, dense from 1. */
  readonly since: number;
  /** Position in the room's log, dense from 1. */
  readonly version: number;
  readonly call?: Call;
  readonly peers: ReadonlyArray<Peer>;
  readonly gone: ReadonlyArray<Departure>;
  readonly hands: ReadonlyArray<string>;
}

export interface CancelMeeting {
  readonly scope?: Scope;
  readonly occurrence?: string;
  readonly reason?: string;
}

/** An ICE candidate (RFC 8839); an empty `candidate` ends the list. */
export interface CandidateInput {
  readonly candidate: string | "";
  readonly sdp_mid?: string;
  readonly sdp_m_line_index?: number;
  readonly username_fragment?: string;
}

/** An ICE candidate (RFC 8839); an empty `candidate` ends the list. */
export interface CandidateOutput {
  readonly candidate: string | "";
  readonly sdp_mid?: string;
  readonly sdp_m_line_index?: number;
  readonly username_fragment?: string;
}

/** What a provider can do. */
export interface Capabilities {
  readonly recurrence: boolean;
  readonly passcode: boolean;
  readonly lobby: boolean;
  readonly registration: boolean;
  readonly personal_links: boolean;
  readonly attendance: boolean;
  readonly recordings: boolean;
  readonly end: boolean;
  readonly alternative_hosts: boolean;
}

/** All or nothing: `recovered` and every event after the asked position up to `seq`, or a fresh snapshot. */
export interface CaughtUp {
  readonly recovered: boolean;
  /** Changes when the database was restored. */
  readonly epoch: string;
  /** Position in the room's log, dense from 1. */
  readonly seq: number;
  readonly events: ReadonlyArray<LogEvent>;
  readonly snapshot?: Snapshot;
}

/** A line of a meeting's history. */
export interface Change {
  readonly id: string;
  readonly at: string;
  /** Missing where the server or the provider did it. */
  readonly actor?: Actor;
  /** created, changed, moved, cancelled, link_ready, link_failed, started, ended … */
  readonly what: string;
  readonly words: string;
  readonly scope?: Scope;
  /** The wall time that the rule gave the occurrence; it stays when the occurrence is moved. */
  readonly key?: string;
  readonly reason?: string;
}

export interface ChangePage {
  readonly items: ReadonlyArray<Change>;
  readonly has_more: boolean;
  readonly next?: string;
}

/** Why a time is no good: somebody or some licence is taken. `title` is left out where the reader may not know it. */
export interface Clash {
  readonly kind: string;
  /** Which occurrence of the meeting that was asked for. */
  readonly key: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly meeting_id?: string;
  readonly title?: string;
}

/** Said before the server closes a connection. `reconnect` false: coming back with the same token is pointless. */
export interface ConnectionFailed {
  readonly code: ErrorCode | "server_draining" | "revoked";
  readonly message: string;
  readonly reconnect: boolean;
  readonly retry_after_ms?: number;
}

/** The first event on every connection. */
export interface ConnectionOk {
  readonly user: Actor;
  readonly expires_at: string;
  readonly server_time: string;
  readonly protocol: number;
  readonly max_text: number;
  readonly max_message_bytes: number;
}

/** A meeting in a room that there is, or (without `room_id`) in one of its own, with `people` as its members. */
export interface CreateMeeting {
  /** What a clock on the wall shows, without an offset: 2026-11-24T09:00. */
  readonly starts: string;
  /** A zone of the IANA database: Europe/Paris. */
  readonly zone: string;
  readonly minutes: number;
  readonly rule?: string;
  /** Occurrences of the rule that are left out (EXDATE). */
  readonly except_dates?: ReadonlyArray<string>;
  readonly title: string;
  readonly description?: string;
  readonly room_id?: string;
  /** One of `listProviders`; `builtin` is always there. */
  readonly provider?: string;
  readonly policy?: PolicyWish;
  readonly people?: ReadonlyArray<NewMember>;
  readonly guests?: ReadonlyArray<string>;
  readonly alternative_hosts?: ReadonlyArray<string>;
  /** The provider's account that holds it; default: the address in the host's token. */
  readonly host_account?: string;
  readonly reminders?: ReadonlyArray<number>;
  /** Save although somebody or some licence is taken. */
  readonly accept_clashes?: boolean;
}

/** A direct room takes exactly one member (the other person) and is the same room for both, whoever creates it. */
export interface CreateRoom {
  readonly kind: RoomKind;
  /** Required, except for a direct room. */
  readonly title?: string;
  readonly visibility?: Visibility;
  /** The LMS's own name for the room; unique. */
  readonly key?: string;
  readonly members?: ReadonlyArray<NewMember>;
}

export interface Departure {
  /** One seat in a call: a person on a device. */
  readonly peer_id: string;
  readonly reason: LeaveReason;
}

/** A session description (RFC 8829). A rollback stays local and is never sent. */
export interface Description {
  readonly type: "offer" | "answer";
  readonly sdp: string;
}

/** Development mode only: a name and a role are taken at their word. */
export interface DevelopmentSignIn {
  readonly name: string;
  readonly role?: SignInRole;
  /** For invitations and reminders. */
  readonly email?: string;
}

export interface EditMessage {
  readonly text: string;
  /** Opaque id of a message. */
  readonly message_id: string;
}

export interface EnterMeeting {
  readonly occurrence?: string;
  /** The secret of an invitation, instead of signing in. */
  readonly guest?: string;
  readonly guest_name?: string;
}

/** What the one link says to the person who opened it. */
export interface Entrance {
  readonly way: Way;
  /** In plain words: Not yet, starts in 12 minutes. */
  readonly message: string;
  /** Opaque id of a meeting. */
  readonly meeting_id: string;
  readonly title: string;
  /** Opaque id of a room. */
  readonly room_id?: string;
  readonly occurrence?: Occurrence;
  readonly url?: string;
  readonly again_at?: string;
  /** For a guest who is sent to the call: signs in for some hours, with this room alone. */
  readonly token?: string;
}

/** Why not. Clients branch on `code`; `message` is for people and may change. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  /** The same command, sent again with the same client_id, may succeed. */
  readonly retryable: boolean;
  readonly retry_after_ms?: number;
  /** Each offending field and what is wrong with it. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Stands in the server's log beside the cause. */
  readonly request_id: string;
}

export interface Failed {
  readonly ok: false;
  readonly error: ErrorBody;
}

/** One class that was held. */
export interface Held {
  readonly occurrence: Occurrence;
  readonly started_at: string;
  readonly ended_at?: string;
  readonly people: ReadonlyArray<Presence>;
}

/** At most one of the three; none means the newest page. */
export interface HistoryPage {
  /** Messages with a smaller seq, the nearest ones. */
  readonly before?: number;
  /** Messages with a greater seq, the nearest ones. */
  readonly after?: number;
  /** Half a page on either side of this seq, itself included. */
  readonly around?: number;
  readonly limit?: number;
}

/** Without a call: for a test of one's connection. */
export interface IceRequest {
  readonly call_id?: string;
}

/** As RTCIceServer of the W3C WebRTC recommendation; TURN credentials are good until `expires_at`. */
export interface IceServer {
  readonly urls: ReadonlyArray<string>;
  readonly username?: string;
  readonly credential?: string;
  readonly expires_at?: string;
}

export interface IceServerList {
  readonly ice_servers: ReadonlyArray<IceServer>;
}

/** One uninterrupted stay in a call; a short drop within the grace does not interrupt it. */
export interface Interval {
  readonly joined_at: string;
  /** Missing while the person is still there. */
  readonly left_at?: string;
  readonly reason?: LeaveReason;
}

/** `url` holds the secret, in its fragment; it is told this once. */
export interface Invitation {
  /** Opaque id of an invitation. */
  readonly id: string;
  readonly email: string;
  readonly expires_at: string;
  readonly url?: string;
  readonly revoked: boolean;
}

export interface InvitationList {
  readonly items: ReadonlyArray<Invitation>;
}

/** A guest without an account: by e-mail address, with a link that ends. */
export interface Invite {
  readonly email: string;
  readonly name?: string;
  readonly hours?: number;
}

export interface JobPage {
  readonly items: ReadonlyArray<JobView>;
  readonly has_more: boolean;
  readonly next?: string;
}

/** Work that did not succeed, for a person to look at and to retry. */
export interface JobView {
  /** Opaque id of a job. */
  readonly id: string;
  readonly kind: string;
  /** Opaque id of a meeting. */
  readonly meeting_id?: string;
  readonly attempts: number;
  readonly created_at: string;
  readonly due_at: string;
  readonly dead: boolean;
  readonly error?: string;
}

/** Starts the room's call if there is none and one may. */
export interface JoinCall {
  /** Opaque id of a room. */
  readonly room_id: string;
  readonly resume?: Resume;
  /** False on a resume whose peer connections still live: the session stays the same. */
  readonly fresh?: boolean;
  /** This client answers offers and never makes any (a bot on aiortc). */
  readonly offers_only?: boolean;
}

/** Exactly one of `room_id` and `key`. An open room that one does not belong to is also entered as a member. */
export interface JoinRoom {
  readonly room_id?: string;
  readonly key?: string;
  /** What is known already; left out: send a snapshot. */
  readonly since?: Position;
}

export interface Joined {
  readonly recovered: boolean;
  /** Changes when the database was restored. */
  readonly epoch: string;
  /** Position in the room's log, dense from 1. */
  readonly seq: number;
  readonly events: ReadonlyArray<LogEvent>;
  readonly snapshot?: Snapshot;
  readonly room: Room;
  readonly me: Membership;
  readonly present: ReadonlyArray<PresentPerson>;
  readonly typing: TypingTimes;
}

/** `state` is missing while one waits in the lobby. */
export interface JoinedCall {
  /** Opaque id of a call. */
  readonly call_id: string;
  /** One seat in a call: a person on a device. */
  readonly peer_id: string;
  /** Names a seat's present set of peer connections; a fresh one after each join that is not a resume. */
  readonly session: string;
  /** For `resume`; to be kept by this client alone. */
  readonly secret: string;
  readonly seat: Seat;
  readonly state?: CallState;
  readonly ice_servers: ReadonlyArray<IceServer>;
  /** How long the seat is kept when the connection drops. */
  readonly grace_ms: number;
}

/** Why a seat is empty now. */
export type LeaveReason = "left" | "connection_lost" | "taken_over" | "removed" | "denied" | "ended" | "node_lost";

/** How the provider's side stands; `message` is fit for everybody in the room. */
export interface LinkChanged {
  readonly meeting: Meeting;
  readonly message: string;
}

/** What is wrong with a provider's link, for staff: what happened, and what to do about it. */
export interface LinkProblem {
  /** Which occurrence; missing: all. */
  readonly key?: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly attempts: number;
  /** When it is tried again by itself. */
  readonly retry_at?: string;
}

/** How far the provider's side of a meeting is. */
export type LinkState = "pending" | "ready" | "failed" | "gone";

export interface ListCalls {
  /** The `next` of the page before. */
  readonly before?: string;
  readonly limit?: number;
}

export interface ListChanges {
  /** The `next` of the page before. */
  readonly before?: string;
  readonly limit?: number;
}

export interface ListJobs {
  readonly meeting_id?: string;
  readonly dead?: boolean;
  readonly after?: string;
  readonly limit?: number;
}

/** Meetings of my rooms (or of one room) with an occurrence that touches the time from `since` to `until`. */
export interface ListMeetings {
  readonly room_id?: string;
  /** Default: now. */
  readonly since?: string;
  /** Default: 31 days after `since`; at most 400 days. */
  readonly until?: string;
  /** The `next` of the page before. */
  readonly after?: string;
  readonly limit?: number;
}

export interface ListMembers {
  /** The `next` of the page before. */
  readonly after?: string;
  readonly limit?: number;
}

export interface ListRoomMembers {
  /** The `next` of the page before. */
  readonly after?: string;
  readonly limit?: number;
  /** Opaque id of a room. */
  readonly room_id: string;
}

/** `mine`: rooms I belong to. `open`: rooms that I could join. */
export interface ListRooms {
  readonly scope?: string;
  /** The `next` of the page before. */
  readonly after?: string;
  readonly limit?: number;
}

/** Up to and including `seq`. A marker never moves back. */
export interface MarkRead {
  /** Position in the room's log, dense from 1. */
  readonly seq: number;
  /** False also shows the marker to the others in the room. */
  readonly private?: boolean;
}

export interface MarkRoomRead {
  /** Position in the room's log, dense from 1. */
  readonly seq: number;
  /** False also shows the marker to the others in the room. */
  readonly private?: boolean;
  /** Opaque id of a room. */
  readonly room_id: string;
}

/** A meeting, the same for everybody who may see its room. `link` is the one that stays: /m/{id}. */
export interface Meeting {
  /** Opaque id of a meeting. */
  readonly id: string;
  /** Opaque id of a room. */
  readonly room_id: string;
  readonly title: string;
  readonly description: string;
  readonly schedule: Schedule;
  readonly host: Actor;
  readonly provided: Provided;
  readonly policy: MeetingPolicy;
  readonly status: MeetingStatus;
  /** Rises with each change that people are told of. */
  readonly sequence: number;
  readonly link: string;
  /** The one that is live, or the first to come. */
  readonly next?: Occurrence;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Everybody for staff; for others only themselves. */
export interface MeetingAttendance {
  /** Opaque id of a meeting. */
  readonly meeting_id: string;
  readonly items: ReadonlyArray<Held>;
}

/** `scope` all: it is over for good. */
export interface MeetingCancelled {
  readonly meeting: Meeting;
  readonly scope: Scope;
  /** The wall time that the rule gave the occurrence; it stays when the occurrence is moved. */
  readonly key?: string;
  readonly reason?: string;
}

/** Fields left out stay as they are. A new `starts` with scope `this` moves one occurrence; `rule` needs another scope. */
export interface MeetingChanges {
  readonly title?: string;
  readonly description?: string;
  readonly starts?: string;
  readonly zone?: string;
  readonly minutes?: number;
  readonly rule?: string;
  /** Take the rule away: the meeting is held once. */
  readonly once?: boolean;
  readonly except_dates?: ReadonlyArray<string>;
  readonly provider?: string;
  readonly policy?: PolicyWish;
  readonly guests?: ReadonlyArray<string>;
  readonly alternative_hosts?: ReadonlyArray<string>;
  readonly host_account?: string;
  readonly reminders?: ReadonlyArray<number>;
  readonly accept_clashes?: boolean;
  readonly reason?: string;
}

/** A meeting with all that belongs to it; `problems`, `guests` and `reminders` are for staff. */
export interface MeetingDetail {
  readonly meeting: Meeting;
  readonly occurrences: ReadonlyArray<Occurrence>;
  readonly may_change: boolean;
  readonly problems: ReadonlyArray<LinkProblem>;
  readonly guests: ReadonlyArray<string>;
  readonly reminders: ReadonlyArray<number>;
}

export interface MeetingInRange {
  readonly meeting: Meeting;
  readonly occurrences: ReadonlyArray<Occurrence>;
}

export interface MeetingPage {
  readonly items: ReadonlyArray<MeetingInRange>;
  readonly has_more: boolean;
  /** Opaque id of a meeting. */
  readonly next?: string;
}

/** How people come in; each provider does of it what it can, and the preview's notes say what it cannot. */
export interface MeetingPolicy {
  /** People wait until staff lets them in. */
  readonly lobby: boolean;
  /** The provider's own link asks for a code. */
  readonly passcode: boolean;
  /** Each person is registered with the provider by name. */
  readonly registration: boolean;
  readonly recording: Recording;
  readonly mute_on_entry: boolean;
  /** How long before the start the link lets people in. */
  readonly opens_minutes: number;
}

/** Somebody came or went, as the provider tells it. `user` is missing for people whom we do not know. */
export interface MeetingPresence {
  /** Opaque id of a meeting. */
  readonly meeting_id: string;
  /** The wall time that the rule gave the occurrence; it stays when the occurrence is moved. */
  readonly key: string;
  readonly name: string;
  readonly user?: Actor;
  readonly at: string;
}

/** `url` plays it; it is for this person and holds for an hour. */
export interface MeetingRecording {
  /** Opaque id of a recording. */
  readonly id: string;
  /** Opaque id of a meeting. */
  readonly meeting_id: string;
  /** The wall time that the rule gave the occurrence; it stays when the occurrence is moved. */
  readonly key?: string;
  readonly kind: string;
  readonly state: RecordingState;
  readonly starts_at?: string;
  readonly seconds?: number;
  readonly bytes?: number;
  readonly content_type?: string;
  readonly url?: string;
  readonly keep_until?: string;
  /** For staff: why it could not be fetched. */
  readonly problem?: string;
}

export interface MeetingReminder {
  /** Opaque id of a meeting. */
  readonly meeting_id: string;
  readonly title: string;
  readonly occurrence: Occurrence;
  /** Minutes before the start. */
  readonly minutes: number;
}

export interface MeetingScheduled {
  readonly meeting: Meeting;
}

/** Which part of a series is meant. `occurrence` is needed unless the scope is `all`. */
export interface MeetingScope {
  readonly scope?: Scope;
  readonly occurrence?: string;
}

/** Of the meeting as a whole; each occurrence has its own. */
export type MeetingStatus = "scheduled" | "live" | "ended" | "cancelled";

/** The meeting as it is now. `key` is the occurrence for changes of one. */
export interface MeetingUpdated {
  readonly meeting: Meeting;
  readonly scope: Scope;
  /** The wall time that the rule gave the occurrence; it stays when the occurrence is moved. */
  readonly key?: string;
}

/** Somebody who belongs to a room. */
export interface Member {
  readonly user: Actor;
  readonly role: RoomRole;
  readonly joined_at: string;
}

export interface MemberAdded {
  readonly member: Member;
}

export interface MemberAnswer {
  readonly member: Member;
}

export interface MemberChanges {
  readonly role: RoomRole;
}

export interface MemberPage {
  readonly items: ReadonlyArray<Member>;
  readonly has_more: boolean;
  /** The `sub` of the person's token. */
  readonly next?: string;
}

export interface MemberRef {
  /** Opaque id of a room. */
  readonly room_id: string;
  /** The `sub` of the person's token. */
  readonly user_id: string;
}

export interface MemberRemoved {
  /** The `sub` of the person's token. */
  readonly user_id: string;
}

export interface MemberUpdated {
  readonly member: Member;
}

/** How the asking person stands in a room; without `role` somebody only looks at an open room. */
export interface Membership {
  readonly role?: RoomRole;
  /** Position in the room's log, dense from 1. */
  readonly read_seq: number;
  readonly unread: number;
}

/** A message as it stands now. A deleted one is a tombstone: `text` is empty and `deleted_at` is set. */
export interface Message {
  /** Opaque id of a message. */
  readonly id: string;
  /** Opaque id of a room. */
  readonly room_id: string;
  /** The seq of the event that announced it; never changes. */
  readonly seq: number;
  readonly author: Actor;
  readonly text: string;
  readonly created_at: string;
  readonly edited_at?: string;
  readonly deleted_at?: string;
  /** 0 as sent; one more with each edit. */
  readonly revision: number;
  readonly reactions: ReadonlyArray<Reaction>;
}

/** `seq` and `epoch` are the position of the event that this command wrote (or had written, on a retry). */
export interface MessageAnswer {
  readonly message: Message;
  /** Changes when the database was restored. */
  readonly epoch: string;
  /** Position in the room's log, dense from 1. */
  readonly seq: number;
}

export interface MessageBody {
  readonly text: string;
}

export interface MessageDeleted {
  readonly message: Message;
}

export interface MessageHistory {
  /** Messages with a smaller seq, the nearest ones. */
  readonly before?: number;
  /** Messages with a greater seq, the nearest ones. */
  readonly after?: number;
  /** Half a page on either side of this seq, itself included. */
  readonly around?: number;
  readonly limit?: number;
  /** Opaque id of a room. */
  readonly room_id: string;
}

export interface MessageNew {
  readonly message: Message;
}

/** In the order of the log. `next` continues in the same direction. */
export interface MessagePage {
  readonly items: ReadonlyArray<Message>;
  readonly has_more: boolean;
  /** Position in the room's log, dense from 1. */
  readonly next?: number;
  /** With `around`: whether messages follow this page. */
  readonly has_newer: boolean;
}

/** Somebody's read marker moved; `unread` is told only to their own connections. */
export interface MessageRead {
  /** The `sub` of the person's token. */
  readonly user_id: string;
  /** Position in the room's log, dense from 1. */
  readonly seq: number;
  readonly unread?: number;
}

export interface MessageRef {
  /** Opaque id of a message. */
  readonly message_id: string;
}

export interface MessageUpdated {
  readonly message: Message;
}

/** `peer_id` names whom it is about; `mute` without one is about everybody who is not staff. */
export interface Moderate {
  /** Opaque id of a call. */
  readonly call_id: string;
  readonly action: Moderation;
  readonly peer_id?: string;
  /** For `mute` and `allow`. */
  readonly source?: Source;
  /** For `policy`. */
  readonly policy?: PolicyChanges;
}

/** What staff can do. Nothing here unmutes anybody: `allow` only lifts a block. */
export type Moderation = "mute" | "allow" | "stop_screen" | "remove" | "admit" | "deny" | "give_floor" | "take_floor" | "lower_hand" | "policy";

export interface MuteTrack {
  /** Opaque id of a call. */
  readonly call_id: string;
  /** Opaque id of a published track. */
  readonly track_id: string;
  readonly muted: boolean;
}

/** Somebody to add; `user_id` need not have signed in yet. */
export interface NewMember {
  /** The `sub` of the person's token. */
  readonly user_id: string;
  readonly role?: RoomRole;
}

/** An answer that says no more than that it was done. */
export type Nothing = Readonly<Record<string, never>>;

/** One class. `starts_at` and `ends_at` are instants; `starts` is what the clock in `zone` shows then. */
export interface Occurrence {
  /** The wall time that the rule gave the occurrence; it stays when the occurrence is moved. */
  readonly key: string;
  /** What a clock on the wall shows, without an offset: 2026-11-24T09:00. */
  readonly starts: string;
  /** A zone of the IANA database: Europe/Paris. */
  readonly zone: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly title: string;
  readonly status: OccurrenceStatus;
  /** It differs from what the rule says. */
  readonly changed: boolean;
  readonly adjustment?: Adjustment;
}

export interface OccurrenceEnded {
  /** Opaque id of a meeting. */
  readonly meeting_id: string;
  readonly title: string;
  readonly occurrence: Occurrence;
  readonly people: number;
}

export interface OccurrenceStarted {
  /** Opaque id of a meeting. */
  readonly meeting_id: string;
  readonly title: string;
  readonly occurrence: Occurrence;
}

/** Where one class stands. */
export type OccurrenceStatus = "scheduled" | "live" | "ended" | "cancelled";

export interface PastCall {
  readonly call: Call;
  readonly ended_at?: string;
  readonly people: number;
}

/** One seat in a call, as everybody in it sees it. */
export interface Peer {
  /** One seat in a call: a person on a device. */
  readonly id: string;
  /** Names a seat's present set of peer connections; a fresh one after each join that is not a resume. */
  readonly session: string;
  readonly user: Actor;
  readonly staff: boolean;
  readonly seat: Seat;
  /** False while its connection is away and its seat is kept. */
  readonly connected: boolean;
  readonly tracks: ReadonlyArray<Track>;
  readonly rights: Rights;
  /** What staff has silenced; only staff can lift it. */
  readonly blocked: ReadonlyArray<Source>;
  /** Staff has handed this person the floor. */
  readonly floor: boolean;
  readonly hand_raised_at?: string;
  readonly joined_at: string;
  /** The others always offer to this one: it cannot roll back (a bot). */
  readonly offers_only: boolean;
}

/** What the staff has set for a call. */
export interface Policy {
  readonly microphone: WhoMay;
  readonly camera: WhoMay;
  readonly screen: WhoMay;
  /** Whoever is not staff waits to be admitted. */
  readonly lobby: boolean;
  /** Nobody new comes in. */
  readonly locked: boolean;
}

/** What shall be another way; the rest stays. */
export interface PolicyChanges {
  readonly microphone?: WhoMay;
  readonly camera?: WhoMay;
  readonly screen?: WhoMay;
  readonly lobby?: boolean;
  readonly locked?: boolean;
}

/** The same as somebody asks for it; what is left out is as by default. */
export interface PolicyWish {
  /** People wait until staff lets them in. */
  readonly lobby?: boolean;
  /** The provider's own link asks for a code. */
  readonly passcode?: boolean;
  /** Each person is registered with the provider by name. */
  readonly registration?: boolean;
  readonly recording?: Recording;
  readonly mute_on_entry?: boolean;
  /** How long before the start the link lets people in. */
  readonly opens_minutes?: number;
}

/** How far somebody knows a room's log: everything up to and including `seq`, in this `epoch`. */
export interface Position {
  /** Changes when the database was restored. */
  readonly epoch: string;
  /** Position in the room's log, dense from 1. */
  readonly seq: number;
}

/** REST: `Idempotency-Key` may stand in for `client_id`. */
export interface PostMessage {
  readonly text: string;
  readonly client_id?: string;
}

/** One person in one class. `seconds` is by the source that knows more; `differs`: the two tell more than a minute apart. */
export interface Presence {
  readonly user?: Actor;
  readonly name: string;
  readonly email?: string;
  readonly stays: ReadonlyArray<Stay>;
  readonly seconds: number;
  readonly webhook_seconds: number;
  /** Missing until there is a report. */
  readonly report_seconds?: number;
  /** Of the time that the class was held. */
  readonly percent: number;
  readonly differs: boolean;
}

export interface PresenceChanged {
  readonly user: Actor;
  readonly status: PresenceStatus;
}

/** How somebody is here. Offline is only ever said in an event: absent people are in no list. */
export type PresenceStatus = "online" | "away" | "offline";

/** Somebody with at least one live connection that has joined the room. */
export interface PresentPerson {
  readonly user: Actor;
  readonly status: PresenceStatus;
}

/** What a schedule would come to, before it is saved. */
export interface Preview {
  /** The first ones, as many as were asked for. */
  readonly occurrences: ReadonlyArray<Occurrence>;
  readonly total: number;
  /** The rule in plain English. */
  readonly words: string;
  readonly clashes: ReadonlyArray<Clash>;
  /** What the chosen provider cannot do, and what is done instead. */
  readonly notes: ReadonlyArray<string>;
}

/** A schedule to look at before it is saved. */
export interface PreviewMeeting {
  /** What a clock on the wall shows, without an offset: 2026-11-24T09:00. */
  readonly starts: string;
  /** A zone of the IANA database: Europe/Paris. */
  readonly zone: string;
  readonly minutes: number;
  readonly rule?: string;
  /** Occurrences of the rule that are left out (EXDATE). */
  readonly except_dates?: ReadonlyArray<string>;
  /** One of `listProviders`; `builtin` is always there. */
  readonly provider?: string;
  readonly room_id?: string;
  /** The meeting that is being changed. */
  readonly meeting_id?: string;
  readonly policy?: PolicyWish;
  readonly shown?: number;
}

/** `application/problem+json`. Clients branch on `code`; `detail` is for people and may change. */
export interface Problem {
  /** The code as a URN. */
  readonly type: string;
  /** What the code means, the same sentence every time. */
  readonly title: string;
  /** The HTTP status, again. */
  readonly status: number;
  /** What was wrong this time. */
  readonly detail: string;
  /** This one refusal, as a URN made of the request id. */
  readonly instance: string;
  readonly code: ErrorCode;
  /** The same request may succeed later. */
  readonly retryable: boolean;
  readonly retry_after_ms?: number;
  /** Each offending field and what is wrong with it. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Stands in the server's log beside the cause. */
  readonly request_id: string;
}

/** The provider's side of a meeting, as everybody sees it. */
export interface Provided {
  /** One of `listProviders`; `builtin` is always there. */
  readonly provider: string;
  readonly state: LinkState;
}

export interface Provider {
  /** One of `listProviders`; `builtin` is always there. */
  readonly name: string;
  readonly title: string;
  readonly capabilities: Capabilities;
  /** False while calls to it fail; meetings are accepted all the same. */
  readonly healthy: boolean;
}

export interface ProviderList {
  readonly items: ReadonlyArray<Provider>;
}

/** `stream_id` is the msid stream id the track will be sent under, so that receivers can tell which is which. */
export interface PublishTrack {
  /** Opaque id of a call. */
  readonly call_id: string;
  readonly source: Source;
  readonly stream_id: string;
  readonly muted?: boolean;
}

export interface React {
  /** Opaque id of a message. */
  readonly message_id: string;
  readonly emoji: string;
}

/** Everybody who reacted to a message with one emoji. */
export interface Reaction {
  readonly emoji: string;
  readonly user_ids: ReadonlyArray<string>;
}

export interface ReactionAnswer {
  /** Opaque id of a message. */
  readonly message_id: string;
  readonly reactions: ReadonlyArray<Reaction>;
}

/** Data of `reaction.new` and `reaction.deleted`; `user_id` is whose reaction it is. */
export interface ReactionChanged {
  /** Opaque id of a message. */
  readonly message_id: string;
  readonly emoji: string;
  /** The `sub` of the person's token. */
  readonly user_id: string;
}

export interface ReadAnswer {
  /** Position in the room's log, dense from 1. */
  readonly read_seq: number;
  readonly unread: number;
}

export type Recording = "none" | "cloud";

export interface RecordingList {
  readonly items: ReadonlyArray<MeetingRecording>;
}

export interface RecordingReady {
  readonly recording: MeetingRecording;
  readonly title: string;
}

export type RecordingState = "fetching" | "ready" | "failed" | "expired";

export interface RefreshToken {
  readonly token: string;
}

/** The seat one had, and the proof that it was one's own. */
export interface Resume {
  /** One seat in a call: a person on a device. */
  readonly peer_id: string;
  readonly secret: string;
}

/** The text as it stood from `written_at` until the next revision. */
export interface Revision {
  readonly revision: number;
  readonly text: string;
  readonly written_at: string;
}

export interface RevisionList {
  readonly items: ReadonlyArray<Revision>;
}

/** One token by its `jti`, or all tokens issued to a person until now. */
export interface Revoke {
  readonly jti?: string;
  readonly user_id?: string;
}

/** What somebody may publish now. */
export interface Rights {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
}

/** A room, the same for everybody who may see it. */
export interface Room {
  /** Opaque id of a room. */
  readonly id: string;
  /** The LMS's own name for a room. */
  readonly key?: string;
  readonly kind: RoomKind;
  readonly title: string;
  readonly visibility: Visibility;
  readonly archived: boolean;
  readonly created_at: string;
}

/** Told to one person's connections: you now belong to this room. */
export interface RoomAdded {
  readonly summary: RoomSummary;
}

export interface RoomAnswer {
  readonly summary: RoomSummary;
}

export interface RoomCallRef {
  /** Opaque id of a room. */
  readonly room_id: string;
}

/** What may change of a room; fields left out stay as they are. */
export interface RoomChanges {
  readonly title?: string;
  readonly visibility?: Visibility;
  readonly archived?: boolean;
}

/** The first event of every room's log. */
export interface RoomCreated {
  readonly room: Room;
}

/** What a room is for; decides who may post in it and who may change it. */
export type RoomKind = "course" | "group" | "direct" | "announcement" | "meeting";

export interface RoomPage {
  readonly items: ReadonlyArray<RoomSummary>;
  readonly has_more: boolean;
  /** Opaque id of a room. */
  readonly next?: string;
}

/** A command that needs to know nothing but the room. */
export interface RoomRef {
  /** Opaque id of a room. */
  readonly room_id: string;
}

/** Told to one person's connections: you no longer belong to this room, and hear no more of it. */
export interface RoomRemoved {
  /** Opaque id of a room. */
  readonly room_id: string;
}

/** What somebody is in one room. */
export type RoomRole = "owner" | "moderator" | "member";

/** One line of the room list. `people` are the two of a direct room, so that each is shown the other's name. */
export interface RoomSummary {
  readonly room: Room;
  readonly me: Membership;
  /** Changes when the database was restored. */
  readonly epoch: string;
  /** Position in the room's log, dense from 1. */
  readonly seq: number;
  readonly last_message?: Message;
  readonly people?: ReadonlyArray<Actor>;
}

export interface RoomUpdated {
  readonly room: Room;
}

/** When a meeting is. Without `rule` it is held once. */
export interface Schedule {
  /** What a clock on the wall shows, without an offset: 2026-11-24T09:00. */
  readonly starts: string;
  /** A zone of the IANA database: Europe/Paris. */
  readonly zone: string;
  readonly minutes: number;
  /** An RRULE of RFC 5545 section 3.3.10 without its name, DAILY to YEARLY, with COUNT or UNTIL: FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261218. UNTIL is a date or a wall time in the meeting's zone, or UTC with a Z. */
  readonly rule?: string;
  /** Occurrences of the rule that are left out (EXDATE). */
  readonly except_dates: ReadonlyArray<string>;
}

/** How much of a series a change is meant for. */
export type Scope = "this" | "following" | "all";

/** Data of `call.screen_started` and `call.screen_stopped`: moments that one looks for afterwards. */
export interface ScreenShared {
  /** Opaque id of a call. */
  readonly call_id: string;
  /** The `sub` of the person's token. */
  readonly user_id: string;
}

/** Every word (the first 12 of them) must occur; the newest hits come first. */
export interface SearchMessages {
  readonly q: string;
  readonly room_id?: string;
  /** The `next` of the page before. */
  readonly before?: string;
  readonly limit?: number;
}

export interface SearchPage {
  readonly items: ReadonlyArray<Message>;
  readonly has_more: boolean;
  /** Opaque id of a message. */
  readonly next?: string;
}

/** How somebody is in a call. Those in the lobby wait to be admitted, and are heard and seen by nobody. */
export type Seat = "lobby" | "in";

export interface SendMessage {
  readonly text: string;
  /** Opaque id of a room. */
  readonly room_id: string;
  /** Chosen by the sender; a retry with the same one sends once. */
  readonly client_id: string;
}

/** What a page has to know before anybody has signed in. */
export interface ServerDescription {
  readonly protocol: number;
  /** Anybody may sign in with a name: `developmentSignIn` is there. */
  readonly development: boolean;
}

export interface SetPresence {
  readonly status: "online" | "away";
}

/** What the token says somebody is, everywhere. */
export type SignInRole = "student" | "instructor" | "admin" | "bot" | "guest";

/** To one peer of one's own call: exactly one of a description, a candidate, or the wish for an offer. */
export interface Signal {
  /** Opaque id of a call. */
  readonly call_id: string;
  /** One seat in a call: a person on a device. */
  readonly to: string;
  /** Names a seat's present set of peer connections; a fresh one after each join that is not a resume. */
  readonly to_session: string;
  /** Grows with every signal to this peer in this pair of sessions; late ones are dropped. */
  readonly seq: number;
  /** Which peer connection of this pair of sessions it is about, from 0. Either side may begin the next; the greater number wins: signals of a smaller one are dropped, a greater one means a new peer connection. */
  readonly connection?: number;
  readonly description?: Description;
  readonly candidate?: CandidateInput;
  /** From a peer that never offers. */
  readonly wants_offer?: boolean;
}

export interface SignedIn {
  readonly user: Actor;
  readonly expires_at: string;
}

/** The newest messages, in the order of the log, all read at the position told beside it. */
export interface Snapshot {
  readonly messages: ReadonlyArray<Message>;
  /** Older ones exist: page with `message:history`, `before` the first seq here. */
  readonly has_more: boolean;
}

/** What a track shows or lets hear. Each has a right of its own. */
export type Source = "microphone" | "camera" | "screen" | "screen_audio";

/** One uninterrupted stay. */
export interface Stay {
  readonly source: StaySource;
  readonly joined_at: string;
  readonly left_at?: string;
}

/** Who says so. Both accounts are kept; where they differ, both are shown. */
export type StaySource = "webhook" | "report";

/** Catching up on one room over REST. */
export interface SyncQuery {
  /** Opaque id of a room. */
  readonly room_id: string;
  /** Changes when the database was restored. */
  readonly epoch: string;
  /** Position in the room's log, dense from 1. */
  readonly seq: number;
}

export interface SyncSince {
  readonly rooms: Readonly<Record<string, unknown>>;
}

/** `refused` names the rooms that do not exist or may not be seen. */
export interface Synced {
  readonly rooms: Readonly<Record<string, unknown>>;
  readonly refused: ReadonlyArray<string>;
}

export interface TokenAnswer {
  readonly user: Actor;
  readonly expires_at: string;
  readonly token: string;
}

/** The token has run out (`auth.expired`) or soon will (`auth.expiring`); after `cut_at` the connection is closed. */
export interface TokenExpiring {
  readonly expires_at: string;
  readonly cut_at: string;
}

/** Something published. Nobody shows or plays a track that is not listed, or that is `muted`. */
export interface Track {
  /** Opaque id of a published track. */
  readonly id: string;
  readonly source: Source;
  readonly muted: boolean;
  /** The `msid` stream id (RFC 8830) under which it is sent to every peer. */
  readonly stream_id: string;
}

export interface TrackAnswer {
  readonly track: Track;
}

export interface TrackRef {
  /** Opaque id of a call. */
  readonly call_id: string;
  /** Opaque id of a published track. */
  readonly track_id: string;
}

/** Data of `typing.start` and `typing.stop`; a start not renewed within the join answer's time has ended. */
export interface TypingChanged {
  readonly user: Actor;
}

/** How often a client repeats `typing:start` while somebody types, and when others forget it. */
export interface TypingTimes {
  readonly repeat_ms: number;
  readonly expire_ms: number;
  /** The room is too large: typing is not relayed. */
  readonly suppressed: boolean;
}

export interface UpdateMember {
  readonly role: RoomRole;
  /** Opaque id of a room. */
  readonly room_id: string;
  /** The `sub` of the person's token. */
  readonly user_id: string;
}

export interface UpdateRoom {
  readonly title?: string;
  readonly visibility?: Visibility;
  readonly archived?: boolean;
  /** Opaque id of a room. */
  readonly room_id: string;
}

/** Open: anybody signed in (guests excepted) finds it and may join. Members: nobody else learns that it exists. */
export type Visibility = "open" | "members";

/** Where the one link leads just now. */
export type Way = "redirect" | "call" | "wait" | "recording" | "over" | "cancelled" | "broken";

/** To whom a call's policy gives a right. */
export type WhoMay = "everybody" | "staff";

/** An event of a room's log. The Socket.IO event's name is `type`, this envelope is its only argument. */
export interface LogEventOf<Type extends string, Data> {
  readonly type: Type;
  readonly id: string;
  readonly room_id: string;
  readonly epoch: string;
  /** Dense from 1 within one epoch of one room. */
  readonly seq: number;
  readonly ts: string;
  readonly actor: Actor;
  readonly data: Data;
  /** What the sender chose, on events that a command made. */
  readonly client_id?: string;
}

/** An event without a place in any log; gone when missed. */
export interface EphemeralEventOf<Type extends string, Data> {
  readonly type: Type;
  readonly ts: string;
  readonly room_id?: string;
  readonly data: Data;
}

/** The answer to every command. */
export type Ack<Answer> = { readonly ok: true; readonly data: Answer } | Failed;

/** Every command: what it takes and what its ack carries. */
export interface CommandMap {
  /** Replace the connection's token by a fresh one of the same person. */
  "auth:refresh": { payload: RefreshToken; answer: SignedIn };
  /** Listen to a room on this connection; answers with what was missed, or a snapshot. */
  "room:join": { payload: JoinRoom; answer: Joined };
  /** Stop listening to a room on this connection; membership stays. */
  "room:unsubscribe": { payload: RoomRef; answer: Nothing };
  /** Give up one's membership of a room. */
  "room:leave": { payload: RoomRef; answer: Nothing };
  /** Make a room and become its owner. */
  "room:create": { payload: CreateRoom; answer: RoomAnswer };
  /** Rename, open, close or archive a room. */
  "room:update": { payload: UpdateRoom; answer: RoomAnswer };
  /** One line of the room list. */
  "room:get": { payload: RoomRef; answer: RoomAnswer };
  /** My rooms, or the open ones I could join. */
  "room:list": { payload: ListRooms; answer: RoomPage };
  /** Who belongs to a room. */
  "member:list": { payload: ListRoomMembers; answer: MemberPage };
  /** Add somebody to a room. */
  "member:add": { payload: AddMember; answer: MemberAnswer };
  /** Change somebody's role in a room. */
  "member:update": { payload: UpdateMember; answer: MemberAnswer };
  /** Remove somebody from a room. */
  "member:remove": { payload: MemberRef; answer: Nothing };
  /** Say something in a room. Acknowledged once it is on disk; a retry with the same client_id sends nothing new. */
  "message:send": { payload: SendMessage; answer: MessageAnswer };
  /** Replace the text of one's own message. */
  "message:edit": { payload: EditMessage; answer: MessageAnswer };
  /** Turn a message into a tombstone. */
  "message:delete": { payload: MessageRef; answer: MessageAnswer };
  /** One message as it stands. */
  "message:get": { payload: MessageRef; answer: MessageAnswer };
  /** A page of a room's messages. */
  "message:history": { payload: MessageHistory; answer: MessagePage };
  /** The earlier texts of a message; for its author and the room's staff. */
  "message:revisions": { payload: MessageRef; answer: RevisionList };
  /** Find messages by words, in one room or in all of one's rooms. */
  "message:search": { payload: SearchMessages; answer: SearchPage };
  /** React with an emoji. */
  "reaction:add": { payload: React; answer: ReactionAnswer };
  /** Take one's reaction back. */
  "reaction:remove": { payload: React; answer: ReactionAnswer };
  /** Tell the room that one is typing. */
  "typing:start": { payload: RoomRef; answer: Nothing };
  /** Tell the room that one stopped. */
  "typing:stop": { payload: RoomRef; answer: Nothing };
  /** Move one's read marker forward. */
  "read:mark": { payload: MarkRoomRead; answer: ReadAnswer };
  /** Say whether one is online or away. */
  "presence:set": { payload: SetPresence; answer: Nothing };
  /** Catch up on rooms: all that was missed, or a snapshot; never a part. */
  "sync:since": { payload: SyncSince; answer: Synced };
  /** Whether a room has a call just now. */
  "call:get": { payload: RoomCallRef; answer: ActiveCall };
  /** Take a seat in the room's call, starting it if need be; or take one's seat again after a drop. */
  "call:join": { payload: JoinCall; answer: JoinedCall };
  /** Give up one's seat. */
  "call:leave": { payload: CallRef; answer: Nothing };
  /** End the call for everybody. */
  "call:end": { payload: CallRef; answer: Nothing };
  /** The snapshot, for whoever has a seat. */
  "call:state": { payload: CallRef; answer: CallState };
  /** ICE servers with fresh credentials, for whoever has a seat in the call, or wants to test the connection. */
  "call:ice": { payload: IceRequest; answer: IceServerList };
  /** Hand a description or candidate to one peer of one's own call. */
  "signal": { payload: Signal; answer: Nothing };
  /** Announce a track before it is sent; refused without the right to it. */
  "track:publish": { payload: PublishTrack; answer: TrackAnswer };
  /** Take a track back. */
  "track:unpublish": { payload: TrackRef; answer: Nothing };
  /** Mute one's own track, or unmute it unless staff has blocked it. */
  "track:mute": { payload: MuteTrack; answer: TrackAnswer };
  /** What staff does to lead a call. */
  "call:moderate": { payload: Moderate; answer: Nothing };
  /** Join the queue of raised hands. */
  "hand:raise": { payload: CallRef; answer: Nothing };
  /** Leave the queue of raised hands. */
  "hand:lower": { payload: CallRef; answer: Nothing };
  /** Show an emoji to everybody in the call. */
  "reaction:send": { payload: CallReaction; answer: Nothing };
}

export interface LogEventMap {
  /** The room was made; always seq 1. */
  "room.created": LogEventOf<"room.created", RoomCreated>;
  /** The room was renamed, opened, closed or archived. */
  "room.updated": LogEventOf<"room.updated", RoomUpdated>;
  /** Somebody now belongs to the room. */
  "member.added": LogEventOf<"member.added", MemberAdded>;
  /** Somebody's role in the room changed. */
  "member.updated": LogEventOf<"member.updated", MemberUpdated>;
  /** Somebody no longer belongs to the room. */
  "member.removed": LogEventOf<"member.removed", MemberRemoved>;
  /** Somebody said something. */
  "message.new": LogEventOf<"message.new", MessageNew>;
  /** A message has a new text. */
  "message.updated": LogEventOf<"message.updated", MessageUpdated>;
  /** A message became a tombstone. */
  "message.deleted": LogEventOf<"message.deleted", MessageDeleted>;
  /** Somebody reacted to a message. */
  "reaction.new": LogEventOf<"reaction.new", ReactionChanged>;
  /** Somebody took a reaction back. */
  "reaction.deleted": LogEventOf<"reaction.deleted", ReactionChanged>;
  /** A call began in the room. */
  "call.started": LogEventOf<"call.started", CallStarted>;
  /** The room's call is over. */
  "call.ended": LogEventOf<"call.ended", CallEnded>;
  /** Somebody began to share a screen in the call. */
  "call.screen_started": LogEventOf<"call.screen_started", ScreenShared>;
  /** Somebody stopped sharing a screen in the call. */
  "call.screen_stopped": LogEventOf<"call.screen_stopped", ScreenShared>;
  /** A meeting of this room was scheduled. */
  "meeting.scheduled": LogEventOf<"meeting.scheduled", MeetingScheduled>;
  /** A meeting, or part of its series, changed. */
  "meeting.updated": LogEventOf<"meeting.updated", MeetingUpdated>;
  /** A meeting, or part of it, will not be held. */
  "meeting.cancelled": LogEventOf<"meeting.cancelled", MeetingCancelled>;
  /** How the provider's side of a meeting stands. */
  "meeting.link_changed": LogEventOf<"meeting.link_changed", LinkChanged>;
  /** A class began. */
  "meeting.started": LogEventOf<"meeting.started", OccurrenceStarted>;
  /** A class is over. */
  "meeting.ended": LogEventOf<"meeting.ended", OccurrenceEnded>;
  /** Somebody came into a class. */
  "meeting.joined": LogEventOf<"meeting.joined", MeetingPresence>;
  /** Somebody left a class. */
  "meeting.left": LogEventOf<"meeting.left", MeetingPresence>;
  /** A class begins soon. */
  "meeting.reminder": LogEventOf<"meeting.reminder", MeetingReminder>;
  /** A recording can be played. */
  "meeting.recording_ready": LogEventOf<"meeting.recording_ready", RecordingReady>;
}

export interface EphemeralEventMap {
  /** A read marker moved. */
  "message.read": EphemeralEventOf<"message.read", MessageRead>;
  /** Somebody is typing. */
  "typing.start": EphemeralEventOf<"typing.start", TypingChanged>;
  /** Somebody stopped typing. */
  "typing.stop": EphemeralEventOf<"typing.stop", TypingChanged>;
  /** Somebody came, went, or is away. */
  "user.presence.changed": EphemeralEventOf<"user.presence.changed", PresenceChanged>;
  /** You now belong to a room. */
  "room.added": EphemeralEventOf<"room.added", RoomAdded>;
  /** You no longer belong to a room. */
  "room.removed": EphemeralEventOf<"room.removed", RoomRemoved>;
  /** The first event on every connection. */
  "connection.ok": EphemeralEventOf<"connection.ok", ConnectionOk>;
  /** Why the server is about to close. */
  "connection.error": EphemeralEventOf<"connection.error", ConnectionFailed>;
  /** The token will run out soon: send `auth:refresh`. */
  "auth.expiring": EphemeralEventOf<"auth.expiring", TokenExpiring>;
  /** The token ran out: only `auth:refresh` is heard now. */
  "auth.expired": EphemeralEventOf<"auth.expired", TokenExpiring>;
  /** The call's state moved on by one version. */
  "call.updated": EphemeralEventOf<"call.updated", CallUpdated>;
  /** A description or candidate from another peer. */
  "call.signal": EphemeralEventOf<"call.signal", CallSignal>;
  /** Somebody in the call shows an emoji. */
  "call.reaction": EphemeralEventOf<"call.reaction", CallReacted>;
  /** You may come in from the lobby. */
  "call.admitted": EphemeralEventOf<"call.admitted", CallAdmitted>;
  /** Your seat in the call is no longer yours. */
  "call.removed": EphemeralEventOf<"call.removed", CallRemoved>;
}

export type CommandName = keyof CommandMap;
export type PayloadOf<Name extends CommandName> = CommandMap[Name]["payload"];
export type AnswerOf<Name extends CommandName> = CommandMap[Name]["answer"];

export type LogEvent = LogEventMap[keyof LogEventMap];
export type EphemeralEvent = EphemeralEventMap[keyof EphemeralEventMap];
export type LogEventType = keyof LogEventMap;
export type EphemeralEventType = keyof EphemeralEventMap;

/** Every event by its Socket.IO name. */
export interface EventMap extends LogEventMap, EphemeralEventMap {}

/** Everything that the server can say of itself; narrow it by `type`. */
export type ServerEvent = LogEvent | EphemeralEvent;

export interface RestMap {
  /** What a client has to know before signing in. */
  describeServer: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: undefined;
    answer: ServerDescription;
  };
  /** Who the token says I am. */
  getMe: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: undefined;
    answer: SignedIn;
  };
  /** My rooms, or the open ones. */
  listRooms: {
    params: Readonly<Record<string, never>>;
    query: ListRooms;
    body: undefined;
    answer: RoomPage;
  };
  /** Make a room and become its owner. */
  createRoom: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: CreateRoom;
    answer: RoomAnswer;
  };
  /** One line of the room list. */
  getRoom: {
    params: { readonly room_id: string; };
    query: undefined;
    body: undefined;
    answer: RoomAnswer;
  };
  /** Rename, open, close or archive. */
  updateRoom: {
    params: { readonly room_id: string; };
    query: undefined;
    body: RoomChanges;
    answer: RoomAnswer;
  };
  /** Become a member of an open room. */
  joinRoom: {
    params: { readonly room_id: string; };
    query: undefined;
    body: undefined;
    answer: RoomAnswer;
  };
  /** Give up one's membership. */
  leaveRoom: {
    params: { readonly room_id: string; };
    query: undefined;
    body: undefined;
    answer: Nothing;
  };
  /** Who belongs to a room. */
  listMembers: {
    params: { readonly room_id: string; };
    query: ListMembers;
    body: undefined;
    answer: MemberPage;
  };
  /** Add somebody to a room. */
  addMember: {
    params: { readonly room_id: string; };
    query: undefined;
    body: NewMember;
    answer: MemberAnswer;
  };
  /** Change a role. */
  updateMember: {
    params: { readonly room_id: string; readonly user_id: string; };
    query: undefined;
    body: MemberChanges;
    answer: MemberAnswer;
  };
  /** Remove somebody. */
  removeMember: {
    params: { readonly room_id: string; readonly user_id: string; };
    query: undefined;
    body: undefined;
    answer: Nothing;
  };
  /** A page of messages. */
  listMessages: {
    params: { readonly room_id: string; };
    query: HistoryPage;
    body: undefined;
    answer: MessagePage;
  };
  /** Say something; a repeat with the same Idempotency-Key answers with the first message. */
  postMessage: {
    params: { readonly room_id: string; };
    query: undefined;
    body: PostMessage;
    answer: MessageAnswer;
  };
  /** Move one's read marker forward. */
  markRead: {
    params: { readonly room_id: string; };
    query: undefined;
    body: MarkRead;
    answer: ReadAnswer;
  };
  /** One message as it stands, unless it was deleted. */
  getMessage: {
    params: { readonly message_id: string; };
    query: undefined;
    body: undefined;
    answer: MessageAnswer;
  };
  /** Replace the text. */
  editMessage: {
    params: { readonly message_id: string; };
    query: undefined;
    body: MessageBody;
    answer: MessageAnswer;
  };
  /** Turn it into a tombstone. */
  deleteMessage: {
    params: { readonly message_id: string; };
    query: undefined;
    body: undefined;
    answer: MessageAnswer;
  };
  /** Earlier texts of a message, unless it was deleted. */
  listRevisions: {
    params: { readonly message_id: string; };
    query: undefined;
    body: undefined;
    answer: RevisionList;
  };
  /** React. */
  addReaction: {
    params: { readonly message_id: string; readonly emoji: string; };
    query: undefined;
    body: undefined;
    answer: ReactionAnswer;
  };
  /** Take it back. */
  removeReaction: {
    params: { readonly message_id: string; readonly emoji: string; };
    query: undefined;
    body: undefined;
    answer: ReactionAnswer;
  };
  /** Find messages by words. */
  search: {
    params: Readonly<Record<string, never>>;
    query: SearchMessages;
    body: undefined;
    answer: SearchPage;
  };
  /** All that was missed in a room, or a snapshot. */
  sync: {
    params: Readonly<Record<string, never>>;
    query: SyncQuery;
    body: undefined;
    answer: CaughtUp;
  };
  /** Admins: end a token, or all of a person's. */
  revoke: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: Revoke;
    answer: Nothing;
  };
  /** Development mode only: a token for a name and a role. */
  developmentSignIn: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: DevelopmentSignIn;
    answer: TokenAnswer;
  };
  /** A room's calls, the newest first. */
  listCalls: {
    params: { readonly room_id: string; };
    query: ListCalls;
    body: undefined;
    answer: CallPage;
  };
  /** Who was in a call, and when: everybody for staff, for others only themselves. */
  getAttendance: {
    params: { readonly call_id: string; };
    query: undefined;
    body: undefined;
    answer: Attendance;
  };
  /** The same as a CSV file, one line for each stay. */
  getAttendanceFile: {
    params: { readonly call_id: string; };
    query: undefined;
    body: undefined;
    answer: string;
  };
  /** Services that can hold a meeting. */
  listProviders: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: undefined;
    answer: ProviderList;
  };
  /** Meetings of my rooms in a span of time. */
  listMeetings: {
    params: Readonly<Record<string, never>>;
    query: ListMeetings;
    body: undefined;
    answer: MeetingPage;
  };
  /** What a schedule would come to: occurrences, clashes, notes. Nothing is saved. */
  previewMeeting: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: PreviewMeeting;
    answer: Preview;
  };
  /** Schedule a meeting; the provider's side is made afterwards. */
  createMeeting: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: CreateMeeting;
    answer: MeetingDetail;
  };
  /** A meeting with all its occurrences. */
  getMeeting: {
    params: { readonly meeting_id: string; };
    query: undefined;
    body: undefined;
    answer: MeetingDetail;
  };
  /** The meeting as an iCalendar file, to add to a calendar by hand. */
  getMeetingFile: {
    params: { readonly meeting_id: string; };
    query: undefined;
    body: undefined;
    answer: string;
  };
  /** Change one occurrence, it and all that follow, or all to come; another `provider` moves them there. */
  updateMeeting: {
    params: { readonly meeting_id: string; };
    query: MeetingScope;
    body: MeetingChanges;
    answer: MeetingDetail;
  };
  /** Cancel one occurrence, it and all that follow, or all to come. */
  cancelMeeting: {
    params: { readonly meeting_id: string; };
    query: CancelMeeting;
    body: undefined;
    answer: MeetingDetail;
  };
  /** Staff: try again at once what failed with the provider. */
  retryMeeting: {
    params: { readonly meeting_id: string; };
    query: undefined;
    body: undefined;
    answer: MeetingDetail;
  };
  /** Staff: end the class that is being held, for everybody. */
  endMeeting: {
    params: { readonly meeting_id: string; };
    query: undefined;
    body: undefined;
    answer: MeetingDetail;
  };
  /** What happened to a meeting, the newest first. */
  listMeetingHistory: {
    params: { readonly meeting_id: string; };
    query: ListChanges;
    body: undefined;
    answer: ChangePage;
  };
  /** Where the one link leads this person just now; a guest brings the secret of an invitation. */
  enterMeeting: {
    params: { readonly meeting_id: string; };
    query: undefined;
    body: EnterMeeting;
    answer: Entrance;
  };
  /** Who came and how long: everybody for staff, for others only themselves. */
  getMeetingAttendance: {
    params: { readonly meeting_id: string; };
    query: AttendanceQuery;
    body: undefined;
    answer: MeetingAttendance;
  };
  /** The same as a CSV file. */
  getMeetingAttendanceFile: {
    params: { readonly meeting_id: string; };
    query: AttendanceQuery;
    body: undefined;
    answer: string;
  };
  /** What was recorded, with addresses that play it for an hour. */
  listRecordings: {
    params: { readonly meeting_id: string; };
    query: undefined;
    body: undefined;
    answer: RecordingList;
  };
  /** Staff: delete a recording for good. */
  deleteRecording: {
    params: { readonly meeting_id: string; readonly recording_id: string; };
    query: undefined;
    body: undefined;
    answer: Nothing;
  };
  /** Staff: guests who were invited. */
  listInvitations: {
    params: { readonly meeting_id: string; };
    query: undefined;
    body: undefined;
    answer: InvitationList;
  };
  /** Staff: invite somebody without an account; the link ends. */
  inviteGuest: {
    params: { readonly meeting_id: string; };
    query: undefined;
    body: Invite;
    answer: Invitation;
  };
  /** Staff: take an invitation back. */
  revokeInvitation: {
    params: { readonly meeting_id: string; readonly invitation_id: string; };
    query: undefined;
    body: undefined;
    answer: Nothing;
  };
  /** Whether I have a calendar feed. */
  getCalendarFeed: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: undefined;
    answer: CalendarFeed;
  };
  /** A calendar feed with a fresh secret; the one before ends. */
  makeCalendarFeed: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: undefined;
    answer: CalendarFeed;
  };
  /** End my calendar feed. */
  revokeCalendarFeed: {
    params: Readonly<Record<string, never>>;
    query: undefined;
    body: undefined;
    answer: Nothing;
  };
  /** Work that failed: of one meeting for its staff, all of it for admins. */
  listJobs: {
    params: Readonly<Record<string, never>>;
    query: ListJobs;
    body: undefined;
    answer: JobPage;
  };
  /** Try failed work again at once. */
  retryJob: {
    params: { readonly job_id: string; };
    query: undefined;
    body: undefined;
    answer: Nothing;
  };
}

export const REST_OPERATIONS = {
  describeServer: { method: "GET", path: "/api/v1/server", idempotencyKey: false },
  getMe: { method: "GET", path: "/api/v1/me", idempotencyKey: false },
  listRooms: { method: "GET", path: "/api/v1/rooms", idempotencyKey: false },
  createRoom: { method: "POST", path: "/api/v1/rooms", idempotencyKey: true },
  getRoom: { method: "GET", path: "/api/v1/rooms/{room_id}", idempotencyKey: false },
  updateRoom: { method: "PATCH", path: "/api/v1/rooms/{room_id}", idempotencyKey: false },
  joinRoom: { method: "POST", path: "/api/v1/rooms/{room_id}/join", idempotencyKey: false },
  leaveRoom: { method: "POST", path: "/api/v1/rooms/{room_id}/leave", idempotencyKey: false },
  listMembers: { method: "GET", path: "/api/v1/rooms/{room_id}/members", idempotencyKey: false },
  addMember: { method: "POST", path: "/api/v1/rooms/{room_id}/members", idempotencyKey: false },
  updateMember: { method: "PATCH", path: "/api/v1/rooms/{room_id}/members/{user_id}", idempotencyKey: false },
  removeMember: { method: "DELETE", path: "/api/v1/rooms/{room_id}/members/{user_id}", idempotencyKey: false },
  listMessages: { method: "GET", path: "/api/v1/rooms/{room_id}/messages", idempotencyKey: false },
  postMessage: { method: "POST", path: "/api/v1/rooms/{room_id}/messages", idempotencyKey: true },
  markRead: { method: "POST", path: "/api/v1/rooms/{room_id}/read", idempotencyKey: false },
  getMessage: { method: "GET", path: "/api/v1/messages/{message_id}", idempotencyKey: false },
  editMessage: { method: "PATCH", path: "/api/v1/messages/{message_id}", idempotencyKey: false },
  deleteMessage: { method: "DELETE", path: "/api/v1/messages/{message_id}", idempotencyKey: false },
  listRevisions: { method: "GET", path: "/api/v1/messages/{message_id}/revisions", idempotencyKey: false },
  addReaction: { method: "PUT", path: "/api/v1/messages/{message_id}/reactions/{emoji}/@me", idempotencyKey: false },
  removeReaction: { method: "DELETE", path: "/api/v1/messages/{message_id}/reactions/{emoji}/@me", idempotencyKey: false },
  search: { method: "GET", path: "/api/v1/search", idempotencyKey: false },
  sync: { method: "GET", path: "/api/v1/sync", idempotencyKey: false },
  revoke: { method: "POST", path: "/api/v1/revocations", idempotencyKey: false },
  developmentSignIn: { method: "POST", path: "/api/v1/development/sign-in", idempotencyKey: false },
  listCalls: { method: "GET", path: "/api/v1/rooms/{room_id}/calls", idempotencyKey: false },
  getAttendance: { method: "GET", path: "/api/v1/calls/{call_id}/attendance", idempotencyKey: false },
  getAttendanceFile: { method: "GET", path: "/api/v1/calls/{call_id}/attendance.csv", idempotencyKey: false },
  listProviders: { method: "GET", path: "/api/v1/providers", idempotencyKey: false },
  listMeetings: { method: "GET", path: "/api/v1/meetings", idempotencyKey: false },
  previewMeeting: { method: "POST", path: "/api/v1/meetings/preview", idempotencyKey: false },
  createMeeting: { method: "POST", path: "/api/v1/meetings", idempotencyKey: true },
  getMeeting: { method: "GET", path: "/api/v1/meetings/{meeting_id}", idempotencyKey: false },
  getMeetingFile: { method: "GET", path: "/api/v1/meetings/{meeting_id}/calendar.ics", idempotencyKey: false },
  updateMeeting: { method: "PATCH", path: "/api/v1/meetings/{meeting_id}", idempotencyKey: false },
  cancelMeeting: { method: "DELETE", path: "/api/v1/meetings/{meeting_id}", idempotencyKey: false },
  retryMeeting: { method: "POST", path: "/api/v1/meetings/{meeting_id}/retry", idempotencyKey: false },
  endMeeting: { method: "POST", path: "/api/v1/meetings/{meeting_id}/end", idempotencyKey: false },
  listMeetingHistory: { method: "GET", path: "/api/v1/meetings/{meeting_id}/history", idempotencyKey: false },
  enterMeeting: { method: "POST", path: "/api/v1/meetings/{meeting_id}/enter", idempotencyKey: false },
  getMeetingAttendance: { method: "GET", path: "/api/v1/meetings/{meeting_id}/attendance", idempotencyKey: false },
  getMeetingAttendanceFile: { method: "GET", path: "/api/v1/meetings/{meeting_id}/attendance.csv", idempotencyKey: false },
  listRecordings: { method: "GET", path: "/api/v1/meetings/{meeting_id}/recordings", idempotencyKey: false },
  deleteRecording: { method: "DELETE", path: "/api/v1/meetings/{meeting_id}/recordings/{recording_id}", idempotencyKey: false },
  listInvitations: { method: "GET", path: "/api/v1/meetings/{meeting_id}/invitations", idempotencyKey: false },
  inviteGuest: { method: "POST", path: "/api/v1/meetings/{meeting_id}/invitations", idempotencyKey: false },
  revokeInvitation: { method: "DELETE", path: "/api/v1/meetings/{meeting_id}/invitations/{invitation_id}", idempotencyKey: false },
  getCalendarFeed: { method: "GET", path: "/api/v1/me/calendar", idempotencyKey: false },
  makeCalendarFeed: { method: "POST", path: "/api/v1/me/calendar", idempotencyKey: false },
  revokeCalendarFeed: { method: "DELETE", path: "/api/v1/me/calendar", idempotencyKey: false },
  listJobs: { method: "GET", path: "/api/v1/jobs", idempotencyKey: false },
  retryJob: { method: "POST", path: "/api/v1/jobs/{job_id}/retry", idempotencyKey: false },
} as const;

export type RestOperation = keyof typeof REST_OPERATIONS;
