/** Putting a node into an edge: the edge leads to it, and another one from it on. Pure. */
import { edgesOf, plainEdge } from '../document/document';
import { hasMembers } from './frames';
import { left, right } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';
import type { Item, Line } from './items';
import { give } from '../ground/own';
import { sample } from '../look/path';
import { newEdge } from '../document/rules';
import type { Edge, Edit, Node, NodeKind, Workflow } from '../wire.gen';

/** What is kept free between two nodes in a row. */
export const GAP = 56;

/** Whether a node of this kind can have a way in and a way out. */
export const passable = (kind: NodeKind): boolean =>
  kind !== 'start' && kind !== 'end' && kind !== 'note' && kind !== 'group';

/** Whether no edge touches the node. */
export const isLone = (document: Workflow, id: string): boolean =>
  !edgesOf(document).some(edge => edge.source === id || edge.target === id);

/** Puts a node of the document into an edge, which keeps its condition and its trigger on the way in. */
export function inserting(document: Workflow, edge: Edge, node: Node): Edit[] {
  const into = { ...plainEdge(edge), target: node.id };
  return [
    { op: 'set_edge', edge: plainEdge(edge), to: into },
    { op: 'add_edge', edge: newEdge(document, node.id, edge.target) }
  ];
}

/** The nearest line within `reach` of a point, and how far it is. */
export function lineAt(lines: readonly Line[], point: Point, reach: number): Line | null {
  let best: Line | null = null;
  let least = reach;
  for (const line of lines) {
    if (!line.route) continue;
    const away = distance(sample(line.route), point);
    if (away <= least) [best, least] = [line, away];
  }
  return best;
}

/** How far a point is from a line of points. */
function distance(points: readonly Point[], at: Point): number {
  let least = Infinity;
  points.forEach((a, i) => {
    const b = points[i + 1] ?? a;
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const along = ((at.x - a.x) * dx + (at.y - a.y) * dy) / (dx * dx + dy * dy || 1);
    const share = Math.max(0, Math.min(1, along));
    least = Math.min(least, Math.hypot(at.x - a.x - dx * share, at.y - a.y - dy * share));
  });
  return least;
}

export interface Room {
  at: Point;
  /** New places of what has to make room. */
  moved: Record<string, [number, number]>;
}

/**
 * Room for a box near a point between two nodes: where the second lies to the right of the first, it and
 * what follows it to the right of there go as far to the right as they must.
 */
export function roomFor(
  document: Workflow,
  items: ReadonlyMap<string, Item>,
  edge: Edge,
  wanted: Box
): Room {
  const [source, target] = [items.get(edge.source), items.get(edge.target)];
  if (!source || !target || left(target) <= right(source)) return { at: wanted, moved: {} };
  const x = Math.max(wanted.x, right(source) + GAP + wanted.w / 2);
  const by = Math.round(x + wanted.w / 2 + GAP - left(target));
  const moved: Record<string, [number, number]> = {};
  if (by > 0) {
    for (const id of following(document, edge.target)) {
      const item = items.get(id);
      if (!item || hasMembers(items, item) || left(item) < left(target)) continue;
      if (id !== edge.source) give(moved, id, [Math.round(item.x) + by, Math.round(item.y)]);
    }
  }
  return { at: { x, y: wanted.y }, moved };
}

function following(document: Workflow, first: string): Set<string> {
  const seen = new Set([first]);
  const open = [first];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const { source, target } of edgesOf(document)) {
      if (source !== id || seen.has(target)) continue;
      seen.add(target);
      open.push(target);
    }
  }
  return seen;
}
