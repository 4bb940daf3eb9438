/** The one way the page's state changes. Pure: the same actions in the same order give the same page. */

import type { LogEvent, ServerEvent } from "../contract.gen";
import { LOG_EVENT_TYPES } from "../contract.gen";
import type { Action } from "./actions";
import { calls, callsTold, noCalls } from "./call";
import type { CallAction } from "./call";
import { meetings, meetingsTold, noMeetings } from "./meetings";
import type { MeetingAction } from "./meetings";
import type { OutboxItem, RoomId, State, Timeline } from "./model";
import * as outbox from "./outbox";
import * as people from "./people";
import * as rooms from "./rooms";
import { connection, nobodySignedIn, notConnected, session } from "./session";
import * as timelines from "./timeline";
import type { Outcome } from "./timeline";
import { blankUi, noSearch, search, ui } from "./ui";

export const blank: State = {
  session: nobodySignedIn,
  connection: notConnected,
  rooms: rooms.noRooms,
  timelines: {},
  outbox: [],
  people: people.nobody,
  drafts: {},
  search: noSearch,
  calls: noCalls,
  meetings: noMeetings,
  ui: blankUi,
};

const KEPT_WHEN_LEAVING = 150;
const LOG_TYPES: ReadonlySet<string> = new Set(LOG_EVENT_TYPES);

export function reduce(state: State, action: Action): State {
  const next = {
    ...state,
    session: session(state.session, action),
    connection: connection(state.connection, action),
    search: search(state.search, action),
    ui: ui(state.ui, action),
  };
  return across(next, state, action);
}

/** Actions that concern more than one part of the state. */
function across(state: State, before: State, action: Action): State {
  switch (action.type) {
    case "server":
      return told(state, action.event, action.now);
    case "place":
      return opened(state, before);
    case "connection/lost":
    case "connection/ended":
      return disconnected(state);
    case "session/signed-out":
      return { ...blank, session: state.session, ui: state.ui };
    case "typing/tick":
      return { ...state, people: people.typingExpired(state.people, action.now) };
    case "drafts/restored":
      return { ...state, drafts: { ...action.drafts, ...state.drafts } };
    case "draft":
      return { ...state, drafts: { ...state.drafts, [action.roomId]: action.text } };
    default:
      if (action.type.startsWith("call/")) return { ...state, calls: calls(state.calls, action as CallAction) };
      if (action.type.startsWith("meeting/")) return { ...state, meetings: meetings(state.meetings, action as MeetingAction) };
      return action.type.startsWith("outbox/") ? outboxed(state, action) : roomed(state, action);
  }
}

function told(state: State, event: ServerEvent, now: number): State {
  if (isLogEvent(event)) {
    const timeline = state.timelines[event.room_id];
    return timeline ? withOutcome(state, event.room_id, timelines.receive(timeline, event)) : state;
  }
  const me = state.session.me?.id ?? null;
  const next = { ...state, people: people.withEphemeral(state.people, event, me, now) };
  switch (event.type) {
    case "room.added":
      return { ...next, rooms: rooms.withSummary(next.rooms, event.data.summary) };
    case "room.removed":
      return forgotten(next, event.data.room_id);
    case "message.read": {
      const { user_id: userId, seq, unread } = event.data;
      if (userId !== me || unread === undefined || !event.room_id) return next;
      return { ...next, rooms: rooms.withRead(next.rooms, event.room_id, seq, unread) };
    }
    case "connection.ok":
      // A new connection listens to nothing yet.
      return { ...next, rooms: { ...next.rooms, joined: {} } };
    default:
      return next;
  }
}

export function isLogEvent(event: ServerEvent): event is LogEvent {
  return LOG_TYPES.has(event.type);
}

/** Takes over a room's timeline and tells everybody else what was applied. */
function withOutcome(state: State, roomId: RoomId, outcome: Outcome): State {
  let next: State = { ...state, timelines: { ...state.timelines, [roomId]: outcome.timeline } };
  for (const event of outcome.applied) next = followed(next, event);
  return { ...next, outbox: outbox.confirmed(next.outbox, roomId, outcome.timeline.position) };
}

function followed(state: State, event: LogEvent): State {
  const me = state.session.me?.id ?? null;
  const next = {
    ...state,
    people: people.withLogEvent(state.people, event),
    rooms: rooms.withLogEvent(state.rooms, event, me),
    calls: callsTold(state.calls, event),
    meetings: meetingsTold(state.meetings, event),
  };
  if (event.type !== "message.new") return next;
  const mine = event.data.message.author.id === me;
  if (mine && event.client_id) return { ...next, outbox: outbox.settled(next.outbox, event.client_id) };
  return mine ? next : withNewLine(next, state, event);
}

/** A message that arrives while nobody looks gets the "new" line before it, unless there is one. */
function withNewLine(state: State, before: State, event: LogEvent): State {
  const { place, focused, atNewest, newAfter } = state.ui;
  if (event.room_id !== place.roomId || (focused && atNewest) || newAfter[event.room_id] !== undefined) return state;
  const readSeq = before.rooms.byId[event.room_id]?.me.read_seq ?? event.seq - 1;
  return { ...state, ui: { ...state.ui, newAfter: { ...newAfter, [event.room_id]: Math.max(readSeq, 0) } } };
}

