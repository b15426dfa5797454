/** Nodes put in line, and spread evenly. Pure. */
import { allInside, hasMembers, insideOf } from './frames';
import { bottom, hull, left, right, top } from '../ground/geometry';
import type { Box } from '../ground/geometry';
import type { Item } from './items';
import { give } from '../ground/own';

export const ALIGNMENTS = [
  'alignLeft',
  'alignCentre',
  'alignRight',
  'alignTop',
  'alignMiddle',
  'alignBottom'
] as const;
export const SPREADS = ['spreadAcross', 'spreadDown'] as const;

export type Alignment = (typeof ALIGNMENTS)[number];
export type Spread = (typeof SPREADS)[number];
export type Arrangement = Alignment | Spread;

export type Positions = Record<string, [number, number]>;

/** What moves as one: a node, or a group with all that is inside. */
interface Block {
  box: Box;
  parts: Item[];
}

/** How many nodes an arrangement needs to mean anything. */
export const leastOf = (how: Arrangement): number => (isSpread(how) ? 3 : 2);

const isSpread = (how: Arrangement): how is Spread => (SPREADS as readonly string[]).includes(how);

/** The nodes of a selection that move by themselves: what is inside a selected group goes with it. */
export function ownMovers(items: ReadonlyMap<string, Item>, selected: readonly string[]): string[] {
  const inside = new Set(selected.flatMap(id => allInside(items, id)));
  return selected.filter(id => items.has(id) && !inside.has(id));
}

/**
 * Where the selected nodes go; only those that move. An alignment is one with the side of what is
 * selected, or with its middle; a spread leaves the outermost where they are and makes the gaps equal.
 */
export function arranged(
  items: ReadonlyMap<string, Item>,
  selected: readonly string[],
  how: Arrangement
): Positions {
  const blocks = ownMovers(items, selected).flatMap(id => blockOf(items, id));
  const all = hull(blocks.map(({ box }) => box));
  if (!all || blocks.length < leastOf(how)) return {};
  const positions: Positions = {};
  const move = ({ parts }: Block, dx: number, dy: number): void => {
    for (const { id, x, y } of parts) {
      const to: [number, number] = [Math.round(x + dx), Math.round(y + dy)];
      if (to[0] !== Math.round(x) || to[1] !== Math.round(y)) give(positions, id, to);
    }
  };
  if (how === 'spreadAcross') {
    for (const [block, by] of spread(blocks, left, right)) move(block, by, 0);
  } else if (how === 'spreadDown') {
    for (const [block, by] of spread(blocks, top, bottom)) move(block, 0, by);
  } else for (const block of blocks) move(block, ...aligning(block.box, all, how));
  return positions;
}

function blockOf(items: ReadonlyMap<string, Item>, id: string): Block[] {
  const item = items.get(id);
  if (!item) return [];
  const parts = hasMembers(items, item) ? insideOf(items, id) : [id];
  return [{ box: item, parts: parts.flatMap(part => items.get(part) ?? []) }];
}

function aligning(box: Box, all: Box, how: Alignment): [number, number] {
  switch (how) {
    case 'alignLeft':
      return [left(all) - left(box), 0];
    case 'alignCentre':
      return [all.x - box.x, 0];
    case 'alignRight':
      return [right(all) - right(box), 0];
    case 'alignTop':
      return [0, top(all) - top(box)];
    case 'alignMiddle':
      return [0, all.y - box.y];
    case 'alignBottom':
      return [0, bottom(all) - bottom(box)];
  }
}

type Side = (box: Box) => number;

/** How far each block moves so that all gaps are equal; where there is no room for gaps, middles are spread. */
function spread(blocks: readonly Block[], low: Side, high: Side): [Block, number][] {
  const middle = (box: Box): number => (low(box) + high(box)) / 2;
  const row = [...blocks].sort((a, b) => middle(a.box) - middle(b.box));
  const [first, last] = [row[0], row.at(-1)];
  if (!first || !last) return [];
  const taken = row.reduce((sum, { box }) => sum + high(box) - low(box), 0);
  const gap = (high(last.box) - low(first.box) - taken) / (row.length - 1);
  const pitch = (middle(last.box) - middle(first.box)) / (row.length - 1);
  let at = low(first.box);
  return row.map((block, i) => {
    const size = high(block.box) - low(block.box);
    const to = gap > 0 ? at : middle(first.box) + i * pitch - size / 2;
    at += size + gap;
    return [block, to - low(block.box)];
  });
}
