/** The forms of nodes whose work is done in child runs. */
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { ExpressionScope } from '../parts/expression';
import { at, bound, put } from './forms';
import type { FormProps } from './forms';
import { useStore } from '../ground/hooks';
import { Arguments } from './arguments';
import { NumberField, SelectField } from './fields';
import type { Editor } from '../editor/editor';
import { own } from '../ground/own';
import { Button, Field } from '../parts/parts';
import { strings } from '../texts/strings';
import { textOf, valueOf } from '../document/values';
import type { Call, MapNode, Parameter, Workflow } from '../wire.gen';

export function MapForm(props: FormProps<MapNode>): JSX.Element {
  const { editor, node, problems, readOnly } = props;
  const { activity = '', workflow = '', failure = 'stop' } = node;
  const activities = useStore(editor.session.activities);
  const known = useStore(editor.session.workflows);
  const [chosen, choose] = useState<'activity' | 'workflow'>('activity');
  const body = workflow ? 'workflow' : activity ? 'activity' : chosen;
  const found = activities.find(one => one.name === activity);
  const parameters = workflow
    ? inputsOf(editor.session.known, known, workflow)
    : found
      ? (found.parameters ?? [])
      : null;
  const list = useId();
  const name = workflow || activity;
  return (
    <>
      <Field
        label={strings.items}
        {...bound(props, 'items')}
        type="list"
        help={strings.itemsHelp}
        hint="=input.items"
        value={textOf(node.items)}
        onCommit={text => editor.setNode(node.id, { ...node, items: valueOf(text) ?? [] })}
      />
      <SelectField<'activity' | 'workflow'>
        label={strings.body}
        name="body"
        value={body}
        options={[
          ['activity', strings.bodyActivity],
          ['workflow', strings.bodyWorkflow]
        ]}
        disabled={readOnly}
        onChange={value => {
          choose(value);
          const { activity: _activity, workflow: _workflow, ...bare } = node;
          if (name) editor.setNode(node.id, bare);
        }}
      />
      <Field
        label={body === 'workflow' ? strings.bodyWorkflow : strings.activity}
        name={body}
        list={list}
        value={name}
        disabled={readOnly}
        problems={at(problems, body)}
        onCommit={text => put(props, body, text.trim() || undefined)}
      />
      <datalist id={list}>
        {(body === 'workflow'
          ? workflowNames(editor.session.known, known)
          : activities.map(one => one.name)
        ).map(one => (
          <option value={one} key={one} />
        ))}
      </datalist>
      <InsideButtons editor={editor} node={node} readOnly={readOnly} />
      <h3 title={strings.childHelp}>{strings.childArguments}</h3>
      <p class="wfnb-hint">{strings.childHelp}</p>
      <ExpressionScope.Provider
        value={{ session: editor.session, place: { node: node.id }, withinMap: true }}
      >
        <Arguments
          given={node.arguments}
          parameters={parameters?.map(one => ({ ...one, required: false })) ?? null}
          field="arguments"
          {...{ problems, readOnly }}
          onCommit={given => put(props, 'arguments', given)}
        />
      </ExpressionScope.Provider>
      <NumberField
        label={strings.width}
        {...bound(props, 'width')}
        help={strings.widthHelp}
        hint={strings.allAtOnce}
        fits={value => Number.isInteger(value) && value >= 1}
        wanted={strings.countNeeded}
      />
      <SelectField<'stop' | 'finish' | 'skip'>
        label={strings.failing}
        name="failure"
        value={failure}
        options={[
          ['stop', strings.failStop],
          ['finish', strings.failFinish],
          ['skip', strings.failSkip]
        ]}
        disabled={readOnly}
        problems={at(problems, 'failure')}
        onChange={value => put(props, 'failure', value === 'stop' ? undefined : value)}
      />
    </>
  );
}

export function CallForm(props: FormProps<Call>): JSX.Element {
  const { editor, node, problems, readOnly } = props;
  const known = useStore(editor.session.workflows);
  const list = useId();
  return (
    <>
      <Field
        label={strings.calls}
        name="workflow"
        list={list}
        help={strings.callsHelp}
        hint={strings.callsHelp}
        value={node.workflow}
        disabled={readOnly}
        problems={at(problems, 'workflow')}
        onCommit={text => put(props, 'workflow', text.trim())}
      />
      <datalist id={list}>
        {workflowNames(editor.session.known, known).map(name => (
          <option value={name} key={name} />
        ))}
      </datalist>
      <InsideButtons editor={editor} node={node} readOnly={readOnly} />
      <Arguments
        given={node.arguments}
        parameters={inputsOf(editor.session.known, known, node.workflow)}
        field="arguments"
        {...{ problems, readOnly }}
        onCommit={given => put(props, 'arguments', given)}
      />
    </>
  );
}

/** The way into what a node runs, and what it can become. */
function InsideButtons(props: {
  editor: Editor;
  node: Call | MapNode;
  readOnly: boolean;
}): JSX.Element | null {
  const { structure } = props.editor;
  if (!structure.inside(props.node.id)) return null;
  return (
    <div class="wfnb-rowline">
      <Button
        name="enter"
        title={strings.enterInsideHelp}
        onClick={() => structure.enter(props.node.id)}
      >
        {strings.enterInside}
      </Button>
      {structure.own(props.node.id) === null && (
        <Button
          name="embed"
          title={strings.embedHelp}
          disabled={props.readOnly}
          onClick={() => structure.embed()}
        >
          {strings.embed}
        </Button>
      )}
      {props.node.kind === 'call' && structure.own(props.node.id) && (
        <Button
          name="unpack"
          title={strings.unpackHelp}
          disabled={props.readOnly}
          onClick={() => structure.unpack()}
        >
          {strings.unpack}
        </Button>
      )}
    </div>
  );
}

interface Known {
  name: string;
  inputs?: Record<string, string>;
}

/** The inputs of a workflow as parameters; null where it is not known here. */
function inputsOf(
  document: Workflow,
  known: readonly Known[],
  name: string
): readonly Parameter[] | null {
  const inputs =
    own(document.workflows, name)?.inputs ?? known.find(one => one.name === name)?.inputs;
  const defined = own(document.workflows, name) ?? known.find(one => one.name === name);
  if (!defined) return null;
  return Object.entries(inputs ?? {}).map(([input, type]) => ({
    name: input,
    type,
    required: !/None|Optional/.test(type)
  }));
}

const workflowNames = (document: Workflow, known: readonly Known[]): string[] => [
  ...new Set([...Object.keys(document.workflows ?? {}), ...known.map(one => one.name)])
];
