import { useId } from "preact/hooks";
import type { Desk } from "../../effects/call-desk";
import type { DeviceChoice } from "../../rtc";
import { useObserved } from "./context";

/** Which devices to use, and how the microphone treats noise. */
export function DeviceForm({ desk }: { readonly desk: Desk }) {
  const { cameras, microphones, speakers, settings } = useObserved(desk.devices.model);
  const habits = useObserved(desk.habits);
  const seated = useObserved(desk.model, ({ phase }) => phase !== "outside" && phase !== "joining");
  return (
    <div class="device-form">
      <Select label="Camera" choices={cameras} value={settings.cameraId} onChoose={(cameraId) => desk.choose({ cameraId })} />
      <Select label="Microphone" choices={microphones} value={settings.microphoneId} onChoose={(microphoneId) => desk.choose({ microphoneId })} />
      <Select label="Speaker" choices={speakers} value={settings.speakerId} onChoose={(speakerId) => desk.choose({ speakerId })} />
      <fieldset class="checks">
        <legend class="unseen">Sound</legend>
        <Check label="Reduce noise" on={settings.noiseSuppression} onChange={(noiseSuppression) => desk.choose({ noiseSuppression })} />
        <Check label="Cancel echo" on={settings.echoCancellation} onChange={(echoCancellation) => desk.choose({ echoCancellation })} />
        <Check label="Even out loudness" on={settings.autoGainControl} onChange={(autoGainControl) => desk.choose({ autoGainControl })} />
        <Check
          label="Push to talk: speak only while the space bar is held"
          on={habits.pushToTalk}
          onChange={(pushToTalk) => {
            desk.keepHabits({ pushToTalk });
            if (!pushToTalk) return;
            if (seated) void desk.call.setMicrophone(false).catch(() => undefined);
            else desk.want("microphone", false);
          }}
        />
        <Check
          label="Connect only through the relay, so that others do not learn this computer's address"
          on={habits.relayOnly}
          disabled={seated}
          onChange={(relayOnly) => desk.keepHabits({ relayOnly })}
        />
      </fieldset>
    </div>
  );
}

interface SelectProps {
  readonly label: string;
  readonly choices: readonly DeviceChoice[];
  readonly value: string | null;
  readonly onChoose: (id: string | null) => void;
}

function Select({ label, choices, value, onChoose }: SelectProps) {
  const id = useId();
  const known = choices.some((one) => one.id === value);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={known && value !== null ? value : ""} onChange={(event) => onChoose(event.currentTarget.value || null)}>
        <option value="">{choices.length === 0 ? "None found" : "As the system has it"}</option>
        {choices
          .filter((one) => one.id !== "default")
          .map((one) => (
            <option key={one.id} value={one.id}>
              {one.label}
            </option>
          ))}
      </select>
    </div>
  );
}

interface CheckProps {
  readonly label: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
}

export function Check({ label, on, disabled = false, onChange }: CheckProps) {
  return (
    <label class="choice-option">
      <input type="checkbox" checked={on} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** How loud one's microphone is. Drawn, and never read out. */
export function Level({ desk, on }: { readonly desk: Desk; readonly on: boolean }) {
  const level = useObserved(desk.level);
  return (
    <div class="level">
      <meter class="level-meter" aria-label="Microphone level" min={0} max={1} value={on ? level : 0} />
      <span class="hint">{on ? "Say something: the bar moves when you are heard." : "Your microphone is off."}</span>
    </div>
  );
}
