import { useState } from "preact/hooks";
import { Copy } from "lucide";
import { useAct } from "../../ui/app";
import { IconButton } from "../../ui/controls";

const SHOWN_LINES = 16;
/** A block only a little longer is not worth a button. */
const LENIENCE = 4;

/** Long listings are folded, so that they do not push away what was said around them. */
export function CodeBlock({ code, language }: { readonly code: string; readonly language: string }) {
  const act = useAct();
  const [open, setOpen] = useState(false);
  const lines = code.split("\n");
  const folded = lines.length > SHOWN_LINES + LENIENCE;
  const shown = folded && !open ? lines.slice(0, SHOWN_LINES).join("\n") : code;
  return (
    <div class="code-block">
      <div class="code-head">
        <span>{language.slice(0, 20) || "text"}</span>
        <IconButton small icon={Copy} label="Copy the code" onClick={() => void act.copy(code)} />
      </div>
      <pre tabIndex={0} dir="ltr" role="group" aria-label="Code">
        <code>{shown}</code>
      </pre>
      {folded && (
        <button type="button" class="code-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Show less" : `Show all ${lines.length} lines`}
        </button>
      )}
    </div>
  );
}
