/** The guards that stand on edges, each where it covers neither a card nor another guard. */
import { Grid, overlap } from './geometry';
import type { Box } from './geometry';
import type { Chip, Item, Line } from './items';
import type { LayoutLink } from './layout';
import { pointAt } from './path';
import { chipWidth } from './shapes';
import { strings } from './strings';
import type { Edge } from './wire.gen';

const HEIGHT = 18;
/** Shares of the way, tried in turn; a guard reads best near the middle. */
const SHARES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.74, 0.2, 0.8];

/** What stands on an edge; an edge from a choice that still lacks its guard says so. */
export function chipText(edge: Edge, source: Item | undefined): Pick<Chip, 'text' | 'kind'> | null {
  if (edge.otherwise) return { text: strings.otherwise, kind: 'otherwise' };
  if (edge.when) return { text: edge.when, kind: 'guard' };
  if (source?.node.kind === 'choice') return { text: strings.noGuard, kind: 'missing' };
  return null;
}

/** The edges with the room that a layout must leave for what stands on them. */
export function withRoom(edges: readonly Edge[], items: Map<string, Item>): LayoutLink[] {
  return edges.map(edge => {
    const text = chipText(edge, items.get(edge.source));
    const { source, target } = edge;
    return text ? { source, target, room: chipWidth(text.text) } : { source, target };
  });
}

export function placeChips(lines: readonly Line[], items: Map<string, Item>): void {
  const cards = new Grid(items.values());
  const chips = new Grid<Chip>();
  for (const line of lines) {
    const text = chipText(line.edge, items.get(line.edge.source));
    if (!text || !line.route) {
      line.chip = null;
      continue;
    }
    const size = { w: chipWidth(text.text), h: HEIGHT };
    let best: Chip | null = null;
    let least = Infinity;
    for (const share of SHARES) {
      const chip = { ...text, ...size, ...pointAt(line.route, share) };
      const cost = covered(chip, cards) * 3 + covered(chip, chips) * 2;
      if (cost < least) [best, least] = [chip, cost];
      if (cost === 0) break;
    }
    line.chip = best;
    if (best) chips.add(best);
  }
}

function covered(chip: Box, grid: Grid<Box>): number {
  let count = 0;
  for (const box of grid.near(chip)) if (overlap(box, chip, 3)) count++;
  return count;
}
