/** One room's log as far as this page knows it. Events go in in any order, any number of times; one timeline comes out. */

import type { CaughtUp, LogEvent, Message, MessageAnswer, MessagePage, Position } from "../contract.gen";
import type { MessageId, Segment, Timeline } from "./model";
import { corrected, toldKey, withReaction } from "./reactions";

export interface Outcome {
  readonly timeline: Timeline;
  /** What was applied just now, in the order of the log: for whoever else follows the room. */
  readonly applied: readonly LogEvent[];
}

export type PageKind = "newest" | "older" | "newer" | "around";

export function begin(position: Position): Timeline {
  return {
    position,
    held: {},
    stale: false,
    messages: {},
    live: null,
    visit: null,
    clientIds: {},
    reactionsTold: {},
  };
}

/** Whether something is missing: events wait ahead of a gap, or the epoch has changed. */
export function needsHealing(timeline: Timeline): boolean {
  return timeline.stale || Object.keys(timeline.held).length > 0;
}

/** The segment to show. */
export function shown(timeline: Timeline): Segment | null {
  return timeline.visit ?? timeline.live;
}

export function receive(timeline: Timeline, event: LogEvent): Outcome {
  if (event.epoch !== timeline.position.epoch) return { timeline: { ...timeline, stale: true }, applied: [] };
  if (event.seq <= timeline.position.seq) return { timeline, applied: [] };
  const held = { ...timeline.held, [event.seq]: event };
  return release({ ...timeline, held });
}

export function receiveAll(timeline: Timeline, events: readonly LogEvent[]): Outcome {
  const applied: LogEvent[] = [];
  for (const event of events) {
    const outcome = receive(timeline, event);
    timeline = outcome.timeline;
    applied.push(...outcome.applied);
  }
  return { timeline, applied };
}

/** Applies what is held, as long as the next one is there. */
function release(timeline: Timeline): Outcome {
  const applied: LogEvent[] = [];
  const held = { ...timeline.held };
  let { position } = timeline;
  let next = held[position.seq + 1];
  while (next) {
    delete held[next.seq];
    timeline = apply(timeline, next);
    position = { epoch: position.epoch, seq: next.seq };
    applied.push(next);
    next = held[position.seq + 1];
  }
  return { timeline: { ...timeline, held, position }, applied };
}

function apply(timeline: Timeline, event: LogEvent): Timeline {
  switch (event.type) {
    case "message.new": {
      const known = put(timeline, event.data.message);
      const { id } = event.data.message;
      const live = known.live && { ...known.live, ids: inserted(known.live.ids, [id], known.messages) };
      const clientIds = event.client_id ? { ...known.clientIds, [id]: event.client_id } : known.clientIds;
      return { ...known, live, clientIds };
    }
    case "message.updated":
    case "message.deleted":
      return put(timeline, event.data.message);
    case "reaction.new":
    case "reaction.deleted": {
      const { message_id: id, emoji, user_id: user } = event.data;
      return react(timeline, id, emoji, user, event.type === "reaction.new");
    }
    default:
      return timeline;
  }
}

/** Somebody reacted, or took it back. */
export function react(timeline: Timeline, id: MessageId, emoji: string, user: string, present: boolean): Timeline {
  const reactionsTold = { ...timeline.reactionsTold, [toldKey(id, emoji, user)]: present };
  const message = timeline.messages[id];
  if (!message) return { ...timeline, reactionsTold };
  const reactions = withReaction(message.reactions, emoji, user, present);
  return { ...timeline, reactionsTold, messages: { ...timeline.messages, [id]: { ...message, reactions } } };
}

/** Remembers a message, unless what is known of it is newer. */
export function put(timeline: Timeline, message: Message): Timeline {
  return { ...timeline, messages: { ...timeline.messages, [message.id]: merged(timeline, message) } };
}

function merged(timeline: Timeline, incoming: Message): Message {
  const known = timeline.messages[incoming.id];
  const reactions = corrected(incoming.id, incoming.reactions, timeline.reactionsTold);
  if (!known) return { ...incoming, reactions };
  if (known.deleted_at) return known;
  if (incoming.deleted_at || incoming.revision >= known.revision) return { ...incoming, reactions };
  return { ...known, reactions };
}

/** The sender's ack says as much as the event that follows it, or came before it. */
export function acknowledged(timeline: Timeline, answer: MessageAnswer, clientId: string): Outcome {
  const { message } = answer;
  const event: LogEvent = {
    type: "message.new",
    id: `ack_${message.id}`,
    room_id: message.room_id,
    epoch: answer.epoch,
    seq: answer.seq,
    ts: message.created_at,
    actor: message.author,
    data: { message },
    client_id: clientId,
  };
  return receive(timeline, event);
}

