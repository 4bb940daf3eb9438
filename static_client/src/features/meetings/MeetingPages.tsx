import { useSelect } from "../../ui/app";
import type { DialogName } from "../../state/model";
import type { Page } from "../../state/pages";
import { useLazy } from "../call/lazy";
import { useMeetingDesk } from "./context";

export type MeetingDialogName = Extract<DialogName, { readonly name: "cancel-meeting" | "change-meeting" | "calendar-feed" }>;

const loadCalendar = async () => (await import("./calendar/CalendarPage")).CalendarPage;
const loadForm = async () => (await import("./form/FormPages")).FormPage;
const loadMeeting = async () => (await import("./detail/MeetingPage")).MeetingPage;
const loadDoor = async () => (await import("./door/DoorPage")).DoorPage;
const loadDialog = async () => (await import("./dialogs")).MeetingDialog;

/** The pages beside the rooms. Each is loaded when somebody goes there. */
export function MeetingPages({ page }: { readonly page: Page }) {
  switch (page.name) {
    case "calendar":
      return <Calendar page={page} />;
    case "schedule":
      return <Form key={`new ${page.roomId}`} page={page} />;
    case "change":
      return <Form key={`${page.meetingId} ${page.occurrence} ${page.scope}`} page={page} />;
    case "meeting":
      return <Meeting key={page.meetingId} page={page} />;
    case "door":
      return <Doorway key={`${page.meetingId} ${page.occurrence}`} page={page} guest={null} />;
  }
}

type PageOf<Name extends Page["name"]> = Extract<Page, { readonly name: Name }>;

function Calendar({ page }: { readonly page: PageOf<"calendar"> }) {
  const View = useLazy(loadCalendar, true);
  return View ? <View page={page} /> : <Loading />;
}

function Form({ page }: { readonly page: PageOf<"schedule"> | PageOf<"change"> }) {
  const View = useLazy(loadForm, true);
  return View ? <View page={page} /> : <Loading />;
}

function Meeting({ page }: { readonly page: PageOf<"meeting"> }) {
  const View = useLazy(loadMeeting, true);
  return View ? <View page={page} /> : <Loading />;
}

function Doorway({ page, guest }: { readonly page: PageOf<"door">; readonly guest: string | null }) {
  const View = useLazy(loadDoor, true);
  return View ? <View page={page} guest={guest} /> : <Loading />;
}

function Loading() {
  return <section class="page" aria-busy="true" />;
}

/** Before, or without, signing in: a guest's way through the one link. */
export function GuestPlace({ page }: { readonly page: Page }) {
  const { guest } = useMeetingDesk();
  const toasts = useSelect(({ ui }) => ui.toasts);
  if (page.name !== "door") return null;
  return (
    <main class="guest-place">
      <Doorway page={page} guest={guest} />
      {toasts.map(({ id, sentence }) => (
        <p key={id} role="status">
          {sentence}
        </p>
      ))}
    </main>
  );
}

export function LazyMeetingDialog(props: { readonly dialog: MeetingDialogName; readonly onClose: () => void }) {
  const View = useLazy(loadDialog, true);
  return View && <View {...props} />;
}
