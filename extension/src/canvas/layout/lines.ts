/** Which line is which edge's after a change. Edges have no id: the ones between the same two nodes are matched in order. */
import type { Folding } from './folding';
import type { Item, Line } from './items';
import type { Link } from './route';
import { strokeOf } from '../document/triggers';
import type { Edge } from '../wire.gen';

export interface Matched {
  lines: Line[];
  /** Those that are drawn for the first time, and those that are drawn no more. */
  fresh: Line[];
  gone: Line[];
}

/** The lines of these edges, with what is known of them from before. */
export function matchLines(
  edges: readonly Edge[],
  before: readonly Line[],
  items: ReadonlyMap<string, Item>,
  folding: Folding,
  newKey: () => string
): Matched {
  const free = new Map<string, Line[]>();
  for (const line of before) {
    if (!line.ends) continue;
    const list = free.get(pair(line.ends));
    if (list) list.push(line);
    else free.set(pair(line.ends), [line]);
  }
  const fresh: Line[] = [];
  const bundled = new Set<string>();
  const lines = edges.map((edge, index) => {
    const ends = drawnEnds(edge, folding, bundled);
    if (!ends) {
      return { edge, index, ends, stroke: 'solid' as const, key: '', route: null, chip: null };
    }
    const old = free.get(pair(ends))?.shift();
    const stroke = strokeOf(edge, items.get(edge.source)?.node);
    const line = old
      ? { ...old, edge, index, ends, stroke }
      : { edge, index, ends, stroke, key: newKey(), route: null, chip: null };
    if (!old) fresh.push(line);
    return line;
  });
  return { lines, fresh, gone: [...free.values()].flat() };
}

const pair = (ends: Link): string => JSON.stringify([ends.source, ends.target]);

/** What an edge is drawn between; of those at the border of a folded group, one each way. */
function drawnEnds(edge: Edge, folding: Folding, bundled: Set<string>): Link | null {
  const ends = folding.ends(edge);
  if (!ends || (ends.source === edge.source && ends.target === edge.target)) return ends;
  const key = pair(ends);
  if (bundled.has(key)) return null;
  bundled.add(key);
  return ends;
}
