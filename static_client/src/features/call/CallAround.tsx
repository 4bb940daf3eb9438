import { useEffect, useRef, useState } from "preact/hooks";
import { Mic, MicOff, Phone, PhoneOff, Volume2 } from "lucide";
import type { Desk } from "../../effects/call-desk";
import { titleOf } from "../../state/selectors";
import { useAct, useSelect } from "../../ui/app";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/Icon";
import { useCalls, useObserved } from "./context";
import { useCallKeys } from "./keys";
import { useNews } from "./news";

/** What of a call is there wherever on the page one is. */
export function CallAround({ desk }: { readonly desk: Desk }) {
  useCallKeys(desk);
  return (
    <>
      <Players desk={desk} />
      <News desk={desk} />
      <Elsewhere desk={desk} />
    </>
  );
}

/** The others' sound. Browsers play it only after the person did something on this page. */
function Players({ desk }: { readonly desk: Desk }) {
  const tiles = useObserved(desk.model, (model) => model.tiles);
  const speakerId = useObserved(desk.devices.model, ({ settings }) => settings.speakerId);
  const [silent, setSilent] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const sounds = tiles.flatMap(({ key, audio, self }) => (audio && !self ? [{ key, audio }] : []));
  return (
    <>
      <div hidden ref={box}>
        {sounds.map(({ key, audio }) => (
          <Sound key={key} stream={audio} speakerId={speakerId} onRefused={() => setSilent(true)} />
        ))}
      </div>
      {silent && (
        <div class="call-line" role="alert">
          <Icon of={Volume2} />
          <span>Your browser keeps this page silent until you press a button.</span>
          <Button
            look="accent"
            onClick={() => {
              setSilent(false);
              for (const player of box.current?.querySelectorAll("audio") ?? []) void player.play().catch(() => setSilent(true));
            }}
          >
            Turn sound on
          </Button>
        </div>
      )}
    </>
  );
}

interface SoundProps {
  readonly stream: MediaStream;
  readonly speakerId: string | null;
  readonly onRefused: () => void;
}

function Sound({ stream, speakerId, onRefused }: SoundProps) {
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const player = audio.current;
    if (!player) return;
    player.srcObject = stream;
    player.play().catch((error: unknown) => {
      if (error instanceof Error && error.name === "NotAllowedError") onRefused();
    });
    return () => void (player.srcObject = null);
  }, [stream]);
  useEffect(() => {
    const player = audio.current;
    // A speaker that is gone is no reason to be silent: the system's stays in use.
    if (player && "setSinkId" in player) void player.setSinkId(speakerId ?? "").catch(() => undefined);
  }, [speakerId]);
  return <audio ref={audio} autoPlay />;
}

/** Who came, who went, whose hand is up: for screen readers, politely. */
function News({ desk }: { readonly desk: Desk }) {
  const act = useAct();
  const news = useNews(desk.model, act.toast);
  return (
    <div class="unseen" role="log" aria-live="polite" aria-label="News of the call">
      {news.map(({ id, sentence }) => (
        <p key={id}>{sentence}</p>
      ))}
    </div>
  );
}

/** The call goes on while one reads elsewhere; this is the way back. */
function Elsewhere({ desk }: { readonly desk: Desk }) {
  const act = useAct();
  const calls = useCalls();
  const phase = useObserved(desk.model, (model) => model.phase);
  const speaking = useObserved(desk.model, ({ own }) => own.microphone !== "off");
  const title = useSelect(({ rooms, session }) => {
    const summary = rooms.byId[desk.roomId];
    return summary ? titleOf(summary, session.me) : "another room";
  });
  const away = useSelect(({ ui }) => ui.place.roomId !== desk.roomId);
  if (!away || phase === "over") return null;
  const inside = phase === "in" || phase === "reconnecting";
  return (
    <div class="call-line" role="region" aria-label="Your call">
      <Icon of={Phone} />
      <span>
        {inside ? "You are in the call in " : "You are at the door of the call in "}
        <strong>{title}</strong>
      </span>
      <Button look="accent" onClick={() => act.go({ roomId: desk.roomId })}>
        Back to the call
      </Button>
      {inside && (
        <Button icon={speaking ? Mic : MicOff} onClick={() => void desk.call.setMicrophone(!speaking).catch(() => undefined)}>
          {speaking ? "Mute" : "Unmute"}
        </Button>
      )}
      <Button icon={PhoneOff} onClick={() => void calls.leave()}>
        Leave call
      </Button>
    </div>
  );
}
