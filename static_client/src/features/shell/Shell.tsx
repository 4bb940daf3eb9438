import type { VNode } from "preact";
import { useParts } from "../../ui/app";
import { Announcer } from "./Announcer";
import { DetailsPanel } from "../details/DetailsPanel";
import { PeoplePanel } from "../people/PeoplePanel";
import { Home } from "../rooms/Home";
import { Sidebar } from "../rooms/Sidebar";
import { RoomPane } from "../room/RoomPane";
import { SearchPanel } from "../search/SearchPanel";
import { CallEverywhere } from "../call/CallPlace";
import { MeetingPages } from "../meetings/MeetingPages";
import { ConnectionLine } from "./ConnectionLine";
import { Dialogs } from "./Dialogs";
import { Toasts } from "./Toasts";
import { useKeys } from "./keys";

/** The signed-in page: places on the left, what is said in the middle, what was asked for on the right. */
export function Shell() {
  const { place } = useParts(({ ui }) => ({ place: ui.place }));
  useKeys();
  const pane = place.panel ? "panel" : place.roomId || place.page ? "room" : "list";
  return (
    <div class="shell" data-pane={pane}>
      <SkipLink />
      <div class="lines">
        <ConnectionLine />
        <CallEverywhere />
      </div>
      <Sidebar />
      <main class="middle" id="middle" tabIndex={-1}>
        {place.page ? <MeetingPages page={place.page} /> : place.roomId ? <RoomPane key={place.roomId} roomId={place.roomId} /> : <Home />}
      </main>
      {place.roomId && place.panel && <Side roomId={place.roomId} panel={place.panel} />}
      <Dialogs />
      <Toasts />
      <Announcer />
    </div>
  );
}

/** Past the list of rooms, for those who go by Tab. */
function SkipLink() {
  return (
    <a
      class="skip"
      href="#middle"
      onClick={(event) => {
        event.preventDefault();
        const composer = document.getElementById("composer-text");
        (composer ?? document.getElementById("middle"))?.focus();
      }}
    >
      Skip the list of places
    </a>
  );
}

function Side({ roomId, panel }: { readonly roomId: string; readonly panel: "people" | "search" | "details" }): VNode {
  switch (panel) {
    case "people":
      return <PeoplePanel key={roomId} roomId={roomId} />;
    case "search":
      return <SearchPanel key={roomId} roomId={roomId} />;
    case "details":
      return <DetailsPanel key={roomId} roomId={roomId} />;
  }
}
