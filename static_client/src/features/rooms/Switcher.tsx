import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import { CalendarDays } from "lucide";
import type { Actor, RoomSummary } from "../../contract.gen";
import { mayScheduleSomewhere } from "../../state/allowed";
import type { Place } from "../../state/model";
import { CALENDAR } from "../../state/pages";
import type { Page } from "../../state/pages";
import { titleOf } from "../../state/selectors";
import { useAct, useParts } from "../../ui/app";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { RoomSign } from "./RoomRow";

const MOST = 12;

interface Target {
  readonly id: string;
  readonly title: string;
  readonly sign: VNode;
  readonly unread: number;
  /** When something was last said there. */
  readonly last: string;
  readonly place: Partial<Place>;
}

function roomTarget(summary: RoomSummary, me: Actor | null): Target {
  const { room } = summary;
  const sign = <RoomSign summary={summary} />;
  return { id: room.id, title: titleOf(summary, me), sign, unread: summary.me.unread, last: lastOf(summary), place: { roomId: room.id } };
}

/** Places beside the rooms; after them, while nothing is typed. */
function pageTargets(maySchedule: boolean): readonly Target[] {
  const pages: readonly (readonly [string, Page])[] = [
    ["Calendar", CALENDAR],
    ...(maySchedule ? [["Schedule a class", { name: "schedule", roomId: null, starts: null }] as const] : []),
  ];
  const sign = (
    <span class="room-sign" aria-hidden="true">
      <Icon of={CalendarDays} />
    </span>
  );
  return pages.map(([title, page]) => ({ id: page.name, title, sign, unread: 0, last: "", place: { page } }));
}

/** Anywhere in a few keystrokes: a combobox over all of my rooms, and the calendar. */
export function Switcher({ onClose }: { readonly onClose: () => void }) {
  const act = useAct();
  const { rooms, me } = useParts(({ rooms, session }) => ({ rooms: rooms.byId, me: session.me }));
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = useMemo(
    (): readonly Target[] =>
      [...Object.values(rooms).map((summary) => roomTarget(summary, me)), ...pageTargets(mayScheduleSomewhere(rooms, me))]
        .map((target) => ({ target, rank: rankOf(target.title, query) }))
        .filter(({ rank }) => rank > 0)
        .sort((a, b) => b.rank - a.rank || b.target.unread - a.target.unread || b.target.last.localeCompare(a.target.last))
        .slice(0, MOST)
        .map(({ target }) => target),
    [rooms, query],
  );
  const go = (target: Target | undefined): void => {
    if (!target) return;
    onClose();
    act.go(target.place);
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
        aria-activedescendant={found[chosen] ? `to-${found[chosen].id}` : undefined}
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
        {found.map((target, index) => (
          <li
            key={target.id}
            id={`to-${target.id}`}
            role="option"
            aria-selected={index === chosen}
            onMouseMove={() => setChosen(index)}
            onClick={() => go(target)}
          >
            {target.sign}
            <span>{target.title}</span>
            {target.unread > 0 && <span class="badge">{target.unread}</span>}
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
