import { useEffect, useState } from "preact/hooks";
import { Film } from "lucide";
import type { MeetingRecording } from "../../../contract.gen";
import { useAct, useSelect } from "../../../ui/app";
import { useAttempt } from "../../../ui/attempt";
import { Button, Problem } from "../../../ui/controls";
import { Icon } from "../../../ui/Icon";
import { dateIn, viewerZone } from "../../../ui/zones";
import { duration } from "../../call/words";
import { useMeetings } from "../context";
import { keyDay } from "../words";

interface RecordingsProps {
  readonly meetingId: string;
  /** Only those of this class; null: of all. */
  readonly occurrence: string | null;
}

const KINDS: Readonly<Record<string, string>> = { video: "Video", audio: "Sound only", chat: "Chat", transcript: "Transcript", other: "File" };

/** What was recorded, with a player for what can be played. */
export function Recordings({ meetingId, occurrence }: RecordingsProps) {
  const meetings = useMeetings();
  const changes = useSelect(({ meetings: state }) => state.changes);
  const [items, setItems] = useState<readonly MeetingRecording[] | null>(null);
  const { problem, attempt } = useAttempt();
  const load = (): void => attempt(async () => setItems((await meetings.recordings(meetingId)).items));
  useEffect(load, [meetingId, changes]);
  const shown = items?.filter(({ key }) => occurrence === null || key === undefined || key === occurrence);
  return (
    <div class="recordings">
      <Problem sentence={problem} />
      {shown?.length === 0 && <p class="hint">No recordings.</p>}
      <ul class="plain-list">
        {shown?.map((recording) => (
          <RecordingItem key={recording.id} recording={recording} onGone={load} />
        ))}
      </ul>
    </div>
  );
}

function RecordingItem({ recording, onGone }: { readonly recording: MeetingRecording; readonly onGone: () => void }) {
  const act = useAct();
  const meetings = useMeetings();
  const mayDelete = useSelect(({ meetings: state }) => state.details[recording.meeting_id]?.mayChange ?? false);
  /** The address at the moment of playing: a fresh one would begin the film anew. */
  const [src, setSrc] = useState<string | null>(null);
  const [sure, setSure] = useState(false);
  const { busy, problem, attempt } = useAttempt();
  const { kind, state, url } = recording;
  const playable = state === "ready" && url !== undefined && (kind === "video" || kind === "audio");
  return (
    <li class="recording">
      <div class="recording-line">
        <Icon of={Film} />
        <p>
          <strong>{titleOf(recording)}</strong>
          <small>{factsOf(recording)}</small>
        </p>
        {playable && !src && (
          <Button look="accent" onClick={() => setSrc(url)}>
            Play
          </Button>
        )}
        {state === "ready" && url && !playable && (
          <a class="button button-plain" href={url} download>
            Download
          </a>
        )}
        {mayDelete && !sure && (
          <Button look="danger" onClick={() => setSure(true)}>
            Delete
          </Button>
        )}
      </div>
      {sure && (
        <div class="notice notice-row">
          <p>Delete this recording for good? Nobody can bring it back.</p>
          <div class="row">
            <Button onClick={() => setSure(false)}>Keep it</Button>
            <Button
              look="danger"
              disabled={busy}
              onClick={() =>
                attempt(
                  () => meetings.deleteRecording(recording.meeting_id, recording.id),
                  () => {
                    act.toast("The recording was deleted.");
                    onGone();
                  },
                )
              }
            >
              Delete for good
            </Button>
          </div>
        </div>
      )}
      <Problem sentence={problem} />
      {src && kind === "video" && <video class="recording-player" controls autoPlay preload="metadata" src={src} />}
      {src && kind === "audio" && <audio class="recording-player" controls autoPlay preload="metadata" src={src} />}
    </li>
  );
}

function titleOf({ key, starts_at: at, kind }: MeetingRecording): string {
  const day = key ? keyDay(key) : at ? dateIn(viewerZone(), new Date(at)) : null;
  const name = KINDS[kind] ?? "File";
  return day ? `${day} · ${name}` : name;
}

function factsOf({ state, seconds, bytes, problem, keep_until: until }: MeetingRecording): string {
  if (state === "fetching") return "It is being fetched from the provider. It appears here by itself.";
  if (state === "failed") return problem ?? "It could not be fetched.";
  if (state === "expired") return "It was deleted: the time for keeping it was over.";
  const facts = [
    seconds !== undefined && duration(seconds),
    bytes !== undefined && size(bytes),
    until !== undefined && `kept until ${dateIn(viewerZone(), new Date(until))}`,
  ];
  return facts.filter((fact) => fact !== false).join(" · ");
}

function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
