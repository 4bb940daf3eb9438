/** Characters as the server counts them: Unicode code points, not halves of surrogate pairs. */
export function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
