import { useEffect, useRef } from "preact/hooks";
import { ArrowLeft, DoorClosed, Info, Search, Users } from "lucide";
import { maySend } from "../../state/allowed";
import { atStage } from "../../state/call";
import type { Panel } from "../../state/model";
import { otherOf, peopleOf, presenceOf, titleOf, typingSentence } from "../../state/selectors";
import { useAct, useParts, useSelect } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Button, Empty, IconButton, Problem } from "../../ui/controls";
import { CallButton } from "../call/CallButton";
import { CallPlace } from "../call/CallPlace";
import { RoomNext } from "../meetings/RoomNext";
import { Composer } from "../composer/Composer";
import { RoomSign } from "../rooms/RoomRow";
import { Timeline } from "../timeline/Timeline";

export function RoomPane({ roomId }: { readonly roomId: string }) {
  const { missing, title } = useParts((state) => ({
    missing: state.ui.missing[roomId] === true && !state.rooms.byId[roomId],
    title: state.rooms.byId[roomId] && titleOf(state.rooms.byId[roomId], state.session.me),
  }));
  const side = useSelect(({ calls }) => (atStage(calls, roomId) ? (calls.mine?.side ?? "none") : null));
  useUnseen(side !== null && side !== "chat");
  if (missing) return <Missing />;
  return (
    <section class="room" aria-label={title ?? "Room"} data-call={side ?? undefined}>
      <RoomHead roomId={roomId} />
      <CallPlace roomId={roomId} />
      {(side === null || side === "chat") && (
        <div class="room-talk">
          <Timeline roomId={roomId} />
          <RoomFoot roomId={roomId} />
        </div>
      )}
    </section>
  );
}

/** While a call covers the messages, nobody has read the newest. */
function useUnseen(covered: boolean): void {
  const act = useAct();
  useEffect(() => {
    if (covered) act.atNewest(false);
  }, [covered]);
}

const PANELS = [
  { panel: "search", label: "Search", icon: Search },
  { panel: "people", label: "People", icon: Users },
  { panel: "details", label: "Details", icon: Info },
] as const;

function RoomHead({ roomId }: { readonly roomId: string }) {
  const act = useAct();
  const inCall = useSelect(({ calls }) => atStage(calls, roomId));
  const { summary, me, open } = useParts(({ rooms, session, ui }) => ({
    summary: rooms.byId[roomId],
    me: session.me,
    open: ui.place.panel,
  }));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // On a narrow screen the list that was clicked is gone, and the focus with it.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  const toggle = (panel: Panel): void => (open === panel ? act.up() : act.go({ panel }));
  return (
    <header class="room-head">
      <span class="only-narrow">
        <IconButton icon={ArrowLeft} label="Back" onClick={() => act.up()} />
      </span>
      {summary && <RoomSign summary={summary} />}
      <div class="room-name">
        <h1 ref={heading} tabIndex={-1}>{summary ? titleOf(summary, me) : " "}</h1>
        <p>
          <Presence roomId={roomId} />
        </p>
      </div>
      <div class="room-tools">
        <CallButton roomId={roomId} />
        {PANELS.filter(({ panel }) => panel !== "people" || !inCall).map(({ panel, label, icon }) => (
          <IconButton key={panel} icon={icon} label={label} pressed={open === panel} onClick={() => toggle(panel)} />
        ))}
      </div>
      <RoomNext roomId={roomId} />
    </header>
  );
}

const HERE = { online: "Here now", away: "Away", offline: "Not here" } as const;

/** One sentence on who is here. */
function Presence({ roomId }: { readonly roomId: string }) {
  const sentence = useSelect((state) => {
    const summary = state.rooms.byId[roomId];
    if (!summary || !state.people.present[roomId]) return " ";
    const other = otherOf(summary, state.session.me);
    if (other) return HERE[presenceOf(state, other.id)];
    const here = peopleOf(state, roomId).filter(({ presence }) => presence !== "offline").length;
    const count = here <= 1 ? "Only you are here" : `${here} people here`;
    return summary.room.archived ? `Archived · ${count}` : count;
  });
  return <>{sentence}</>;
}

function RoomFoot({ roomId }: { readonly roomId: string }) {
  const act = useAct();
  const { summary, loaded } = useParts(({ rooms }) => ({ summary: rooms.byId[roomId], loaded: rooms.loaded }));
  const typing = useSelect((state) => typingSentence(state, roomId));
  const seen = useSelect((state) => {
    const other = state.rooms.byId[roomId] && otherOf(state.rooms.byId[roomId], state.session.me);
    const last = state.rooms.byId[roomId]?.last_message;
    if (!other || !last || last.author.id !== state.session.me?.id) return false;
    return (state.people.readBy[roomId]?.[other.id] ?? 0) >= last.seq;
  });
  const { busy, problem, attempt } = useAttempt();
  return (
    <footer class="room-foot">
      <p class="typing">
        {typing ? (
          <>
            <span class="dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            {typing}
          </>
        ) : (
          seen && "Seen"
        )}
      </p>
      {maySend(summary) && <Composer roomId={roomId} />}
      {summary?.room.archived && <p class="closed">This room is archived and can only be read.</p>}
      {summary?.me.role && !summary.room.archived && !maySend(summary) && (
        <p class="closed">Only staff write here. You can react to what they say.</p>
      )}
      {loaded && !summary && (
        <div class="closed">
          <p>You are not a member of this room.</p>
          <Problem sentence={problem} />
          <Button look="accent" disabled={busy} onClick={() => attempt(() => act.enter({ room_id: roomId }))}>
            Join
          </Button>
        </div>
      )}
    </footer>
  );
}

/** The same words for "not there" and "not yours". */
function Missing() {
  const act = useAct();
  return (
    <div class="home">
      <Empty icon={DoorClosed} title="There is no such room for you">
        <p>It may have been closed, or you may not be a member of it. Ask whoever gave you the link.</p>
        <Button onClick={() => act.go({ roomId: null })}>Back to your rooms</Button>
      </Empty>
    </div>
  );
}
