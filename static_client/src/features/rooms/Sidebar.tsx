import { useMemo } from "preact/hooks";
import { Compass, House, Plus, Search } from "lucide";
import { kindsToMake } from "../../state/allowed";
import { HOME } from "../../state/place";
import { roomGroups } from "../../state/selectors";
import { useApp, useParts } from "../../ui/app";
import { Button, IconButton } from "../../ui/controls";
import { Icon } from "../../ui/Icon";
import { PlaceLink } from "../../ui/links";
import { CalendarLink, Today } from "../meetings/Today";
import { MeMenu } from "./MeMenu";
import { RoomRow } from "./RoomRow";

export function Sidebar() {
  const { store, act } = useApp();
  const { rooms, me, loaded, place } = useParts(({ rooms, session, ui }) => ({
    rooms: rooms.byId,
    loaded: rooms.loaded,
    me: session.me,
    place: ui.place,
  }));
  const groups = useMemo(() => roomGroups(store.get()), [rooms, me]);
  const mayMake = kindsToMake(me).length > 0;
  return (
    <nav class="sidebar" aria-label="Places">
      <header class="sidebar-head">
        <PlaceLink to={HOME} class="brand" current={!place.roomId && !place.page}>
          <span class="mark mark-small">
            <Icon of={House} />
          </span>
          <span>Homeroom</span>
        </PlaceLink>
        {mayMake && <IconButton icon={Plus} label="Create a room" onClick={() => act.dialog({ name: "create-room" })} />}
      </header>
      <button type="button" class="go-anywhere" onClick={() => act.dialog({ name: "switcher" })}>
        <Icon of={Search} />
        <span>Go to…</span>
        <kbd>Ctrl K</kbd>
      </button>
      <CalendarLink />
      <div class="sidebar-scroll">
        <Today />
        {!loaded && <Waiting />}
        {loaded && groups.length === 0 && <p class="sidebar-empty">You are in no room yet.</p>}
        <ul class="rooms" aria-label="Rooms">
          {groups.map(({ name, rooms: items }) => (
            <li key={name} class="room-group">
              <h2 id={`group-${name}`}>{name}</h2>
              <ul aria-labelledby={`group-${name}`}>
                {items.map((summary) => (
                  <RoomRow key={summary.room.id} summary={summary} current={summary.room.id === place.roomId} />
                ))}
              </ul>
            </li>
          ))}
        </ul>
        <div class="sidebar-more">
          <Button look="quiet" icon={Compass} onClick={() => act.dialog({ name: "browse" })}>
            Find a room to join
          </Button>
        </div>
      </div>
      <MeMenu />
    </nav>
  );
}

/** Holds the place of what is still to come, so that nothing jumps. */
function Waiting() {
  return (
    <div class="skeletons" aria-hidden="true">
      {[0, 1, 2, 3, 4].map((row) => (
        <span key={row} class="skeleton skeleton-room" />
      ))}
    </div>
  );
}
