import { useRef, useState } from "preact/hooks";
import { EllipsisVertical, Hand, MicOff, ScreenShare, VideoOff, X } from "lucide";
import type { Moderation, Peer, Source } from "../../contract.gen";
import type { Desk } from "../../effects/call-desk";
import { sentenceOf } from "../../effects/patience";
import { useAct } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Avatar } from "../../ui/Avatar";
import { Button, IconButton, Problem } from "../../ui/controls";
import { Icon } from "../../ui/Icon";
import { Popover } from "../../ui/Popover";
import { useCalls, useObserved } from "./context";
import { byHand } from "./order";
import { Rules } from "./Rules";

/** Who is in the call, raised hands first; for staff also who waits, and what may be done about it. */
export function CallPeople({ desk }: { readonly desk: Desk }) {
  const act = useAct();
  const calls = useCalls();
  const state = useObserved(desk.model, (model) => model.state);
  const seat = useObserved(desk.model, (model) => model.seat);
  const { busy, problem, attempt } = useAttempt();
  const staff = seat?.staff === true;
  const people = state ? byHand(state) : [];
  const waiting = state?.peers.filter((peer) => peer.seat === "lobby") ?? [];
  const first = people.find(({ id }) => id === state?.hands[0]);
  const moderate = (action: Moderation, peer: Peer, source?: Source): void =>
    attempt(() => calls.moderate({ action, peer_id: peer.id, ...(source ? { source } : {}) }));
  return (
    <aside class="call-side" aria-label="People in the call">
      <header class="call-side-head">
        <h2>In the call · {people.length}</h2>
        <IconButton icon={X} label="Close the list" onClick={() => calls.show({ side: null })} />
      </header>
      <div class="call-side-body">
        <Problem sentence={problem} />
        {staff && waiting.length > 0 && (
          <>
            <h3 class="panel-section">Waiting to come in · {waiting.length}</h3>
            <ul class="plain-list" aria-label="Waiting to come in">
              {waiting.map((peer) => (
                <li key={peer.id} class="person">
                  <Avatar person={peer.user} />
                  <span class="person-name">
                    <strong>{peer.user.name}</strong>
                  </span>
                  <Button look="accent" disabled={busy} onClick={() => moderate("admit", peer)}>
                    Admit
                  </Button>
                  <Button disabled={busy} onClick={() => moderate("deny", peer)}>
                    Deny
                  </Button>
                </li>
              ))}
            </ul>
          </>
        )}
        {staff && first && (
          <div class="next-hand">
            <p>
              <strong>{first.user.name}</strong> raised a hand first.
            </p>
            <div class="row">
              <Button look="accent" disabled={busy} onClick={() => moderate("give_floor", first)}>
                Give the floor
              </Button>
              <Button disabled={busy} onClick={() => moderate("lower_hand", first)}>
                Lower hand
              </Button>
            </div>
          </div>
        )}
        <ul class="plain-list" aria-label="People in the call">
          {people.map((peer) => (
            <Row key={peer.id} peer={peer} self={peer.id === seat?.id} place={state?.hands.indexOf(peer.id) ?? -1} staff={staff} />
          ))}
        </ul>
        {staff && (
          <div class="row">
            <Button icon={MicOff} disabled={busy} onClick={() => attempt(() => calls.moderate({ action: "mute", source: "microphone" }))}>
              Mute everybody
            </Button>
          </div>
        )}
        {staff && state && <Rules policy={state.call.policy} />}
        <div class="row">
          <Button look="quiet" onClick={() => act.go({ panel: "people" })}>
            Everybody in this room
          </Button>
        </div>
      </div>
    </aside>
  );
}

interface RowProps {
  readonly peer: Peer;
  readonly self: boolean;
  /** In the queue of hands, from 0; -1 when the hand is down. */
  readonly place: number;
  readonly staff: boolean;
}

function Row({ peer, self, place, staff }: RowProps) {
  const on = (source: Source): boolean => peer.tracks.some((track) => track.source === source && !track.muted);
  return (
    <li class="person" data-peer={peer.id}>
      <Avatar person={peer.user} />
      <span class="person-name">
        <strong>
          {peer.user.name}
          {self && " (you)"}
        </strong>
        <small>{wordsOf(peer)}</small>
      </span>
      {place >= 0 && (
        <span class="tile-hand tile-hand-inline">
          <Icon of={Hand} />
          {place + 1}
          <span class="unseen">. in the queue of raised hands</span>
        </span>
      )}
      <span class="person-signs">
        {on("screen") && <Sign icon={ScreenShare} name="Shares a screen" />}
        {!on("camera") && <Sign icon={VideoOff} name="Camera off" />}
        {!on("microphone") && <Sign icon={MicOff} name="Muted" />}
      </span>
      {staff && !self && <SeatMenu peer={peer} />}
    </li>
  );
}

function Sign({ icon, name }: { readonly icon: typeof Hand; readonly name: string }) {
  return (
    <span title={name}>
      <Icon of={icon} />
      <span class="unseen">{name}</span>
    </span>
  );
}

function wordsOf(peer: Peer): string {
  const words = [
    peer.staff && "leads the call",
    peer.floor && "has the floor",
    !peer.connected && "reconnecting",
    peer.blocked.length > 0 && `${peer.blocked.map((source) => (source === "screen_audio" ? "screen sound" : source)).join(", ")} switched off by staff`,
  ].filter(Boolean);
  return words.join(" · ");
}

/** What staff can do about one person. Nobody is ever unmuted from here. */
function SeatMenu({ peer }: { readonly peer: Peer }) {
  const act = useAct();
  const calls = useCalls();
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const run = (action: Moderation, source?: Source) => (): void => {
    setOpen(false);
    calls.moderate({ action, peer_id: peer.id, ...(source ? { source } : {}) }).catch((error: unknown) => act.toast(sentenceOf(error)));
  };
  const blocked = (source: Source): boolean => peer.blocked.includes(source);
  const shares = peer.tracks.some(({ source }) => source === "screen");
  return (
    <span ref={anchor}>
      <IconButton small icon={EllipsisVertical} label={`More for ${peer.user.name}`} expanded={open} onClick={() => setOpen(!open)} />
      {open && (
        <Popover label={peer.user.name} anchor={() => anchor.current} onClose={() => setOpen(false)}>
          {blocked("microphone") ? (
            <Button look="quiet" onClick={run("allow", "microphone")}>
              Let {peer.user.name} speak again
            </Button>
          ) : (
            <Button look="quiet" onClick={run("mute", "microphone")}>
              Mute {peer.user.name}
            </Button>
          )}
          {blocked("camera") ? (
            <Button look="quiet" onClick={run("allow", "camera")}>
              Allow the camera again
            </Button>
          ) : (
            <Button look="quiet" onClick={run("mute", "camera")}>
              Switch the camera off
            </Button>
          )}
          {shares && (
            <Button look="quiet" onClick={run("stop_screen")}>
              Stop the screen share
            </Button>
          )}
          {blocked("screen") && (
            <Button look="quiet" onClick={run("allow", "screen")}>
              Allow screen sharing again
            </Button>
          )}
          {peer.floor ? (
            <Button look="quiet" onClick={run("take_floor")}>
              Take the floor back
            </Button>
          ) : (
            <Button look="quiet" onClick={run("give_floor")}>
              Give the floor
            </Button>
          )}
          {peer.hand_raised_at !== undefined && (
            <Button look="quiet" onClick={run("lower_hand")}>
              Lower hand
            </Button>
          )}
          <Button look="danger" onClick={run("remove")}>
            Remove from the call
          </Button>
        </Popover>
      )}
    </span>
  );
}
