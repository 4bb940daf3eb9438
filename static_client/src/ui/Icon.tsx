import { h } from "preact";
import type { IconNode } from "lucide";

/** An icon of the set; always beside words, or inside something that has a name. */
export function Icon({ of }: { readonly of: IconNode }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {of.map(([tag, attributes]) => h(tag as "path", attributes as object))}
    </svg>
  );
}
