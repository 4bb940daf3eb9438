import { useRef, useState } from "preact/hooks";
import { EllipsisVertical } from "lucide";
import type { RoomRole } from "../../contract.gen";
import { sentenceOf } from "../../effects/patience";
import type { Person } from "../../state/selectors";
import { useAct } from "../../ui/app";
import { Button, IconButton } from "../../ui/controls";
import { Popover } from "../../ui/Popover";

interface PersonMenuProps {
  readonly roomId: string;
  readonly person: Person;
  /** Only owners make and unmake owners. */
  readonly asOwner: boolean;
}

const ROLES: readonly { readonly role: RoomRole; readonly label: string }[] = [
  { role: "member", label: "Make a member" },
  { role: "moderator", label: "Make a moderator" },
  { role: "owner", label: "Make an owner" },
];

export function PersonMenu({ roomId, person, asOwner }: PersonMenuProps) {
  const act = useAct();
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const isOwner = person.member?.role === "owner";
  if (isOwner && !asOwner) return null;
  const run = (work: () => Promise<void>) => (): void => {
    setOpen(false);
    work().catch((error: unknown) => act.toast(sentenceOf(error)));
  };
  const userId = person.user.id;
  return (
    <span ref={anchor}>
      <IconButton small icon={EllipsisVertical} label={`More for ${person.user.name}`} expanded={open} onClick={() => setOpen(!open)} />
      {open && (
        <Popover label={person.user.name} anchor={() => anchor.current} onClose={() => setOpen(false)}>
          {ROLES.filter(({ role }) => role !== person.member?.role && (role !== "owner" || asOwner)).map(({ role, label }) => (
            <Button key={role} look="quiet" onClick={run(() => act.changeRole(roomId, userId, role))}>
              {label}
            </Button>
          ))}
          <Button look="danger" onClick={run(() => act.removeMember(roomId, userId))}>
            Remove from the room
          </Button>
        </Popover>
      )}
    </span>
  );
}
