/** Keeps what the page shows of meetings fresh, and does what a person wants with them. */

import type {
  CancelMeeting,
  CaughtUp,
  CreateMeeting,
  Invite,
  MeetingChanges,
  MeetingDetail,
  MeetingInRange,
  Preview,
  PreviewMeeting,
  Scope,
} from "../contract.gen";
import type { Rest } from "../net/rest";
import type { Connection } from "../net/socket";
import { Refusal } from "../net/socket";
import { addDays, localDay, localMidnight } from "../state/days";
import type { MeetingId, Span } from "../state/meetings";
import type { RoomId, State } from "../state/model";
import { createClaims } from "./claims";
import { patiently } from "./patience";
import type { Store } from "./store";

const PAGE = 100;
/** Changes come in swarms: a series that is moved tells of itself once, its link once more. */
const SETTLE_MS = 200;
/** Today's classes, and those of the days to come that a card may name. */
const DAYS_AHEAD = 8;
const LOOK_AT_CLOCK_MS = 60_000;
/** How far back in a room's log lines about meetings are looked for. */
const BACKLOG = 150;
const TODAY = "today";

export interface MeetingsParts {
  readonly store: Store;
  readonly connection: Connection;
  readonly rest: Rest;
  readonly newId: () => string;
  readonly now: () => number;
}

export type Meetings = ReturnType<typeof startMeetings>;

export function startMeetings(parts: MeetingsParts) {
  return { ...reading(parts), ...scheduling(parts), ...afterwards(parts), ...personal(parts) };
}

/** What is shown just now is asked for, and asked for again when it may be different. */
function reading({ store, connection, rest, now }: MeetingsParts) {
  const { dispatch } = store;
  const spans = createClaims<Span>();
  const details = createClaims<MeetingId>();
  const remembered = new Set<RoomId>();
  let soon: ReturnType<typeof setTimeout> | null = null;

  const online = (): boolean => store.get().connection.phase === "online";
  const today = (): Span => {
    const day = localDay(new Date(now() + store.get().connection.clockOffset));
    return { since: localMidnight(day), until: localMidnight(addDays(day, DAYS_AHEAD)) };
  };

  store.subscribe((state, before) => {
    if (state.session.me?.id !== before.session.me?.id) remembered.clear();
    if (state.connection.phase !== "online") return;
    const arrived = before.connection.phase !== "online";
    if (arrived) remembered.clear();
    if (arrived) spans.claim(TODAY, today());
    const otherRooms = state.rooms.loaded && Object.keys(state.rooms.byId).length !== Object.keys(before.rooms.byId).length;
    if (arrived || otherRooms || state.meetings.changes !== before.meetings.changes) refreshSoon();
    const { roomId } = state.ui.place;
    if (roomId && state.timelines[roomId] && state.rooms.joined[roomId]) void remember(state, roomId);
  });
  setInterval(() => {
    if (online() && spans.get(TODAY)?.since !== today().since) {
      spans.claim(TODAY, today());
      refreshSoon();
    }
  }, LOOK_AT_CLOCK_MS);

  function refreshSoon(): void {
    soon ??= setTimeout(() => {
      soon = null;
      for (const span of spans.all()) void list(span).catch(() => undefined);
      for (const id of details.all()) void detail(id).catch(() => undefined);
    }, SETTLE_MS);
  }

  async function list(span: Span): Promise<void> {
    const items: MeetingInRange[] = [];
    const query = { since: new Date(span.since).toISOString(), until: new Date(span.until).toISOString(), limit: PAGE };
    for (let after: string | undefined; ; ) {
      const page = await patiently(() => rest.ask("listMeetings", { query: { ...query, ...(after ? { after } : {}) } }));
      items.push(...page.items);
      if (!page.has_more || !page.next) break;
      after = page.next;
    }
    dispatch({ type: "meeting/listed", span, items });
  }

  async function detail(meetingId: MeetingId): Promise<void> {
    try {
      dispatch({ type: "meeting/detail", detail: await patiently(() => rest.ask("getMeeting", { params: { meeting_id: meetingId } })) });
    } catch (error) {
      const gone = error instanceof Refusal && (error.code === "not_found" || error.code === "forbidden");
      if (!gone) throw error;
      dispatch({ type: "meeting/missing", meetingId });
    }
  }

  /** Lines of what happened before the page was opened; a room's messages are read from elsewhere. */
  async function remember(state: State, roomId: RoomId): Promise<void> {
    const position = state.timelines[roomId]?.position;
    if (!position || remembered.has(roomId)) return;
    remembered.add(roomId);
    const since = { epoch: position.epoch, seq: Math.max(0, position.seq - BACKLOG) };
    try {
      const answer = await connection.ask("sync:since", { rooms: { [roomId]: since } });
      const events = (answer.rooms as Readonly<Record<RoomId, CaughtUp>>)[roomId]?.events ?? [];
      dispatch({ type: "meeting/told", events: events.filter(({ type }) => type.startsWith("meeting.")) });
    } catch {
      // Asked again with the next connection: these lines can wait.
      return;
    }
  }

  return {
    /** Everything of a span, for as long as it is shown; `failed` says why it could not be read. Returns the way to stop. */
    watch(name: string, span: Span, failed: (error: unknown) => void): () => void {
      const stop = spans.claim(name, span);
      if (online()) list(span).catch(failed);
      return stop;
    },
    /** One meeting whole, for as long as it is shown; `failed` says why it could not be read. */
    watchDetail(meetingId: MeetingId, failed: (error: unknown) => void): () => void {
      const stop = details.claim(meetingId, meetingId);
      detail(meetingId).catch(failed);
      return stop;
    },
    async loadProviders(): Promise<void> {
      if (store.get().meetings.providers) return;
      dispatch({ type: "meeting/providers", items: (await patiently(() => rest.ask("listProviders"))).items });
    },
  };
}

