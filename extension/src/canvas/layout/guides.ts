/** Where a box that is dragged snaps to, and the lines that show why. Pure. */
import { bottom, left, right, top } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';

/** What is shown while a box snaps: a line that boxes share, or one of several gaps of the same size. */
export interface Guide {
  kind: 'line' | 'gap';
  from: Point;
  to: Point;
}

export interface Snapped {
  dx: number;
  dy: number;
  guides: Guide[];
}

/** One direction of the plane: the low and the high side of a box along it. */
interface Axis {
  low(box: Box): number;
  high(box: Box): number;
  point(along: number, across: number): Point;
}

const ACROSS: Axis = { low: left, high: right, point: (x, y) => ({ x, y }) };
const DOWN: Axis = { low: top, high: bottom, point: (y, x) => ({ x, y }) };

const middle = (axis: Axis, box: Box): number => (axis.low(box) + axis.high(box)) / 2;

/** Middles first: where all three agree, one line says enough. */
const ANCHORS = [
  middle,
  (axis: Axis, box: Box): number => axis.low(box),
  (axis: Axis, box: Box): number => axis.high(box)
];

/** Two gaps of the same size, once the box has moved by so much. */
interface Evenly {
  by: number;
  gaps: [number, number][];
  /** Where across the gaps are shown. */
  at: number;
}

/** Below this a difference is none. */
const EXACT = 0.01;
/** Gaps smaller than this are no arrangement. */
const LEAST = 4;

/**
 * How far a box has to move to share a line with another, or to stand as far from its neighbours as
 * they do from theirs; no farther than `reach`. Each direction snaps on its own.
 */
export function snap(moving: Box, others: readonly Box[], reach: number): Snapped {
  const dx = shift(moving, others, reach, ACROSS, DOWN);
  const level = { ...moving, x: moving.x + (dx ?? 0) };
  const dy = shift(level, others, reach, DOWN, ACROSS);
  const placed = { ...level, y: level.y + (dy ?? 0) };
  const guides = [
    ...(dx === null ? [] : shown(placed, others, ACROSS, DOWN)),
    ...(dy === null ? [] : shown(placed, others, DOWN, ACROSS))
  ];
  return { dx: dx ?? 0, dy: dy ?? 0, guides };
}

/** The least move along an axis that reaches something; null where nothing is near enough. */
function shift(
  box: Box,
  others: readonly Box[],
  reach: number,
  axis: Axis,
  cross: Axis
): number | null {
  let best: number | null = null;
  const offer = (by: number): void => {
    if (Math.abs(by) <= reach && Math.abs(by) < Math.abs(best ?? Infinity) - EXACT) best = by;
  };
  for (const anchor of ANCHORS) {
    const own = anchor(axis, box);
    for (const other of others) offer(anchor(axis, other) - own);
  }
  for (const even of evenly(box, others, axis, cross)) offer(even.by);
  return best;
}

function shown(box: Box, others: readonly Box[], axis: Axis, cross: Axis): Guide[] {
  const lines: Guide[] = [];
  for (const anchor of ANCHORS) {
    const at = anchor(axis, box);
    const same = others.filter(other => Math.abs(anchor(axis, other) - at) < EXACT);
    if (!same.length || lines.length) continue;
    const all = [box, ...same];
    const from = axis.point(at, Math.min(...all.map(one => cross.low(one))));
    const to = axis.point(at, Math.max(...all.map(one => cross.high(one))));
    lines.push({ kind: 'line', from, to });
  }
  const gaps = evenly(box, others, axis, cross)
    .filter(even => Math.abs(even.by) < EXACT)
    .flatMap(even =>
      even.gaps.map(([low, high]): Guide => {
        const [from, to] = [axis.point(low, even.at), axis.point(high, even.at)];
        return { kind: 'gap', from, to };
      })
    );
  return [...lines, ...gaps];
}

/** The places between, before and behind its neighbours where a box keeps their distance. */
function evenly(box: Box, others: readonly Box[], axis: Axis, cross: Axis): Evenly[] {
  const row = others.filter(
    other => cross.low(other) < cross.high(box) && cross.high(other) > cross.low(box)
  );
  const here = middle(axis, box);
  const before = row
    .filter(other => middle(axis, other) < here)
    .sort((a, b) => axis.high(b) - axis.high(a));
  const behind = row
    .filter(other => middle(axis, other) > here)
    .sort((a, b) => axis.low(a) - axis.low(b));
  const size = axis.high(box) - axis.low(box);
  const found: Evenly[] = [];
  const add = (low: number, gaps: [number, number][], beside: readonly Box[]): void => {
    if (gaps.some(([from, to]) => to - from < LEAST)) return;
    found.push({ by: low - axis.low(box), gaps, at: shared([box, ...beside], cross) });
  };
  const [a, b] = [before[0], behind[0]];
  if (a && b) {
    const gap = (axis.low(b) - axis.high(a) - size) / 2;
    const low = axis.high(a) + gap;
    add(low, [[axis.high(a), low], [low + size, axis.low(b)]], [a, b]); // prettier-ignore
  }
  const aa = a && before.find(other => axis.high(other) <= axis.low(a));
  if (a && aa) {
    const low = axis.high(a) + axis.low(a) - axis.high(aa);
    add(low, [[axis.high(aa), axis.low(a)], [axis.high(a), low]], [a, aa]); // prettier-ignore
  }
  const bb = b && behind.find(other => axis.low(other) >= axis.high(b));
  if (b && bb) {
    const high = axis.low(b) - (axis.low(bb) - axis.high(b));
    add(high - size, [[high, axis.low(b)], [axis.high(b), axis.low(bb)]], [b, bb]); // prettier-ignore
  }
  return found;
}

/** The middle of what boxes have in common across. */
function shared(boxes: readonly Box[], cross: Axis): number {
  const low = Math.max(...boxes.map(box => cross.low(box)));
  const high = Math.min(...boxes.map(box => cross.high(box)));
  return (low + high) / 2;
}
