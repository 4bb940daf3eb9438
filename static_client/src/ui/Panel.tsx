import type { ComponentChildren } from "preact";
import { ArrowLeft, X } from "lucide";
import { useAct } from "./app";
import { IconButton } from "./controls";

/** The one panel on the right; on a narrow screen a page of its own. */
export function Panel({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  const act = useAct();
  return (
    <aside class="panel" aria-label={title}>
      <header class="panel-head">
        <span class="only-narrow">
          <IconButton icon={ArrowLeft} label="Back" onClick={() => act.up()} />
        </span>
        <h2>{title}</h2>
        <span class="not-narrow">
          <IconButton icon={X} label="Close the panel" onClick={() => act.up()} />
        </span>
      </header>
      <div class="panel-body">{children}</div>
    </aside>
  );
}
