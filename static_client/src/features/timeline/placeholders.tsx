import type { RoomSummary } from "../../contract.gen";
import { maySend } from "../../state/allowed";
import { otherOf, titleOf } from "../../state/selectors";
import { useSelect } from "../../ui/app";
import { RoomSign } from "../rooms/RoomRow";

/** Holds the place of messages that are on their way. */
export function LoadingRows() {
  return (
    <div class="timeline" aria-busy="true">
      <div class="skeletons skeletons-end" aria-hidden="true">
        {[0, 1, 2, 3, 4].map((row) => (
          <span key={row} class="skeleton skeleton-message" />
        ))}
      </div>
    </div>
  );
}

/** The beginning of a room. */
export function FirstWords({ summary }: { readonly summary: RoomSummary | undefined }) {
  const me = useSelect(({ session }) => session.me);
  if (!summary) return null;
  const other = otherOf(summary, me);
  return (
    <div class="first-words">
      <RoomSign summary={summary} />
      <h2>{titleOf(summary, me)}</h2>
      <p>{other ? `Only you and ${other.name} can read what is said here.` : sentence(summary)}</p>
    </div>
  );
}

function sentence(summary: RoomSummary): string {
  if (summary.room.archived) return "This room is archived. It can be read, but nothing new can be said.";
  if (summary.room.kind === "announcement") return "Announcements for everybody here. Only staff can write.";
  return maySend(summary) ? "This is where the room begins. Say the first word." : "This is where the room begins.";
}
