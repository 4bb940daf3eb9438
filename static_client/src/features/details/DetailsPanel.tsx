import { useState } from "preact/hooks";
import { Archive, ArchiveRestore, Link, LogOut, Pencil } from "lucide";
import type { RoomSummary, Visibility } from "../../contract.gen";
import { mayArchive, mayLeave, mayTend } from "../../state/allowed";
import { formatPlace } from "../../state/place";
import { titleOf } from "../../state/selectors";
import { useAct, useParts } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Button, Choice, Field, Problem } from "../../ui/controls";
import { Panel } from "../../ui/Panel";
import { wholeTime } from "../../ui/times";
import { RoomClasses } from "../meetings/RoomClasses";

const KINDS = {
  course: "Course",
  group: "Group",
  direct: "Between two people",
  announcement: "Announcements",
  meeting: "Meeting",
} as const;

const DOORS = [
  { value: "open", label: "Open", hint: "Anybody who is signed in may find and join it" },
  { value: "members", label: "Members only", hint: "Nobody else learns that it exists" },
] as const;

/** What a room is, and what its people may do with it. */
export function DetailsPanel({ roomId }: { readonly roomId: string }) {
  const { summary, me } = useParts(({ rooms, session }) => ({ summary: rooms.byId[roomId], me: session.me }));
  if (!summary) return <Panel title="Details">{null}</Panel>;
  const { room } = summary;
  return (
    <Panel title="Details">
      <Title summary={summary} title={titleOf(summary, me)} />
      <dl class="facts">
        <Fact name="Kind" value={KINDS[room.kind]} />
        {!mayTend(summary) && <Fact name="Who may come in" value={room.visibility === "open" ? "Anybody who is signed in" : "Members only"} />}
        {summary.me.role && room.kind !== "direct" && <Fact name="Your role here" value={capital(summary.me.role)} />}
        <Fact name="Since" value={wholeTime(new Date(room.created_at))} />
        {room.key && <Fact name="Key on the learning platform" value={room.key} />}
      </dl>
      {room.kind !== "direct" && <RoomClasses roomId={roomId} />}
      {mayTend(summary) && <Doors summary={summary} />}
      <Doings summary={summary} />
    </Panel>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Title({ summary, title }: { readonly summary: RoomSummary; readonly title: string }) {
  const act = useAct();
  const [name, setName] = useState<string | null>(null);
  const { busy, problem, attempt } = useAttempt();
  if (name === null) {
    return (
      <div class="details-title">
        <h3>{title}</h3>
        {mayTend(summary) && (
          <Button look="quiet" icon={Pencil} onClick={() => setName(summary.room.title)}>
            Rename
          </Button>
        )}
      </div>
    );
  }
  return (
    <form
      class="form boxed"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) attempt(() => act.update(summary.room.id, { title: name.trim() }), () => setName(null));
      }}
    >
      <Field id="new-title" label="Title" value={name} onInput={setName} maxLength={200} required autofocus />
      <Problem sentence={problem} />
      <div class="row row-end">
        <Button onClick={() => setName(null)}>Cancel</Button>
        <Button type="submit" look="accent" disabled={busy || !name.trim()}>
          Save
        </Button>
      </div>
    </form>
  );
}

function Doors({ summary }: { readonly summary: RoomSummary }) {
  const act = useAct();
  const { problem, attempt } = useAttempt();
  return (
    <>
      <Choice<Visibility>
        label="Who may come in"
        name="doors"
        value={summary.room.visibility}
        options={DOORS}
        onChange={(visibility) => attempt(() => act.update(summary.room.id, { visibility }))}
      />
      <Problem sentence={problem} />
    </>
  );
}

function Doings({ summary }: { readonly summary: RoomSummary }) {
  const act = useAct();
  const { room } = summary;
  const { busy, problem, attempt } = useAttempt();
  const address = location.origin + formatPlace({ roomId: room.id, panel: null, at: null });
  return (
    <div class="doings">
      <Button look="quiet" icon={Link} onClick={() => void act.copy(address)}>
        Copy the link to this room
      </Button>
      {mayArchive(summary) &&
        (room.archived ? (
          <Button look="quiet" icon={ArchiveRestore} disabled={busy} onClick={() => attempt(() => act.update(room.id, { archived: false }))}>
            Bring the room back
          </Button>
        ) : (
          <Button look="quiet" icon={Archive} onClick={() => act.dialog({ name: "archive", roomId: room.id })}>
            Archive the room
          </Button>
        ))}
      {mayLeave(summary) && (
        <Button look="danger" icon={LogOut} onClick={() => act.dialog({ name: "leave", roomId: room.id })}>
          Leave the room
        </Button>
      )}
      <Problem sentence={problem} />
    </div>
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
