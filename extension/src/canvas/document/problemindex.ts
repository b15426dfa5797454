/** Problems by the node and the edge they sit on. */
import { edgesOf, nodesOf } from './document';
import { DOCUMENT, enteredBy, keyOf, workflowAt } from './scope';
import type { Known, Scope } from './scope';
import { strings } from '../texts/strings';
import type { Problem } from '../wire.gen';

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

/** The problems of a workflow; a node that runs another has the problems inside that. */
export function indexProblems(
  problems: readonly Problem[],
  known: Known,
  scope: Scope = DOCUMENT
): ProblemIndex {
  const index: ProblemIndex = { nodes: new Map(), edges: new Map() };
  const nodes = nodesOf(workflowAt(known, scope) ?? {});
  const entered = nodes.flatMap(node => enteredBy(known, scope, node) ?? []);
  for (const problem of problems) {
    if (!isAt(problem, scope)) {
      for (const crumb of entered) if (isIn(problem, crumb)) add(index.nodes, crumb.node, problem);
      continue;
    }
    for (const id of problem.nodes ?? []) add(index.nodes, id, problem);
    for (const edge of problem.edges ?? []) add(index.edges, edge, problem);
  }
  return index;
}

/** Where the workflow is kept that a problem is one of. */
export const scopeOfProblem = ({ foreign = '', path = [] }: Problem): Scope => ({ foreign, path });

/** Whether a problem is one of the workflow that is kept there. */
export const isAt = (problem: Problem, scope: Scope): boolean =>
  isIn(problem, scope) && (problem.path ?? []).length === scope.path.length;

/** Whether a problem is one of that workflow, or of one inside it. */
const isIn = ({ foreign = '', path = [] }: Problem, scope: Scope): boolean =>
  foreign === scope.foreign && scope.path.every((name, i) => name === path[i]);

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

/** How many problems there are and how many nodes wait for an edge, in words, and how bad that is. */
export interface Tally {
  text: string;
  tone: 'ok' | 'warn' | 'bad' | 'dim';
  /** Whether someone is still drawing: not all is connected. */
  loose: boolean;
}

/** The same wherever it is said; `null` before the first check. */
export function tallyOf(found: readonly Problem[] | null): Tally {
  if (!found) return { text: strings.unchecked, tone: 'dim', loose: false };
  const problems = found.filter(problem => !isLoose(problem));
  const loose = new Set(found.filter(isLoose).flatMap(problem => problem.nodes ?? [])).size;
  const counts = [
    problems.length || !loose ? strings.problems(problems.length) : '',
    loose ? strings.toConnect(loose) : ''
  ];
  const worst = problems.some(({ severity }) => severity === 'error') ? 'bad' : 'warn';
  return {
    text: counts.filter(Boolean).join(' · '),
    tone: problems.length ? worst : loose ? 'dim' : 'ok',
    loose: loose > 0
  };
}

interface Ends {
  sources: Set<string>;
  targets: Set<string>;
}

/** The nodes that edges of a workflow leave, and lead to; reckoned once for each. */
function endsBy(all: Known): (scope: Scope) => Ends {
  const known = new Map<string, Ends>();
  return scope => {
    const key = keyOf(scope);
    const edges = edgesOf(workflowAt(all, scope) ?? {});
    const found = known.get(key) ?? {
      sources: new Set(edges.map(edge => edge.source)),
      targets: new Set(edges.map(edge => edge.target))
    };
    known.set(key, found);
    return found;
  };
}

/** A node that no edge leads to, or none leads away from, is not wrong yet: someone is drawing. */
export function quietened(problems: readonly Problem[], known: Known): Problem[] {
  const ends = endsBy(known);
  return problems.map(problem => {
    const { sources, targets } = ends(scopeOfProblem(problem));
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
