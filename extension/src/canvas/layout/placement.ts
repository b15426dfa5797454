/** Where the nodes stand: as the document says, as a folded group lies, else where the layout places them. */
import { withRoom } from './chips';
import { edgesOf, layoutOf } from '../document/document';
import type { Folding } from './folding';
import { allInside, hasMembers } from './frames';
import type { Point } from '../ground/geometry';
import type { Item } from './items';
import type { LayoutLink } from './layout';
import { place } from './place';
import type { Edge, Workflow } from '../wire.gen';

/** What is farther away than this is drawn there: no page can tell a node at 1e300 from the one beside it. */
const FARTHEST = 1e6;

const drawable = (at: number): number => Math.min(FARTHEST, Math.max(-FARTHEST, at));

/** Gives every item its place; those that the layout gave, which are not in the document yet. */
export function placeItems(
  document: Workflow,
  items: Map<string, Item>,
  folding: Folding,
  before: Map<string, Point>
): Map<string, Point> {
  const layout = layoutOf(document);
  const placed = [...items.values()].filter(item => !hasMembers(items, item));
  const known = new Map(
    Object.entries(layout)
      .filter(([id]) => !folding.isHidden(id))
      .map(([id, [x, y]]) => [id, { x: drawable(x), y: drawable(y) }])
  );
  for (const { id, folded } of placed) {
    const at = folded ? folding.place(id) : null;
    if (at) known.set(id, at);
  }
  const missing = placed.filter(item => !known.has(item.id));
  const links = missing.length ? laidLinks(document, items, folding) : [];
  const automatic = missing.length
    ? place(
        placed.map(({ id, h, shape }) => ({ id, h, w: shape.room })),
        links,
        known,
        before
      )
    : new Map<string, Point>();
  for (const item of items.values()) {
    const point = known.get(item.id) ?? automatic.get(item.id);
    if (point) [item.x, item.y] = [point.x, point.y];
  }
  return automatic;
}

/** What stands before what; an edge that leaves a group leaves whatever is inside of it. */
function laidLinks(document: Workflow, items: Map<string, Item>, folding: Folding): LayoutLink[] {
  return drawnLinks(edgesOf(document), items, folding).flatMap(link => {
    const item = items.get(link.source);
    if (!item || !hasMembers(items, item)) return [link];
    const inside = allInside(items, link.source).flatMap(id => items.get(id) ?? []);
    return inside.filter(one => !hasMembers(items, one)).map(({ id }) => ({ ...link, source: id }));
  });
}

/** What the edges connect of what is seen, with the room for what stands on them. */
export function drawnLinks(
  edges: readonly Edge[],
  items: Map<string, Item>,
  folding: Folding
): LayoutLink[] {
  const rooms = withRoom(edges, items);
  return edges.flatMap((edge, i) => {
    const ends = folding.ends(edge);
    const room = rooms[i]?.room;
    return ends ? [room === undefined ? ends : { ...ends, room }] : [];
  });
}
