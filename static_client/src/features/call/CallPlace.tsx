import { atStage } from "../../state/call";
import { useSelect } from "../../ui/app";
import { useDesk } from "./context";
import type { CallDialogName } from "./dialogs";
import { useLazy } from "./lazy";

const loadRoom = async () => (await import("./CallRoom")).CallRoom;
const loadDialog = async () => (await import("./dialogs")).CallDialog;
const loadAround = async () => (await import("./CallAround")).CallAround;

/** The call within its room: door, lobby, stage. */
export function CallPlace({ roomId }: { readonly roomId: string }) {
  const desk = useDesk();
  const here = useSelect(({ calls }) => atStage(calls, roomId));
  const Room = useLazy(loadRoom, here);
  if (!here || !desk || desk.roomId !== roomId) return null;
  return Room ? <Room desk={desk} /> : <div class="stage" aria-busy="true" />;
}

/** What of a call is there wherever one is: its sound, its keys, its news, and the way back to it. */
export function CallEverywhere() {
  const desk = useDesk();
  const Around = useLazy(loadAround, desk !== null);
  return desk && Around ? <Around desk={desk} /> : null;
}

export function LazyCallDialog(props: { readonly dialog: CallDialogName; readonly onClose: () => void }) {
  const View = useLazy(loadDialog, true);
  return View && <View {...props} />;
}

/** The connection test has an address of its own, and opens beside a call rather than in its place. */
export function atTest(): boolean {
  return location.pathname === "/connection-test";
}

const loadTest = async () => (await import("./ConnectionTest")).ConnectionTest;

export function TestPlace() {
  const View = useLazy(loadTest, true);
  return View && <View />;
}
