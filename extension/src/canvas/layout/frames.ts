/** Groups as frames: each lies around its members. Pure. */
import { bottom, hull, left, right, top } from '../ground/geometry';
import type { Box } from '../ground/geometry';
import type { Item } from './items';

/** Room around the members: at the sides, above (where the name stands), below. */
const ROOM = { side: 20, above: 36, below: 26 };

/** Everything inside a group: its members, and those of the groups among them. */
export function allInside(items: ReadonlyMap<string, Item>, group: string): string[] {
  const seen = new Set([group]);
  const open = [group];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = items.get(id)?.node;
    for (const member of (node?.kind === 'group' ? node.members : undefined) ?? []) {
      if (seen.has(member) || !items.has(member)) continue;
      seen.add(member);
      open.push(member);
    }
  }
  seen.delete(group);
  return [...seen];
}

/** What is inside a group and has a place of its own: groups with members lie where these are. */
export const insideOf = (items: ReadonlyMap<string, Item>, group: string): string[] =>
  allInside(items, group).filter(id => isPlaced(items, id));

/** Whether a node has a place of its own: all but groups with something inside. */
function isPlaced(items: ReadonlyMap<string, Item>, id: string): boolean {
  const item = items.get(id);
  if (!item) return false;
  return item.node.kind !== 'group' || !hasMembers(items, item);
}

export function hasMembers(items: ReadonlyMap<string, Item>, item: Item): boolean {
  return (
    item.node.kind === 'group' &&
    (item.node.members ?? []).some(id => id !== item.id && items.has(id))
  );
}

/** Puts every frame around its members, inner ones first; gives those that changed. */
export function fitFrames(items: ReadonlyMap<string, Item>): Item[] {
  const changed: Item[] = [];
  const done = new Set<string>();
  const fit = (item: Item): void => {
    if (item.node.kind !== 'group' || done.has(item.id)) return;
    done.add(item.id);
    const boxes: Box[] = [];
    for (const id of item.node.members ?? []) {
      const member = items.get(id);
      if (!member || member === item) continue;
      fit(member);
      boxes.push(member);
    }
    const around = hull(boxes);
    if (!around) return;
    const frame = {
      x: around.x,
      y: around.y + (ROOM.below - ROOM.above) / 2,
      w: around.w + 2 * ROOM.side,
      h: around.h + ROOM.above + ROOM.below
    };
    if (item.x === frame.x && item.y === frame.y && item.w === frame.w && item.h === frame.h)
      return;
    Object.assign(item, frame);
    changed.push(item);
  };
  for (const item of items.values()) fit(item);
  return changed;
}

/** The innermost frame that a box lies in with its middle, apart from these. */
export function frameAt(items: Iterable<Item>, box: Box, apart: ReadonlySet<string>): Item | null {
  let best: Item | null = null;
  for (const item of items) {
    if (item.form !== 'frame' || apart.has(item.id)) continue;
    const inside =
      box.x > left(item) && box.x < right(item) && box.y > top(item) && box.y < bottom(item);
    if (inside && (!best || item.w * item.h < best.w * best.h)) best = item;
  }
  return best;
}

/** The group that a node is a member of; the first, where there are several. */
export function groupOf(items: Iterable<Item>, id: string): Item | null {
  for (const item of items) {
    if (item.node.kind === 'group' && item.node.members?.includes(id)) return item;
  }
  return null;
}

export const isFrame = (item: { form: string }): boolean => item.form === 'frame';

/** The members of each group that has some, for a layout that keeps them together. */
export function nestingOf(items: ReadonlyMap<string, Item>): Map<string, readonly string[]> {
  const nesting = new Map<string, readonly string[]>();
  for (const item of items.values()) {
    if (item.node.kind !== 'group' || !hasMembers(items, item)) continue;
    nesting.set(item.id, item.node.members ?? []);
  }
  return nesting;
}
