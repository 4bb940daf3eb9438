import { isPublic } from "../../state/pages";
import { useParts } from "../../ui/app";
import { TestPlace, atTest } from "../call/CallPlace";
import { useMeetingDesk } from "../meetings/context";
import { GuestPlace } from "../meetings/MeetingPages";
import { SignIn } from "../sign-in/SignIn";
import { Shell } from "./Shell";

export function Root() {
  const { phase, page } = useParts(({ session, ui }) => ({ phase: session.phase, page: ui.place.page }));
  const { guest } = useMeetingDesk();
  // Whoever brings an invitation is let in by it, signed in or not.
  if (guest && page && isPublic(page)) return <GuestPlace page={page} />;
  if (phase === "starting") return null;
  if (atTest()) return <TestPlace />;
  return phase === "signed-in" ? <Shell /> : <SignIn />;
}
