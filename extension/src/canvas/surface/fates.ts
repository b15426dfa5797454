/** What became of nodes and edges between two versions: a sign, a colour and a way of drawing lines for each. */
import type { IconName } from '../look/icons';
import type { Stroke } from '../document/triggers';
import type { Colours } from '../look/theme';
import type { Unlike } from '../wire.gen';

export type Fate = Unlike['nodes'][string];

export interface Fates {
  nodes: ReadonlyMap<string, Fate>;
  /** By index. */
  edges: ReadonlyMap<number, Fate>;
}

export const FATES: readonly Fate[] = ['added', 'removed', 'changed', 'renamed', 'moved'];

/** A sign for each, so that no colour is needed to tell them apart. */
export const SIGNS: Record<Fate, IconName> = {
  added: 'plus',
  removed: 'minus',
  changed: 'tilde',
  renamed: 'equals',
  moved: 'arrowOver'
};

export const LETTERS: Record<Fate, string> = {
  added: '+',
  removed: '−',
  changed: '~',
  renamed: '=',
  moved: '→'
};

export function fateColour(fate: Fate, colours: Colours): string {
  const { ok, bad, warn, wait, run } = colours;
  return { added: ok, removed: bad, changed: warn, renamed: wait, moved: run }[fate];
}

/** How the line of an edge is drawn, whatever it says by itself. */
export const fateStroke = (fate: Fate): Stroke => (fate === 'removed' ? 'dashed' : 'solid');

export const fatesOf = ({ nodes, edges }: Unlike): Fates => ({
  nodes: new Map(Object.entries(nodes)),
  edges: new Map(Object.entries(edges).map(([index, fate]) => [Number(index), fate]))
});

/** What became of the inside of a folded group: that it is another one, if anything did. */
export const insideFate = ({ nodes }: Fates, inside: readonly string[]): Fate | undefined =>
  inside.some(id => nodes.has(id)) ? 'changed' : undefined;
