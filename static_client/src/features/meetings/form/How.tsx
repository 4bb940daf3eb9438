import { useEffect, useState } from "preact/hooks";
import { SlidersHorizontal } from "lucide";
import type { Capabilities, MeetingPolicy, Provider } from "../../../contract.gen";
import { useSelect } from "../../../ui/app";
import { Button } from "../../../ui/controls";
import { Check, Input } from "../../../ui/fields";
import { useMeetings } from "../context";
import { listed } from "../words";
import { Notes } from "./Notes";
import type { PartProps } from "./ScheduleForm";

interface HowProps extends PartProps {
  readonly notes: readonly string[];
}

/** Which service carries it, what that cannot do, and what few people ever change. */
export function How(props: HowProps) {
  const { draft, change, notes } = props;
  const meetings = useMeetings();
  const providers = useSelect(({ meetings: state }) => state.providers);
  const [open, setOpen] = useState(false);
  useEffect(() => void meetings.loadProviders().catch(() => undefined), []);
  const shown = providers ?? [];
  return (
    <fieldset class="form-part">
      <legend>How</legend>
      {shown.length > 1 && (
        <div class="providers" role="radiogroup" aria-label="Service">
          {shown.map((provider) => (
            <ProviderChoice key={provider.name} provider={provider} chosen={draft.provider === provider.name} onChoose={() => change({ provider: provider.name })} />
          ))}
        </div>
      )}
      {draft.provider !== "builtin" && <Notes notes={notes} class="provider-notes" label="What this service does differently" />}
      {open ? (
        <More {...props} provider={shown.find(({ name }) => name === draft.provider)} />
      ) : (
        <div class="row">
          <Button look="quiet" icon={SlidersHorizontal} onClick={() => setOpen(true)}>
            Guests, reminders and how people come in
          </Button>
        </div>
      )}
    </fieldset>
  );
}

const ABLE: readonly (readonly [keyof Capabilities, string])[] = [
  ["attendance", "attendance"],
  ["recordings", "recordings"],
  ["lobby", "a lobby"],
  ["passcode", "a passcode"],
  ["registration", "registration"],
];

interface ProviderChoiceProps {
  readonly provider: Provider;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function ProviderChoice({ provider, chosen, onChoose }: ProviderChoiceProps) {
  const able = ABLE.filter(([name]) => provider.capabilities[name]).map(([, word]) => word);
  return (
    <label class="provider" data-chosen={chosen || undefined}>
      <input type="radio" name="provider" checked={chosen} onChange={onChoose} />
      <span>
        <strong>{provider.title}</strong>
        {able.length > 0 && <small>With {listed(able)}</small>}
        {!provider.healthy && <small class="provider-ill">Cannot be reached just now. You can schedule all the same: it is tried again.</small>}
      </span>
    </label>
  );
}

const REMINDERS: readonly { readonly minutes: number; readonly label: string }[] = [
  { minutes: 1440, label: "A day before" },
  { minutes: 60, label: "An hour before" },
  { minutes: 10, label: "10 minutes before" },
];

function More({ draft, change, problems, provider }: HowProps & { readonly provider: Provider | undefined }) {
  const { policy, reminders } = draft;
  const able = provider?.capabilities;
  const set = (changes: Partial<MeetingPolicy>): void => change({ policy: { ...policy, ...changes } });
  return (
    <div class="form-more">
      <Addresses
        id="meeting-guests"
        label="Guests by e-mail"
        hint="People without an account, with commas between them. Each gets a link of their own."
        initial={draft.guests}
        onChange={(guests) => change({ guests })}
        problem={problems.guests}
      />
      <fieldset class="choice">
        <legend>Reminders</legend>
        {REMINDERS.map(({ minutes, label }) => (
          <Check
            key={minutes}
            label={label}
            checked={reminders.includes(minutes)}
            onChange={(on) => change({ reminders: (on ? [...reminders, minutes] : reminders.filter((one) => one !== minutes)).sort((a, b) => b - a) })}
          />
        ))}
      </fieldset>
      <fieldset class="choice">
        <legend>Coming in</legend>
        {able?.lobby !== false && <Check label="People wait until staff lets them in" checked={policy.lobby} onChange={(lobby) => set({ lobby })} />}
        <Check label="Microphones are off at first" checked={policy.mute_on_entry} onChange={(mute) => set({ mute_on_entry: mute })} />
        {able?.passcode && <Check label="The service asks for a code" checked={policy.passcode} onChange={(passcode) => set({ passcode })} />}
        {able?.registration && <Check label="Each person is registered by name" checked={policy.registration} onChange={(registration) => set({ registration })} />}
        {able?.recordings && <Check label="Record it" checked={policy.recording === "cloud"} onChange={(on) => set({ recording: on ? "cloud" : "none" })} />}
      </fieldset>
      <Input
        id="meeting-opens"
        type="number"
        label="The link lets people in so many minutes before"
        min={0}
        max={120}
        value={String(policy.opens_minutes)}
        onInput={(minutes) => set({ opens_minutes: Math.min(120, Math.max(0, Math.round(Number(minutes)) || 0)) })}
      />
      {draft.provider !== "builtin" && (
        <Input
          id="meeting-host"
          type="email"
          label="Account that holds it"
          hint="At this service. Left empty: the one with your own e-mail address."
          value={draft.hostAccount}
          onInput={(hostAccount) => change({ hostAccount })}
        />
      )}
      {able?.alternative_hosts && (
        <Addresses
          id="meeting-otherHosts"
          label="Others who may begin it"
          hint="Their accounts at this service, with commas between them."
          initial={draft.otherHosts}
          onChange={(otherHosts) => change({ otherHosts })}
          problem={problems.otherHosts}
        />
      )}
    </div>
  );
}

interface AddressesProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly initial: readonly string[];
  readonly onChange: (addresses: readonly string[]) => void;
  readonly problem: string | undefined;
}

/** E-mail addresses, as people write several of them. The text is theirs; what it comes to is the form's. */
function Addresses({ initial, onChange, ...rest }: AddressesProps) {
  const [text, setText] = useState(initial.join(", "));
  return (
    <Input
      {...rest}
      type="text"
      value={text}
      onInput={(value) => {
        setText(value);
        onChange(value.split(/[,;\s]+/).filter(Boolean));
      }}
    />
  );
}
