import { useEffect, useState } from "preact/hooks";
import { Copy, RefreshCw } from "lucide";
import type { CalendarFeed, Scope } from "../../contract.gen";
import { useAct, useSelect } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Button, Choice, Problem } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { Input } from "../../ui/fields";
import { dateIn, viewerZone } from "../../ui/zones";
import { useMeetings } from "./context";
import type { MeetingDialogName } from "./MeetingPages";
import { keyDay } from "./words";

interface Closing {
  readonly onClose: () => void;
}

export function MeetingDialog({ dialog, onClose }: { readonly dialog: MeetingDialogName } & Closing) {
  switch (dialog.name) {
    case "cancel-meeting":
      return <CancelDialog meetingId={dialog.meetingId} occurrence={dialog.occurrence} onClose={onClose} />;
    case "change-meeting":
      return <ScopeDialog meetingId={dialog.meetingId} occurrence={dialog.occurrence} onClose={onClose} />;
    case "calendar-feed":
      return <FeedDialog onClose={onClose} />;
  }
}

interface OfMeeting extends Closing {
  readonly meetingId: string;
  readonly occurrence: string | null;
}

function scopes(occurrence: string | null): readonly { readonly value: Scope; readonly label: string; readonly hint?: string }[] {
  const all = { value: "all", label: "All classes that are still to come" } as const;
  if (!occurrence) return [all];
  return [
    { value: "this", label: `Only the class of ${keyDay(occurrence)}` },
    { value: "following", label: "This one and all that follow" },
    all,
  ];
}

/** Of a series: how much of it is meant to change. */
function ScopeDialog({ meetingId, occurrence, onClose }: OfMeeting) {
  const act = useAct();
  const [scope, setScope] = useState<Scope>(occurrence ? "this" : "all");
  return (
    <Dialog title="What do you want to change?" onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onClose();
          act.go({ page: { name: "change", meetingId, occurrence: scope === "all" ? null : occurrence, scope } });
        }}
      >
        <Choice<Scope> label="Which classes" name="scope" value={scope} options={scopes(occurrence)} onChange={setScope} />
        <div class="row row-end">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="accent">
            Continue
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function CancelDialog({ meetingId, occurrence, onClose }: OfMeeting) {
  const act = useAct();
  const meetings = useMeetings();
  const meeting = useSelect(({ meetings: state }) => state.byId[meetingId]);
  const series = meeting?.schedule.rule !== undefined;
  const [scope, setScope] = useState<Scope>(series && occurrence ? "this" : "all");
  const [reason, setReason] = useState("");
  const { busy, problem, attempt } = useAttempt();
  const wish = {
    scope,
    ...(scope !== "all" && occurrence ? { occurrence } : {}),
    ...(reason.trim() ? { reason: reason.trim() } : {}),
  };
  return (
    <Dialog title={`Cancel ${meeting?.title ?? "the meeting"}?`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          attempt(
            () => meetings.cancel(meetingId, wish),
            () => {
              onClose();
              act.toast("Cancelled. Everybody is told.");
            },
          );
        }}
      >
        {series && <Choice<Scope> label="Which classes" name="scope" value={scope} options={scopes(occurrence)} onChange={setScope} />}
        <Input
          id="cancel-reason"
          type="text"
          label="Why? (optional)"
          hint="Everybody who was to come reads this."
          value={reason}
          onInput={setReason}
          maxLength={500}
          autofocus={!series}
        />
        <Problem sentence={problem} />
        <div class="row row-end">
          <Button onClick={onClose}>Keep it</Button>
          <Button type="submit" look="danger" disabled={busy}>
            {scope === "this" || !series ? "Cancel the class" : "Cancel these classes"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** One's own calendar in another program: an address with a secret in it. */
function FeedDialog({ onClose }: Closing) {
  const act = useAct();
  const meetings = useMeetings();
  const [feed, setFeed] = useState<CalendarFeed | null>(null);
  const { busy, problem, attempt } = useAttempt();
  useEffect(() => attempt(async () => setFeed(await meetings.feed())), []);
  const make = (): void => attempt(async () => setFeed(await meetings.makeFeed()));
  const exists = feed?.created_at !== undefined;
  return (
    <Dialog title="Your classes in another calendar" onClose={onClose}>
      <p>Subscribe to an address, and your classes appear in the calendar of your phone or your mail program, and stay up to date.</p>
      <Problem sentence={problem} />
      {feed && !exists && (
        <div class="row">
          <Button look="accent" disabled={busy} onClick={make}>
            Make an address
          </Button>
        </div>
      )}
      {feed?.url && (
        <div class="field">
          <label for="feed-url">Your address</label>
          <input id="feed-url" type="text" readOnly value={feed.url} onFocus={(event) => event.currentTarget.select()} />
          <p class="hint">Whoever has it can read when your classes are. Keep it to yourself; it is shown in full only now.</p>
        </div>
      )}
      {exists && (
        <>
          {!feed.url && <p class="hint">There is an address since {dateIn(viewerZone(), new Date(feed.created_at ?? ""))}. To see one again, make a new one: the old one ends.</p>}
          <div class="row">
            {feed.url && (
              <Button look="accent" icon={Copy} onClick={() => void act.copy(feed.url ?? "")}>
                Copy
              </Button>
            )}
            <Button icon={RefreshCw} disabled={busy} onClick={make}>
              Make a new one
            </Button>
            <Button
              look="danger"
              disabled={busy}
              onClick={() =>
                attempt(async () => {
                  await meetings.revokeFeed();
                  setFeed({});
                  act.toast("The address works no longer.");
                })
              }
            >
              End it
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
