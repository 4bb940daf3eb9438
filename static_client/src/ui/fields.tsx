import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

interface Common {
  readonly id: string;
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What is wrong with it, in a sentence. */
  readonly problem?: string | undefined;
}

function describedBy({ id, hint, problem }: Pick<Common, "id" | "hint" | "problem">): string | undefined {
  return [problem && `${id}-problem`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
}

function Around({ id, label, hint, problem, children, inline }: Common & { readonly children: ComponentChildren; readonly inline?: boolean }) {
  return (
    <div class={inline ? "field field-inline" : "field"}>
      <label for={id}>{label}</label>
      {children}
      {problem && (
        <p class="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface InputProps extends Common {
  readonly type: "text" | "date" | "time" | "number" | "email";
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly min?: string | number;
  readonly max?: string | number;
  readonly maxLength?: number;
  readonly placeholder?: string;
  readonly list?: string;
  readonly required?: boolean;
  readonly autofocus?: boolean;
  readonly autocomplete?: string;
}

/** One line of whatever kind. */
export function Input({ id, label, hint, problem, onInput, autofocus, ...rest }: InputProps) {
  useEffect(() => {
    if (autofocus) document.getElementById(id)?.focus();
  }, []);
  return (
    <Around id={id} label={label} hint={hint} problem={problem}>
      <input
        id={id}
        {...rest}
        aria-invalid={problem ? true : undefined}
        aria-describedby={describedBy({ id, hint, problem })}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Around>
  );
}

interface SelectProps extends Common {
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
}

export function Select({ id, label, hint, problem, value, options, onChange }: SelectProps) {
  return (
    <Around id={id} label={label} hint={hint} problem={problem}>
      <select id={id} value={value} aria-describedby={describedBy({ id, hint, problem })} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Around>
  );
}

interface CheckProps {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Check({ label, hint, checked, onChange }: CheckProps) {
  return (
    <label class="choice-option">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        {label}
        {hint && <small>{hint}</small>}
      </span>
    </label>
  );
}
