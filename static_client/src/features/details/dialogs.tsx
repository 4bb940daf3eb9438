import { useAct, useSelect } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Button, Problem } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";

interface RoomDialogProps {
  readonly roomId: string;
  readonly onClose: () => void;
}

export function LeaveDialog({ roomId, onClose }: RoomDialogProps) {
  const act = useAct();
  const room = useSelect(({ rooms }) => rooms.byId[roomId]?.room);
  const { busy, problem, attempt } = useAttempt();
  return (
    <Dialog title={`Leave ${room?.title ?? "the room"}?`} onClose={onClose}>
      <p>
        {room?.visibility === "open"
          ? "You can join it again whenever you like."
          : "Somebody has to add you again before you can come back."}
      </p>
      <Problem sentence={problem} />
      <div class="row row-end">
        <Button onClick={onClose}>Stay</Button>
        <Button look="danger" disabled={busy} onClick={() => attempt(() => act.leave(roomId), onClose)}>
          Leave
        </Button>
      </div>
    </Dialog>
  );
}

export function ArchiveDialog({ roomId, onClose }: RoomDialogProps) {
  const act = useAct();
  const title = useSelect(({ rooms }) => rooms.byId[roomId]?.room.title);
  const { busy, problem, attempt } = useAttempt();
  return (
    <Dialog title={`Archive ${title ?? "the room"}?`} onClose={onClose}>
      <p>It stays readable, but nobody can say anything new. You can bring it back at any time.</p>
      <Problem sentence={problem} />
      <div class="row row-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" disabled={busy} onClick={() => attempt(() => act.update(roomId, { archived: true }), onClose)}>
          Archive
        </Button>
      </div>
    </Dialog>
  );
}
