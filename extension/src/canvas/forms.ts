/** What the forms of the inspector share. */
import type { Editor } from './editor';
import type { Node, Problem } from './wire.gen';

export interface FormProps<T extends Node = Node> {
  editor: Editor;
  node: T;
  problems: readonly Problem[];
  readOnly: boolean;
}

/** The problems of one field of a form. */
export function at(problems: readonly Problem[], field: string): Problem[] {
  return problems.filter(problem => problem.field === field);
}

/** The problems of a field and of what is in it. */
export function within(problems: readonly Problem[], field: string): Problem[] {
  return problems.filter(
    problem => problem.field === field || problem.field?.startsWith(`${field}.`)
  );
}

/** Gives a field of the node another value; undefined leaves it to its default. */
export function put<T extends Node, K extends keyof T>(
  { editor, node }: FormProps<T>,
  key: K,
  value: T[K] | undefined
): void {
  const { [key]: _before, ...rest } = node;
  const changed = value === undefined ? rest : { ...rest, [key]: value };
  editor.setNode(node.id, changed as unknown as Node);
}
