/**
 * The document as a value: applying edits gives a new document and the edits that take it back.
 *
 * The twin of `wfnb/author/edits.py`. Where the two could differ (renaming a name inside an
 * expression), the kernel's version wins, because its broadcast replaces the optimistic one.
 */
import { equal } from '../ground/equal';
import { give, own } from '../ground/own';
import { namedBy, renameInEdge, renameInNode, without as forgetting } from './rename';
import { strings } from '../texts/strings';
import type {
  Edge,
  Edit,
  Move,
  Node,
  Restore,
  SetEdge,
  SetNode,
  SetWorkflow,
  Within,
  Workflow
} from '../wire.gen';

/** An edit that does not fit the document. */
export class EditError extends Error {}

export interface Applied {
  document: Workflow;
  /** Applied in order to the new document, these give the old one. */
  inverse: Edit[];
}

/** A document without anything in it. */
export const BLANK: Workflow = { wfnb: 1, name: 'workflow' };

export const nodesOf = (document: Workflow): Node[] => document.nodes ?? [];
export const edgesOf = (document: Workflow): Edge[] => document.edges ?? [];
export const layoutOf = (document: Workflow): Record<string, [number, number]> =>
  document.layout ?? {};

export function findNode(document: Workflow, id: string): Node | undefined {
  return nodesOf(document).find(node => node.id === id);
}

/** The edge without the fields that have their default value. */
export function plainEdge(edge: Edge): Edge {
  const { source, target, when, otherwise, error, after, until, on, spawn } = edge;
  return {
    source,
    target,
    ...(when != null && { when }),
    ...(otherwise && { otherwise }),
    ...(error != null && { error }),
    ...(after != null && { after }),
    ...(until != null && { until }),
    ...(on != null && { on }),
    ...(spawn && { spawn })
  };
}

/** The index of the first edge equal to `edge`, or -1. */
export function edgeIndex(document: Workflow, edge: Edge): number {
  const wanted = plainEdge(edge);
  return edgesOf(document).findIndex(other => equal(plainEdge(other), wanted));
}

/** Applies one gesture; all of it or, when it throws EditError, nothing. */
export function applyAll(document: Workflow, edits: readonly Edit[]): Applied {
  const inverse: Edit[] = [];
  let current = document;
  let plain: boolean | undefined;
  for (const edit of edits) {
    const step = applyOne(current, edit);
    const around = edit.op === 'set_workflow' || edit.op === 'within';
    if (!around && !plain) plain = isPlain(current);
    inverse.unshift(...(around || plain ? step.inverse : [whole(current)]));
    current = step.document;
  }
  return { document: current, inverse };
}

/**
 * Whether ids and edges say which is which: not so in a file that was written with equal edges, edges to nowhere or
 * ids that nobody can read. Only then is the small inverse of an edit exact, and never refused.
 */
function isPlain(document: Workflow): boolean {
  const ids = new Set(nodesOf(document).map(node => node.id));
  const between = new Map<string, Edge[]>();
  for (const edge of edgesOf(document)) {
    if (!ids.has(edge.source) || !ids.has(edge.target)) return false;
    const ends = JSON.stringify([edge.source, edge.target]);
    const others = between.get(ends) ?? [];
    if (others.some(other => equal(plainEdge(other), plainEdge(edge)))) return false;
    between.set(ends, [...others, edge]);
  }
  return ids.size === nodesOf(document).length && [...ids].every(isPrintable);
}

/** Letters, signs and spaces as Python's `str.isprintable` has them, and at least one. */
const isPrintable = (id: string): boolean => /^(?:[^\p{C}\p{Z}]| )+$/u.test(id);

function refuseId(document: Workflow, id: string): void {
  if (findNode(document, id)) throw new EditError(`there is already a node '${id}'`);
  if (!isPrintable(id)) throw new EditError(strings.noId(id));
}

