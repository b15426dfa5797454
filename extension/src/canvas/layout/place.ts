/** Positions for nodes that the document gives none. */
import { bottom, hull, left, overlap } from '../ground/geometry';
import type { Point } from '../ground/geometry';
import type { LayoutLink } from './layout';
import { layered } from './layered';
import type { Sized } from './layered';

/**
 * Where the nodes without a position go: all of them anew if nothing has a position, else each beside
 * the node it follows. What was placed before stays where it was while the document knows some place.
 */
export function place(
  nodes: readonly Sized[],
  links: readonly LayoutLink[],
  known: Map<string, Point>,
  before: Map<string, Point>
): Map<string, Point> {
  if (known.size === 0) return anew(nodes, links);
  const placed = new Map<string, Sized & Point>();
  const missing: Sized[] = [];
  for (const node of nodes) {
    const point = known.get(node.id) ?? before.get(node.id);
    if (point) placed.set(node.id, { ...node, x: point.x, y: point.y });
    else missing.push(node);
  }
  for (const node of missing) {
    const spot = { ...node, ...beside(node, links, placed) };
    while ([...placed.values()].some(other => overlap(other, spot, 16))) spot.y += 24;
    placed.set(node.id, spot);
  }
  const result = new Map<string, Point>();
  for (const { id, x, y } of placed.values()) if (!known.has(id)) result.set(id, { x, y });
  return result;
}

/** What takes part in the flow in layers, what stands alone (notes) in a row below. */
function anew(nodes: readonly Sized[], links: readonly LayoutLink[]): Map<string, Point> {
  const linked = new Set(links.flatMap(link => [link.source, link.target]));
  const flow = nodes.filter(node => linked.has(node.id));
  const result = layered(flow, links);
  const boxes = flow.map(node => ({ ...node, ...(result.get(node.id) ?? { x: 0, y: 0 }) }));
  const around = hull(boxes);
  let x = around ? left(around) : 0;
  const y = around ? bottom(around) + 56 : 0;
  for (const node of nodes) {
    if (linked.has(node.id)) continue;
    result.set(node.id, { x: Math.round(x + node.w / 2), y: Math.round(y + node.h / 2) });
    x += node.w + 40;
  }
  return result;
}

function beside(
  node: Sized,
  links: readonly LayoutLink[],
  placed: Map<string, Sized & Point>
): Point {
  const before = links.find(link => link.target === node.id && placed.has(link.source));
  const source = before && placed.get(before.source);
  if (source) return { x: source.x + source.w / 2 + 60 + node.w / 2, y: source.y };
  const after = links.find(link => link.source === node.id && placed.has(link.target));
  const target = after && placed.get(after.target);
  if (target) return { x: target.x - target.w / 2 - 60 - node.w / 2, y: target.y };
  const all = [...placed.values()];
  const x = Math.min(...all.map(other => other.x - other.w / 2)) + node.w / 2;
  const y = Math.max(...all.map(other => other.y + other.h / 2)) + 40 + node.h / 2;
  return Number.isFinite(x) ? { x, y } : { x: 0, y: 0 };
}
