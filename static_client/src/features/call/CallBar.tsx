import { useRef, useState } from "preact/hooks";
import {
  Ellipsis,
  Hand,
  MessageSquare,
  Mic,
  MicOff,
  PhoneOff,
  PictureInPicture2,
  ScreenShare,
  ScreenShareOff,
  Settings2,
  SmilePlus,
  Table,
  Users,
  Video,
  VideoOff,
} from "lucide";
import type { IconNode } from "lucide";
import type { Desk } from "../../effects/call-desk";
import { sentenceOf } from "../../effects/patience";
import { useAct, useSelect } from "../../ui/app";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/Icon";
import { Popover } from "../../ui/Popover";
import { useCalls, useObserved } from "./context";
import { pictureInPicture } from "./picture";

const EMOJI = ["👍", "👏", "❤️", "😂", "🎉", "😮", "🤔", "🙏"] as const;

/** The one bar of a call. It is always at the same place, and so is everything in it. */
export function CallBar({ desk }: { readonly desk: Desk }) {
  const act = useAct();
  const calls = useCalls();
  const own = useObserved(desk.model, (model) => model.own);
  const raised = useObserved(desk.model, ({ seat }) => seat?.hand_raised_at !== undefined);
  const people = useObserved(desk.model, ({ state }) => state?.peers.filter(({ seat }) => seat === "in").length ?? 0);
  const waiting = useObserved(desk.model, ({ state }) => state?.peers.filter(({ seat }) => seat === "lobby").length ?? 0);
  const side = useSelect(({ calls: known }) => known.mine?.side ?? null);
  const unread = useSelect(({ rooms }) => rooms.byId[desk.roomId]?.me.unread ?? 0);
  const { call } = desk;
  const [speaking, showing, sharing] = [own.microphone !== "off", own.camera !== "off", own.screen !== "off"];
  const said = (work: Promise<void>): void => void work.catch((error: unknown) => act.toast(sentenceOf(error)));
  // What devices and rights refuse stands among the notices already.
  const noticed = (work: Promise<void>): void => void work.catch(() => undefined);
  return (
    <div class="call-bar" role="toolbar" aria-label="Call">
      <div class="call-bar-buttons">
        <BarButton icon={speaking ? Mic : MicOff} off={!speaking} label={speaking ? "Mute" : "Unmute"} onClick={() => noticed(call.setMicrophone(!speaking))} />
        <BarButton
          icon={showing ? Video : VideoOff}
          off={!showing}
          label={showing ? "Turn camera off" : "Turn camera on"}
          short="Camera"
          onClick={() => noticed(call.setCamera(!showing))}
        />
        {canShare() && (
          <BarButton
            icon={sharing ? ScreenShareOff : ScreenShare}
            on={sharing}
            label={sharing ? "Stop sharing" : "Share screen"}
            short={sharing ? "Stop" : "Share"}
            onClick={() => noticed(sharing ? call.stopScreen() : call.shareScreen())}
          />
        )}
        <BarButton icon={Hand} on={raised} label={raised ? "Lower hand" : "Raise hand"} short="Hand" onClick={() => said(call.setHand(!raised))} />
        <React desk={desk} />
        <BarButton
          icon={Users}
          on={side === "people"}
          label="People"
          badge={waiting > 0 ? waiting : null}
          said={waiting > 0 ? `, ${waiting} waiting to come in` : `, ${people} in the call`}
          onClick={() => calls.show({ side: side === "people" ? null : "people" })}
        />
        <BarButton
          icon={MessageSquare}
          on={side === "chat"}
          label="Chat"
          badge={unread > 0 && side !== "chat" ? unread : null}
          said={unread > 0 && side !== "chat" ? `, ${unread} unread` : ""}
          onClick={() => calls.show({ side: side === "chat" ? null : "chat" })}
        />
        <More desk={desk} />
        <BarButton icon={PhoneOff} danger label="Leave call" short="Leave" onClick={() => void calls.leave()} />
      </div>
    </div>
  );
}

interface BarButtonProps {
  readonly icon: IconNode;
  readonly label: string;
  /** Where there is little room. */
  readonly short?: string;
  readonly on?: boolean;
  readonly off?: boolean;
  readonly danger?: boolean;
  readonly badge?: number | null;
  /** Read out after the label. */
  readonly said?: string;
  readonly expanded?: boolean;
  readonly onClick: () => void;
}

function BarButton({ icon, label, short = label, on, off, danger, badge = null, said = "", expanded, onClick }: BarButtonProps) {
  const look = danger ? "bar-danger" : off ? "bar-off" : on ? "bar-on" : "";
  return (
    <button type="button" class={`bar-button ${look}`} aria-label={label} aria-description={said.replace(/^, /, "") || undefined} aria-expanded={expanded} onClick={onClick}>
      <Icon of={icon} />
      <span class="bar-long">{label}</span>
      <span class="bar-short">{short}</span>
      {badge !== null && (
        <span class="badge bar-badge" aria-hidden="true">
          {badge}
        </span>
      )}
    </button>
  );
}

function React({ desk }: { readonly desk: Desk }) {
  const act = useAct();
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  return (
    <span ref={anchor} class="bar-part">
      <BarButton icon={SmilePlus} label="React" expanded={open} onClick={() => setOpen(!open)} />
      {open && (
        <Popover label="React" anchor={() => anchor.current} onClose={() => setOpen(false)}>
          <div class="emoji-row">
            {EMOJI.map((emoji) => (
              <button
                key={emoji}
                type="button"
                class="emoji-button"
                aria-label={`React with ${emoji}`}
                onClick={() => {
                  setOpen(false);
                  desk.call.react(emoji).catch((error: unknown) => act.toast(sentenceOf(error)));
                }}
              >
                {emoji}
              </button>
            ))}
          </div>
        </Popover>
      )}
    </span>
  );
}

function More({ desk }: { readonly desk: Desk }) {
  const act = useAct();
  const staff = useObserved(desk.model, ({ seat }) => seat?.staff === true);
  const callId = useObserved(desk.model, (model) => model.callId);
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const then = (work: () => void) => () => {
    setOpen(false);
    work();
  };
  return (
    <span ref={anchor} class="bar-part">
      <BarButton icon={Ellipsis} label="More" expanded={open} onClick={() => setOpen(!open)} />
      {open && (
        <Popover label="More" anchor={() => anchor.current} onClose={() => setOpen(false)}>
          <Button look="quiet" icon={Settings2} onClick={then(() => act.dialog({ name: "call-settings" }))}>
            Devices and sound
          </Button>
          {document.pictureInPictureEnabled && (
            <Button look="quiet" icon={PictureInPicture2} onClick={then(() => void pictureInPicture().then((sentence) => sentence && act.toast(sentence)))}>
              Picture in picture
            </Button>
          )}
          {callId && (
            <Button look="quiet" icon={Table} onClick={then(() => act.dialog({ name: "attendance", callId }))}>
              {staff ? "Attendance" : "My attendance"}
            </Button>
          )}
          {staff && (
            <Button look="danger" icon={PhoneOff} onClick={then(() => act.dialog({ name: "end-call" }))}>
              End call for everybody
            </Button>
          )}
        </Popover>
      )}
    </span>
  );
}

function canShare(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}
