import { useEffect, useRef, useState } from "preact/hooks";
import { SearchX } from "lucide";
import { titleOf } from "../../state/selectors";
import { useAct, useParts } from "../../ui/app";
import { Avatar } from "../../ui/Avatar";
import { Button, Empty, Problem } from "../../ui/controls";
import { Panel } from "../../ui/Panel";
import { PlaceLink } from "../../ui/links";
import { shortTime, wholeTime } from "../../ui/times";
import { Highlighted } from "./Highlighted";

const PAUSE_MS = 250;

/** Every word must occur; the newest first. A result opens its place in the room. */
export function SearchPanel({ roomId }: { readonly roomId: string }) {
  const act = useAct();
  const { search, rooms, me, at } = useParts(({ search, rooms, session, ui }) => ({
    search,
    rooms: rooms.byId,
    me: session.me,
    at: ui.place.at,
  }));
  const [query, setQuery] = useState(search.query);
  const [everywhere, setEverywhere] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const narrow = matchMedia("(max-width: 46rem)").matches;
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    const timer = setTimeout(() => void act.find(query, everywhere ? null : roomId), query.trim() ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }, [query, everywhere, roomId]);
  const here = rooms[roomId];
  return (
    <Panel title="Search">
      <form class="search-form" role="search" onSubmit={(event) => event.preventDefault()}>
        <input
          ref={input}
          type="search"
          aria-label="Search"
          placeholder="Words that were said"
          maxLength={200}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
        <label class="check">
          <input type="checkbox" checked={everywhere} onChange={() => setEverywhere(!everywhere)} />
          <span>Everywhere, not only in {here ? titleOf(here, me) : "this room"}</span>
        </label>
      </form>
      <Problem sentence={search.sentence} />
      <p class="unseen" role="status">
        {search.status === "done" ? `${search.items.length} found` : ""}
      </p>
      {search.status === "done" && search.items.length === 0 && (
        <Empty icon={SearchX} title="Nothing found">
          <p>Every word has to occur. Try fewer of them{everywhere ? "" : ", or look everywhere"}.</p>
        </Empty>
      )}
      <ul class="plain-list results" aria-label="Results">
        {search.items.map((message) => {
          const room = rooms[message.room_id];
          const made = new Date(message.created_at);
          return (
            <li key={message.id}>
              <PlaceLink
                to={{ roomId: message.room_id, panel: narrow ? null : "search", at: message.seq }}
                class="result"
                current={at === message.seq && message.room_id === roomId}
              >
                <Avatar person={message.author} small />
                <strong>{message.author.name}</strong>
                <time dateTime={message.created_at} title={wholeTime(made)}>
                  {shortTime(made, new Date())}
                </time>
                <span class="result-text" dir="auto">
                  <Highlighted text={message.text} query={search.query} />
                </span>
                {everywhere && room && <small class="result-room">{titleOf(room, me)}</small>}
              </PlaceLink>
            </li>
          );
        })}
      </ul>
      {search.next && (
        <Button disabled={search.status === "searching"} onClick={() => void act.findMore()}>
          Show more
        </Button>
      )}
    </Panel>
  );
}
