/** Tokens to elements, from a closed list: whatever is not in it is shown as the text it was. */

import type { ComponentChildren, VNode } from "preact";
import { h } from "preact";
import { CodeBlock } from "./CodeBlock";
import { isSafeLink } from "./parser";
import type { parse } from "./parser";

type Token = ReturnType<typeof parse>[number];

const BLOCKS: Readonly<Record<string, string>> = {
  paragraph_open: "p",
  blockquote_open: "blockquote",
  bullet_list_open: "ul",
  list_item_open: "li",
  table_open: "table",
  thead_open: "thead",
  tbody_open: "tbody",
  tr_open: "tr",
  th_open: "th",
  td_open: "td",
};

const MARKS: Readonly<Record<string, string>> = { em_open: "em", strong_open: "strong", s_open: "s" };

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
}

export function nodesOf(tokens: readonly Token[]): ComponentChildren[] {
  return children({ tokens, at: 0 });
}

/** Everything up to the end of the element that is open. */
function children(reader: Reader): ComponentChildren[] {
  const nodes: ComponentChildren[] = [];
  for (;;) {
    const token = reader.tokens[reader.at];
    if (!token) return nodes;
    reader.at += 1;
    if (token.nesting === -1) return nodes;
    nodes.push(token.nesting === 1 ? opened(token, reader) : single(token));
  }
}

function opened(token: Token, reader: Reader): ComponentChildren {
  const inside = children(reader);
  if (token.type === "link_open") return link(token, inside);
  if (token.type === "heading_open") return <p class="md-heading" dir="auto">{inside}</p>;
  if (token.type === "ordered_list_open") return <ol start={startOf(token)}>{inside}</ol>;
  if (token.type === "table_open") return <div class="md-table" tabIndex={0} role="group" aria-label="Table"><table>{inside}</table></div>;
  if (token.type === "paragraph_open" && token.hidden) return <span dir="auto" class="md-tight">{inside}</span>;
  const tag = BLOCKS[token.type] ?? MARKS[token.type];
  if (!tag) return inside;
  return token.type in MARKS ? h(tag, null, inside) : h(tag, { dir: "auto" }, inside);
}

function startOf(token: Token): number {
  const start = Number(token.attrGet("start") ?? 1);
  return Number.isSafeInteger(start) ? start : 1;
}

function single(token: Token): ComponentChildren {
  switch (token.type) {
    case "inline":
      return nodesOf(token.children ?? []);
    case "code_inline":
      return <code>{token.content}</code>;
    case "fence":
    case "code_block":
      return <CodeBlock code={token.content.replace(/\n$/, "")} language={token.info.trim().split(/\s+/)[0] ?? ""} />;
    case "softbreak":
    case "hardbreak":
      return <br />;
    case "hr":
      return <hr />;
    default:
      return token.content;
  }
}

function link(token: Token, inside: ComponentChildren[]): VNode | ComponentChildren[] {
  const address = String(token.attrGet("href") ?? "");
  if (!isSafeLink(address)) return inside;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {inside}
    </a>
  );
}