/** Making meetings and changing them. */
function scheduling({ store, rest, newId }: MeetingsParts) {
  const take = (detail: MeetingDetail): MeetingId => {
    store.dispatch({ type: "meeting/detail", detail });
    return detail.meeting.id;
  };
  const of = (meetingId: MeetingId) => ({ params: { meeting_id: meetingId } });
  return {
    /** A key for one wish: however often it is sent, one meeting comes of it. */
    newKey: newId,
    preview: (wish: PreviewMeeting, signal: AbortSignal): Promise<Preview> => rest.ask("previewMeeting", { body: wish, signal }),
    async schedule(wish: CreateMeeting, key: string): Promise<MeetingId> {
      return take(await patiently(() => rest.ask("createMeeting", { body: wish, key })));
    },
    async change(meetingId: MeetingId, scope: Scope, occurrence: string | null, changes: MeetingChanges): Promise<void> {
      const query = { scope, ...(occurrence ? { occurrence } : {}) };
      take(await rest.ask("updateMeeting", { ...of(meetingId), query, body: changes }));
    },
    async cancel(meetingId: MeetingId, wish: CancelMeeting): Promise<void> {
      take(await rest.ask("cancelMeeting", { ...of(meetingId), query: wish }));
    },
    async retry(meetingId: MeetingId): Promise<void> {
      take(await rest.ask("retryMeeting", of(meetingId)));
    },
    async end(meetingId: MeetingId): Promise<void> {
      take(await rest.ask("endMeeting", of(meetingId)));
    },
  };
}

/** What a class left behind, and who may come to the next. */
function afterwards({ rest }: MeetingsParts) {
  const of = (meetingId: MeetingId) => ({ params: { meeting_id: meetingId } });
  return {
    history: (meetingId: MeetingId, before: string | null) =>
      patiently(() => rest.ask("listMeetingHistory", { ...of(meetingId), query: { limit: 20, ...(before ? { before } : {}) } })),
    attendance: (meetingId: MeetingId) => patiently(() => rest.ask("getMeetingAttendance", of(meetingId))),
    attendanceFile: (meetingId: MeetingId, occurrence: string | null) =>
      rest.file("getMeetingAttendanceFile", { ...of(meetingId), query: occurrence ? { occurrence } : {} }),
    /** For a calendar that somebody keeps by hand. */
    calendarFile: (meetingId: MeetingId) => rest.file("getMeetingFile", of(meetingId)),
    recordings: (meetingId: MeetingId) => patiently(() => rest.ask("listRecordings", of(meetingId))),
    deleteRecording: (meetingId: MeetingId, recordingId: string) =>
      rest.ask("deleteRecording", { params: { meeting_id: meetingId, recording_id: recordingId } }),
    invitations: (meetingId: MeetingId) => patiently(() => rest.ask("listInvitations", of(meetingId))),
    invite: (meetingId: MeetingId, wish: Invite) => rest.ask("inviteGuest", { ...of(meetingId), body: wish }),
    revokeInvitation: (meetingId: MeetingId, invitationId: string) =>
      rest.ask("revokeInvitation", { params: { meeting_id: meetingId, invitation_id: invitationId } }),
  };
}

/** One's own calendar for other programs. */
function personal({ rest }: MeetingsParts) {
  return {
    feed: () => patiently(() => rest.ask("getCalendarFeed")),
    makeFeed: () => rest.ask("makeCalendarFeed"),
    revokeFeed: () => rest.ask("revokeCalendarFeed"),
  };
}
