/** Problems by the node and the edge they sit on. */
import type { Problem } from './wire.gen';

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

/** Errors first, then warnings, then advice; within one in the order of the check. */
export function sorted(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => RANK[b.severity] - RANK[a.severity]);
}
