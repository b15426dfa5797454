/** The guards that stand on edges, each where it covers neither a card nor another guard. */
import { Grid, overlap } from '../ground/geometry';
import type { Box } from '../ground/geometry';
import { TRIGGER_ICONS } from '../look/icons';
import type { Chip, Item, Line } from './items';
import type { LayoutLink } from './layout';
import { pointAt } from '../look/path';
import type { Route } from '../look/path';
import { chipWidth } from '../look/shapes';
import { strings } from '../texts/strings';
import { needsTrigger, triggerOf, triggerText } from '../document/triggers';
import type { Edge, NodeKind } from '../wire.gen';

const HEIGHT = 18;
/** Room for the icon before the text. */
const ICON = 15;
/** Shares of the way, tried in turn; a guard reads best near the middle. */
const SHARES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.74, 0.2, 0.8];

type Words = Pick<Chip, 'text' | 'kind' | 'icon'>;

/** What stands on an edge; an edge that still lacks what it needs says so. */
export function chipText(edge: Edge, kind: NodeKind | undefined): Words | null {
  const trigger = triggerOf(edge);
  if (trigger !== '') {
    const text = triggerText(edge);
    const icon = TRIGGER_ICONS[trigger];
    if (!text) return { text: strings.noTrigger[trigger], kind: 'missing', icon };
    return { text: edge.when ? strings.triggerIf(text, edge.when) : text, kind: 'trigger', icon };
  }
  if (edge.spawn) {
    const text = edge.when ? strings.triggerIf(strings.spawn, edge.when) : strings.spawn;
    return { text, kind: 'trigger', icon: 'spawn' };
  }
  if (edge.otherwise) return { text: strings.otherwise, kind: 'otherwise', icon: null };
  if (edge.when)
    return { text: edge.when, kind: 'guard', icon: kind === 'wait' ? 'condition' : null };
  if (kind === 'choice') return { text: strings.noGuard, kind: 'missing', icon: null };
  if (kind && needsTrigger(kind)) return { text: strings.noCause, kind: 'missing', icon: null };
  return null;
}

const widthOf = (words: Words): number => chipWidth(words.text) + (words.icon ? ICON : 0);

/** Widths that are tried where the whole text has no room. */
const CUTS = [110, 76, 48];

/** The edges with the room that a layout must leave for what stands on them. */
export function withRoom(edges: readonly Edge[], items: Map<string, Item>): LayoutLink[] {
  return edges.map(edge => {
    const text = chipText(edge, items.get(edge.source)?.node.kind);
    const { source, target } = edge;
    return text ? { source, target, room: widthOf(text) } : { source, target };
  });
}

export function placeChips(lines: readonly Line[], items: Map<string, Item>): void {
  const cards = new Grid([...items.values()].filter(item => item.form !== 'frame'));
  const chips = new Grid<Chip>();
  for (const line of lines) {
    const text = chipText(line.edge, items.get(line.edge.source)?.node.kind);
    // What leaves a node inside a folded group is said there.
    if (!text || !line.route || (line.ends && line.ends.source !== line.edge.source)) {
      line.chip = null;
      continue;
    }
    line.chip = best(text, line.route, cards, chips);
    chips.add(line.chip);
  }
}

/** The place that covers least; where there is none that is free, what stands there is cut shorter. */
function best(words: Words, route: Route, cards: Grid<Box>, chips: Grid<Chip>): Chip {
  const full = widthOf(words);
  const places = SHARES.map(share => pointAt(route, share));
  let found: Chip | null = null;
  let least = Infinity;
  for (const w of [full, ...CUTS.filter(cut => cut < full)]) {
    for (const place of places) {
      const chip = { ...words, w, h: HEIGHT, ...place };
      const cost = covered(chip, cards) * 3 + covered(chip, chips) * 2;
      if (cost < least) [found, least] = [chip, cost];
      if (cost === 0) return chip;
    }
  }
  return found ?? { ...words, w: full, h: HEIGHT, x: 0, y: 0 };
}

function covered(chip: Box, grid: Grid<Box>): number {
  let count = 0;
  for (const box of grid.near(chip)) if (overlap(box, chip, 3)) count++;
  return count;
}
