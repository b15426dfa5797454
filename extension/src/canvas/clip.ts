/** What goes over the clipboard: readable as text, and recognised when it comes back. */
import { edgesOf, layoutOf, nodesOf } from './document';
import { allInside, hasMembers } from './frames';
import type { Item } from './items';
import { namedBy, renameInEdge, renameInNode, without } from './rename';
import { freeId } from './rules';
import type { Edge, Edit, Node, Workflow } from './wire.gen';

interface Clip {
  wfnb: 1;
  nodes: Node[];
  edges: Edge[];
  layout: Record<string, [number, number]>;
}

/** How far from the original a copy lies. */
const OFFSET = 24;

/** These nodes with the edges between them as text; empty if there are none. A group comes with what is inside. */
export function clipOf(
  document: Workflow,
  items: ReadonlyMap<string, Item>,
  selected: readonly string[]
): string {
  const chosen = new Set(selected.flatMap(id => [id, ...allInside(items, id)]));
  const nodes = nodesOf(document).filter(node => chosen.has(node.id));
  if (!nodes.length) return '';
  const edges = edgesOf(document).filter(e => chosen.has(e.source) && chosen.has(e.target));
  const layout: Record<string, [number, number]> = {};
  for (const { id } of nodes) {
    const item = items.get(id);
    const at = layoutOf(document)[id];
    if (item && !hasMembers(items, item)) layout[id] = [Math.round(item.x), Math.round(item.y)];
    else if (!item && at) layout[id] = at; // inside a folded group
  }
  const clip: Clip = { wfnb: 1, nodes, edges, layout };
  return JSON.stringify(clip, null, 1);
}

/** The edits that add what a clip holds, under free names; null where the text is none. */
export function pasting(before: Workflow, text: string): { edits: Edit[]; ids: string[] } | null {
  const clip = readClip(text);
  if (!clip) return null;
  const names = new Map<string, string>();
  const hasStart = nodesOf(before).some(node => node.kind === 'start');
  const kept = clip.nodes.filter(node => node.kind !== 'start' || !hasStart);
  let document = before;
  for (const node of kept) {
    const id = freeId(document, node.id);
    names.set(node.id, id);
    document = { ...document, nodes: [...nodesOf(document), { ...node, id }] };
  }
  const edits = kept.map((node): Edit => {
    const id = names.get(node.id) ?? node.id;
    const at = clip.layout[node.id];
    const position: [number, number] | null = at ? [at[0] + OFFSET, at[1] + OFFSET] : null;
    // What it says of nodes that were not copied stays behind.
    const alone = namedBy(node)
      .filter(other => !names.has(other))
      .reduce((copy, other) => without(copy, other), node);
    const copy = [...names].reduce((n, [from, to]) => renameInNode(n, from, to), alone);
    return { op: 'add_node', node: { ...copy, id }, position };
  });
  for (const edge of clip.edges) {
    if (!names.has(edge.source) || !names.has(edge.target)) continue;
    const renamed = [...names].reduce((e, [from, to]) => renameInEdge(e, from, to), edge);
    edits.push({ op: 'add_edge', edge: renamed });
  }
  return { edits, ids: [...names.values()] };
}

function readClip(text: string): Clip | null {
  try {
    const value = JSON.parse(text) as Partial<Clip> | null;
    if (value?.wfnb !== 1 || !Array.isArray(value.nodes)) return null;
    return { wfnb: 1, nodes: value.nodes, edges: value.edges ?? [], layout: value.layout ?? {} };
  } catch {
    return null;
  }
}
