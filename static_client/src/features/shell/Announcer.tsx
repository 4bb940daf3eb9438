import { useEffect, useState } from "preact/hooks";
import { plainText } from "../markdown/plain";
import { messagesOf } from "../../state/selectors";
import { useApp } from "../../ui/app";

const KEPT = 3;

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
