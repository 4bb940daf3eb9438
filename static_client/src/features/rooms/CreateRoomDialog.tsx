import { useState } from "preact/hooks";
import type { RoomKind, Visibility } from "../../contract.gen";
import { kindsToMake } from "../../state/allowed";
import { useAct, useSelect } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Button, Choice, Field, Problem } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";

const KINDS: Readonly<Partial<Record<RoomKind, { readonly label: string; readonly hint: string }>>> = {
  course: { label: "Course", hint: "Everybody in it may write" },
  group: { label: "Group", hint: "A team, a project, a study circle" },
  announcement: { label: "Announcements", hint: "Only staff write, everybody reads" },
};

const DOORS = [
  { value: "open", label: "Open", hint: "Anybody who is signed in may find and join it" },
  { value: "members", label: "Members only", hint: "Nobody else learns that it exists" },
] as const;

export function CreateRoomDialog({ onClose }: { readonly onClose: () => void }) {
  const act = useAct();
  const me = useSelect(({ session }) => session.me);
  const kinds = kindsToMake(me).flatMap((kind) => (KINDS[kind] ? [{ value: kind, ...KINDS[kind] }] : []));
  const [title, setTitle] = useState("");
  const [kind, setKind] = useState<RoomKind>(kinds[0]?.value ?? "group");
  const [visibility, setVisibility] = useState<Visibility>("open");
  const { busy, problem, attempt } = useAttempt();
  return (
    <Dialog title="Create a room" onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim()) attempt(() => act.createRoom({ kind, title: title.trim(), visibility }), onClose);
        }}
      >
        <Field id="room-title" label="Title" value={title} onInput={setTitle} required autofocus maxLength={200} />
        <Choice<RoomKind> label="Kind" name="kind" value={kind} options={kinds} onChange={setKind} />
        <Choice<Visibility> label="Who may come in" name="visibility" value={visibility} options={DOORS} onChange={setVisibility} />
        <Problem sentence={problem} />
        <div class="row row-end">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="accent" disabled={busy || !title.trim()}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
