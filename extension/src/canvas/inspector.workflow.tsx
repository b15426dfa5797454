/** The workflow itself: what the inspector shows when nothing is selected. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Editor } from './editor';
import { at } from './forms';
import { Button, Field, TextInput, Troubles } from './parts';
import { strings } from './strings';
import type { Problem, Workflow } from './wire.gen';

const TYPES = ['str', 'int', 'float', 'bool', 'list', 'dict', 'any'];

export function WorkflowForm(props: {
  editor: Editor;
  document: Workflow;
  readOnly: boolean;
  problems: readonly Problem[];
}): JSX.Element {
  const { editor, document, readOnly, problems } = props;
  const general = problems.filter(p => !p.nodes?.length && !p.edges?.length);
  return (
    <>
      <header>
        <b>{document.name}</b>
        <span class="wfnb-dim">{strings.workflow}</span>
      </header>
      <Field
        label={strings.name}
        name="name"
        value={document.name ?? ''}
        disabled={readOnly}
        check={text => (text.trim() ? '' : strings.nameEmpty)}
        problems={at(general, 'name')}
        onCommit={text =>
          editor.edit(strings.did.workflow, [{ op: 'set_workflow', name: text.trim() }])
        }
      />
      <Field
        label={strings.description}
        name="description"
        area
        value={document.description ?? ''}
        disabled={readOnly}
        onCommit={description =>
          editor.edit(strings.did.workflow, [{ op: 'set_workflow', description }])
        }
      />
      <Inputs {...props} problems={general.filter(p => p.field?.startsWith('inputs'))} />
    </>
  );
}

function Inputs(props: {
  editor: Editor;
  document: Workflow;
  readOnly: boolean;
  problems: readonly Problem[];
}): JSX.Element {
  const { editor, document, readOnly } = props;
  const [adding, setAdding] = useState(false);
  const inputs = Object.entries(document.inputs ?? {});
  const commit = (entries: [string, string][]): void => {
    editor.edit(strings.did.workflow, [
      { op: 'set_workflow', inputs: Object.fromEntries(entries) }
    ]);
  };
  const replace = (at: number, entry: [string, string] | null): void =>
    commit(
      inputs.flatMap((old, i): [string, string][] => (i !== at ? [old] : entry ? [entry] : []))
    );
  const free = (text: string, own?: string): string => {
    const name = text.trim();
    if (!name) return strings.nameEmpty;
    return name !== own && inputs.some(([other]) => other === name) ? strings.nameTaken(name) : '';
  };
  return (
    <div class="wfnb-inputs">
      <h3>{strings.inputs}</h3>
      {!inputs.length && !adding && <p class="wfnb-hint">{strings.noInputs}</p>}
      {inputs.map(([name, type], i) => (
        <div class="wfnb-rowline" key={name}>
          <TextInput
            label={strings.inputName}
            name={`inputs.${name}`}
            value={name}
            disabled={readOnly}
            check={text => free(text, name)}
            onCommit={text => replace(i, [text.trim(), type])}
          />
          <TextInput
            label={strings.inputType}
            name={`inputs.${name}.type`}
            code
            list="wfnb-types"
            value={type}
            disabled={readOnly}
            onCommit={text => replace(i, [name, text.trim() || 'any'])}
          />
          <Button
            icon="cross"
            class="wfnb-small"
            title={strings.remove}
            disabled={readOnly}
            onClick={() => replace(i, null)}
          />
        </div>
      ))}
      {adding && (
        <div class="wfnb-rowline">
          <TextInput
            label={strings.inputName}
            name="inputs.new"
            hint={strings.inputName}
            value=""
            focus
            check={text => (text.trim() ? free(text) : '')}
            onCommit={text => {
              setAdding(false);
              if (text.trim()) commit([...inputs, [text.trim(), 'str']]);
            }}
          />
        </div>
      )}
      <datalist id="wfnb-types">
        {TYPES.map(type => (
          <option value={type} key={type} />
        ))}
      </datalist>
      <Troubles problems={props.problems} />
      {!readOnly && (
        <div class="wfnb-rowline">
          <Button name="add-input" icon="plus" onClick={() => setAdding(true)}>
            {strings.addInput}
          </Button>
        </div>
      )}
    </div>
  );
}
