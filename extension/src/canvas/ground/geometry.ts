/** Points, boxes and a grid that answers what is near a point. */

export interface Point {
  x: number;
  y: number;
}

/** A rectangle by its centre and size. */
export interface Box extends Point {
  w: number;
  h: number;
}

export const left = (box: Box): number => box.x - box.w / 2;
export const right = (box: Box): number => box.x + box.w / 2;
export const top = (box: Box): number => box.y - box.h / 2;
export const bottom = (box: Box): number => box.y + box.h / 2;

export function contains(box: Box, point: Point, margin = 0): boolean {
  return (
    Math.abs(point.x - box.x) <= box.w / 2 + margin &&
    Math.abs(point.y - box.y) <= box.h / 2 + margin
  );
}

export function overlap(a: Box, b: Box, margin = 0): boolean {
  return (
    Math.abs(a.x - b.x) < (a.w + b.w) / 2 + margin && Math.abs(a.y - b.y) < (a.h + b.h) / 2 + margin
  );
}

/** Whether two boxes lie on each other or touch. */
export function meets(box: Box, view: Box): boolean {
  return (
    Math.abs(box.x - view.x) * 2 <= box.w + view.w && Math.abs(box.y - view.y) * 2 <= box.h + view.h
  );
}

/** The smallest box around all boxes; null if there are none. */
export function hull(boxes: Iterable<Box>): Box | null {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    x1 = Math.min(x1, left(box));
    y1 = Math.min(y1, top(box));
    x2 = Math.max(x2, right(box));
    y2 = Math.max(y2, bottom(box));
  }
  return x1 > x2 ? null : { x: (x1 + x2) / 2, y: (y1 + y2) / 2, w: x2 - x1, h: y2 - y1 };
}

const CELL = 128;
/** What covers more cells than these is looked at every time instead: of nodes far apart a line covers millions. */
const MOST_CELLS = 16_384;

/** Boxes by the grid cells they cover, so that "what lies here" does not look at every box. */
export class Grid<T extends Box> {
  private cells = new Map<number, T[]>();
  private all: T[] = [];
  private wide: T[] = [];

  constructor(boxes: Iterable<T> = []) {
    for (const box of boxes) this.add(box);
  }

  add(box: T): void {
    this.all.push(box);
    const cells = cellsOf(box);
    if (!cells) this.wide.push(box);
    else this.put(box, cells);
  }

  private put(box: T, cells: Cells): void {
    for (const key of keys(cells)) {
      const cell = this.cells.get(key);
      if (cell) cell.push(box);
      else this.cells.set(key, [box]);
    }
  }

  /** Every box that shares a cell with `area`; some may lie beside it. */
  near(area: Box): Set<T> {
    const cells = cellsOf(area);
    if (!cells) return new Set(this.all);
    const found = new Set<T>(this.wide);
    for (const key of keys(cells)) for (const box of this.cells.get(key) ?? []) found.add(box);
    return found;
  }
}

/** The first and last column and row of what a box covers. */
type Cells = readonly [number, number, number, number];

/** The cells that a box covers; null where they are too many. */
function cellsOf(box: Box): Cells | null {
  const [x1, x2] = [Math.floor(left(box) / CELL), Math.floor(right(box) / CELL)];
  const [y1, y2] = [Math.floor(top(box) / CELL), Math.floor(bottom(box) / CELL)];
  return (x2 - x1 + 1) * (y2 - y1 + 1) <= MOST_CELLS ? [x1, x2, y1, y2] : null;
}

function* keys([x1, x2, y1, y2]: Cells): Generator<number> {
  for (let x = x1; x <= x2; x++) for (let y = y1; y <= y2; y++) yield x * 65_536 + y;
}
