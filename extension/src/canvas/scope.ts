/** Which workflow of a document is in view: the document itself, or one inside it that a call or a map runs. */
import { nodesOf } from './document';
import type { Edit, Node, Workflow } from './wire.gen';

/** One step inwards: the node that was entered, and where what it runs is kept in the document. */
export interface Crumb {
  node: string;
  name: string;
  /** Names of own workflows, from the outermost; a recursive call leads to one that was passed before. */
  path: readonly string[];
}

export const pathOf = (crumbs: readonly Crumb[]): readonly string[] => crumbs.at(-1)?.path ?? [];

/** The own workflow at the end of a path; undefined if there is none. */
export function innerOf(document: Workflow, path: readonly string[]): Workflow | undefined {
  let found: Workflow | undefined = document;
  for (const name of path) found = found?.workflows?.[name];
  return found;
}

/** The document's own workflow that a node runs, seen from the one at `path`; null if it runs none of them. */
export function enteredBy(
  document: Workflow,
  path: readonly string[],
  node: Node | undefined
): Crumb | null {
  const name = node?.kind === 'call' || node?.kind === 'map' ? node.workflow : '';
  if (!node || !name) return null;
  // What belongs to a document is known inside of it as well.
  for (let depth = path.length; depth >= 0; depth--) {
    const kept = [...path.slice(0, depth), name];
    if (innerOf(document, kept)) return { node: node.id, name, path: kept };
  }
  return null;
}

/** The steps that lead to the workflow at a path; those of them that nothing calls are entered by nobody. */
export function crumbsTo(document: Workflow, path: readonly string[]): Crumb[] {
  return path.map((name, i) => {
    const outer = innerOf(document, path.slice(0, i));
    const caller = nodesOf(outer ?? document).find(
      node => (node.kind === 'call' || node.kind === 'map') && node.workflow === name
    );
    return { node: caller?.id ?? '', name, path: path.slice(0, i + 1) };
  });
}

/** The steps as far as they still lead anywhere. */
export function standing(document: Workflow, crumbs: readonly Crumb[]): readonly Crumb[] {
  const end = crumbs.findIndex(({ path }) => !innerOf(document, path));
  return end < 0 ? crumbs : crumbs.slice(0, end);
}

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
export function withKnown(document: Workflow, path: readonly string[]): Workflow {
  const inner = innerOf(document, path) ?? document;
  const workflows: Record<string, Workflow> = {};
  for (let depth = 0; depth <= path.length; depth++) {
    Object.assign(workflows, innerOf(document, path.slice(0, depth))?.workflows);
  }
  return { ...inner, workflows };
}
