import { useEffect, useState } from "preact/hooks";
import { plainText } from "../markdown/plain";
import type { RoomId, State } from "../../state/model";
import { messagesOf } from "../../state/selectors";
import { useApp } from "../../ui/app";
import { lineWords } from "../meetings/words";

const KEPT = 3;
/** What somebody who does not see the cards has to know at once. */
const TOLD: readonly string[] = ["held", "cancelled", "changed", "reminder", "recording"];

interface Said {
  readonly key: string;
  readonly sentence: string;
}

/** Tells a screen reader each new message of the open room, once and politely; older pages and edits are not news. */
export function Announcer() {
  const { store } = useApp();
  const [said, setSaid] = useState<readonly Said[]>([]);
  useEffect(
    () =>
      store.subscribe((state, before) => {
        const { roomId } = state.ui.place;
        const timeline = roomId ? state.timelines[roomId] : undefined;
        const earlier = roomId ? before.timelines[roomId] : undefined;
        if (!timeline?.live || !earlier?.live || timeline.position.seq <= earlier.position.seq) return;
        const classes = classNews(state, roomId ?? "", earlier.position.seq);
        if (classes.length) setSaid((now) => [...now, ...classes].slice(-KEPT));
        const me = state.session.me?.id;
        const fresh = messagesOf({ ...timeline, visit: null }).filter(
          ({ seq, author, deleted_at: gone }) => seq > earlier.position.seq && author.id !== me && !gone,
        );
        if (!fresh.length) return;
        const news = fresh.map(({ id, author, text }) => ({ key: id, sentence: `${author.name}: ${plainText(text)}` }));
        setSaid((now) => [...now, ...news].slice(-KEPT));
      }),
    [store],
  );
  return (
    <div class="unseen" role="log" aria-live="polite" aria-label="New in this place">
      {said.map(({ key, sentence }) => (
        <p key={key}>{sentence}</p>
      ))}
    </div>
  );
}

/** What the log has just told of the room's classes. */
function classNews(state: State, roomId: RoomId, after: number): readonly Said[] {
  const lines = (state.meetings.lines[roomId] ?? []).filter(({ seq, kind }) => seq > after && TOLD.includes(kind));
  return lines.map((line) => {
    const words = lineWords(line, Date.now());
    const byhand = line.kind === "changed" || line.kind === "cancelled";
    return { key: `class ${line.seq}`, sentence: byhand ? `${line.actor.name} ${words}: ${line.title}` : `${line.title} ${words}` };
  });
}
