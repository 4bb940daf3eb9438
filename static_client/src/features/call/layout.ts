/** Where each tile of a call stands. Pure: sizes in, rectangles out, all in CSS pixels. */

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Space {
  readonly width: number;
  readonly height: number;
}

const RATIO = 16 / 9;
const GAP = 8;
const NEARLY = 0.93;
/** Tiles beside a large one: as wide as this where there is room. */
const STRIP = 208;

/** All the same size, as large as the space allows. */
export function grid(space: Space, count: number): Rectangle[] {
  if (count === 0) return [];
  const { columns, size } = bestGrid(space, count);
  const rows = Math.ceil(count / columns);
  const top = (space.height - rows * size.height - (rows - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = (space.width - inRow * size.width - (inRow - 1) * GAP) / 2;
    return rectangle(left + (index % columns) * (size.width + GAP), top + row * (size.height + GAP), size);
  });
}

function bestGrid(space: Space, count: number): { readonly columns: number; readonly size: Space } {
  const sizes = Array.from({ length: count }, (_, index) => {
    const columns = index + 1;
    const rows = Math.ceil(count / columns);
    return fit({ width: (space.width - (columns - 1) * GAP) / columns, height: (space.height - (rows - 1) * GAP) / rows });
  });
  const widest = Math.max(...sizes.map(({ width }) => width));
  // Of those that are nearly as large as possible, the one that is least of a tower.
  const index = sizes.findLastIndex(({ width }) => width >= widest * NEARLY);
  return { columns: index + 1, size: sizes[index] ?? { width: 0, height: 0 } };
}

/** The first one large, the others in a strip beside it or below it, wherever it costs the large one less. */
export function speaker(space: Space, count: number): Rectangle[] {
  if (count <= 1) return grid(space, count);
  const beside = withStrip(space, count, true);
  const below = withStrip(space, count, false);
  return area(beside[0]) >= area(below[0]) ? beside : below;
}

function withStrip(space: Space, count: number, beside: boolean): Rectangle[] {
  const along = beside ? space.height : space.width;
  const room = (along - (count - 2) * GAP) / (count - 1);
  const widest = Math.min(STRIP, (beside ? space.width : space.height * RATIO) / 3);
  const width = Math.min(widest, beside ? room * RATIO : room);
  const small = { width, height: width / RATIO };
  const rest = beside
    ? { width: space.width - small.width - GAP, height: space.height }
    : { width: space.width, height: space.height - small.height - GAP };
  const size = fit(rest);
  const main = rectangle((rest.width - size.width) / 2, (rest.height - size.height) / 2, size);
  const step = (beside ? small.height : small.width) + GAP;
  const start = Math.max(0, (along - step * (count - 1) + GAP) / 2);
  const others = Array.from({ length: count - 1 }, (_, index) =>
    beside
      ? rectangle(space.width - small.width, start + index * step, small)
      : rectangle(start + index * step, space.height - small.height, small),
  );
  return [main, ...others];
}

function fit({ width, height }: Space): Space {
  const wide = Math.max(0, Math.min(width, height * RATIO));
  return { width: Math.floor(wide), height: Math.floor(wide / RATIO) };
}

function rectangle(left: number, top: number, { width, height }: Space): Rectangle {
  return { left: Math.round(left), top: Math.round(top), width: Math.floor(width), height: Math.floor(height) };
}

function area(one: Rectangle | undefined): number {
  return one ? one.width * one.height : 0;
}
