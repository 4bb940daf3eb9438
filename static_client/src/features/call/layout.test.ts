import { expect, test } from "vitest";
import { grid, speaker } from "./layout";
import type { Rectangle, Space } from "./layout";

const spaces: readonly Space[] = [
  { width: 374, height: 560 },
  { width: 700, height: 500 },
  { width: 1200, height: 820 },
  { width: 1500, height: 400 },
];

function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}

for (const [name, layout] of [["grid", grid], ["speaker", speaker]] as const) {
  for (const space of spaces) {
    for (const count of [1, 2, 3, 4, 5]) {
      test(`${name}: ${count} tiles lie within ${space.width} × ${space.height} and apart from each other`, () => {
        const tiles = layout(space, count);
        expect(tiles).toHaveLength(count);
        for (const [index, one] of tiles.entries()) {
          expect(one.left).toBeGreaterThanOrEqual(0);
          expect(one.top).toBeGreaterThanOrEqual(0);
          expect(one.left + one.width).toBeLessThanOrEqual(space.width + 1);
          expect(one.top + one.height).toBeLessThanOrEqual(space.height + 1);
          expect(Math.abs(one.width / one.height - 16 / 9)).toBeLessThan(0.15);
          for (const other of tiles.slice(index + 1)) expect(overlap(one, other)).toBe(false);
        }
      });
    }
  }
}

test("two people stand side by side in a wide space, and one above the other on a phone", () => {
  const [left, right] = grid({ width: 1200, height: 500 }, 2);
  expect(left?.top).toBe(right?.top);
  const [upper, lower] = grid({ width: 374, height: 560 }, 2);
  expect(upper?.left).toBe(lower?.left);
});

test("the speaker is larger than anybody else", () => {
  const [main, ...others] = speaker({ width: 1200, height: 700 }, 4);
  for (const other of others) expect(main?.width).toBeGreaterThan(other.width * 3);
});
