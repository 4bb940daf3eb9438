import { useEffect, useRef, useState } from "preact/hooks";
import { canEnter, stageOf } from "../../../state/agenda";
import type { Entry } from "../../../state/agenda";
import { localWall } from "../../../state/days";
import type { Day } from "../../../state/days";
import { useApp } from "../../../ui/app";
import type { Grid, GridEvent } from "./grid";

interface GridViewProps {
  readonly view: "week" | "month";
  readonly day: Day;
  readonly entries: readonly Entry[];
  readonly now: number;
  readonly firstDay: number;
  readonly maySchedule: boolean;
  readonly tones: Readonly<Record<string, number>>;
}

/** A week or a month, drawn by the library. */
export function GridView({ view, day, entries, now, firstDay, maySchedule, tones }: GridViewProps) {
  const { store, act } = useApp();
  const box = useRef<HTMLDivElement>(null);
  const [grid, setGrid] = useState<Grid | null>(null);
  useEffect(() => {
    let drawn: Grid | null = null;
    let gone = false;
    import("./grid")
      .then(({ drawGrid }) => {
        if (gone || !box.current) return;
        drawn = drawGrid(box.current, view, day, {
          firstDay,
          now: () => Date.now() + store.get().connection.clockOffset,
          onEvent: (id) => {
            const [meetingId = "", occurrence = null] = id.split(" ");
            act.go({ page: { name: "meeting", meetingId, occurrence } });
          },
          onTime: maySchedule
            ? (date) => act.go({ page: { name: "schedule", roomId: null, starts: localWall(date) } })
            : null,
        });
        setGrid(drawn);
      })
      .catch(() => act.toast("The calendar could not be loaded. Reload the page."));
    return () => {
      gone = true;
      drawn?.destroy();
    };
  }, [firstDay, maySchedule]);
  useEffect(() => grid?.show(view, day), [grid, view, day]);
  const minute = Math.floor(now / 60_000);
  useEffect(() => grid?.fill(entries.map((entry) => gridEvent(entry, now, tones))), [grid, entries, tones, minute]);
  return <div class="grid-box" ref={box} aria-busy={grid === null} />;
}

const PREFIXES = { later: "", open: "", live: "Live: ", over: "", cancelled: "Cancelled: " } as const;

function gridEvent(entry: Entry, now: number, tones: GridViewProps["tones"]): GridEvent {
  const { meeting, occurrence } = entry;
  const stage = stageOf(entry, now);
  return {
    id: `${meeting.id} ${occurrence.key}`,
    title: `${PREFIXES[stage]}${occurrence.title}`,
    start: occurrence.starts_at,
    end: occurrence.ends_at,
    class: `tone-${tones[meeting.room_id] ?? 0} grid-${stage}${canEnter(stage) ? " grid-can-enter" : ""}`,
  };
}
