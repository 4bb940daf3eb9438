import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { IconNode } from "lucide";
import { Icon } from "./Icon";

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick?: (event: MouseEvent) => void;
  readonly look?: "accent" | "plain" | "quiet" | "danger";
  readonly icon?: IconNode;
  readonly type?: "button" | "submit";
  readonly disabled?: boolean;
  readonly pressed?: boolean;
}

export function Button({ children, onClick, look = "plain", icon, type = "button", disabled = false, pressed }: ButtonProps) {
  return (
    <button type={type} class={`button button-${look}`} onClick={onClick} disabled={disabled} aria-pressed={pressed}>
      {icon && <Icon of={icon} />}
      <span>{children}</span>
    </button>
  );
}

interface IconButtonProps {
  readonly icon: IconNode;
  readonly label: string;
  readonly onClick: (event: MouseEvent) => void;
  readonly pressed?: boolean;
  readonly small?: boolean;
  readonly expanded?: boolean;
  readonly disabled?: boolean;
}

/** Its name is read out, and shown when the pointer or the focus rests on it. */
export function IconButton({ icon, label, onClick, pressed, small, expanded, disabled }: IconButtonProps) {
  return (
    <button
      type="button"
      class={small ? "icon-button icon-button-small" : "icon-button"}
      aria-label={label}
      data-tip={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon of={icon} />
    </button>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly hint?: string;
  readonly multiline?: boolean;
  readonly autofocus?: boolean;
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly autocomplete?: string;
  readonly id: string;
}

export function Field({ label, value, onInput, hint, multiline, autofocus, id, ...rest }: FieldProps) {
  useEffect(() => {
    if (autofocus) document.getElementById(id)?.focus();
  }, []);
  const shared = {
    id,
    value,
    "aria-describedby": hint ? `${id}-hint` : undefined,
    "data-autofocus": autofocus || undefined,
    ...rest,
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {multiline ? (
        <textarea {...shared} rows={4} spellcheck={false} onInput={(event) => onInput(event.currentTarget.value)} />
      ) : (
        <input {...shared} type="text" onInput={(event) => onInput(event.currentTarget.value)} />
      )}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly name: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly hint?: string }[];
  readonly onChange: (value: Value) => void;
}

export function Choice<Value extends string>({ label, name, value, options, onChange }: ChoiceProps<Value>) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} class="choice-option">
          <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} />
          <span>
            {option.label}
            {option.hint && <small>{option.hint}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface EmptyProps {
  readonly icon: IconNode;
  readonly title: string;
  readonly children?: ComponentChildren;
}

export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon of={icon} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A refusal, said where it happened. */
export function Problem({ sentence }: { readonly sentence: string | null }) {
  return sentence ? (
    <p class="problem" role="alert">
      {sentence}
    </p>
  ) : null;
}
