import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ArrowDown, ArrowUp } from "lucide";
import { messagesOf } from "../../state/selectors";
import { shown } from "../../state/timeline";
import { useAct, useParts } from "../../ui/app";
import { Icon } from "../../ui/Icon";
import { dayName } from "../../ui/times";
import { FirstWords, LoadingRows } from "./placeholders";
import { MessageRow } from "./MessageRow";
import { OutgoingRow } from "./OutgoingRow";
import { useActiveRow } from "./active";
import { CallLine } from "../call/CallLine";
import { callRows } from "../call/rows";
import { MeetingRow } from "../meetings/MeetingRow";
import { meetingRows } from "../meetings/rows";
import { rowsOf } from "./rows";
import type { Row } from "./rows";
import { useScrolling } from "./scrolling";
import { weave } from "./weave";

export function Timeline({ roomId }: { readonly roomId: string }) {
  const act = useAct();
  const parts = useParts(({ timelines, outbox, session, rooms, ui, calls, meetings }) => ({
    timeline: timelines[roomId],
    outbox,
    me: session.me,
    summary: rooms.byId[roomId],
    newAfter: ui.newAfter[roomId],
    editing: ui.editing,
    at: ui.place.roomId === roomId ? ui.place.at : null,
    loadingOlder: ui.loading[`older ${roomId}`],
    atNewest: ui.atNewest,
    past: calls.past[roomId],
    classes: meetings.lines[roomId],
  }));
  const { timeline, me, summary, at } = parts;
  const segment = timeline && shown(timeline);
  const live = !timeline?.visit;
  const rows = useMemo(
    () =>
      rowsOf({
        messages: messagesOf(timeline),
        outgoing: live ? parts.outbox.filter((item) => item.roomId === roomId) : [],
        clientIds: timeline?.clientIds ?? {},
        newAfter: parts.newAfter,
        hasOlder: segment?.hasOlder ?? false,
        me: me?.id,
      }),
    [timeline, parts.outbox, parts.newAfter, me, live],
  );
  const lines = useMemo(
    () => (live ? weave(rows, [...callRows(parts.past ?? []), ...meetingRows(parts.classes ?? [])], segment?.hasOlder ?? false) : rows),
    [rows, parts.past, parts.classes, live, segment?.hasOlder],
  );
  const view = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const scrolling = useScrolling({
    view,
    list,
    live,
    atEnd: act.atNewest,
    nearStart: () => segment?.hasOlder && void act.loadOlder(roomId),
    nearEnd: () => segment?.hasNewer && void act.loadNewer(roomId),
  });
  const firstSeq = timeline?.messages[segment?.ids[0] ?? ""]?.seq;
  const ready = segment !== null && segment !== undefined;
  useFirstPlace(list, ready, parts.newAfter !== undefined, scrolling);
  const marked = useVisitedRow(list, at, rows, scrolling);
  useSentToEnd(parts.outbox.length, scrolling);
  useFirstNew(list, timeline?.visit !== null && at === null, scrolling);
  const active = useActiveRow(list);
  const tabbable = active.tabbable ?? rows.findLast((row) => row.kind === "message")?.key;

  if (!ready || !me) return <LoadingRows />;
  return (
    <div class="timeline">
      <div class="timeline-view" ref={view} onScroll={scrolling.onScroll}>
        {segment.hasOlder ? <p class="older">{parts.loadingOlder ? "Loading older messages…" : ""}</p> : <FirstWords summary={summary} />}
        <ol class="messages" ref={list} aria-label="Messages" {...active.handlers}>
          {lines.map((row) => {
            const common = { key: row.key };
            if (row.kind === "call") return <CallLine {...common} rowKey={row.key} past={row.past} />;
            if (row.kind === "meeting") return <MeetingRow {...common} rowKey={row.key} line={row.line} />;
            if (row.kind === "day" || row.kind === "new") return <Line {...common} row={row} />;
            if (row.kind === "outgoing") return <OutgoingRow {...common} item={row.item} head={row.head} me={me} />;
            return (
              <MessageRow
                {...common}
                rowKey={row.key}
                message={row.message}
                head={row.head}
                me={me}
                summary={summary}
                active={active.key === row.key}
                tabbable={tabbable === row.key}
                editing={parts.editing === row.message.id}
                marked={marked === row.message.seq}
              />
            );
          })}
        </ol>
      </div>
      {parts.newAfter !== undefined && segment.hasOlder && (firstSeq ?? 0) > parts.newAfter && (
        <button type="button" class="to-newest to-first-new" onClick={() => act.jumpToFirstNew(roomId)}>
          <Icon of={ArrowUp} />
          <span>To the first new one</span>
        </button>
      )}
      {(!live || !parts.atNewest) && (
        <button
          type="button"
          class="to-newest"
          onClick={() => {
            act.jumpToNewest(roomId);
            scrolling.toEnd();
            requestAnimationFrame(scrolling.toEnd);
          }}
        >
          <Icon of={ArrowDown} />
          <span>{newestLabel(summary?.me.unread ?? 0)}</span>
        </button>
      )}
    </div>
  );
}

function newestLabel(unread: number): string {
  if (unread === 0) return "To the newest";
  return unread === 1 ? "1 new" : `${unread} new`;
}

function Line({ row }: { readonly row: Extract<Row, { kind: "day" | "new" }> }) {
  if (row.kind === "new") {
    return (
      <li class="line line-new" data-key="new">
        <span>New</span>
      </li>
    );
  }
  return (
    <li class="line" data-key={row.key}>
      <span>{dayName(row.date, new Date())}</span>
    </li>
  );
}

type Scroll = ReturnType<typeof useScrolling>;
type ListRef = { readonly current: HTMLOListElement | null };

/** At first: the line above what is new, if there is more new than fits, and the newest otherwise. */
function useFirstPlace(list: ListRef, ready: boolean, hasNew: boolean, scrolling: Scroll): void {
  useLayoutEffect(() => {
    if (!ready) return;
    const line = hasNew ? list.current?.querySelector<HTMLElement>(".line-new") : null;
    const view = list.current?.parentElement;
    const after = line && view ? view.scrollHeight - line.offsetTop : 0;
    if (line && view && after > view.clientHeight) scrolling.toRow(line, 0.15);
    else scrolling.toEnd();
  }, [ready]);
}

/** The message that the address names: into view once, and marked for as long as the address names it. */
function useVisitedRow(list: ListRef, at: number | null, rows: readonly Row[], scrolling: Scroll): number | null {
  const [visited, setVisited] = useState<number | null>(null);
  useLayoutEffect(() => {
    if (at === null || visited === at) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-seq="${at}"]`);
    if (!row) return;
    setVisited(at);
    scrolling.toRow(row, 0.3);
    row.focus({ preventScroll: true });
  }, [at, rows]);
  useEffect(() => {
    if (at === null) setVisited(null);
  }, [at]);
  return at;
}

/** A visit to no message in particular is one to the line above what is new. */
function useFirstNew(list: ListRef, visiting: boolean, scrolling: Scroll): void {
  useLayoutEffect(() => {
    const line = visiting ? list.current?.querySelector<HTMLElement>(".line-new") : null;
    if (line) scrolling.toRow(line, 0.15);
  }, [visiting]);
}

/** Whoever says something wants to see it. */
function useSentToEnd(waiting: number, scrolling: Scroll): void {
  const before = useRef(waiting);
  useLayoutEffect(() => {
    if (waiting > before.current) scrolling.toEnd();
    before.current = waiting;
  }, [waiting]);
}
