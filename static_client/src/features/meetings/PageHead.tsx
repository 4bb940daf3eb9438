import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ArrowLeft } from "lucide";
import { useAct } from "../../ui/app";
import { IconButton } from "../../ui/controls";

interface PageHeadProps {
  readonly title: string;
  readonly sub?: ComponentChildren;
  readonly children?: ComponentChildren;
  /** Back is offered on wide screens as well. */
  readonly deep?: boolean;
}

/** The head of a page beside the rooms. It takes the focus, so that one goes on from here, and hears where one is. */
export function PageHead({ title, sub, children, deep }: PageHeadProps) {
  const act = useAct();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <header class="page-head">
      <span class={deep ? "page-back" : "page-back only-narrow"}>
        <IconButton icon={ArrowLeft} label="Back" onClick={() => act.up()} />
      </span>
      <div class="page-title">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {sub && <p>{sub}</p>}
      </div>
      <div class="page-tools">{children}</div>
    </header>
  );
}
