import { useParts } from "../../ui/app";
import { TestPlace, atTest } from "../call/CallPlace";
import { SignIn } from "../sign-in/SignIn";
import { Shell } from "./Shell";

export function Root() {
  const { phase } = useParts(({ session }) => ({ phase: session.phase }));
  if (phase === "starting") return null;
  if (atTest()) return <TestPlace />;
  return phase === "signed-in" ? <Shell /> : <SignIn />;
}
