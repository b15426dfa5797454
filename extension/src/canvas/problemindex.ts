/** Problems by the node and the edge they sit on. */
import { edgesOf } from './document';
import { strings } from './strings';
import type { Problem, Workflow } from './wire.gen';

export interface Found {
  severity: Problem['severity'];
  /** Every message, one a line. */
  text: string;
}

export interface ProblemIndex {
  nodes: Map<string, Found>;
  edges: Map<number, Found>;
}

export const noProblems: ProblemIndex = { nodes: new Map(), edges: new Map() };

const RANK = { advice: 0, warning: 1, error: 2 };

export function indexProblems(problems: readonly Problem[]): ProblemIndex {
  const index: ProblemIndex = { nodes: new Map(), edges: new Map() };
  for (const problem of problems) {
    for (const id of problem.nodes ?? []) add(index.nodes, id, problem);
    for (const edge of problem.edges ?? []) add(index.edges, edge, problem);
  }
  return index;
}

function add<K>(found: Map<K, Found>, key: K, problem: Problem): void {
  const before = found.get(key);
  const text = `${problem.code} ${problem.message}`;
  if (!before) {
    found.set(key, { severity: problem.severity, text });
    return;
  }
  const worse = RANK[problem.severity] > RANK[before.severity];
  found.set(key, {
    severity: worse ? problem.severity : before.severity,
    text: `${before.text}\n${text}`
  });
}

/** Whether a problem says only that a node waits for its first edge. */
export const isLoose = (problem: Problem): boolean =>
  (problem.code === 'WF102' || problem.code === 'WF103') && problem.severity === 'advice';

/** A node that no edge leads to, or none leads away from, is not wrong yet: someone is drawing. */
export function quietened(problems: readonly Problem[], document: Workflow): Problem[] {
  const sources = new Set(edgesOf(document).map(edge => edge.source));
  const targets = new Set(edgesOf(document).map(edge => edge.target));
  return problems.map(problem => {
    const has = { WF102: targets, WF103: sources }[problem.code];
    const loose = has && problem.nodes?.length && !problem.nodes.some(id => has.has(id));
    if (!loose) return problem;
    const message = `${problem.nodes?.map(id => `'${id}'`).join(', ')}: ${strings.notConnected}`;
    return { ...problem, severity: 'advice', message };
  });
}

/** Errors first, then warnings, then advice; within one in the order of the check. */
export function sorted(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => RANK[b.severity] - RANK[a.severity]);
}