function applyOne(document: Workflow, edit: Edit): Applied {
  switch (edit.op) {
    case 'add_node':
      return addNode(document, edit.node, edit.position ?? null, edit.at ?? null);
    case 'remove_node':
      return removeNode(document, edit.id);
    case 'set_node':
      return setNode(document, edit);
    case 'add_edge':
      return addEdge(document, edit.edge, edit.at ?? null);
    case 'remove_edge':
      return removeEdge(document, edit.edge);
    case 'set_edge':
      return setEdge(document, edit);
    case 'move':
      return move(document, edit);
    case 'set_workflow':
      return setWorkflow(document, edit);
    case 'within':
      return within(document, edit);
    case 'restore': {
      const { nodes, edges, layout } = edit;
      return { document: { ...document, nodes, edges, layout }, inverse: [whole(document)] };
    }
  }
}

/** Puts nodes, edges and layout back exactly. */
function whole(document: Workflow): Restore {
  return {
    op: 'restore',
    nodes: nodesOf(document),
    edges: edgesOf(document),
    layout: layoutOf(document)
  };
}

/** Puts the layout back, its order included. */
const sameLayout = (document: Workflow): Move => ({
  op: 'move',
  positions: layoutOf(document),
  whole: true
});

function inserted<T>(list: readonly T[], item: T, at: number | null): T[] {
  const index = at === null ? list.length : Math.min(Math.max(at, 0), list.length);
  return [...list.slice(0, index), item, ...list.slice(index)];
}

function without<T>(list: readonly T[], index: number): T[] {
  return [...list.slice(0, index), ...list.slice(index + 1)];
}

function addNode(
  document: Workflow,
  node: Node,
  position: [number, number] | null,
  at: number | null
): Applied {
  refuseId(document, node.id);
  const nodes = inserted(nodesOf(document), node, at);
  const layout = position ? { ...layoutOf(document), [node.id]: position } : layoutOf(document);
  // A document may carry a position for a node it does not have: undo must bring it back.
  const undo = own(layoutOf(document), node.id) ? [sameLayout(document)] : [];
  // Nodes may name one that is not there yet, which taking this one away again would end.
  const named = isNamed(document, node.id);
  return {
    document: { ...document, nodes, layout },
    inverse: named ? [whole(document)] : [{ op: 'remove_node', id: node.id }, ...undo]
  };
}

const isNamed = (document: Workflow, id: string): boolean =>
  nodesOf(document).some(node => namedBy(node).includes(id));

function removeNode(document: Workflow, id: string): Applied {
  const nodes = nodesOf(document);
  const index = nodes.findIndex(node => node.id === id);
  const node = nodes[index];
  if (!node) throw new EditError(`there is no node '${id}'`);
  if (edgesOf(document).some(edge => edge.source === id || edge.target === id)) {
    throw new EditError(`edges still touch node '${id}'`);
  }
  const { [id]: _position, ...layout } = layoutOf(document);
  const left = without(nodes, index);
  if (isNamed(document, id)) {
    const told = left.map(other => forgetting(other, id));
    return { document: { ...document, nodes: told, layout }, inverse: [whole(document)] };
  }
  return {
    document: { ...document, nodes: left, layout },
    inverse: [{ op: 'add_node', node, at: index }, sameLayout(document)]
  };
}

function setNode(document: Workflow, edit: SetNode): Applied {
  const nodes = nodesOf(document);
  const index = nodes.findIndex(node => node.id === edit.id);
  const before = nodes[index];
  if (!before) throw new EditError(`there is no node '${edit.id}'`);
  if (edit.node.id === edit.id) {
    const changed = nodes.map((node, i) => (i === index ? edit.node : node));
    return {
      document: { ...document, nodes: changed },
      inverse: [{ op: 'set_node', id: edit.id, node: before }]
    };
  }
  return renameNode(document, before, edit.node);
}

function renameNode(document: Workflow, before: Node, after: Node): Applied {
  refuseId(document, after.id);
  return { document: renamedDocument(document, before.id, after), inverse: [whole(document)] };
}

