import { useEffect, useState } from "preact/hooks";
import { DoorOpen } from "lucide";
import type { RoomSummary } from "../../contract.gen";
import { useAct, useSelect } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Button, Empty, Problem } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { RoomSign } from "./RoomRow";

/** Open rooms that one does not belong to yet. */
export function BrowseDialog({ onClose }: { readonly onClose: () => void }) {
  const act = useAct();
  const mine = useSelect(({ rooms }) => rooms.byId);
  const [found, setFound] = useState<readonly RoomSummary[] | null>(null);
  const { busy, problem, attempt } = useAttempt();
  useEffect(() => attempt(async () => setFound((await act.openRooms()).items)), []);
  const joinable = found?.filter(({ room }) => !mine[room.id] && !room.archived);
  return (
    <Dialog title="Find a room to join" onClose={onClose}>
      <Problem sentence={problem} />
      {!joinable && !problem && <p class="hint">Looking…</p>}
      {joinable?.length === 0 && (
        <Empty icon={DoorOpen} title="No open doors right now">
          <p>Rooms that are open to everybody appear here. For all others, ask to be added.</p>
        </Empty>
      )}
      <ul class="plain-list" aria-label="To join">
        {joinable?.map((summary) => (
          <li key={summary.room.id} class="browse-row">
            <RoomSign summary={summary} />
            <span class="browse-title">
              <strong>{summary.room.title}</strong>
              <small>{summary.room.kind}</small>
            </span>
            <Button disabled={busy} onClick={() => attempt(() => act.enter({ room_id: summary.room.id }), onClose)}>
              Join<span class="unseen"> {summary.room.title}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
