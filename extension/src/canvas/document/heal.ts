/** Taking nodes away: with the edges that touch them, or so that the way leads on around them. Pure. */
import { applyAll, edgesOf, findNode, plainEdge } from './document';
import { refusal } from './rules';
import { isCompletion } from './triggers';
import type { Edge, Edit, Workflow } from '../wire.gen';

/** Takes nodes and edges (by index) away, and what touches these nodes. */
export function removing(
  document: Workflow,
  nodes: readonly string[],
  edges: readonly number[]
): Edit[] {
  const gone = new Set(nodes);
  const chosen = new Set(edges);
  const removed = edgesOf(document).filter(
    (edge, i) => chosen.has(i) || gone.has(edge.source) || gone.has(edge.target)
  );
  return [
    ...removed.map((edge): Edit => ({ op: 'remove_edge', edge: plainEdge(edge) })),
    ...nodes.map((id): Edit => ({ op: 'remove_node', id }))
  ];
}

export interface Healed {
  edits: Edit[];
  /** How many ways into what is gone lead nowhere now, though they went on before. */
  lost: number;
}

/**
 * Takes nodes away and draws what led to them on to what followed. An edge keeps its condition and its
 * trigger; where the way split inside what is gone, it leads on only from a fork, which may split too.
 */
export function healing(
  document: Workflow,
  nodes: readonly string[],
  edges: readonly number[]
): Healed {
  const gone = new Set(nodes);
  const cut = removing(document, nodes, edges);
  let { document: left } = applyAll(document, cut);
  const edits = [...cut];
  let lost = 0;
  for (const edge of edgesOf(document)) {
    if (!gone.has(edge.target) || gone.has(edge.source)) continue;
    const targets = [...after(document, edge.target, gone)];
    const splits = targets.length > 1 && findNode(document, edge.source)?.kind !== 'fork';
    let drawn = 0;
    for (const target of splits ? [] : targets) {
      if (refusal(left, edge.source, target)) continue;
      const healed: Edit = { op: 'add_edge', edge: { ...plainEdge(edge), target } };
      try {
        left = applyAll(left, [healed]).document;
      } catch {
        // The same edge is there already.
        continue;
      }
      edits.push(healed);
      drawn++;
    }
    if (targets.length && !drawn && !reaches(left, edge, targets)) lost++;
  }
  return { edits, lost };
}

/** Where the way leads from `first` once everything in `gone` has completed. */
function after(document: Workflow, first: string, gone: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  const seen = new Set([first]);
  const open = [first];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const edge of edgesOf(document)) {
      if (edge.source !== id || !goesOn(document, edge)) continue;
      if (!gone.has(edge.target)) found.add(edge.target);
      else if (!seen.has(edge.target)) {
        seen.add(edge.target);
        open.push(edge.target);
      }
    }
  }
  return found;
}

/** A wait goes on by its triggers; of everything else they are exceptions. */
const goesOn = (document: Workflow, edge: Edge): boolean =>
  isCompletion(edge) || findNode(document, edge.source)?.kind === 'wait';

const reaches = (document: Workflow, { source }: Edge, targets: readonly string[]): boolean =>
  edgesOf(document).some(edge => edge.source === source && targets.includes(edge.target));
