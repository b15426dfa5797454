/** Where an arrow key leads from a node: along the edges, and where there is none, across the drawing. Pure. */
import { allInside, groupOf, hasMembers, insideOf } from './frames';
import type { Box } from '../ground/geometry';
import type { Item } from './items';
import type { Edge } from '../wire.gen';

export type Direction = 'left' | 'right' | 'up' | 'down';

type Items = ReadonlyMap<string, Item>;

/** How much farther something to the side seems than something straight ahead. */
const ASIDE = 2;

/** How far `to` lies ahead of `from` in a direction, and how far beside it. */
function offset(from: Box, to: Box, direction: Direction): { ahead: number; aside: number } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  switch (direction) {
    case 'left':
      return { ahead: -dx, aside: Math.abs(dy) };
    case 'right':
      return { ahead: dx, aside: Math.abs(dy) };
    case 'up':
      return { ahead: -dy, aside: Math.abs(dx) };
    case 'down':
      return { ahead: dy, aside: Math.abs(dx) };
  }
}

/**
 * The node to go to: right a successor, left a predecessor, up and down among those that share one;
 * where that gives none, the nearest node that lies that way. Up from what is inside a group leads to
 * the group, down from there back inside. Null at the rim of the drawing.
 */
export function travel(
  items: Items,
  edges: readonly Edge[],
  from: string,
  direction: Direction
): string | null {
  const here = items.get(from);
  if (!here) return null;
  const along = neighbours(edges, from, direction).filter(id => items.has(id) && id !== from);
  const sideways = direction === 'up' || direction === 'down';
  if (direction === 'down' && hasMembers(items, here)) return topmost(items, insideOf(items, from));
  const straight = sideways
    ? nearest(items, here, direction, along)
    : straightest(items, here, direction, along);
  const next = straight ?? nearest(items, here, direction, standing(items, from));
  const group = direction === 'up' ? groupOf(items.values(), from) : null;
  // The name of a group stands above what is inside.
  return group && !(next !== null && allInside(items, group.id).includes(next)) ? group.id : next;
}

function topmost(items: Items, ids: readonly string[]): string | null {
  const inside = ids.flatMap(id => items.get(id) ?? []);
  return inside.sort((a, b) => a.y - a.h / 2 - (b.y - b.h / 2))[0]?.id ?? null;
}

/** The nearest of these nodes that lies in a direction; null if none does. */
export function nearest(
  items: Items,
  from: Box,
  direction: Direction,
  ids: Iterable<string>
): string | null {
  let [best, least] = [null as string | null, Infinity];
  for (const id of ids) {
    const item = items.get(id);
    if (!item) continue;
    const { ahead, aside } = offset(from, item, direction);
    const cost = ahead + ASIDE * aside;
    if (ahead > 1 && cost < least) [best, least] = [id, cost];
  }
  return best;
}

/** What an edge can lead to first: ahead if there is something, else whatever is closest. */
export function firstOf(items: Items, from: Box, ids: readonly string[]): string | null {
  for (const direction of ['right', 'down', 'up'] as const) {
    const found = nearest(items, from, direction, ids);
    if (found !== null) return found;
  }
  return ids[0] ?? null;
}

function neighbours(edges: readonly Edge[], id: string, direction: Direction): string[] {
  const after = (one: string): string[] => edges.filter(e => e.source === one).map(e => e.target);
  const before = (one: string): string[] => edges.filter(e => e.target === one).map(e => e.source);
  if (direction === 'right') return after(id);
  if (direction === 'left') return before(id);
  return [...before(id).flatMap(after), ...after(id).flatMap(before)];
}

/** Of several successors the one ahead, rather than one that goes back, and of those the one straight ahead. */
function straightest(
  items: Items,
  here: Box,
  direction: Direction,
  ids: readonly string[]
): string | null {
  let [best, least] = [null as string | null, Infinity];
  for (const id of ids) {
    const item = items.get(id);
    if (!item) continue;
    const { ahead, aside } = offset(here, item, direction);
    const cost = aside + (ahead > 0 ? 0 : 1e6);
    if (cost < least) [best, least] = [id, cost];
  }
  return best;
}

/** Everything that stands somewhere by itself: frames lie around what is inside. */
function* standing(items: Items, apart: string): Generator<string> {
  for (const item of items.values()) {
    if (item.id !== apart && !hasMembers(items, item)) yield item.id;
  }
}
