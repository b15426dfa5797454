/** What arrow keys and E do: going along the edges, and drawing one. */
import { edgesOf } from '../document/document';
import type { Editor } from './editor';
import type { End } from '../document/rules';
import { strings } from '../texts/strings';
import { travel } from '../layout/travel';
import type { Direction } from '../layout/travel';

/** Selects the node that lies that way, and brings it into view. */
export function travelAlong(editor: Editor, direction: Direction): void {
  const next = following(editor, direction);
  if (next === null) return;
  editor.surface.select({ nodes: [next], edges: [] });
  arrive(editor, next);
}

/** Goes on and keeps what is selected. */
export function extendAlong(editor: Editor, direction: Direction): void {
  const next = following(editor, direction);
  if (next === null) return;
  const { nodes, edges } = editor.surface.selection.get();
  editor.surface.select({ nodes: [...nodes.filter(id => id !== next), next], edges });
  arrive(editor, next);
}

/**
 * Lets the keyboard lead an edge: a new one from the selected node, else an end of the selected edge.
 */
export function pullByKey(editor: Editor, end: End): void {
  const { document, surface } = editor;
  const { nodes, edges } = surface.selection.get();
  const index = nodes.length === 0 ? edges[0] : undefined;
  const edge = index === undefined ? undefined : edgesOf(document)[index];
  const held = edge ? edge[end === 'source' ? 'target' : 'source'] : lead(editor);
  if (held === undefined) return;
  const begun = surface.pulling?.begin({ held, end, edge: edge ? (index ?? null) : null });
  if (!begun) editor.notice.set(strings.noneCanTake);
}

function arrive(editor: Editor, id: string): void {
  editor.lead = id;
  editor.surface.view.follow(id);
}

/** The node that was selected last by keyboard, while it is selected; else the first that is. */
function lead({ lead: last, surface }: Editor): string | undefined {
  const { nodes } = surface.selection.get();
  return last !== null && nodes.includes(last) ? last : nodes[0];
}

/** Where to go from what is selected: the end of a selected edge, the start where nothing is. */
function following(editor: Editor, direction: Direction): string | null {
  const { document, surface } = editor;
  const { items } = surface.graph;
  const from = lead(editor);
  if (from !== undefined) return travel(items, edgesOf(document), from, direction);
  const edge = edgesOf(document)[surface.selection.get().edges[0] ?? -1];
  if (edge) return direction === 'left' || direction === 'up' ? edge.source : edge.target;
  const all = [...items.values()];
  return (all.find(({ node }) => node.kind === 'start') ?? all[0])?.id ?? null;
}
