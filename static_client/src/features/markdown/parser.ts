/** Loaded when the first text needs it. Tokens only: nothing here makes HTML. */

import MarkdownIt from "markdown-it";

export type { Token } from "markdown-it";

const parser = new MarkdownIt({ html: false, linkify: true, breaks: true, typographer: false }).disable([
  "image",
  "reference",
  "html_block",
  "html_inline",
]);
// "example.py" in a lesson is a file, not a site of Paraguay: only what names its protocol is a link.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
parser.validateLink = isSafeLink;

/** The only places that a link may lead to. */
export function isSafeLink(address: string): boolean {
  try {
    const { protocol } = new URL(address);
    return protocol === "https:" || protocol === "http:" || protocol === "mailto:";
  } catch {
    return false;
  }
}

export function parse(text: string) {
  return parser.parse(text, {});
}
