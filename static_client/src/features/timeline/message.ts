import type { Actor, Message, RoomSummary } from "../../contract.gen";
import { useParts } from "../../ui/app";

/** A message of the open room, with whose page and which room it is. */
export function useMessage(messageId: string): {
  readonly message: Message | undefined;
  readonly summary: RoomSummary | undefined;
  readonly me: Actor | null;
} {
  return useParts((state) => {
    const roomId = state.ui.place.roomId ?? "";
    return {
      message: state.timelines[roomId]?.messages[messageId],
      summary: state.rooms.byId[roomId],
      me: state.session.me,
    };
  });
}
