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
