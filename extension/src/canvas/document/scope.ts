/** Which workflow is in view: the document, one inside it that a call or a map runs, or one that is kept elsewhere. */
import { nodesOf } from './document';
import { give, own } from '../ground/own';
import type { Edit, Foreign, Node, Workflow } from '../wire.gen';

/** Where a workflow is kept. */
export interface Scope {
  /** The name of the foreign workflow that `path` begins in; empty: in the document. */
  foreign: string;
  /** Names of own workflows, from the outermost; a recursive call leads to one that was passed before. */
  path: readonly string[];
}

/** One step inwards: the node that was entered, and where what it runs is kept. */
export interface Crumb extends Scope {
  node: string;
  name: string;
}

/** All that can be entered. */
export interface Known {
  whole: Workflow;
  /** What the document calls that does not belong to it, by name. */
  elsewhere: Readonly<Record<string, Foreign>>;
}

export const DOCUMENT: Scope = { foreign: '', path: [] };

/** Where the workflow is kept that these steps lead to. */
export const scopeOf = (crumbs: readonly Crumb[]): Scope => crumbs.at(-1) ?? DOCUMENT;

/** One text for each scope. */
export const keyOf = ({ foreign, path }: Scope): string => JSON.stringify([foreign, ...path]);

/** The workflow that is kept there; undefined if there is none. */
export function workflowAt(known: Known, { foreign, path }: Scope): Workflow | undefined {
  const root = foreign ? own(known.elsewhere, foreign)?.document : known.whole;
  return root ? innerOf(root, path) : undefined;
}

/** The own workflow at the end of a path; undefined if there is none. */
export function innerOf(document: Workflow, path: readonly string[]): Workflow | undefined {
  let found: Workflow | undefined = document;
  for (const name of path) found = own(found?.workflows, name);
  return found;
}

/** The name of the workflow that a node runs; empty if it runs none. */
export const calledBy = (node: Node | undefined): string =>
  (node?.kind === 'call' || node?.kind === 'map' ? node.workflow : '') ?? '';

/** What a node in a scope runs, if that can be entered. */
export function enteredBy(known: Known, at: Scope, node: Node | undefined): Crumb | null {
  const name = calledBy(node);
  if (!node || !name) return null;
  // What belongs to a document is known inside of it as well.
  for (let depth = at.path.length; depth >= 0; depth--) {
    const kept = { foreign: at.foreign, path: [...at.path.slice(0, depth), name] };
    if (workflowAt(known, kept)) return { node: node.id, name, ...kept };
  }
  const found = own(known.elsewhere, name)?.document;
  return found ? { node: node.id, name, foreign: name, path: [] } : null;
}

/** The shortest way to a workflow through calls; an own one that nothing calls is entered by nobody. */
export function crumbsTo(known: Known, scope: Scope): Crumb[] {
  const wanted = keyOf(scope);
  const seen = new Set([keyOf(DOCUMENT)]);
  const ways: Crumb[][] = [[]];
  for (const way of ways) {
    const at = scopeOf(way);
    if (keyOf(at) === wanted) return way;
    for (const node of nodesOf(workflowAt(known, at) ?? {})) {
      const crumb = enteredBy(known, at, node);
      if (!crumb || seen.has(keyOf(crumb))) continue;
      seen.add(keyOf(crumb));
      ways.push([...way, crumb]);
    }
  }
  return scope.foreign || !workflowAt(known, scope) ? [] : uncalled(known, scope.path);
}

function uncalled(known: Known, path: readonly string[]): Crumb[] {
  return path.map((name, i) => {
    const scope = { foreign: '', path: path.slice(0, i + 1) };
    return { node: callerOf(known, { foreign: '', path: path.slice(0, i) }, name), name, ...scope };
  });
}

/** The node of a workflow that runs one of this name; empty if none does. */
function callerOf(known: Known, at: Scope, name: string): string {
  const nodes = nodesOf(workflowAt(known, at) ?? {});
  return nodes.find(node => calledBy(node) === name)?.id ?? '';
}

/** The steps as far as they still lead anywhere: a call may have another name now, or run what is kept elsewhere. */
export function standing(known: Known, crumbs: readonly Crumb[]): readonly Crumb[] {
  const found: Crumb[] = [];
  for (const crumb of crumbs) {
    const at = scopeOf(found);
    const nodes = nodesOf(workflowAt(known, at) ?? {});
    const same = nodes.find(node => node.id === crumb.node && calledBy(node) === crumb.name);
    const caller = same || !crumb.node ? '' : callerOf(known, at, crumb.name);
    const now = enteredBy(known, at, same ?? nodes.find(({ id }) => id === caller));
    if (now) found.push(now);
    else if (!crumb.foreign && workflowAt(known, crumb)) found.push({ ...crumb, node: '' });
    else break;
  }
  return found.length === crumbs.length && found.every((one, i) => isSame(one, crumbs[i]))
    ? crumbs
    : found;
}

const isSame = (one: Crumb, other: Crumb | undefined): boolean =>
  other?.node === one.node && keyOf(other) === keyOf(one);

/** Edits of the workflow at a path, as edits of the document. */
export function within(path: readonly string[], edits: readonly Edit[]): Edit[] {
  return path.reduceRight<Edit[]>(
    (inner, workflow) => [{ op: 'within', workflow, edits: inner }],
    [...edits]
  );
}

/** The workflow that edits change, as far inside as all of them are. */
export function changedBy(edits: readonly Edit[]): string[] {
  const [first] = edits;
  if (first?.op !== 'within') return [];
  if (!edits.every(edit => edit.op === 'within' && edit.workflow === first.workflow)) return [];
  const inner = edits.flatMap(edit => (edit.op === 'within' ? edit.edits : []));
  return [first.workflow, ...changedBy(inner)];
}

/** The workflow in view with what is known around it: what calls and maps in it can name. */
export function withKnown(known: Known, scope: Scope): Workflow {
  const inner = workflowAt(known, scope) ?? known.whole;
  let workflows: Record<string, Workflow> = {};
  for (const [name, { document }] of Object.entries(known.elsewhere)) {
    if (document) give(workflows, name, document);
  }
  for (let depth = 0; depth <= scope.path.length; depth++) {
    const around = workflowAt(known, { ...scope, path: scope.path.slice(0, depth) });
    workflows = { ...workflows, ...around?.workflows };
  }
  return { ...inner, workflows };
}
