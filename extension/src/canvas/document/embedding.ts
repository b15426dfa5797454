/** A workflow that is kept elsewhere made one of the document's own. Pure. */
import { nodesOf } from './document';
import { freeName } from './rules';
import { calledBy, within, workflowAt } from './scope';
import type { Known, Scope } from './scope';
import type { Edit, Node } from '../wire.gen';

/**
 * The edits that give the document a copy of a foreign workflow, under its name. A file's has a plain name
 * then, which the calls of that file get too.
 */
export function embedding(known: Known, { foreign: name }: Scope): Edit[] {
  const found = known.elsewhere[name];
  if (!found?.document) return [];
  const { workflows = {} } = known.whole;
  const kept = found.file
    ? freeName(new Set(Object.keys(workflows)), found.document.name ?? 'part')
    : name;
  const added: Edit = {
    op: 'set_workflow',
    workflows: { ...workflows, [kept]: found.document }
  };
  return kept === name ? [added] : [added, ...recalled(known, [], name, kept)];
}

/** Edits that let the calls of one name have another: those of the document, and of its own workflows. */
function recalled(known: Known, path: readonly string[], from: string, to: string): Edit[] {
  const workflow = workflowAt(known, { foreign: '', path });
  if (!workflow) return [];
  const calls = nodesOf(workflow).filter(node => calledBy(node) === from);
  const edits = calls.map((node): Edit => ({
    op: 'set_node',
    id: node.id,
    node: { ...node, workflow: to } as Node
  }));
  const inner = Object.keys(workflow.workflows ?? {});
  return [
    ...within(path, edits),
    ...inner.flatMap(name => recalled(known, [...path, name], from, to))
  ];
}
