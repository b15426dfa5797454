/** What goes over the clipboard: a small workflow document, readable as text, recognised when it comes back. */
import { edgesOf, layoutOf, nodesOf } from '../document/document';
import { allInside, hasMembers } from './frames';
import { contains, hull } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';
import type { Item } from './items';
import { give, own } from '../ground/own';
import { namedBy, renameInEdge, renameInNode, without } from '../document/rename';
import { freeId, freeName } from '../document/rules';
import { decode, encode } from '../document/text';
import type { Edge, Edit, Node, Workflow } from '../wire.gen';

/** How far from the original a copy lies. */
const OFFSET = 24;

/** These nodes and all that is inside the groups among them, in the document's order. */
export function withInside(
  document: Workflow,
  items: ReadonlyMap<string, Item>,
  selected: readonly string[]
): string[] {
  const chosen = new Set(selected.flatMap(id => [id, ...allInside(items, id)]));
  return nodesOf(document)
    .map(node => node.id)
    .filter(id => chosen.has(id));
}

/**
 * These nodes with the edges between them, and the workflows that they call by name where the document
 * has them, as text; empty if there are none. A group comes with what is inside.
 */
export function clipOf(
  document: Workflow,
  items: ReadonlyMap<string, Item>,
  selected: readonly string[]
): string {
  const chosen = new Set(withInside(document, items, selected));
  const nodes = nodesOf(document).filter(node => chosen.has(node.id));
  if (!nodes.length) return '';
  const edges = edgesOf(document).filter(e => chosen.has(e.source) && chosen.has(e.target));
  const layout: Record<string, [number, number]> = {};
  for (const { id } of nodes) {
    const item = items.get(id);
    const at = own(layoutOf(document), id);
    if (item && !hasMembers(items, item))
      give(layout, id, [Math.round(item.x), Math.round(item.y)]);
    else if (!item && at) give(layout, id, at); // inside a folded group
  }
  const workflows = called(document, nodes);
  return encode({
    wfnb: 1,
    name: document.name ?? 'workflow',
    nodes,
    edges,
    layout,
    ...(Object.keys(workflows).length && { workflows })
  });
}

/** Reads a clip, or the text of any other workflow document; null where the text is none. */
export function readClip(text: string): Workflow | null {
  try {
    // What people write by hand, or have written for them, is often nodes and edges alone.
    const clip = decode(text, true);
    return nodesOf(clip).length ? clip : null;
  } catch {
    return null;
  }
}

/**
 * How far the nodes of a clip are moved: to the pointer, else a little beside where they come from, and
 * again where a copy lies there already; into the middle of the view where that could not be seen.
 */
