import { useMemo, useState } from "preact/hooks";
import { AlignLeft } from "lucide";
import { maySchedule } from "../../../state/allowed";
import { titleOf } from "../../../state/selectors";
import { useParts } from "../../../ui/app";
import { Button, Field } from "../../../ui/controls";
import { Input, Select } from "../../../ui/fields";
import type { PartProps } from "./ScheduleForm";

const OWN_ROOM = "own";

/** What it is called, what it is about, and the room that it belongs to. */
export function What({ draft, change, problems, meetingId }: PartProps) {
  const { rooms, me } = useParts(({ rooms: state, session }) => ({ rooms: state.byId, me: session.me }));
  const [describing, setDescribing] = useState(draft.description !== "");
  const options = useMemo(() => {
    const mine = Object.values(rooms)
      .filter(maySchedule)
      .map((summary) => ({ value: summary.room.id, label: titleOf(summary, me) }))
      .sort((a, b) => a.label.localeCompare(b.label));
    const own = me?.role === "instructor" || me?.role === "admin" ? [{ value: OWN_ROOM, label: "A room of its own" }] : [];
    const none = draft.roomId === "" ? [{ value: "", label: "Choose a room…" }] : [];
    return [...none, ...mine, ...own];
  }, [rooms, me, draft.roomId === ""]);
  return (
    <fieldset class="form-part">
      <legend>What</legend>
      <Input
        id="meeting-title"
        type="text"
        label="Title"
        value={draft.title}
        onInput={(title) => change({ title })}
        problem={problems.title}
        maxLength={200}
        placeholder="World history"
        required
        autofocus
      />
      {describing ? (
        <Field id="meeting-description" label="Description" multiline value={draft.description} onInput={(description) => change({ description })} maxLength={4000} />
      ) : (
        <div class="row">
          <Button look="quiet" icon={AlignLeft} onClick={() => setDescribing(true)}>
            Add a description
          </Button>
        </div>
      )}
      {!meetingId && (
        <Select
          id="meeting-room"
          label="Room"
          hint={draft.roomId === null ? "A new room is made; add people to it afterwards." : "Everybody in this room is told and may come."}
          problem={problems.room}
          value={draft.roomId ?? OWN_ROOM}
          options={options}
          onChange={(value) => change({ roomId: value === OWN_ROOM ? null : value })}
        />
      )}
    </fieldset>
  );
}