function renamedDocument(document: Workflow, from: string, after: Node): Workflow {
  const to = after.id;
  const layout = Object.fromEntries(
    Object.entries(layoutOf(document)).map(([id, at]) => [id === from ? to : id, at])
  );
  return {
    ...document,
    nodes: nodesOf(document).map(node => renameInNode(node.id === from ? after : node, from, to)),
    edges: edgesOf(document).map(edge => renameInEdge(edge, from, to)),
    layout
  };
}

function addEdge(document: Workflow, edge: Edge, at: number | null): Applied {
  for (const id of [edge.source, edge.target]) {
    if (!findNode(document, id)) throw new EditError(`there is no node '${id}'`);
  }
  refuseTwin(document, edge);
  return {
    document: { ...document, edges: inserted(edgesOf(document), plainEdge(edge), at) },
    inverse: [{ op: 'remove_edge', edge }]
  };
}

function refuseTwin(document: Workflow, edge: Edge): void {
  if (edgeIndex(document, edge) < 0) return;
  throw new EditError(`there is already an edge from '${edge.source}' to '${edge.target}'`);
}

function removeEdge(document: Workflow, edge: Edge): Applied {
  const index = edgeIndex(document, edge);
  if (index < 0) throw new EditError(`there is no edge ${edge.source} → ${edge.target}`);
  return {
    document: { ...document, edges: without(edgesOf(document), index) },
    inverse: [{ op: 'add_edge', edge, at: index }]
  };
}

function setEdge(document: Workflow, edit: SetEdge): Applied {
  const index = edgeIndex(document, edit.edge);
  if (index < 0) throw new EditError(`there is no edge ${edit.edge.source} → ${edit.edge.target}`);
  for (const id of [edit.to.source, edit.to.target]) {
    if (!findNode(document, id)) throw new EditError(`there is no node '${id}'`);
  }
  if (!equal(plainEdge(edit.to), plainEdge(edit.edge))) refuseTwin(document, edit.to);
  const edges = inserted(without(edgesOf(document), index), plainEdge(edit.to), edit.at ?? index);
  return {
    document: { ...document, edges },
    inverse: [{ op: 'set_edge', edge: edit.to, to: edit.edge, at: index }]
  };
}

function move(document: Workflow, edit: Move): Applied {
  const layout: Record<string, [number, number]> = edit.whole ? {} : { ...layoutOf(document) };
  for (const [id, position] of Object.entries(edit.positions)) {
    if (!edit.whole && !findNode(document, id)) throw new EditError(`there is no node '${id}'`);
    if (position) give(layout, id, position);
    else Reflect.deleteProperty(layout, id);
  }
  return { document: { ...document, layout }, inverse: [sameLayout(document)] };
}

function setWorkflow(document: Workflow, edit: SetWorkflow): Applied {
  const inverse: SetWorkflow = { op: 'set_workflow' };
  const changed = { ...document };
  if (edit.name != null) {
    inverse.name = document.name ?? 'workflow';
    changed.name = edit.name;
  }
  if (edit.description != null) {
    inverse.description = document.description ?? '';
    changed.description = edit.description;
  }
  if (edit.inputs != null) {
    inverse.inputs = document.inputs ?? {};
    changed.inputs = edit.inputs;
  }
  if (edit.signals != null) {
    inverse.signals = document.signals ?? {};
    changed.signals = edit.signals;
  }
  if (edit.workflows != null) {
    inverse.workflows = document.workflows ?? {};
    changed.workflows = edit.workflows;
  }
  return { document: changed, inverse: [inverse] };
}

function within(document: Workflow, edit: Within): Applied {
  const inner = own(document.workflows, edit.workflow);
  if (!inner) throw new EditError(`there is no workflow '${edit.workflow}' in this document`);
  const { document: changed, inverse } = applyAll(inner, edit.edits);
  const workflows = { ...document.workflows, [edit.workflow]: changed };
  return {
    document: { ...document, workflows },
    inverse: [{ op: 'within', workflow: edit.workflow, edits: inverse }]
  };
}
