/** The conditions on edges. */
import type { JSX } from 'preact';
import type { Editor } from './editor';
import { at } from './forms';
import type { FormProps } from './forms';
import { Button, Field } from './parts';
import { leaving } from './rules';
import { strings } from './strings';
import type { Choice, Edge, Problem } from './wire.gen';

export function GuardFields(props: {
  editor: Editor;
  edge: Edge;
  problems: readonly Problem[];
  readOnly: boolean;
  focus?: boolean;
}): JSX.Element {
  const { editor, edge, readOnly } = props;
  const { source, target } = edge;
  return (
    <>
      {!edge.otherwise && (
        <Field
          label={strings.guard}
          name="when"
          code
          type="bool"
          value={edge.when ?? ''}
          hint="mark > 0.8"
          help={strings.guardHelp}
          focus={props.focus ?? false}
          disabled={readOnly}
          problems={props.problems}
          onCommit={text => {
            const when = text.trim();
            editor.setEdge(edge, when ? { source, target, when } : { source, target });
          }}
        />
      )}
      <label class="wfnb-check" title={strings.otherwiseHelp}>
        <input
          type="checkbox"
          checked={edge.otherwise ?? false}
          disabled={readOnly}
          data-field="otherwise"
          onChange={event => {
            const { checked } = event.currentTarget;
            editor.setEdge(
              edge,
              checked ? { source, target, otherwise: true } : { source, target }
            );
          }}
        />
        {strings.otherwise}
      </label>
    </>
  );
}

export function ChoiceForm({ editor, node, problems, readOnly }: FormProps<Choice>): JSX.Element {
  const edges = leaving(editor.document, node.id);
  const all = editor.session.checked.get()?.problems ?? [];
  if (!edges.length) return <p class="wfnb-hint">{strings.noEdges}</p>;
  return (
    <>
      <h3>{strings.guards}</h3>
      {edges.map(({ edge, index }, i) => (
        <section class="wfnb-guard" key={`${edge.target} ${edge.when ?? ''}`}>
          <header>
            <b title={edge.target}>→ {edge.target}</b>
            <Button
              icon="up"
              class="wfnb-small"
              title={strings.moveUp}
              disabled={readOnly || i === 0}
              onClick={() => editor.reorder(edge, -1)}
            />
            <Button
              icon="down"
              class="wfnb-small"
              title={strings.moveDown}
              disabled={readOnly || i === edges.length - 1}
              onClick={() => editor.reorder(edge, 1)}
            />
          </header>
          <GuardFields
            {...{ editor, edge, readOnly }}
            problems={at(all, 'when').filter(problem => problem.edges?.includes(index))}
          />
        </section>
      ))}
      {at(problems, 'edges').map(problem => (
        <span class="wfnb-trouble" key={problem.message}>
          {problem.message}
        </span>
      ))}
    </>
  );
}
