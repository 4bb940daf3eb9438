import type { ComponentChildren } from "preact";
import { createContext } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { isEmojiOnly, isPlain } from "./plain";

type Render = (text: string) => ComponentChildren[];

/** Fetches what renders Markdown at most once, and has it at hand from then on. */
export interface MarkdownLoader {
  readonly ready: () => Render | null;
  load(): Promise<Render>;
}

export function createMarkdownLoader(): MarkdownLoader {
  let ready: Render | null = null;
  let loading: Promise<Render> | null = null;
  return {
    ready: () => ready,
    load() {
      loading ??= Promise.all([import("./parser"), import("./nodes")]).then(([{ parse }, { nodesOf }]) => {
        ready = (text) => nodesOf(parse(text));
        return ready;
      });
      return loading;
    },
  };
}

export const MarkdownContext = createContext<MarkdownLoader>(createMarkdownLoader());

/** A text as its author meant it. Until the parser is there, as it was typed. */
export function Markdown({ text }: { readonly text: string }) {
  const loader = useContext(MarkdownContext);
  const plain = isPlain(text);
  const [render, setRender] = useState<Render | null>(loader.ready);
  useEffect(() => {
    if (!plain && !render) void loader.load().then((ready) => setRender(() => ready), () => undefined);
  }, [plain, render]);
  const nodes = useMemo(() => (plain || !render ? null : render(text)), [text, plain, render]);
  if (nodes) return <div class="md">{nodes}</div>;
  return (
    <div class={isEmojiOnly(text) ? "md md-large" : "md"}>
      <p dir="auto" class="md-plain">
        {text}
      </p>
    </div>
  );
}
