import { useEffect, useState } from "preact/hooks";
import type { Policy, PolicyChanges, WhoMay } from "../../contract.gen";
import { useAttempt } from "../../ui/attempt";
import { Problem } from "../../ui/controls";
import { useCalls } from "./context";
import { Check } from "./DeviceForm";

const WHO: readonly { readonly value: WhoMay; readonly label: string }[] = [
  { value: "everybody", label: "Everybody" },
  { value: "staff", label: "Only staff" },
];

const RIGHTS = [
  { source: "microphone", label: "Who may speak" },
  { source: "camera", label: "Who may be seen" },
  { source: "screen", label: "Who may share a screen" },
] as const;

/** What staff has set for the call. */
export function Rules({ policy }: { readonly policy: Policy }) {
  const calls = useCalls();
  const { problem, attempt } = useAttempt();
  // Shown at once; what the server then says of the call counts.
  const [wished, setWished] = useState<PolicyChanges>({});
  useEffect(() => setWished({}), [policy]);
  const shown = { ...policy, ...wished };
  const set = (changes: PolicyChanges): void => {
    setWished({ ...wished, ...changes });
    attempt(async () => {
      try {
        await calls.policy(changes);
      } catch (error) {
        setWished({});
        throw error;
      }
    });
  };
  return (
    <section class="rules" aria-label="Rules of this call">
      <h3 class="panel-section">Rules of this call</h3>
      <Problem sentence={problem} />
      {RIGHTS.map(({ source, label }) => (
        <label key={source} class="rule">
          <span>{label}</span>
          <select value={shown[source]} onChange={(event) => set({ [source]: event.currentTarget.value as WhoMay })}>
            {WHO.map(({ value, label: word }) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
        </label>
      ))}
      <Check label="Whoever comes waits to be let in" on={shown.lobby} onChange={(lobby) => set({ lobby })} />
      <Check label="Lock the call: nobody new comes in" on={shown.locked} onChange={(locked) => set({ locked })} />
    </section>
  );
}
