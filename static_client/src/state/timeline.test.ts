import { describe, expect, test } from "vitest";
import type { LogEvent, Message, MessagePage } from "../contract.gen";
import type { Timeline } from "./model";
import { messagesOf } from "./selectors";
import { EPOCH, deleted, message, randomFrom, reacted, said, updated } from "./testing/log";
import { acknowledged, begin, caughtUp, leaveVisit, needsHealing, receive, receiveAll, trimmed, withPage } from "./timeline";

function empty(seq = 0): Timeline {
  return { ...begin({ epoch: EPOCH, seq }), live: { ids: [], hasOlder: false, hasNewer: false } };
}

function page(items: readonly Message[], fields: Partial<MessagePage> = {}): MessagePage {
  return { items, has_more: false, has_newer: false, ...fields };
}

const texts = (timeline: Timeline): readonly string[] => messagesOf(timeline).map(({ text }) => text);

describe("events", () => {
  test("appear in the order of the log", () => {
    const { timeline, applied } = receiveAll(empty(), [said(2), said(3), said(1)]);
    expect(texts(timeline)).toEqual(["message 1", "message 2", "message 3"]);
    expect(applied.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(timeline.position.seq).toBe(3);
  });

  test("wait ahead of a gap, and ask for healing", () => {
    const { timeline, applied } = receive(empty(), said(2));
    expect(applied).toEqual([]);
    expect(texts(timeline)).toEqual([]);
    expect(needsHealing(timeline)).toBe(true);
  });

  test("told twice change nothing", () => {
    const { timeline } = receive(empty(), said(1));
    expect(receive(timeline, said(1))).toEqual({ timeline, applied: [] });
  });

  test("of another epoch make the timeline stale until a snapshot comes", () => {
    const { timeline } = receive(empty(), said(1, {}, undefined, "epoch-2"));
    expect(timeline.stale).toBe(true);
    const snapshot = { messages: [message(1, { text: "restored" })], has_more: false };
    const healed = caughtUp(timeline, { recovered: false, epoch: "epoch-2", seq: 1, events: [], snapshot }).timeline;
    expect(needsHealing(healed)).toBe(false);
    expect(texts(healed)).toEqual(["restored"]);
  });

  test("an edit, a deletion and a reaction change the message in its place", () => {
    const events = [
      said(1),
      said(2),
      updated(3, message(1, { text: "better", revision: 1 })),
      reacted(4, "msg_1", "👍", "u-ada", true),
      deleted(5, message(2, { text: "", deleted_at: "2026-09-14T09:00:00.000Z" })),
    ];
    const { timeline } = receiveAll(empty(), events);
    expect(messagesOf(timeline).map(({ text, reactions }) => [text, reactions.length])).toEqual([["better", 1], ["", 0]]);
  });
});

describe("catching up", () => {
  test("joins what was missed to what is there", () => {
    const { timeline } = receiveAll(empty(), [said(1), said(4)]);
    const healed = caughtUp(timeline, { recovered: true, epoch: EPOCH, seq: 3, events: [said(2), said(3)] });
    expect(texts(healed.timeline)).toEqual(["message 1", "message 2", "message 3", "message 4"]);
    expect(needsHealing(healed.timeline)).toBe(false);
  });

  test("takes a snapshot instead, and keeps what came after it", () => {
    const { timeline } = receiveAll(empty(), [said(1), said(602)]);
    const snapshot = { messages: [message(600), message(601)], has_more: true };
    const healed = caughtUp(timeline, { recovered: false, epoch: EPOCH, seq: 601, events: [], snapshot });
    expect(texts(healed.timeline)).toEqual(["message 600", "message 601", "message 602"]);
    expect(healed.applied.map(({ seq }) => seq)).toEqual([602]);
    expect(healed.timeline.live?.hasOlder).toBe(true);
  });

  test("a late snapshot does not undo what is known", () => {
    const { timeline } = receiveAll(empty(), [said(1), said(2)]);
    const answer = { recovered: false, epoch: EPOCH, seq: 1, events: [], snapshot: { messages: [message(1)], has_more: false } };
    expect(texts(caughtUp(timeline, answer).timeline)).toEqual(["message 1", "message 2"]);
  });
});

describe("pages of history", () => {
  test("older ones go before", () => {
    const timeline = withPage(begin({ epoch: EPOCH, seq: 4 }), "newest", page([message(3), message(4)], { has_more: true }));
    const more = withPage(timeline, "older", page([message(1), message(2)]));
    expect(texts(more)).toEqual(["message 1", "message 2", "message 3", "message 4"]);
    expect(more.live?.hasOlder).toBe(false);
  });

  test("the newest page keeps what arrived while it was on its way", () => {
    const { timeline } = receive(begin({ epoch: EPOCH, seq: 4 }), said(5));
    expect(texts(withPage(timeline, "newest", page([message(4)])))).toEqual(["message 4", "message 5"]);
  });

  test("a page read before an edit or a reaction does not undo them", () => {
    const edited = message(1, { text: "better", revision: 1 });
    const events = [updated(3, edited), reacted(4, "msg_1", "👍", "u-ada", true), reacted(5, "msg_2", "👍", "u-ada", false)];
    const { timeline } = receiveAll(begin({ epoch: EPOCH, seq: 2 }), events);
    const stale = [message(1), message(2, { reactions: [{ emoji: "👍", user_ids: ["u-ada"] }] })];
    const [first, second] = messagesOf(withPage(timeline, "newest", page(stale)));
    expect(first).toMatchObject({ text: "better", reactions: [{ emoji: "👍", user_ids: ["u-ada"] }] });
    expect(second?.reactions).toEqual([]);
  });

  test("a place far back is shown alone, until its pages reach the newest", () => {
    const live = withPage(begin({ epoch: EPOCH, seq: 9 }), "newest", page([message(8), message(9)], { has_more: true }));
    const there = withPage(live, "around", page([message(3), message(4)], { has_more: true, has_newer: true }));
    expect(texts(there)).toEqual(["message 3", "message 4"]);
    expect(texts(leaveVisit(there))).toEqual(["message 8", "message 9"]);
    const joined = withPage(there, "newer", page([5, 6, 7, 8].map((seq) => message(seq)), { has_more: true }));
    expect(joined.visit).toBeNull();
    expect(texts(joined)).toEqual([3, 4, 5, 6, 7, 8, 9].map((seq) => `message ${seq}`));
    expect(joined.live?.hasOlder).toBe(true);
  });

  test("what was piled up can be let go of and fetched again", () => {
    const full = receiveAll(empty(), [1, 2, 3, 4].map((seq) => said(seq))).timeline;
    const few = trimmed(full, 2);
    expect(texts(few)).toEqual(["message 3", "message 4"]);
    expect(texts(withPage(few, "older", page([message(1), message(2)])))).toEqual(texts(full));
  });
});

/** A log of everything that can happen to a dozen messages. */
function randomLog(random: () => number, length: number): LogEvent[] {
  const log: LogEvent[] = [];
  const standing: Message[] = [];
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)];
  for (let seq = 1; seq <= length; seq += 1) {
    const target = pick(standing.filter(({ deleted_at: gone }) => !gone));
    const chance = random();
    if (!target || chance < 0.5) {
      standing.push(message(seq));
      log.push(said(seq, {}, `client-${seq}`));
    } else if (chance < 0.65) {
      const next = { ...target, text: `edited at ${seq}`, revision: target.revision + 1 };
      standing[standing.indexOf(target)] = next;
      log.push(updated(seq, next));
    } else if (chance < 0.75) {
      const next = { ...target, text: "", deleted_at: "2026-09-14T10:00:00.000Z", reactions: [] };
      standing[standing.indexOf(target)] = next;
      log.push(deleted(seq, next));
    } else {
      log.push(reacted(seq, target.id, pick(["👍", "❤️"]) ?? "👍", pick(["u-ada", "u-ben"]) ?? "u-ada", chance < 0.9));
    }
  }
  return withReactionsInEdits(log);
}

