/** A text of a document as edits of the drawing there is. */
import { BLANK } from './document';
import { decode, encode } from './text';
import type { Edit, Workflow } from '../wire.gen';

/** The edits that make a drawing what a text says; null where it is that already. Throws where it is no document. */
export function editsTo(text: string, drawn: Workflow): Edit[] | null {
  const { name, description, inputs, signals, workflows, nodes, edges, layout } = decode(text);
  const whole: Workflow = {
    ...BLANK,
    ...{ name, description: description ?? '', inputs: inputs ?? {}, signals: signals ?? {} },
    ...{ workflows: workflows ?? {}, nodes: nodes ?? [], edges: edges ?? [] },
    layout: layout ?? {}
  };
  if (encode(whole) === encode(drawn)) return null;
  return [
    {
      op: 'set_workflow',
      ...{ name, description: whole.description, inputs: whole.inputs },
      ...{ signals: whole.signals, workflows: whole.workflows }
    },
    { op: 'restore', nodes: nodes ?? [], edges: edges ?? [], layout: layout ?? {} }
  ];
}
