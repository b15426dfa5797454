/** From a problem to what it is about. */
import type { Editor } from './editor';
import { isAt, scopeOfProblem } from '../document/problemindex';
import { crumbsTo } from '../document/scope';
import type { Problem } from '../wire.gen';

/** Fields of an edge, not of the node that it leaves. */
const EDGE_FIELDS = new Set(['when', 'otherwise', 'error', 'after', 'until', 'on', 'spawn']);

/** Selects what the problem is about and brings it to the middle: the node, or the edge whose condition is meant. */
export function jump(
  problem: Problem,
  { session, surface }: Pick<Editor, 'session' | 'surface'>
): void {
  if (!isAt(problem, session.scope)) {
    session.go(crumbsTo(session.view.get(), scopeOfProblem(problem)));
  }
  const [edge] = problem.edges ?? [];
  const [node] = problem.nodes ?? [];
  const line = edge === undefined ? undefined : surface.graph.lines[edge];
  if (line && (node === undefined || EDGE_FIELDS.has(problem.field ?? ''))) {
    surface.select({ nodes: [], edges: [line.index] });
    surface.view.center(line.edge.source);
  } else if (node !== undefined) {
    surface.select({ nodes: [node], edges: [] });
    surface.view.center(node);
  }
}