/** Another place: remember what was unread there, and let go of what was piled up in the last one. */
function opened(state: State, before: State): State {
  const { roomId } = state.ui.place;
  const left = before.ui.place.roomId;
  if (roomId === left) return state;
  const { [left ?? ""]: _line, ...newAfter } = state.ui.newAfter;
  const summary = roomId ? state.rooms.byId[roomId] : undefined;
  const line = roomId && summary && summary.me.unread > 0 ? { [roomId]: summary.me.read_seq } : {};
  const timeline = left ? state.timelines[left] : undefined;
  const timelinesNow =
    left && timeline
      ? { ...state.timelines, [left]: timelines.trimmed(timelines.leaveVisit(timeline), KEPT_WHEN_LEAVING) }
      : state.timelines;
  return { ...state, timelines: timelinesNow, ui: { ...state.ui, newAfter: { ...newAfter, ...line } } };
}

function disconnected(state: State): State {
  return {
    ...state,
    people: people.unconnected(state.people),
    rooms: { ...state.rooms, joined: {} },
    outbox: outbox.interrupted(state.outbox),
  };
}

function forgotten(state: State, roomId: RoomId): State {
  const { [roomId]: _gone, ...others } = state.timelines;
  const open = state.ui.place.roomId === roomId;
  const ui = open ? { ...state.ui, missing: { ...state.ui.missing, [roomId]: true as const } } : state.ui;
  return { ...state, ui, rooms: rooms.withoutRoom(state.rooms, roomId), timelines: others };
}

function roomed(state: State, action: Action): State {
  switch (action.type) {
    case "rooms/listed":
      return firstLine({ ...state, rooms: rooms.listed(state.rooms, action.items, action.known) });
    case "room/summary":
      return { ...state, rooms: rooms.withSummary(state.rooms, action.summary) };
    case "room/joined": {
      const { joined } = action;
      const outcome = timelines.caughtUp(state.timelines[joined.room.id], joined);
      const next = withOutcome(state, joined.room.id, outcome);
      const position = { epoch: joined.epoch, seq: joined.seq };
      return {
        ...next,
        people: people.withJoined(next.people, joined),
        rooms: rooms.withJoined(next.rooms, joined.room, joined.me, position),
      };
    }
    case "room/caught-up":
      return withOutcome(state, action.roomId, timelines.caughtUp(state.timelines[action.roomId], action.answer));
    case "room/gone":
      return forgotten(state, action.roomId);
    case "room/members":
      return { ...state, people: people.withMembers(state.people, action.roomId, action.members) };
    case "room/read":
      return { ...state, rooms: rooms.withRead(state.rooms, action.roomId, action.seq, action.unread) };
    default:
      return timelined(state, action);
  }
}

/** The room that the page was opened at is known only now: what was unread then? */
function firstLine(state: State): State {
  const { roomId } = state.ui.place;
  const summary = roomId ? state.rooms.byId[roomId] : undefined;
  if (!roomId || !summary?.me.unread || state.ui.newAfter[roomId] !== undefined) return state;
  return { ...state, ui: { ...state.ui, newAfter: { ...state.ui.newAfter, [roomId]: summary.me.read_seq } } };
}

function timelined(state: State, action: Action): State {
  switch (action.type) {
    case "room/page":
      return changed(state, action.roomId, (timeline) => timelines.withPage(timeline, action.kind, action.page));
    case "message/answer":
      return changed(state, action.message.room_id, (timeline) => timelines.put(timeline, action.message));
    case "message/reacted": {
      const me = state.session.me?.id;
      if (!me) return state;
      const { roomId, messageId, emoji, present } = action;
      return changed(state, roomId, (timeline) => timelines.react(timeline, messageId, emoji, me, present));
    }
    case "leave-visit":
      return changed(state, action.roomId, timelines.leaveVisit);
    case "trim":
      return changed(state, action.roomId, (timeline) => timelines.trimmed(timeline, KEPT_WHEN_LEAVING));
    default:
      return state;
  }
}

function changed(state: State, roomId: RoomId, change: (timeline: Timeline) => Timeline): State {
  const timeline = state.timelines[roomId];
  return timeline ? { ...state, timelines: { ...state.timelines, [roomId]: change(timeline) } } : state;
}

function outboxed(state: State, action: Action): State {
  const set = (items: readonly OutboxItem[]): State => ({ ...state, outbox: items });
  switch (action.type) {
    case "outbox/restored":
      return set(outbox.restored(state.outbox, action.items));
    case "outbox/added":
      return set(outbox.added(state.outbox, action.item));
    case "outbox/sending":
      return set(outbox.changed(state.outbox, action.clientId, { status: "sending" }));
    case "outbox/waiting":
      return set(outbox.changed(state.outbox, action.clientId, { status: "waiting" }));
    case "outbox/failed":
      return set(outbox.changed(state.outbox, action.clientId, { status: "failed", sentence: action.sentence }));
    case "outbox/settled":
      return set(outbox.settled(state.outbox, action.clientId));
    case "outbox/acknowledged": {
      const { answer, clientId } = action;
      const roomId = answer.message.room_id;
      const timeline = state.timelines[roomId];
      const marked = set(
        outbox.changed(state.outbox, clientId, {
          status: "acknowledged",
          position: { epoch: answer.epoch, seq: answer.seq },
        }),
      );
      if (!timeline) return { ...marked, outbox: outbox.settled(marked.outbox, clientId) };
      return withOutcome(marked, roomId, timelines.acknowledged(timeline, answer, clientId));
    }
    default:
      return state;
  }
}
