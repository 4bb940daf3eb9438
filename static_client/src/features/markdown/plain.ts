/** Text without its marks, for previews, announcements and names. */

const LONGEST = 200;

export function plainText(markdown: string): string {
  const text = markdown
    .replace(/```[^\n]*\n?([\s\S]*?)(```|$)/g, "$1")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s{0,3}(#{1,6}|>|[-*+]|\d+\.)\s+/gm, "")
    .replace(/(\*\*|__|~~|`)(.+?)\1/g, "$2")
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...text];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join("")}…` : text;
}

/** Whether a text can be shown as it is: no character in it has a meaning in Markdown. */
export function isPlain(text: string): boolean {
  return !/[\\`*_~#>|[\]<&]|https?:|www\.|@|^\s*([-+]|\d+[.)])\s|^ {4}|^\t|^\s*=+\s*$|^\s*-+\s*$/m.test(text);
}

/** One to three emoji and nothing else are shown large. */
export function isEmojiOnly(text: string): boolean {
  return /^(\p{Extended_Pictographic}(\u200d\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)*\s*){1,3}$/u.test(text.trim());
}
