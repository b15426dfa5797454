/** Which edges may be drawn, and which names are free. Pure. */
import { edgesOf, findNode, nodesOf } from './document';
import { isName } from './rename';
import { strings } from './strings';
import type { Edge, Node, NodeKind, Workflow } from './wire.gen';

/** Why this edge may not be drawn; empty if it may. */
export function refusal(document: Workflow, source: string, target: string): string {
  const [from, to] = [findNode(document, source), findNode(document, target)];
  if (!from || !to) return strings.refuseUnknown;
  if (from.id === to.id) return strings.refuseSelf;
  if (from.kind === 'note' || to.kind === 'note') return strings.refuseNote;
  if (to.kind === 'start') return strings.refuseIntoStart;
  if (from.kind === 'end') return strings.refuseOutOfEnd;
  const twins = edgesOf(document).filter(e => e.source === source && e.target === target);
  // A choice may lead to one node for several reasons, once each has its guard.
  const guarded = from.kind === 'choice' && twins.every(twin => twin.when ?? twin.otherwise);
  return twins.length > 0 && !guarded ? strings.refuseTwice : '';
}

/** A fresh id made from `base`: `fetch`, `fetch_2`, ... */
export function freeId(document: Workflow, base: string): string {
  const stem = isName(base) ? base : base.replace(/[^\p{L}\p{N}_]+/gu, '_').replace(/^(?=\d)/, '_');
  const taken = new Set(nodesOf(document).map(node => node.id));
  // `input` is how expressions read the run's input.
  taken.add('input');
  const wanted = stem || 'node';
  if (!taken.has(wanted)) return wanted;
  let count = 2;
  while (taken.has(`${wanted}_${count}`)) count++;
  return `${wanted}_${count}`;
}

/** A new node of this kind; a task may come with its activity. */
export function newNode(document: Workflow, kind: NodeKind, activity = ''): Node {
  const id = freeId(document, kind === 'task' ? activity || 'task' : kind);
  switch (kind) {
    case 'task':
      return { kind, id, activity };
    case 'note':
      return { kind, id, text: strings.newNote };
    default:
      return { kind, id };
  }
}

/** The edge that drawing from `source` to `target` makes: from a choice it waits for its guard. */
export const newEdge = (source: string, target: string): Edge => ({ source, target });

/** The edges that leave a node, with their place among all edges. */
export function leaving(document: Workflow, id: string): { edge: Edge; index: number }[] {
  return edgesOf(document)
    .map((edge, index) => ({ edge, index }))
    .filter(({ edge }) => edge.source === id);
}
