import { plainText } from "../markdown/plain";

/** The found words, marked where they stand. */
export function Highlighted({ text, query }: { readonly text: string; readonly query: string }) {
  const words = query.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const plain = plainText(text);
  if (words.length === 0) return <>{plain}</>;
  const parts = plain.split(new RegExp(`(${words.join("|")})`, "giu"));
  return <>{parts.map((part, index) => (index % 2 ? <mark key={index}>{part}</mark> : part))}</>;
}