/** The server sends an edited message with its reactions: replay to know them. */
function withReactionsInEdits(log: readonly LogEvent[]): LogEvent[] {
  let timeline = empty();
  return log.map((event) => {
    let told = event;
    if (event.type === "message.updated") {
      const reactions = timeline.messages[event.data.message.id]?.reactions ?? [];
      told = updated(event.seq, { ...event.data.message, reactions });
    }
    timeline = receive(timeline, told).timeline;
    return told;
  });
}

describe("any order of acks, broadcasts, repeats and gaps", () => {
  const seeds = Array.from({ length: 60 }, (_, index) => index + 1);
  test.each(seeds)("leads to the same timeline (seed %i)", (seed) => {
    const random = randomFrom(seed);
    const log = randomLog(random, 40);
    const straight = receiveAll(empty(), log).timeline;

    let timeline = empty();
    const deliveries = [...log, ...log.filter(() => random() < 0.4)].sort(() => random() - 0.5);
    for (const event of deliveries) {
      const lost = random() < 0.2;
      const acked = event.type === "message.new" && random() < 0.4;
      if (lost) continue;
      if (acked) {
        const answer = { message: event.data.message, epoch: EPOCH, seq: event.seq };
        timeline = acknowledged(timeline, answer, event.client_id ?? "").timeline;
      } else timeline = receive(timeline, event).timeline;
      if (random() < 0.05) {
        const missed = log.slice(timeline.position.seq);
        timeline = caughtUp(timeline, { recovered: true, epoch: EPOCH, seq: log.length, events: missed }).timeline;
      }
    }
    const missed = log.slice(timeline.position.seq);
    timeline = caughtUp(timeline, { recovered: true, epoch: EPOCH, seq: log.length, events: missed }).timeline;

    expect(messagesOf(timeline)).toEqual(messagesOf(straight));
    expect(timeline.position).toEqual(straight.position);
    expect(timeline.clientIds).toEqual(straight.clientIds);
    expect(needsHealing(timeline)).toBe(false);
  });
});
