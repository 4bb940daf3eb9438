/** What the views ask the state; nothing here is kept twice. */

import type { Actor, Member, Message, PresentPerson, RoomSummary } from "../contract.gen";
import type { MessageId, OutboxItem, RoomId, State, Timeline } from "./model";
import { shown } from "./timeline";

export interface RoomGroup {
  readonly name: string;
  readonly rooms: readonly RoomSummary[];
}

/** The room list in groups: what is alive first, then by name; archived ones last of all. */
export function roomGroups(state: State): readonly RoomGroup[] {
  const all = Object.values(state.rooms.byId);
  const me = state.session.me;
  const live = all.filter(({ room }) => !room.archived);
  const of = (...kinds: readonly string[]): RoomSummary[] =>
    live.filter(({ room }) => kinds.includes(room.kind)).sort(byTitle(me));
  const groups = [
    { name: "Announcements", rooms: of("announcement") },
    { name: "Courses and groups", rooms: of("course", "group", "meeting") },
    { name: "Direct", rooms: of("direct").sort(byLastWord) },
    { name: "Archived", rooms: all.filter(({ room }) => room.archived).sort(byTitle(me)) },
  ];
  return groups.filter(({ rooms }) => rooms.length > 0);
}

function byTitle(me: Actor | null): (a: RoomSummary, b: RoomSummary) => number {
  return (a, b) => titleOf(a, me).localeCompare(titleOf(b, me)) || a.room.id.localeCompare(b.room.id);
}

function byLastWord(a: RoomSummary, b: RoomSummary): number {
  return lastWord(b).localeCompare(lastWord(a));
}

function lastWord({ last_message: message, room }: RoomSummary): string {
  return message?.created_at ?? room.created_at;
}

/** A direct room is called after the other person. */
export function titleOf(summary: RoomSummary, me: Actor | null): string {
  return otherOf(summary, me)?.name ?? summary.room.title;
}

export function otherOf(summary: RoomSummary, me: Actor | null): Actor | null {
  if (summary.room.kind !== "direct") return null;
  return summary.people?.find(({ id }) => id !== me?.id) ?? null;
}

const TONES = 8;

/** A colour for each room, different ones for as many as there are colours; a room keeps its own when others come. */
export function roomTones(rooms: State["rooms"]["byId"]): Readonly<Record<RoomId, number>> {
  const inOrder = Object.values(rooms).sort((a, b) => a.room.created_at.localeCompare(b.room.created_at) || a.room.id.localeCompare(b.room.id));
  return Object.fromEntries(inOrder.map(({ room }, index) => [room.id, index % TONES]));
}

export function unreadTotal(state: State): number {
  return Object.values(state.rooms.byId).reduce((sum, { me }) => sum + me.unread, 0);
}

/** The messages to show, oldest first. */
export function messagesOf(timeline: Timeline | undefined): readonly Message[] {
  if (!timeline) return [];
  return (shown(timeline)?.ids ?? []).flatMap((id) => timeline.messages[id] ?? []);
}

export function outboxOf(state: State, roomId: RoomId): readonly OutboxItem[] {
  return state.outbox.filter((item) => item.roomId === roomId);
}

/** My newest message that can still be edited. */
export function lastOwn(state: State, roomId: RoomId): MessageId | null {
  const me = state.session.me?.id;
  const mine = messagesOf(state.timelines[roomId]).findLast(({ author, deleted_at: gone }) => author.id === me && !gone);
  return mine?.id ?? null;
}

export interface Person {
  readonly user: Actor;
  readonly member: Member | null;
  readonly presence: PresentPerson["status"];
}

/** Everybody of a room: those who are here first, staff before the others, then by name. */
export function peopleOf(state: State, roomId: RoomId): readonly Person[] {
  const here = state.people.present[roomId] ?? {};
  const members = state.people.members[roomId] ?? [];
  const people = new Map<string, Person>();
  for (const member of members) {
    people.set(member.user.id, { user: member.user, member, presence: here[member.user.id]?.status ?? "offline" });
  }
  for (const { user, status } of Object.values(here)) {
    if (!people.has(user.id)) people.set(user.id, { user, member: null, presence: status });
  }
  return [...people.values()].sort(byPresenceThenRank);
}

const PRESENCE_RANK = { online: 0, away: 1, offline: 2 } as const;
const ROLE_RANK = { owner: 0, moderator: 1, member: 2 } as const;

function byPresenceThenRank(a: Person, b: Person): number {
  return (
    PRESENCE_RANK[a.presence] - PRESENCE_RANK[b.presence] ||
    (a.member ? ROLE_RANK[a.member.role] : 3) - (b.member ? ROLE_RANK[b.member.role] : 3) ||
    a.user.name.localeCompare(b.user.name)
  );
}

export function presenceOf(state: State, userId: string | undefined): PresentPerson["status"] {
  if (!userId) return "offline";
  for (const here of Object.values(state.people.present)) {
    const status = here[userId]?.status;
    if (status) return status;
  }
  return "offline";
}

/** "Ada is typing", "Ada and Ben are typing", "Several people are typing". */
export function typingSentence(state: State, roomId: RoomId): string | null {
  const names = Object.values(state.people.typing[roomId] ?? {}).map(({ name }) => name);
  if (names.length === 0) return null;
  if (names.length === 1) return `${names[0]} is typing`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing`;
  return "Several people are typing";
}

/** The name of somebody who did something in a room, as far as this page has met them. */
export function nameOf(state: State, roomId: RoomId, userId: string): string {
  if (userId === state.session.me?.id) return state.session.me.name;
  const present = state.people.present[roomId]?.[userId];
  if (present) return present.user.name;
  const member = state.people.members[roomId]?.find(({ user }) => user.id === userId);
  if (member) return member.user.name;
  const messages = Object.values(state.timelines[roomId]?.messages ?? {});
  return messages.find(({ author }) => author.id === userId)?.author.name ?? "somebody";
}