export function placing(
  clip: Workflow,
  items: ReadonlyMap<string, Item>,
  view: Box,
  pointer: Point | null
): Point {
  const points = Object.values(layoutOf(clip)).map(([x, y]) => ({ x, y }));
  const all = hull(points.map(point => ({ ...point, w: 0, h: 0 })));
  if (!all) return { x: 0, y: 0 };
  const to = (at: Point): Point => ({ x: Math.round(at.x - all.x), y: Math.round(at.y - all.y) });
  if (pointer) return to(pointer);
  const taken = new Set([...items.values()].map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`));
  let by = OFFSET;
  while (points.some(({ x, y }) => taken.has(`${x + by} ${y + by}`))) by += OFFSET;
  const seen = contains(view, { x: all.x + by, y: all.y + by });
  return seen ? { x: by, y: by } : to(view);
}

/** The edits that add what a clip holds, moved by so much and under free names. */
export function pasting(
  before: Workflow,
  clip: Workflow,
  by: Point
): { edits: Edit[]; ids: string[] } {
  const hasStart = nodesOf(before).some(node => node.kind === 'start');
  const kept = nodesOf(clip).filter(node => node.kind !== 'start' || !hasStart);
  const names = freshNames(before, kept);
  const flows = freshWorkflows(before, clip);
  const layout = layoutOf(clip);
  const edits: Edit[] = [];
  if (flows.added) edits.push({ op: 'set_workflow', workflows: flows.added });
  for (const node of kept) {
    const at = own(layout, node.id);
    const position: [number, number] | null = at ? [at[0] + by.x, at[1] + by.y] : null;
    // What it says of nodes that were not copied stays behind.
    const alone = namedBy(node)
      .filter(other => !names.has(other))
      .reduce((copy, other) => without(copy, other), calling(node, flows.names));
    const copy = [...names].reduce((n, [from, to]) => renameInNode(n, from, to), alone);
    edits.push({ op: 'add_node', node: { ...copy, id: names.get(node.id) ?? node.id }, position });
  }
  for (const edge of edgesOf(clip)) {
    if (!names.has(edge.source) || !names.has(edge.target)) continue;
    const renamed = [...names].reduce<Edge>((e, [from, to]) => renameInEdge(e, from, to), edge);
    edits.push({ op: 'add_edge', edge: renamed });
  }
  return { edits, ids: [...names.values()] };
}

/**
 * A free name for each node, its own if that is free. A name that another node of the clip has is not
 * taken: renaming one after the other would then mix the two up.
 */
function freshNames(before: Workflow, nodes: readonly Node[]): Map<string, string> {
  const there = new Set(nodesOf(before).map(node => node.id));
  let document: Workflow = { ...before, nodes: [...nodesOf(before), ...nodes] };
  const names = new Map<string, string>();
  for (const { id } of nodes) {
    if (!there.has(id) && freeId(before, id) === id) {
      names.set(id, id);
      continue;
    }
    const fresh = freeId(document, id);
    names.set(id, fresh);
    document = {
      ...document,
      nodes: [...nodesOf(document), { kind: 'note', id: fresh, text: '' }]
    };
  }
  return names;
}

/** The workflows of a document that these nodes call, and those that these call in turn. */
function called(document: Workflow, nodes: readonly Node[]): Record<string, Workflow> {
  const all = document.workflows ?? {};
  const found: Record<string, Workflow> = {};
  const open = nodes.map(calledBy);
  for (let name = open.pop(); name !== undefined || open.length; name = open.pop()) {
    const flow = name === undefined ? undefined : own(all, name);
    if (name === undefined || !flow || own(found, name)) continue;
    give(found, name, flow);
    open.push(...nodesOf(flow).map(calledBy));
  }
  return found;
}

const calledBy = (node: Node): string | undefined =>
  (node.kind === 'call' || node.kind === 'map') && node.workflow ? node.workflow : undefined;

function calling(node: Node, names: ReadonlyMap<string, string>): Node {
  const to = names.get(calledBy(node) ?? '');
  return to !== undefined && (node.kind === 'call' || node.kind === 'map')
    ? { ...node, workflow: to }
    : node;
}

/** The workflows of a clip beside those of a document, other ones of the same name under a new name. */
function freshWorkflows(
  before: Workflow,
  clip: Workflow
): { names: Map<string, string>; added: Record<string, Workflow> | null } {
  const there = before.workflows ?? {};
  const same = (one: Workflow | undefined, other: Workflow): boolean =>
    one !== undefined && encode(one) === encode(other);
  const brought = Object.entries(clip.workflows ?? {}).filter(
    ([name, flow]) => !same(own(there, name), flow)
  );
  const names = new Map<string, string>();
  const taken = new Set([...Object.keys(there), ...Object.keys(clip.workflows ?? {})]);
  for (const [name] of brought) {
    if (!(name in there)) continue;
    const fresh = freeName(taken, name);
    taken.add(fresh);
    names.set(name, fresh);
  }
  if (!brought.length) return { names, added: null };
  const added = brought.map(([name, flow]): [string, Workflow] => [
    names.get(name) ?? name,
    { ...flow, nodes: nodesOf(flow).map(node => calling(node, names)) }
  ]);
  return { names, added: { ...there, ...Object.fromEntries(added) } };
}
