import { Info } from "lucide";
import { Icon } from "../../../ui/Icon";

/** What the service cannot do and what is done instead; what is odd about the times. */
export function Notes({ notes, class: name, label }: { readonly notes: readonly string[]; readonly class: string; readonly label: string }) {
  if (notes.length === 0) return null;
  return (
    <ul class={name} aria-label={label}>
      {notes.map((note) => (
        <li key={note}>
          <Icon of={Info} />
          <span>{note}</span>
        </li>
      ))}
    </ul>
  );
}
