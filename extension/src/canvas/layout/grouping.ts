/** Gestures that make, change and take away groups, as edits. Pure. */
import { edgesOf, findNode, nodesOf, plainEdge } from '../document/document';
import { allInside, frameAt, groupOf } from './frames';
import type { Item } from './items';
import { freeId } from '../document/rules';
import type { Edit, Node, Workflow } from '../wire.gen';

const belongs = (node: Node | undefined): boolean =>
  node !== undefined && node.kind !== 'note' && node.kind !== 'start';

/** Puts nodes into a new group; null where none of them can be in one. */
export function grouping(
  document: Workflow,
  selected: readonly string[]
): { id: string; count: number; edits: Edit[] } | null {
  const chosen = selected.filter(id => belongs(findNode(document, id)));
  if (!chosen.length) return null;
  const around = nodesOf(document).find(
    node => node.kind === 'group' && chosen.every(id => node.members?.includes(id))
  );
  // In the order that they had there, so that ungrouping finds it again.
  const order = around?.kind === 'group' ? (around.members ?? []) : chosen;
  const members = order.filter(id => chosen.includes(id));
  const id = freeId(document, 'group');
  const edits: Edit[] = [{ op: 'add_node', node: { kind: 'group', id, members } }];
  for (const node of nodesOf(document)) {
    if (node.kind !== 'group' || members.includes(node.id)) continue;
    const before = node.members ?? [];
    const left = before.filter(member => !members.includes(member));
    if (left.length === before.length) continue;
    // A part of one group becomes a group inside it; what comes from several leaves them.
    const part = members.every(member => before.includes(member));
    const at = before.findIndex(member => members.includes(member));
    edits.push(withMembers(node, part ? [...left.slice(0, at), id, ...left.slice(at)] : left));
  }
  return { id, count: members.length, edits };
}

/** Takes groups away with the edges that leave them; what is inside stays, in the group around if there is one. */
export function ungrouping(document: Workflow, selected: readonly string[]): Edit[] {
  const groups = selected.filter(id => findNode(document, id)?.kind === 'group');
  const membersOf = new Map(
    nodesOf(document).flatMap(node =>
      node.kind === 'group' && groups.includes(node.id) ? [[node.id, node.members ?? []]] : []
    )
  );
  const opened = (ids: readonly string[], depth = 0): string[] =>
    ids.flatMap(id => {
      const inside = membersOf.get(id);
      return inside && depth <= groups.length ? opened(inside, depth + 1) : [id];
    });
  const around = nodesOf(document).flatMap((node): Edit[] => {
    if (node.kind !== 'group' || groups.includes(node.id)) return [];
    const before = node.members ?? [];
    if (!before.some(id => membersOf.has(id))) return [];
    return [withMembers(node, [...new Set(opened(before))])];
  });
  const gone = edgesOf(document).filter(edge => groups.includes(edge.source));
  return [
    ...around,
    ...gone.map((edge): Edit => ({ op: 'remove_edge', edge: plainEdge(edge) })),
    ...groups.map((id): Edit => ({ op: 'remove_node', id }))
  ];
}

/** Takes a node out of the group that it is a member of. */
export function takingOut(document: Workflow, id: string): Edit[] {
  return nodesOf(document).flatMap((node): Edit[] => {
    if (node.kind !== 'group' || !node.members?.includes(id)) return [];
    const left = node.members.filter(member => member !== id);
    return [withMembers(node, left)];
  });
}

/** Makes nodes at these places members of the frames that they lie in; `added` is one that is not drawn yet. */
export function joining(
  document: Workflow,
  items: ReadonlyMap<string, Item>,
  positions: Record<string, [number, number]>,
  added?: Node
): Edit[] {
  const joined = new Map<string, string[]>();
  for (const [id, [x, y]] of Object.entries(positions)) {
    const node = items.get(id)?.node ?? added;
    if (!belongs(node) || groupOf(items.values(), id)) continue;
    const own = new Set([id, ...allInside(items, id)]);
    const frame = frameAt(items.values(), { x, y, w: 0, h: 0 }, own);
    if (frame) joined.set(frame.id, [...(joined.get(frame.id) ?? []), id]);
  }
  return [...joined].flatMap(([id, more]): Edit[] => {
    const node = findNode(document, id);
    return node?.kind === 'group' ? [withMembers(node, [...(node.members ?? []), ...more])] : [];
  });
}

function withMembers(node: Node & { kind: 'group' }, members: string[]): Edit {
  const { members: _before, ...bare } = node;
  return { op: 'set_node', id: node.id, node: members.length ? { ...bare, members } : bare };
}
