/** Who is here, who is typing, who belongs to a room. */

import type { EphemeralEvent, Joined, LogEvent, Member, PresentPerson } from "../contract.gen";
import type { PeopleState, RoomId, Typist, UserId } from "./model";

export const nobody: PeopleState = { present: {}, typing: {}, typingTimes: {}, members: {}, readBy: {} };

const FALLBACK_EXPIRY_MS = 6000;

export function withJoined(state: PeopleState, joined: Joined): PeopleState {
  const { id } = joined.room;
  const present = Object.fromEntries(joined.present.map((person) => [person.user.id, person]));
  return {
    ...state,
    present: { ...state.present, [id]: present },
    typing: { ...state.typing, [id]: {} },
    typingTimes: { ...state.typingTimes, [id]: joined.typing },
  };
}

export function withMembers(state: PeopleState, roomId: RoomId, members: readonly Member[]): PeopleState {
  return { ...state, members: { ...state.members, [roomId]: members } };
}

/** What this page knew of who is here is worth nothing once the connection is lost. */
export function unconnected(state: PeopleState): PeopleState {
  return { ...state, present: {}, typing: {} };
}

export function withEphemeral(state: PeopleState, event: EphemeralEvent, me: UserId | null, now: number): PeopleState {
  const roomId = event.room_id;
  switch (event.type) {
    case "user.presence.changed": {
      const rooms = roomId ? [roomId] : Object.keys(state.present);
      return rooms.reduce((next, id) => withPresence(next, id, event.data, roomId !== undefined), state);
    }
    case "typing.start": {
      if (!roomId || event.data.user.id === me) return state;
      const until = now + (state.typingTimes[roomId]?.expire_ms ?? FALLBACK_EXPIRY_MS);
      return withTypist(state, roomId, event.data.user.id, { name: event.data.user.name, until });
    }
    case "typing.stop":
      return roomId ? withTypist(state, roomId, event.data.user.id, null) : state;
    case "message.read": {
      if (!roomId || event.data.user_id === me) return state;
      const read = { ...state.readBy[roomId], [event.data.user_id]: event.data.seq };
      return { ...state, readBy: { ...state.readBy, [roomId]: read } };
    }
    default:
      return state;
  }
}

/** Without a room, the news is about everybody who was here already. */
function withPresence(state: PeopleState, roomId: RoomId, person: PresentPerson, told: boolean): PeopleState {
  const here = state.present[roomId] ?? {};
  const { [person.user.id]: before, ...others } = here;
  if (person.status === "offline") {
    const gone = withTypist(state, roomId, person.user.id, null);
    return before ? { ...gone, present: { ...gone.present, [roomId]: others } } : gone;
  }
  if (!before && !told) return state;
  return { ...state, present: { ...state.present, [roomId]: { ...others, [person.user.id]: person } } };
}

function withTypist(state: PeopleState, roomId: RoomId, userId: UserId, typist: Typist | null): PeopleState {
  const { [userId]: before, ...others } = state.typing[roomId] ?? {};
  if (!before && !typist) return state;
  return { ...state, typing: { ...state.typing, [roomId]: typist ? { ...others, [userId]: typist } : others } };
}

/** Forgets those whose last sign of typing is too long ago. */
export function typingExpired(state: PeopleState, now: number): PeopleState {
  let next = state;
  for (const [roomId, typists] of Object.entries(state.typing)) {
    for (const [userId, typist] of Object.entries(typists)) {
      if (typist.until <= now) next = withTypist(next, roomId, userId, null);
    }
  }
  return next;
}

export function withLogEvent(state: PeopleState, event: LogEvent): PeopleState {
  switch (event.type) {
    case "message.new":
      return withTypist(state, event.room_id, event.data.message.author.id, null);
    case "member.added":
    case "member.updated": {
      const { member } = event.data;
      return changeMembers(state, event.room_id, (members) => [
        ...members.filter(({ user }) => user.id !== member.user.id),
        member,
      ]);
    }
    case "member.removed": {
      const { user_id: userId } = event.data;
      return changeMembers(state, event.room_id, (members) => members.filter(({ user }) => user.id !== userId));
    }
    default:
      return state;
  }
}

function changeMembers(
  state: PeopleState,
  roomId: RoomId,
  change: (members: readonly Member[]) => readonly Member[],
): PeopleState {
  const members = state.members[roomId];
  return members ? withMembers(state, roomId, change(members)) : state;
}
