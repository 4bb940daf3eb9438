import { useMemo, useState } from "preact/hooks";
import type { RoomSummary } from "../../contract.gen";
import { titleOf } from "../../state/selectors";
import { useAct, useParts } from "../../ui/app";
import { Dialog } from "../../ui/Dialog";
import { RoomSign } from "./RoomRow";

const MOST = 12;

/** Anywhere in a few keystrokes: a combobox over all of my rooms. */
export function Switcher({ onClose }: { readonly onClose: () => void }) {
  const act = useAct();
  const { rooms, me } = useParts(({ rooms, session }) => ({ rooms: rooms.byId, me: session.me }));
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = useMemo(
    () =>
      Object.values(rooms)
        .map((summary) => ({ summary, rank: rankOf(titleOf(summary, me), query) }))
        .filter(({ rank }) => rank > 0)
        .sort((a, b) => b.rank - a.rank || b.summary.me.unread - a.summary.me.unread || lastOf(b.summary).localeCompare(lastOf(a.summary)))
        .slice(0, MOST)
        .map(({ summary }) => summary),
    [rooms, query],
  );
  const go = (summary: RoomSummary | undefined): void => {
    if (!summary) return;
    onClose();
    act.go({ roomId: summary.room.id });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      setChosen((chosen + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(found[chosen]);
    }
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <input
        class="switcher-input"
        type="text"
        role="combobox"
        aria-label="Name of a place"
        aria-expanded="true"
        aria-controls="switcher-list"
        aria-activedescendant={found[chosen] ? `to-${found[chosen].room.id}` : undefined}
        autocomplete="off"
        placeholder="Begin to type a name"
        data-autofocus
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul class="switcher-list" id="switcher-list" role="listbox" aria-label="Places">
        {found.map((summary, index) => (
          <li
            key={summary.room.id}
            id={`to-${summary.room.id}`}
            role="option"
            aria-selected={index === chosen}
            onMouseMove={() => setChosen(index)}
            onClick={() => go(summary)}
          >
            <RoomSign summary={summary} />
            <span>{titleOf(summary, me)}</span>
            {summary.me.unread > 0 && <span class="badge">{summary.me.unread}</span>}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="hint">Nothing of that name. Check the spelling, or find a room to join.</p>}
    </Dialog>
  );
}

/** Begins with it, contains a word that does, contains it; 0: not at all. */
function rankOf(title: string, query: string): number {
  const name = title.toLocaleLowerCase();
  const wanted = query.trim().toLocaleLowerCase();
  if (!wanted) return 1;
  if (name.startsWith(wanted)) return 4;
  if (name.split(/\s+/).some((word) => word.startsWith(wanted))) return 3;
  return name.includes(wanted) ? 2 : 0;
}

function lastOf({ last_message: last, room }: RoomSummary): string {
  return last?.created_at ?? room.created_at;
}
