/** The workflow itself: what the inspector shows when nothing is selected. */
import type { JSX } from 'preact';
import type { Editor } from '../editor/editor';
import { at } from './forms';
import { CloseButton } from './head';
import { CheckField, PairsField } from './fields';
import { own } from '../ground/own';
import { Field } from '../parts/parts';
import { strings } from '../texts/strings';
import type { Problem, Signal, Workflow } from '../wire.gen';

/** What fields for types offer. */
export const TYPES = ['str', 'int', 'float', 'bool', 'list', 'dict', 'any'];

interface Own {
  editor: Editor;
  document: Workflow;
  readOnly: boolean;
  problems: readonly Problem[];
}

export function WorkflowForm(props: Own): JSX.Element {
  const { editor, document, readOnly, problems } = props;
  const general = problems.filter(p => !p.nodes?.length && !p.edges?.length);
  return (
    <>
      <header>
        <b>{document.name}</b>
        <span class="wfnb-dim">{strings.workflow}</span>
        <span class="wfnb-space" />
        <CloseButton editor={editor} />
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
      <Inputs {...props} problems={general} />
      <Signals {...props} problems={general} />
      <OwnWorkflows {...props} problems={general} />
    </>
  );
}

function Inputs(props: Own): JSX.Element {
  const { editor, document, readOnly } = props;
  return (
    <PairsField
      title={strings.inputs}
      name="inputs"
      pairs={Object.entries(document.inputs ?? {})}
      keyLabel={strings.inputName}
      valueLabel={strings.inputType}
      add={strings.addInput}
      empty={strings.noInputs}
      fresh="str"
      options={TYPES}
      disabled={readOnly}
      problems={props.problems.filter(p => p.field?.startsWith('inputs'))}
      onCommit={pairs =>
        editor.edit(strings.did.workflow, [
          { op: 'set_workflow', inputs: Object.fromEntries(pairs) }
        ])
      }
    />
  );
}

/** What is said of the signals that edges wait for. */
function Signals(props: Own): JSX.Element {
  const { editor, document, readOnly } = props;
  const signals = document.signals ?? {};
  const commit = (changed: Record<string, Signal>): void => {
    editor.edit(strings.did.workflow, [{ op: 'set_workflow', signals: changed }]);
  };
  return (
    <PairsField
      title={strings.signals}
      name="signals"
      pairs={Object.entries(signals).map(([name, { type = 'any' }]) => [name, type])}
      keyLabel={strings.inputName}
      valueLabel={strings.inputType}
      add={strings.addSignal}
      empty={strings.noSignals}
      fresh="any"
      options={TYPES}
      disabled={readOnly}
      problems={props.problems.filter(p => p.field?.startsWith('signals'))}
      extra={name => (
        <CheckField
          label={strings.transient}
          name={`signals.${name}.transient`}
          help={strings.transientHelp}
          checked={own(signals, name)?.transient ?? false}
          disabled={readOnly}
          onChange={checked => {
            const { transient: _before, ...bare } = own(signals, name) ?? {};
            commit({ ...signals, [name]: checked ? { ...bare, transient: true } : bare });
          }}
        />
      )}
      onCommit={pairs => {
        const kept = Object.values(signals);
        const entries = pairs.map(([name, type], i) => {
          // A row that was renamed keeps what else was said of its signal.
          const before = own(signals, name) ?? (pairs.length === kept.length ? kept[i] : undefined);
          const { type: _type, ...rest } = before ?? {};
          return [name, type === 'any' ? rest : { type, ...rest }] as const;
        });
        commit(Object.fromEntries(entries));
      }}
    />
  );
}

/** The workflows that belong to this document, for calls and maps. */
function OwnWorkflows({ document, editor }: Own): JSX.Element | null {
  const names = Object.keys(document.workflows ?? {});
  if (!names.length) return null;
  return (
    <>
      <h3>{strings.ownWorkflows}</h3>
      {names.map(name => (
        <button
          type="button"
          class="wfnb-crumb"
          key={name}
          data-workflow={name}
          title={strings.enterInsideHelp}
          onClick={() => editor.structure.open(name)}
        >
          {name}
        </button>
      ))}
    </>
  );
}