/** The answer to a join or a sync. */
export function caughtUp(known: Timeline | undefined, answer: CaughtUp): Outcome {
  if (answer.recovered) {
    const timeline = known ?? begin({ epoch: answer.epoch, seq: answer.events[0] ? answer.events[0].seq - 1 : answer.seq });
    return receiveAll(timeline, answer.events);
  }
  const position = { epoch: answer.epoch, seq: answer.seq };
  const sameEpoch = known?.position.epoch === answer.epoch;
  if (known && sameEpoch && !known.stale && known.position.seq > answer.seq) return { timeline: known, applied: [] };
  let timeline = begin(position);
  if (answer.snapshot) {
    for (const message of answer.snapshot.messages) timeline = put(timeline, message);
    const ids = inserted([], answer.snapshot.messages.map(({ id }) => id), timeline.messages);
    timeline = { ...timeline, live: { ids, hasOlder: answer.snapshot.has_more, hasNewer: false } };
  }
  const ahead = known ? Object.values(known.held).filter((event) => event.epoch === answer.epoch) : [];
  return receiveAll(timeline, ahead);
}

/** A page of history, whatever has happened since it was read. */
export function withPage(timeline: Timeline, kind: PageKind, page: MessagePage): Timeline {
  for (const message of page.items) timeline = put(timeline, message);
  const ids = page.items.map(({ id }) => id);
  switch (kind) {
    case "newest": {
      const last = page.items.at(-1)?.seq ?? 0;
      const since = Object.values(timeline.messages).filter(({ seq }) => seq > last).map(({ id }) => id);
      const all = inserted([], [...ids, ...since], timeline.messages);
      return { ...timeline, live: { ids: all, hasOlder: page.has_more, hasNewer: false }, visit: null };
    }
    case "around":
      return joinedUp({ ...timeline, visit: segment(timeline, ids, page.has_more, page.has_newer) });
    case "older":
      return extended(timeline, ids, { hasOlder: page.has_more });
    case "newer":
      return joinedUp(extended(timeline, ids, { hasNewer: page.has_more }));
  }
}

function segment(timeline: Timeline, ids: readonly MessageId[], hasOlder: boolean, hasNewer: boolean): Segment {
  return { ids: inserted([], ids, timeline.messages), hasOlder, hasNewer };
}

function extended(timeline: Timeline, ids: readonly MessageId[], ends: Partial<Segment>): Timeline {
  const now = shown(timeline);
  if (!now) return timeline;
  const next = { ...now, ...ends, ids: inserted(now.ids, ids, timeline.messages) };
  return timeline.visit ? { ...timeline, visit: next } : { ...timeline, live: next };
}

/** When a visited segment reaches the live one, they are one again. */
function joinedUp(timeline: Timeline): Timeline {
  const { visit, live } = timeline;
  if (!visit || !live) return timeline;
  const first = live.ids[0];
  const touches = !visit.hasNewer || (first !== undefined && visit.ids.includes(first));
  if (!touches) return timeline;
  const ids = inserted(visit.ids, live.ids, timeline.messages);
  const reachesFurther = first !== undefined && ids[0] === first;
  const hasOlder = reachesFurther ? live.hasOlder : visit.hasOlder;
  return { ...timeline, live: { ids, hasOlder, hasNewer: false }, visit: null };
}

/** Back to the newest messages. */
export function leaveVisit(timeline: Timeline): Timeline {
  return timeline.visit ? { ...timeline, visit: null } : timeline;
}

/** Forgets old messages that can be fetched again; only while the newest are in view. */
export function trimmed(timeline: Timeline, keep: number): Timeline {
  const { live } = timeline;
  if (!live || timeline.visit || live.ids.length <= keep) return timeline;
  const ids = live.ids.slice(-keep);
  const messages = Object.fromEntries(ids.flatMap((id) => {
    const message = timeline.messages[id];
    return message ? [[id, message]] : [];
  }));
  return { ...timeline, messages, live: { ids, hasOlder: true, hasNewer: false } };
}

/** `ids` and `more` together, by seq, each once. */
function inserted(
  ids: readonly MessageId[],
  more: readonly MessageId[],
  messages: Readonly<Record<MessageId, Message>>,
): readonly MessageId[] {
  const seq = (id: MessageId): number => messages[id]?.seq ?? 0;
  const last = ids.at(-1);
  const only = more.length === 1 ? more[0] : undefined;
  if (only !== undefined && (last === undefined || seq(only) > seq(last))) return [...ids, only];
  return [...new Set([...ids, ...more])].sort((a, b) => seq(a) - seq(b));
}
