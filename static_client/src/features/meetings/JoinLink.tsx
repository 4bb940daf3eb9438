import { Video } from "lucide";
import type { Entry, Stage } from "../../state/agenda";
import { canEnter } from "../../state/agenda";
import { placeOf } from "../../state/place";
import { Icon } from "../../ui/Icon";
import { PlaceLink } from "../../ui/links";

/** The way in, from the moment that the link lets people in until the class is over. */
export function JoinLink({ entry, stage }: { readonly entry: Entry; readonly stage: Stage }) {
  if (!canEnter(stage)) return null;
  const { meeting, occurrence } = entry;
  return (
    <PlaceLink to={placeOf({ name: "door", meetingId: meeting.id, occurrence: occurrence.key })} class="button button-accent">
      <Icon of={Video} />
      <span>
        Join<span class="unseen"> {occurrence.title}</span>
      </span>
    </PlaceLink>
  );
}

const SIGNS: Readonly<Record<Stage, string | null>> = {
  later: null,
  open: "Open",
  live: "Live",
  over: null,
  cancelled: "Cancelled",
};

/** How a class stands, in a word. */
export function StageSign({ stage }: { readonly stage: Stage }) {
  const word = SIGNS[stage];
  return word && <span class={`stage-sign stage-sign-${stage}`}>{word}</span>;
}
