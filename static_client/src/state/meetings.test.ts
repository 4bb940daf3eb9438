import { describe, expect, test } from "vitest";
import type { LogEvent } from "../contract.gen";
import { isKnown, meetings, meetingsTold, noMeetings } from "./meetings";
import type { MeetingsState } from "./meetings";
import { ROOM, ada, ben } from "./testing/log";
import { FIRST, MEETING, SECOND, detail, inRange, meeting, occurrence, told } from "./testing/meetings";

const NOVEMBER = { since: Date.UTC(2026, 10, 1), until: Date.UTC(2026, 11, 1) };
const WINTER = { since: Date.UTC(2026, 10, 1), until: Date.UTC(2027, 0, 1) };

const after = (...events: readonly LogEvent[]): MeetingsState => events.reduce(meetingsTold, noMeetings);
const listed = (state: MeetingsState, span = WINTER, items = [inRange()]): MeetingsState => meetings(state, { type: "meeting/listed", span, items });
const keys = (state: MeetingsState): readonly string[] => Object.keys(state.occurrences[MEETING] ?? {});

const live = occurrence(FIRST, { status: "live" });
const over = occurrence(FIRST, { status: "ended" });
const about = { meeting_id: MEETING, title: "World history" };
const started = told(3, "meeting.started", { ...about, occurrence: live });
const ended = told(9, "meeting.ended", { ...about, occurrence: over, people: 24 });

describe("lists", () => {
  test("tell a span without meetings from one that was not asked for", () => {
    const state = listed(noMeetings, NOVEMBER, []);
    expect(isKnown(state, NOVEMBER)).toBe(true);
    expect(isKnown(state, WINTER)).toBe(false);
    expect(listed(state, WINTER, []).known).toEqual([WINTER]);
  });

  test("replace what was known of their span, and leave the rest", () => {
    const before = listed(noMeetings);
    const without = listed(before, NOVEMBER, []);
    expect(keys(without)).toEqual([SECOND]);
    expect(keys(meetings(before, { type: "meeting/listed", span: WINTER, items: [], roomId: "another room" }))).toEqual([FIRST, SECOND]);
  });

  test("read before the last event do not undo it", () => {
    const changed = meeting({ title: "European history", updated_at: "2026-11-23T08:00:00.000Z" });
    const state = listed(after(told(1, "meeting.updated", { meeting: changed, scope: "all" })));
    expect(state.byId[MEETING]?.title).toBe("European history");
  });
});

test("a detail brings all occurrences and what is for staff", () => {
  const lost = meetings(noMeetings, { type: "meeting/missing", meetingId: MEETING });
  const state = meetings(lost, { type: "meeting/detail", detail: detail({ reminders: [10] }) });
  expect(keys(state)).toEqual([FIRST, SECOND]);
  expect(state.details[MEETING]).toEqual({ mayChange: true, problems: [], guests: [], reminders: [10] });
  expect(state.missing).toEqual({});
});

describe("what a room's log tells", () => {
  test("turns a class live and over by itself", () => {
    const during = meetingsTold(listed(noMeetings), started);
    expect(during.byId[MEETING]).toMatchObject({ status: "live", next: { key: FIRST, status: "live" } });
    expect(during.occurrences[MEETING]?.[FIRST]?.status).toBe("live");
    const afterwards = meetingsTold(during, ended);
    expect(afterwards.byId[MEETING]?.status).toBe("scheduled");
    expect(afterwards.occurrences[MEETING]?.[FIRST]?.status).toBe("ended");
  });

  test("counts who is inside, each once, until the class is over", () => {
    const came = (seq: number, user: typeof ada, type: "meeting.joined" | "meeting.left" = "meeting.joined"): LogEvent =>
      told(seq, type, { meeting_id: MEETING, key: FIRST, name: user.name, user, at: "" });
    const during = after(started, came(4, ada), came(5, ben), came(6, ben), came(7, ada, "meeting.left"));
    expect(during.inside[MEETING]).toEqual({ [ben.id]: ben.name });
    expect(meetingsTold(during, ended).inside).toEqual({});
  });

  test("is counted where lists and details have to be read again", () => {
    expect(after(started, ended).changes).toBe(2);
    expect(after(told(1, "meeting.joined", { meeting_id: MEETING, key: FIRST, name: "Ada", at: "" })).changes).toBe(0);
  });
});

describe("lines of the timeline", () => {
  const kinds = (state: MeetingsState): readonly string[] => (state.lines[ROOM] ?? []).map(({ kind }) => kind);

  test("are one for each thing that people want to know", () => {
    const broken = meeting({ provided: { provider: "elsewhere", state: "failed" } });
    const state = after(
      told(1, "meeting.scheduled", { meeting: meeting() }),
      told(2, "meeting.link_changed", { meeting: meeting(), message: "The link is ready." }),
      told(3, "meeting.link_changed", { meeting: broken, message: "The link could not be made." }),
      told(4, "meeting.updated", { meeting: meeting(), scope: "this", key: FIRST }),
      told(5, "meeting.cancelled", { meeting: meeting(), scope: "this", key: SECOND, reason: "I am ill." }),
      told(6, "meeting.reminder", { ...about, occurrence: occurrence(), minutes: 10 }),
      told(7, "meeting.recording_ready", { title: "World history", recording: { id: "rec_1", meeting_id: MEETING, kind: "video", state: "ready" } }),
    );
    expect(kinds(state)).toEqual(["scheduled", "link", "changed", "cancelled", "reminder", "recording"]);
    expect(state.lines[ROOM]?.[3]).toMatchObject({ reason: "I am ill.", occurrence: SECOND });
  });

  test("a class has one line from its beginning to its end", () => {
    expect(after(started, ended).lines[ROOM]).toMatchObject([{ kind: "held", seq: 3, ended: { people: 24 }, occurrence: { status: "ended" } }]);
    expect(after(ended).lines[ROOM]).toMatchObject([{ kind: "held", seq: 9, ended: { people: 24 } }]);
  });

  test("older events that are read later make lines in their place, and undo nothing", () => {
    const before = meetingsTold(listed(after(started, ended)), ended);
    const renamed = meeting({ title: "Old name", updated_at: "2026-11-19T08:00:00.000Z" });
    const state = meetings(before, { type: "meeting/told", events: [told(1, "meeting.scheduled", { meeting: renamed }), started, ended] });
    expect(state.lines[ROOM]?.map(({ seq }) => seq)).toEqual([1, 3]);
    expect(state.byId[MEETING]?.title).toBe("World history");
    expect(state.occurrences).toEqual(before.occurrences);
  });
});
