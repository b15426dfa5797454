/**
 * What keeps a drawing recognisable through a layout: the order in which things lie, and where it is.
 *
 * ELK orders what it may by the order in which it is given nodes and edges. Given as they lie, from the
 * top down, branches stay above those that they were above.
 */
import { nestingOf } from './frames';
import type { Point } from '../ground/geometry';
import type { Item } from './items';
import type { LayoutLink, Nesting } from './layout';
import { own } from '../ground/own';

export type Places = Record<string, [number, number]>;

export const placesOf = (items: readonly Item[]): Places =>
  Object.fromEntries(items.map(({ id, x, y }) => [id, [x, y]]));

/** The items from the top down, then from the left; those of equal places in their own order. */
export function ordered(items: readonly Item[], places: Places): Item[] {
  const at = ({ id }: Item): [number, number] => own(places, id) ?? [0, 0];
  return [...items].sort((a, b) => at(a)[1] - at(b)[1] || at(a)[0] - at(b)[0]);
}

/** The links between these nodes, in the order of their targets. */
export function orderedLinks(
  nodes: readonly { id: string }[],
  links: readonly LayoutLink[]
): LayoutLink[] {
  const rank = new Map(nodes.map(({ id }, i) => [id, i]));
  const known = links.filter(({ target }) => rank.has(target));
  const of = (id: string): number => rank.get(id) ?? -1;
  return known.sort((a, b) => of(a.source) - of(b.source) || of(a.target) - of(b.target));
}

/** The groups of which everything is among these items. */
export function nestingWithin(all: ReadonlyMap<string, Item>, items: readonly Item[]): Nesting {
  const known = new Set(items.map(({ id }) => id));
  const nesting = nestingOf(all);
  const whole = (id: string, depth = 0): boolean =>
    known.has(id) ||
    (depth < all.size && (nesting.get(id)?.every(one => whole(one, depth + 1)) ?? !all.has(id)));
  return new Map([...nesting].filter(([id]) => whole(id)));
}

/** The result where the drawing was: most of it stays, or the middle of the part. */
export function anchored(
  placed: ReadonlyMap<string, Point>,
  before: Places,
  part: boolean
): Places {
  const shifts = [...placed].flatMap(([id, to]) => {
    const from = own(before, id);
    return from ? [[from[0] - to.x, from[1] - to.y] as const] : [];
  });
  const along = (axis: 0 | 1): number => {
    const values = shifts.map(shift => shift[axis]).sort((a, b) => a - b);
    if (!part) return values[Math.floor(values.length / 2)] ?? 0;
    const ends = (list: number[]): number => Math.min(...list) + Math.max(...list);
    const was = Object.values(before).map(at => at[axis]);
    const is = [...placed.values()].map(({ x, y }) => (axis ? y : x));
    return (ends(was) - ends(is)) / 2;
  };
  const [dx, dy] = [Math.round(along(0)), Math.round(along(1))];
  return Object.fromEntries(
    [...placed].map(([id, { x, y }]) => [id, [Math.round(x + dx), Math.round(y + dy)]])
  );
}

export const samePlaces = (a: Places, b: Places): boolean =>
  Object.entries(a).every(([id, at]) => String(at) === String(own(b, id)));
