/** What to offer a person. The server decides (docs/permissions.md); this only keeps useless buttons off the page. */

import type { Actor, Message, RoomKind, RoomRole, RoomSummary } from "../contract.gen";

const STAFF: readonly (RoomRole | undefined)[] = ["owner", "moderator"];

export function standing(summary: RoomSummary | undefined): RoomRole | undefined {
  return summary?.me.role;
}

export function isStaff(summary: RoomSummary | undefined): boolean {
  return summary !== undefined && summary.room.kind !== "direct" && STAFF.includes(summary.me.role);
}

export function maySend(summary: RoomSummary | undefined): boolean {
  if (!summary?.me.role || summary.room.archived) return false;
  return summary.room.kind !== "announcement" || isStaff(summary);
}

export function mayReact(summary: RoomSummary | undefined): boolean {
  return summary?.me.role !== undefined && !summary.room.archived;
}

export function mayEdit(summary: RoomSummary | undefined, message: Message, me: Actor | null): boolean {
  return message.author.id === me?.id && !message.deleted_at && maySend(summary);
}

export function mayDelete(summary: RoomSummary | undefined, message: Message, me: Actor | null): boolean {
  if (message.deleted_at || !summary || summary.room.archived) return false;
  return mayEdit(summary, message, me) || isStaff(summary);
}

export function maySeeRevisions(summary: RoomSummary | undefined, message: Message, me: Actor | null): boolean {
  return message.revision > 0 && !message.deleted_at && (message.author.id === me?.id || isStaff(summary));
}

export function mayTend(summary: RoomSummary | undefined): boolean {
  return isStaff(summary) && !summary?.room.archived;
}

export function mayArchive(summary: RoomSummary | undefined): boolean {
  return summary?.me.role === "owner" && summary.room.kind !== "direct";
}

export function mayLeave(summary: RoomSummary | undefined): boolean {
  return summary?.me.role !== undefined && summary.room.kind !== "direct" && !summary.room.archived;
}

/** The kinds of room that somebody may make; direct rooms are begun from a person, not from the dialog. */
export function kindsToMake(me: Actor | null): readonly RoomKind[] {
  switch (me?.role) {
    case "instructor":
    case "admin":
      return ["course", "group", "announcement"];
    case "bot":
      return ["group"];
    default:
      return [];
  }
}

/** Who leads a room schedules its classes. */
export function maySchedule(summary: RoomSummary | undefined): boolean {
  return mayTend(summary);
}

/** In one of these rooms, or in a new one of its own. */
export function mayScheduleSomewhere(rooms: Readonly<Record<string, RoomSummary>>, me: Actor | null): boolean {
  return me?.role === "instructor" || me?.role === "admin" || Object.values(rooms).some(maySchedule);
}
