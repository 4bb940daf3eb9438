import { useEffect, useMemo, useState } from "preact/hooks";
import { MessageCircle, UserRoundPlus } from "lucide";
import type { RoomRole } from "../../contract.gen";
import { mayTend } from "../../state/allowed";
import { peopleOf } from "../../state/selectors";
import type { Person } from "../../state/selectors";
import { useApp, useParts } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Avatar } from "../../ui/Avatar";
import { Button, Choice, Field, IconButton, Problem } from "../../ui/controls";
import { Panel } from "../../ui/Panel";
import { PersonMenu } from "./PersonMenu";

const PRESENCE = { online: "here", away: "away", offline: "not here" } as const;

/** Who belongs to the room, those who are here first. */
export function PeoplePanel({ roomId }: { readonly roomId: string }) {
  const { store, act } = useApp();
  const { members, present, summary, me, phase } = useParts(({ people, rooms, session, connection }) => ({
    members: people.members[roomId],
    present: people.present[roomId],
    summary: rooms.byId[roomId],
    me: session.me,
    phase: connection.phase,
  }));
  useEffect(() => {
    if (phase === "online") void act.loadMembers(roomId);
  }, [roomId, phase]);
  const people = useMemo(() => peopleOf(store.get(), roomId), [members, present]);
  const [adding, setAdding] = useState(false);
  const here = people.filter(({ presence }) => presence !== "offline");
  const absent = people.filter(({ presence }) => presence === "offline");
  const tends = mayTend(summary);
  const row = (person: Person) => (
    <li key={person.user.id} class="person">
      <Avatar person={person.user} presence={person.presence} />
      <span class="person-name">
        <strong>
          {person.user.name}
          {person.user.id === me?.id && " (you)"}
        </strong>
        <small>{rolesOf(person)}</small>
        <span class="unseen">, {PRESENCE[person.presence]}</span>
      </span>
      {person.user.id !== me?.id && summary?.room.kind !== "direct" && me?.role !== "guest" && (
        <IconButton
          small
          icon={MessageCircle}
          label={`Write to ${person.user.name}`}
          onClick={() => void act.direct(person.user).catch((error: unknown) => act.toast(String((error as Error).message)))}
        />
      )}
      {tends && person.member && person.user.id !== me?.id && (
        <PersonMenu roomId={roomId} person={person} asOwner={summary?.me.role === "owner"} />
      )}
    </li>
  );
  return (
    <Panel title="People">
      {tends && !adding && (
        <Button icon={UserRoundPlus} onClick={() => setAdding(true)}>
          Add somebody
        </Button>
      )}
      {adding && <AddPerson roomId={roomId} onDone={() => setAdding(false)} />}
      <h3 class="panel-section">Here now · {here.length}</h3>
      <ul class="plain-list" aria-label="Here now">
        {here.map(row)}
      </ul>
      {absent.length > 0 && (
        <>
          <h3 class="panel-section">Not here · {absent.length}</h3>
          <ul class="plain-list" aria-label="Not here">
            {absent.map(row)}
          </ul>
        </>
      )}
    </Panel>
  );
}

function rolesOf({ user, member }: Person): string {
  const roomRole = member && member.role !== "member" ? member.role : null;
  return [user.role, roomRole].filter(Boolean).join(" · ");
}

const ROLES = [
  { value: "member", label: "Member" },
  { value: "moderator", label: "Moderator" },
] as const;

function AddPerson({ roomId, onDone }: { readonly roomId: string; readonly onDone: () => void }) {
  const act = useApp().act;
  const [userId, setUserId] = useState("");
  const [role, setRole] = useState<RoomRole>("member");
  const { busy, problem, attempt } = useAttempt();
  return (
    <form
      class="form boxed"
      onSubmit={(event) => {
        event.preventDefault();
        if (userId.trim()) attempt(() => act.addMember(roomId, userId.trim(), role), onDone);
      }}
    >
      <Field
        id="add-person"
        label="User id"
        hint="As the learning platform knows them. They need not have signed in yet."
        value={userId}
        onInput={setUserId}
        maxLength={128}
        autofocus
      />
      <Choice<RoomRole> label="Role here" name="role" value={role} options={ROLES} onChange={setRole} />
      <Problem sentence={problem} />
      <div class="row row-end">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="accent" disabled={busy || !userId.trim()}>
          Add
        </Button>
      </div>
    </form>
  );
}
