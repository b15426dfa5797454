/** Which edges may be drawn, and which names are free. Pure. */
import { edgeIndex, edgesOf, findNode, nodesOf, plainEdge } from './document';
import { isName } from './rename';
import { strings } from '../texts/strings';
import { allowedTriggers, isCompletion, needsTrigger, triggerOf } from './triggers';
import type { Edge, Node, NodeKind, Workflow } from '../wire.gen';

/** Why this edge may not be drawn; empty if it may. */
export function refusal(document: Workflow, source: string, target: string): string {
  const [from, to] = [findNode(document, source), findNode(document, target)];
  if (!from || !to) return strings.refuseUnknown;
  if (from.id === to.id) return strings.refuseSelf;
  if (from.kind === 'note' || to.kind === 'note') return strings.refuseNote;
  if (to.kind === 'group') return strings.refuseIntoGroup;
  if (to.kind === 'start') return strings.refuseIntoStart;
  if (from.kind === 'end') return strings.refuseOutOfEnd;
  const twins = edgesOf(document).filter(e => e.source === source && e.target === target);
  return twins.every(twin => isTold(twin, from)) ? '' : strings.refuseTwice;
}

/** Two nodes may be connected for several reasons, once each edge says which is its own. */
function isTold(edge: Edge, from: Node): boolean {
  const interruptible = allowedTriggers(from.kind).length > 0;
  if (from.kind !== 'choice' && from.kind !== 'fork' && !interruptible) return false;
  if (edge.when || edge.otherwise || edge.spawn || triggerOf(edge) !== '') return true;
  // The edge of completion needs no words: the next one from there has a trigger.
  return interruptible && !needsTrigger(from.kind);
}

/** A fresh id made from `base`: `fetch`, `fetch_2`, ... */
export function freeId(document: Workflow, base: string): string {
  const stem = isName(base) ? base : base.replace(/[^\p{L}\p{N}_]+/gu, '_').replace(/^(?=\d)/, '_');
  // `input` is how expressions read the run's input.
  return freeName(new Set([...nodesOf(document).map(node => node.id), 'input']), stem || 'node');
}

/** The name itself where it is not taken, else the first free one of `name_2`, `name_3`, ... */
export function freeName(taken: ReadonlySet<string>, name: string): string {
  if (!taken.has(name)) return name;
  let count = 2;
  while (taken.has(`${name}_${count}`)) count++;
  return `${name}_${count}`;
}

/** A new node of this kind; a task may come with its activity. */
export function newNode(document: Workflow, kind: NodeKind, activity = ''): Node {
  const id = freeId(document, kind === 'task' ? activity || 'task' : kind);
  switch (kind) {
    case 'task':
      return { kind, id, activity };
    case 'note':
      return { kind, id, text: strings.newNote };
    case 'map':
      return { kind, id, items: [], ...(activity && { activity }) };
    case 'call':
      return { kind, id, workflow: activity };
    default:
      return { kind, id };
  }
}

/**
 * The edge that drawing from `source` to `target` makes. A node that goes on already when it completes
 * gets one that catches its errors; from a choice, a wait or a group the edge waits for its reason.
 */
export function newEdge(document: Workflow, source: string, target: string): Edge {
  const kind = findNode(document, source)?.kind;
  const interruptible = kind && allowedTriggers(kind).length > 0 && !needsTrigger(kind);
  const goesOn = leaving(document, source).some(({ edge }) => isCompletion(edge));
  return { source, target, ...(interruptible && goesOn && { error: '*' }) };
}

/** Which end of an edge is moved; the other stays. */
export type End = 'source' | 'target';

/**
 * The edge with one end at another node. What an edge from the new source can not say is left out: a
 * task has no `otherwise`, only one edge of a choice has it, and a start is not interrupted.
 */
export function movedEdge(document: Workflow, edge: Edge, end: End, to: string): Edge {
  if (end === 'target') return { ...plainEdge(edge), target: to };
  const kind = findNode(document, to)?.kind;
  const rest = withoutEdge(document, edge);
  const fresh = newEdge(rest, to, edge.target);
  if (!kind) return fresh;
  const trigger = triggerOf(edge);
  if (trigger !== '' && allowedTriggers(kind).includes(trigger)) {
    return { ...plainEdge(edge), source: to };
  }
  const guarded = kind === 'choice' || kind === 'wait' || isInclusive(findNode(document, to));
  if (edge.spawn && trigger === '') return { ...plainEdge(edge), source: to };
  if (!guarded || trigger !== '') return fresh;
  const otherwise = edge.otherwise && kind !== 'wait' && !leaving(rest, to).some(isOtherwise);
  return { ...fresh, ...(edge.when && { when: edge.when }), ...(otherwise && { otherwise }) };
}

/** Why an edge may not be moved so; empty if it may. */
export function refusalToMove(document: Workflow, edge: Edge, end: End, to: string): string {
  const moved = movedEdge(document, edge, end, to);
  return refusal(withoutEdge(document, edge), moved.source, moved.target);
}

function withoutEdge(document: Workflow, edge: Edge): Workflow {
  const index = edgeIndex(document, edge);
  return { ...document, edges: edgesOf(document).filter((_, i) => i !== index) };
}

const isInclusive = (node: Node | undefined): boolean =>
  node?.kind === 'fork' && Boolean(node.join);
const isOtherwise = ({ edge }: { edge: Edge }): boolean => edge.otherwise === true;

/** Whether a new edge of this node is to be asked for its reason at once. */
export function asksFor(document: Workflow, edge: Edge): boolean {
  const node = findNode(document, edge.source);
  if (!node) return false;
  if (edge.when || edge.otherwise) return false;
  return (
    node.kind === 'choice' || isInclusive(node) || needsTrigger(node.kind) || triggerOf(edge) !== ''
  );
}

/** The edges that leave a node, with their place among all edges. */
export function leaving(document: Workflow, id: string): { edge: Edge; index: number }[] {
  return edgesOf(document)
    .map((edge, index) => ({ edge, index }))
    .filter(({ edge }) => edge.source === id);
}
