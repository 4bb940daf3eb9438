import { useMemo } from "preact/hooks";
import { Compass, MessagesSquare, Plus } from "lucide";
import { kindsToMake } from "../../state/allowed";
import { titleOf } from "../../state/selectors";
import { useAct, useParts } from "../../ui/app";
import { Button, Empty } from "../../ui/controls";
import { PlaceLink } from "../../ui/links";
import { shortTime } from "../../ui/times";
import { plainText } from "../markdown/plain";
import { RoomSign } from "./RoomRow";

const MOST = 6;

/** Where one is before choosing a room: what is new, or what to do first. */
export function Home() {
  const act = useAct();
  const { rooms, loaded, me } = useParts(({ rooms, session }) => ({ rooms: rooms.byId, loaded: rooms.loaded, me: session.me }));
  const recent = useMemo(
    () =>
      Object.values(rooms)
        .filter(({ room, last_message: last }) => !room.archived && last)
        .sort((a, b) => b.me.unread - a.me.unread || (b.last_message?.created_at ?? "").localeCompare(a.last_message?.created_at ?? ""))
        .slice(0, MOST),
    [rooms],
  );
  if (!loaded) return <div class="home" />;
  const mayMake = kindsToMake(me).length > 0;
  const buttons = (
    <div class="row">
      {mayMake && (
        <Button look="accent" icon={Plus} onClick={() => act.dialog({ name: "create-room" })}>
          Create a room
        </Button>
      )}
      <Button icon={Compass} onClick={() => act.dialog({ name: "browse" })}>
        Find a room to join
      </Button>
    </div>
  );
  if (Object.keys(rooms).length === 0) {
    return (
      <div class="home">
        <Empty icon={MessagesSquare} title={`Welcome, ${me?.name ?? ""}`}>
          <p>{mayMake ? "Create the first room and invite your class." : "Join a room, or wait until somebody adds you to one."}</p>
          {buttons}
        </Empty>
      </div>
    );
  }
  return (
    <div class="home">
      <div class="home-body">
        <h1>Hello, {me?.name}</h1>
        <p class="lead">{unreadSentence(recent.filter((summary) => summary.me.unread > 0).length)}</p>
        <ul class="home-rooms" aria-label="Lately">
          {recent.map((summary) => (
            <li key={summary.room.id}>
              <PlaceLink to={{ roomId: summary.room.id, panel: null, at: null }} class="home-room">
                <RoomSign summary={summary} />
                <span class="home-room-title">{titleOf(summary, me)}</span>
                <span class="home-room-last">{summary.last_message && plainText(summary.last_message.text)}</span>
                {summary.me.unread > 0 ? (
                  <span class="badge">{summary.me.unread}</span>
                ) : (
                  <span class="home-room-time">
                    {summary.last_message && shortTime(new Date(summary.last_message.created_at), new Date())}
                  </span>
                )}
              </PlaceLink>
            </li>
          ))}
        </ul>
        {buttons}
      </div>
    </div>
  );
}

function unreadSentence(count: number): string {
  if (count === 0) return "Nothing new. Pick up where you were.";
  return count === 1 ? "One place has something new." : `${count} places have something new.`;
}
