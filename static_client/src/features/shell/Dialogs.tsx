import type { DialogName } from "../../state/model";
import { useAct, useParts } from "../../ui/app";
import { Dialog } from "../../ui/Dialog";
import { ArchiveDialog, LeaveDialog } from "../details/dialogs";
import { BrowseDialog } from "../rooms/BrowseDialog";
import { CreateRoomDialog } from "../rooms/CreateRoomDialog";
import { Switcher } from "../rooms/Switcher";
import { TokenForm } from "../sign-in/SignIn";
import { DeleteDialog } from "../timeline/DeleteDialog";
import { HistoryDialog } from "../timeline/HistoryDialog";
import { ActionSheet } from "../timeline/ActionSheet";
import { LazyCallDialog } from "../call/CallPlace";
import { LazyMeetingDialog } from "../meetings/MeetingPages";
import { KEY_HELP } from "./keys";

/** The one dialog that is open, if any. */
export function Dialogs() {
  const { dialog } = useParts(({ ui }) => ({ dialog: ui.dialog }));
  return dialog && <Named dialog={dialog} key={dialog.name} />;
}

function Named({ dialog }: { readonly dialog: DialogName }) {
  const act = useAct();
  const close = (): void => act.dialog(null);
  switch (dialog.name) {
    case "create-room":
      return <CreateRoomDialog onClose={close} />;
    case "browse":
      return <BrowseDialog onClose={close} />;
    case "switcher":
      return <Switcher onClose={close} />;
    case "keys":
      return <KeysDialog onClose={close} />;
    case "sign-in-again":
      return (
        <Dialog title="Sign in again" onClose={close}>
          <p>Nothing you wrote is lost. It is sent when you are signed in again.</p>
          <TokenForm />
        </Dialog>
      );
    case "history":
      return <HistoryDialog messageId={dialog.messageId} onClose={close} />;
    case "delete":
      return <DeleteDialog messageId={dialog.messageId} onClose={close} />;
    case "actions":
      return <ActionSheet messageId={dialog.messageId} onClose={close} />;
    case "call-settings":
    case "end-call":
    case "attendance":
      return <LazyCallDialog dialog={dialog} onClose={close} />;
    case "cancel-meeting":
    case "change-meeting":
    case "calendar-feed":
      return <LazyMeetingDialog dialog={dialog} onClose={close} />;
    case "leave":
      return <LeaveDialog roomId={dialog.roomId} onClose={close} />;
    case "archive":
      return <ArchiveDialog roomId={dialog.roomId} onClose={close} />;
  }
}

function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {KEY_HELP.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
