/** Builds everything, in order, and shows it. The only place that knows all parts. */

import { render } from "preact";
import { startAttention } from "./effects/attention";
import { createCallMemory } from "./effects/call-memory";
import { createCallDoor } from "./effects/call-signals";
import { startCalls } from "./effects/calls";
import { createListener } from "./effects/connecting";
import { openDoor } from "./effects/door";
import { createIntentions } from "./effects/intentions";
import { createOutboxKeeper, startDraftKeeper, startOutboxKeeper } from "./effects/keeper";
import { startMeetings } from "./effects/meetings";
import { startNavigating, takeFragment, takeGuest } from "./effects/navigating";
import { sentenceOf } from "./effects/patience";
import { startSender } from "./effects/sender";
import { createSigningIn } from "./effects/signing-in";
import { createStore } from "./effects/store";
import { startSync } from "./effects/sync";
import { startWatching } from "./effects/watching";
import { Root } from "./features/shell/App";
import { MarkdownContext, createMarkdownLoader } from "./features/markdown/Markdown";
import { createCallRecords } from "./net/calls";
import { createRest } from "./net/rest";
import { createConnection } from "./net/socket";
import { createTokenStore } from "./net/tokens";
import { blank, reduce } from "./state/reducer";
import { AppContext } from "./ui/app";
import { CallsContext } from "./features/call/context";
import { MeetingsContext } from "./features/meetings/context";
import type { MeetingDesk } from "./features/meetings/context";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/marks.css";
import "./styles/shell.css";
import "./styles/rooms.css";
import "./styles/timeline.css";
import "./styles/messages.css";
import "./styles/composer.css";
import "./styles/panels.css";
import "./styles/dialogs.css";
import "./styles/call.css";
import "./styles/call-tiles.css";
import "./styles/call-pages.css";
import "./styles/meetings.css";

const link = takeFragment();
const guest = takeGuest(() => sessionStorage);
const store = createStore(reduce, blank);
const tokens = createTokenStore();

const listener = createListener(store, (notice) => signingIn.signOut(notice));
const connection = createConnection(() => tokens.get(), {
  ...listener,
  event: (event) => door.hear(event) || listener.event(event),
});
listener.opener(() => connection.open());

const signingIn = createSigningIn(store, () => connection, tokens);
const navigating = startNavigating(store);
startOutboxKeeper(store, createOutboxKeeper());
startDraftKeeper(store, () => localStorage);
const sync = startSync(store, connection);
startSender(store, connection);
const attention = startAttention(store, connection);
startWatching(store, connection, sync);

const records = createCallRecords(() => tokens.get());
const door = createCallDoor(store, connection, records);
const calls = startCalls({
  store,
  connection,
  signals: door.signals,
  memory: createCallMemory(() => sessionStorage, () => localStorage),
  records,
});

const rest = createRest(() => tokens.get());
/** A guest brings an invitation instead of a token. */
const guestRest = createRest(() => null);
const meetings = startMeetings({ store, connection, rest, newId: randomId, now: () => Date.now() });

const act = createIntentions({ store, connection, sync, signingIn, attention, navigating, newId: randomId });
const markdown = createMarkdownLoader();

const meetingDesk: MeetingDesk = {
  meetings,
  guest,
  openDoor: (meetingId, occurrence, secret) =>
    openDoor({
      ask: (body) => (secret ? guestRest : rest).ask("enterMeeting", { params: { meeting_id: meetingId }, body }),
      occurrence,
      guest: secret ? { secret, name: null } : null,
      now: () => Date.now() + store.get().connection.clockOffset,
      // In place of the door: Back leads to where one came from, not to the door that sends one on again.
      leave: (url) => location.replace(url),
      call: ({ room_id: roomId, token }) => roomId && void joinCall(roomId, token),
    }),
};

const root = document.getElementById("app");
if (root) {
  render(
    <AppContext.Provider value={{ store, act }}>
      <MarkdownContext.Provider value={markdown}>
        <CallsContext.Provider value={calls}>
          <MeetingsContext.Provider value={meetingDesk}>
            <Root />
          </MeetingsContext.Provider>
        </CallsContext.Provider>
      </MarkdownContext.Provider>
    </AppContext.Provider>,
    root,
  );
}
// Texts come right after the connection: be ready for them.
void markdown.load().catch(() => undefined);

if (link) void followLink(link.token, link.room);
else signingIn.start();

/** A class that is held here: its room, and in it the door of the call. A guest is given a token for just that. */
async function joinCall(roomId: string, guestToken: string | undefined): Promise<void> {
  try {
    if (guestToken) await signingIn.withToken(guestToken, true);
    navigating.replace({ roomId });
    await calls.open(roomId);
  } catch (error) {
    act.toast(sentenceOf(error));
  }
}

/** A sign-in link also opens a room, named by its id or by the learning platform's key. */
async function followLink(token: string, room: string | null): Promise<void> {
  try {
    await signingIn.withToken(token);
  } catch (error) {
    signingIn.signOut(error instanceof Error ? error.message : "That link does not work any more.");
    return;
  }
  if (!room) return;
  const stop = store.subscribe(({ connection: { phase } }) => {
    if (phase !== "online") return;
    stop();
    const [first, second] = [{ room_id: room }, { key: room }];
    const order = room.startsWith("room_") ? ([first, second] as const) : ([second, first] as const);
    act.enter(order[0]).catch(() => act.enter(order[1]).catch(() => act.toast("The room of this link is not there.")));
  });
}

/** Unique without a secure context, which a school's plain http address is not. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `c_${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
