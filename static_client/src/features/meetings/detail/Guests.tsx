import { useEffect, useState } from "preact/hooks";
import { Copy, UserRoundPlus } from "lucide";
import type { Invitation } from "../../../contract.gen";
import { useAct } from "../../../ui/app";
import { useAttempt } from "../../../ui/attempt";
import { Button, Problem } from "../../../ui/controls";
import { Input, Select } from "../../../ui/fields";
import { dateIn, viewerZone } from "../../../ui/zones";
import { useMeetings } from "../context";

const LONG: readonly { readonly value: string; readonly label: string }[] = [
  { value: "24", label: "A day" },
  { value: "168", label: "A week" },
  { value: "720", label: "30 days" },
];

/** People without an account: each has a link of their own, which ends. */
export function Guests({ meetingId }: { readonly meetingId: string }) {
  const meetings = useMeetings();
  const [items, setItems] = useState<readonly Invitation[] | null>(null);
  const { problem, attempt } = useAttempt();
  const load = (): void => attempt(async () => setItems((await meetings.invitations(meetingId)).items));
  useEffect(load, [meetingId]);
  return (
    <section class="page-part" aria-labelledby="guests">
      <h2 id="guests">Guests</h2>
      <Problem sentence={problem} />
      {items?.length === 0 && <p class="hint">Nobody from outside is invited.</p>}
      <ul class="plain-list" aria-label="Guests">
        {items?.map((invitation) => (
          <GuestRow key={invitation.id} invitation={invitation} meetingId={meetingId} onChanged={load} />
        ))}
      </ul>
      <InviteForm meetingId={meetingId} onInvited={(invitation) => setItems([...(items ?? []), invitation])} />
    </section>
  );
}

interface GuestRowProps {
  readonly invitation: Invitation;
  readonly meetingId: string;
  readonly onChanged: () => void;
}

function GuestRow({ invitation, meetingId, onChanged }: GuestRowProps) {
  const act = useAct();
  const meetings = useMeetings();
  const { busy, problem, attempt } = useAttempt();
  const { email, url, revoked, expires_at: expires } = invitation;
  const over = revoked || Date.parse(expires) < Date.now();
  return (
    <li class="guest">
      <p>
        <strong>{email}</strong>
        <small>{revoked ? "Taken back" : over ? "Run out" : `Good until ${dateIn(viewerZone(), new Date(expires))}`}</small>
      </p>
      {url && !over && (
        <Button icon={Copy} onClick={() => void act.copy(url)}>
          Copy the link
        </Button>
      )}
      {!over && (
        <Button look="danger" disabled={busy} onClick={() => attempt(() => meetings.revokeInvitation(meetingId, invitation.id), onChanged)}>
          Take back
        </Button>
      )}
      <Problem sentence={problem} />
    </li>
  );
}

function InviteForm({ meetingId, onInvited }: { readonly meetingId: string; readonly onInvited: (invitation: Invitation) => void }) {
  const meetings = useMeetings();
  const [email, setEmail] = useState("");
  const [hours, setHours] = useState("168");
  const { busy, problem, attempt } = useAttempt();
  return (
    <form
      class="form boxed"
      onSubmit={(event) => {
        event.preventDefault();
        attempt(async () => {
          onInvited(await meetings.invite(meetingId, { email: email.trim(), hours: Number(hours) }));
          setEmail("");
        });
      }}
    >
      <div class="fields-row">
        <Input id="guest-email" type="email" label="Invite by e-mail" value={email} onInput={setEmail} maxLength={254} placeholder="curator@museum.example" autocomplete="off" />
        <Select id="guest-hours" label="For" value={hours} options={LONG} onChange={setHours} />
      </div>
      <Problem sentence={problem} />
      <div class="row row-end">
        <Button type="submit" icon={UserRoundPlus} disabled={busy || !email.includes("@")}>
          Invite
        </Button>
      </div>
    </form>
  );
}
