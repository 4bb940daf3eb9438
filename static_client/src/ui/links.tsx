import type { ComponentChildren } from "preact";
import type { Place } from "../state/model";
import { formatPlace } from "../state/place";
import { useAct } from "./app";

interface PlaceLinkProps {
  readonly to: Place;
  readonly class?: string;
  readonly current?: boolean;
  readonly children: ComponentChildren;
}

/** A real link, so that it opens in a new tab when that is asked for. */
export function PlaceLink({ to, current, children, class: className }: PlaceLinkProps) {
  const act = useAct();
  return (
    <a
      href={formatPlace(to)}
      class={className}
      aria-current={current ? "page" : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
        event.preventDefault();
        act.go(to);
      }}
    >
      {children}
    </a>
  );
}
