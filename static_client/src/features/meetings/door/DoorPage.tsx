import { useEffect, useState } from "preact/hooks";
import { CalendarX2, CircleCheck, Clock, DoorOpen, ExternalLink, Film, TriangleAlert, Video } from "lucide";
import type { Entrance } from "../../../contract.gen";
import type { Door, DoorStep } from "../../../effects/door";
import { placeOf } from "../../../state/place";
import type { Page } from "../../../state/pages";
import { useParts } from "../../../ui/app";
import { useNow } from "../../../ui/clock";
import { Button, Field } from "../../../ui/controls";
import { Icon } from "../../../ui/Icon";
import { PlaceLink } from "../../../ui/links";
import { useObserved } from "../../call/context";
import { useMeetingDesk } from "../context";
import { elsewhereWords, inWords, whenWords } from "../words";
import { Recordings } from "../detail/Recordings";
import "../../../styles/meeting-pages.css";

interface DoorPageProps {
  readonly page: Extract<Page, { readonly name: "door" }>;
  readonly guest: string | null;
}

/** The one link: where it leads just now, or what it waits for. It turns by itself. */
export function DoorPage({ page, guest }: DoorPageProps) {
  const { openDoor } = useMeetingDesk();
  const [door, setDoor] = useState<Door | null>(null);
  useEffect(() => {
    const opened = openDoor(page.meetingId, page.occurrence, guest);
    setDoor(opened);
    return () => opened.close();
  }, [page.meetingId, page.occurrence, guest]);
  const { changes } = useParts(({ meetings }) => ({ changes: meetings.changes }));
  useEffect(() => {
    // Something was told of a meeting: perhaps it has just begun.
    if (door && door.step.get().kind === "told") door.knock();
  }, [changes]);
  return (
    <section class="page door" aria-label="Joining a class">
      {door ? <Step door={door} page={page} guest={guest !== null} /> : <div class="door-card" aria-busy="true" />}
    </section>
  );
}

interface StepProps {
  readonly door: Door;
  readonly page: DoorPageProps["page"];
  readonly guest: boolean;
}

function Step({ door, page, guest }: StepProps) {
  const step: DoorStep = useObserved(door.step);
  switch (step.kind) {
    case "asking":
      return (
        <div class="door-card" aria-busy="true">
          <p role="status">One moment…</p>
        </div>
      );
    case "naming":
      return <Naming door={door} />;
    case "leaving":
      return (
        <div class="door-card">
          <Sign of={ExternalLink} />
          <h1>{step.entrance.title}</h1>
          <p role="status">Taking you there…</p>
          <Button onClick={step.again}>Nothing happens? Try again</Button>
        </div>
      );
    case "refused":
      return (
        <div class="door-card">
          <Sign of={TriangleAlert} />
          <h1>{step.missing ? "This link leads nowhere for you" : "That did not work"}</h1>
          <p role="alert">{step.missing ? missingSentence(guest) : step.sentence}</p>
          <div class="row">
            <Button look="accent" onClick={() => door.knock()}>
              Try again
            </Button>
            {!guest && <PlaceLink to={placeOf({ name: "calendar", view: null, day: null })}>Your calendar</PlaceLink>}
          </div>
        </div>
      );
    case "told":
      return <Told entrance={step.entrance} door={door} page={page} guest={guest} />;
  }
}

function missingSentence(guest: boolean): string {
  return guest
    ? "The invitation may have run out or been taken back. Ask whoever invited you for a new one."
    : "The meeting may be gone, or you may not belong to its room. Ask whoever gave you the link.";
}

const SIGNS = {
  wait: Clock,
  redirect: ExternalLink,
  call: Video,
  recording: Film,
  over: CircleCheck,
  cancelled: CalendarX2,
  broken: TriangleAlert,
} as const;

interface ToldProps extends StepProps {
  readonly entrance: Entrance;
}

function Told({ entrance, door, page, guest }: ToldProps) {
  const now = useNow(5_000);
  const { way, occurrence, title, message } = entrance;
  const elsewhere = occurrence && elsewhereWords(occurrence);
  return (
    <div class="door-card" data-way={way}>
      <Sign of={SIGNS[way]} />
      <h1>{occurrence?.title ?? title}</h1>
      <p class="door-message" role="status">
        {way === "wait" ? waiting(entrance, now) : message}
      </p>
      {occurrence && (
        <p class="hint">
          {whenWords(occurrence, now)}
          {elsewhere && ` · ${elsewhere}`}
        </p>
      )}
      {way === "wait" && <p class="hint">Stay here: this page lets you in by itself.</p>}
      {way === "broken" && <p class="hint">This page asks again by itself. The link stays the same, whatever is done about it.</p>}
      {way === "recording" && <Watch entrance={entrance} guest={guest} />}
      <div class="row">
        {(way === "broken" || way === "wait") && <Button onClick={() => door.knock()}>Ask again now</Button>}
        {!guest && <Onward entrance={entrance} page={page} />}
      </div>
    </div>
  );
}

/** The server's sentence is as old as its answer: the minutes are counted here. */
function waiting({ message, occurrence }: Entrance, now: number): string {
  const left = occurrence ? Date.parse(occurrence.starts_at) - now : 0;
  return left > 0 ? `Not yet, starts ${inWords(left)}.` : message;
}

function Watch({ entrance, guest }: { readonly entrance: Entrance; readonly guest: boolean }) {
  if (!guest) return <Recordings meetingId={entrance.meeting_id} occurrence={entrance.occurrence?.key ?? null} />;
  return entrance.url?.startsWith("/") ? (
    // Captions are not among what providers hand over.
    <video class="recording-player" controls preload="metadata" src={entrance.url} />
  ) : null;
}

function Onward({ entrance, page }: { readonly entrance: Entrance; readonly page: DoorPageProps["page"] }) {
  const { meeting_id: meetingId, room_id: roomId, occurrence } = entrance;
  return (
    <>
      <PlaceLink to={placeOf({ name: "meeting", meetingId, occurrence: occurrence?.key ?? page.occurrence })} class="button button-plain">
        About this class
      </PlaceLink>
      {roomId && (
        <PlaceLink to={{ roomId, panel: null, at: null }} class="button button-plain">
          To its room
        </PlaceLink>
      )}
    </>
  );
}

function Naming({ door }: { readonly door: Door }) {
  const [name, setName] = useState("");
  return (
    <form
      class="door-card form"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) door.name(name.trim());
      }}
    >
      <Sign of={DoorOpen} />
      <h1>You are invited</h1>
      <p>Say who you are: the others will see this name.</p>
      <Field id="guest-name" label="Your name" value={name} onInput={setName} maxLength={120} required autofocus autocomplete="name" />
      <Button type="submit" look="accent" disabled={!name.trim()}>
        Come in
      </Button>
    </form>
  );
}

function Sign({ of }: { readonly of: typeof Clock }) {
  return (
    <span class="empty-icon">
      <Icon of={of} />
    </span>
  );
}
