/** The forms of nodes that wait, route or have children. */
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { nodesOf } from './document';
import { at, put, within } from './forms';
import type { FormProps } from './forms';
import { groupOf } from './frames';
import { takingOut } from './grouping';
import { useStore } from './hooks';
import { Arguments } from './inspector.arguments';
import { LeavingEdges } from './inspector.edges';
import { CheckField, NumberField, PairsField, SelectField } from './inspector.fields';
import { LockField } from './inspector.task';
import { TYPES } from './inspector.workflow';
import { Button, Field } from './parts';
import { titleOf } from './shapes';
import { strings } from './strings';
import { textOf, valueOf } from './values';
import type {
  Approval,
  Call,
  End,
  Fork,
  Group,
  Join,
  MapNode,
  Parameter,
  Workflow
} from './wire.gen';

export function EndForm(props: FormProps<End>): JSX.Element {
  const { node, problems, readOnly } = props;
  return (
    <>
      <SelectField<'plain' | 'terminate' | 'error'>
        label={strings.endsAs}
        name="ends"
        value={node.error ? 'error' : node.terminate ? 'terminate' : 'plain'}
        options={[
          ['plain', strings.endPlain],
          ['terminate', strings.endTerminate],
          ['error', strings.endError]
        ]}
        disabled={readOnly}
        onChange={value => {
          const { terminate: _terminate, error: _error, message: _message, ...bare } = node;
          const { output: _output, ...failing } = bare;
          const changed: End =
            value === 'error'
              ? { ...failing, error: 'Failed' }
              : value === 'terminate'
                ? { ...bare, terminate: true }
                : bare;
          props.editor.setNode(node.id, changed);
        }}
      />
      {node.error ? (
        <>
          <Field
            label={strings.errorName}
            name="error"
            value={node.error}
            disabled={readOnly}
            check={text => (text.trim() ? '' : strings.nameEmpty)}
            problems={at(problems, 'error')}
            onCommit={text => put(props, 'error', text.trim())}
          />
          <Field
            label={strings.message}
            name="message"
            hint={strings.outputHelp}
            value={node.message ?? ''}
            disabled={readOnly}
            problems={at(problems, 'message')}
            onCommit={text => put(props, 'message', text || undefined)}
          />
        </>
      ) : (
        <Field
          label={strings.output}
          name="output"
          hint={strings.outputHelp}
          value={textOf(node.output)}
          disabled={readOnly}
          problems={at(problems, 'output')}
          onCommit={text => put(props, 'output', valueOf(text))}
        />
      )}
    </>
  );
}

export function ForkForm(props: FormProps<Fork>): JSX.Element {
  const { editor, node, problems, readOnly } = props;
  const joins = nodesOf(editor.document).filter(other => other.kind === 'join');
  return (
    <>
      <p class="wfnb-hint">{strings.kindHelp.fork}.</p>
      <SelectField
        label={strings.pairedJoin}
        name="join"
        help={strings.pairedHelp}
        value={node.join ?? ''}
        options={[
          ['', strings.everyEdge],
          ...joins.map(join => [join.id, strings.someUntil(titleOf(join))] as const)
        ]}
        disabled={readOnly}
        problems={at(problems, 'join')}
        onChange={join => put(props, 'join', join || undefined)}
      />
      {node.join && (
        <LeavingEdges {...props} title={strings.branches} empty={strings.noEdges} ordered />
      )}
    </>
  );
}

export function JoinForm(props: FormProps<Join>): JSX.Element {
  const { node, problems, readOnly } = props;
  const { need = 'all', rest = 'absorb' } = node;
  const count = typeof need === 'number';
  return (
    <>
      <SelectField<'all' | 'any' | 'some'>
        label={strings.waitsFor}
        name="need"
        value={count ? 'some' : need}
        options={[
          ['all', strings.needAll],
          ['any', strings.needAny],
          ['some', strings.needSome]
        ]}
        disabled={readOnly}
        problems={count ? [] : at(problems, 'need')}
        onChange={value => {
          const { need: _need, rest: _rest, ...bare } = node;
          if (value === 'all') props.editor.setNode(node.id, bare);
          else put(props, 'need', value === 'some' ? 2 : 'any');
        }}
      />
      {count && (
        <NumberField
          label={strings.needCount}
          name="need.count"
          value={need}
          fits={value => Number.isInteger(value) && value >= 1}
          wanted={strings.countNeeded}
          disabled={readOnly}
          problems={at(problems, 'need')}
          onCommit={value => put(props, 'need', value ?? 1)}
        />
      )}
      {need !== 'all' && (
        <SelectField<'absorb' | 'cancel'>
          label={strings.restOf}
          name="rest"
          value={rest}
          options={[
            ['absorb', strings.restAbsorb],
            ['cancel', strings.restCancel]
          ]}
          disabled={readOnly}
          problems={at(problems, 'rest')}
          onChange={value => put(props, 'rest', value === 'absorb' ? undefined : value)}
        />
      )}
      {need === 'all' && <p class="wfnb-hint">{strings.joinHint}</p>}
    </>
  );
}

export function ApprovalForm(props: FormProps<Approval>): JSX.Element {
  const { node, problems, readOnly } = props;
  return (
    <>
      <Field
        label={strings.prompt}
        name="prompt"
        area
        help={strings.promptHelp}
        hint={strings.promptHelp}
        value={node.prompt ?? ''}
        disabled={readOnly}
        problems={at(problems, 'prompt')}
        onCommit={text => put(props, 'prompt', text || undefined)}
      />
      <PairsField
        title={strings.formFields}
        name="form"
        pairs={Object.entries(node.form ?? {})}
        keyLabel={strings.inputName}
        valueLabel={strings.inputType}
        add={strings.addField}
        empty={strings.noFields}
        fresh="str"
        options={[...TYPES, "Literal['yes', 'no']"]}
        disabled={readOnly}
        problems={within(problems, 'form')}
        onCommit={pairs => put(props, 'form', pairs.length ? Object.fromEntries(pairs) : undefined)}
      />
    </>
  );
}

export function MapForm(props: FormProps<MapNode>): JSX.Element {
  const { editor, node, problems, readOnly } = props;
  const { activity = '', workflow = '', width = null, failure = 'stop' } = node;
  const activities = useStore(editor.session.activities);
  const known = useStore(editor.session.workflows);
  const [chosen, choose] = useState<'activity' | 'workflow'>('activity');
  const body = workflow ? 'workflow' : activity ? 'activity' : chosen;
  const found = activities.find(one => one.name === activity);
  const parameters = workflow
    ? inputsOf(editor.document, known, workflow)
    : found
      ? (found.parameters ?? [])
      : null;
  const list = useId();
  const name = workflow || activity;
  return (
    <>
      <Field
        label={strings.items}
        name="items"
        type="list"
        help={strings.itemsHelp}
        hint="=input.items"
        value={textOf(node.items)}
        disabled={readOnly}
        problems={at(problems, 'items')}
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
          ? workflowNames(editor.document, known)
          : activities.map(one => one.name)
        ).map(one => (
          <option value={one} key={one} />
        ))}
      </datalist>
      <h3 title={strings.childHelp}>{strings.childArguments}</h3>
      <p class="wfnb-hint">{strings.childHelp}</p>
      <Arguments
        given={node.arguments}
        parameters={parameters?.map(one => ({ ...one, required: false })) ?? null}
        field="arguments"
        {...{ problems, readOnly }}
        onCommit={given => put(props, 'arguments', given)}
      />
      <NumberField
        label={strings.width}
        name="width"
        help={strings.widthHelp}
        hint={strings.allAtOnce}
        value={width}
        fits={value => Number.isInteger(value) && value >= 1}
        wanted={strings.countNeeded}
        disabled={readOnly}
        problems={at(problems, 'width')}
        onCommit={value => put(props, 'width', value)}
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
        {workflowNames(editor.document, known).map(name => (
          <option value={name} key={name} />
        ))}
      </datalist>
      <Arguments
        given={node.arguments}
        parameters={inputsOf(editor.document, known, node.workflow)}
        field="arguments"
        {...{ problems, readOnly }}
        onCommit={given => put(props, 'arguments', given)}
      />
    </>
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
  const inputs = document.workflows?.[name]?.inputs ?? known.find(one => one.name === name)?.inputs;
  const defined = document.workflows?.[name] ?? known.find(one => one.name === name);
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

export function GroupForm(props: FormProps<Group>): JSX.Element {
  const { editor, node, problems, readOnly } = props;
  const members = node.members ?? [];
  const titles = new Map(nodesOf(editor.document).map(one => [one.id, titleOf(one)]));
  return (
    <>
      <CheckField
        label={strings.cancelsInside}
        name="cancel"
        checked={node.cancel ?? false}
        disabled={readOnly}
        help={strings.cancelsHelp}
        onChange={checked => put(props, 'cancel', checked || undefined)}
      />
      <LockField
        {...{ problems, readOnly }}
        lock={node.lock}
        onCommit={name => put(props, 'lock', name)}
      />
      <h3>{strings.members}</h3>
      {!members.length && <p class="wfnb-hint">{strings.noMembers}</p>}
      {members.map(id => (
        <div class="wfnb-rowline" key={id} data-member={id}>
          <span class="wfnb-member" title={id}>
            {titles.get(id) ?? id}
          </span>
          <Button
            icon="cross"
            class="wfnb-small"
            title={strings.takeOut}
            disabled={readOnly}
            onClick={() => editor.edit(strings.did.change(node.id), takingOutOf(node, id))}
          />
        </div>
      ))}
      <LeavingEdges {...props} title={strings.interrupts} empty={strings.noInterrupts} />
      {!readOnly && (
        <div class="wfnb-rowline">
          <Button name="ungroup" title={strings.ungroupHelp} onClick={() => editor.ungroup()}>
            {strings.ungroup}
          </Button>
        </div>
      )}
    </>
  );
}

function takingOutOf(group: Group, id: string): Parameters<FormProps['editor']['edit']>[1] {
  const { members = [], ...bare } = group;
  const left = members.filter(member => member !== id);
  const node: Group = left.length ? { ...bare, members: left } : bare;
  return [{ op: 'set_node', id: group.id, node }];
}

/** Says which group a node is in, and takes it out of there. */
export function Membership({ editor, node, readOnly }: FormProps): JSX.Element | null {
  const group = groupOf(editor.surface.graph.items.values(), node.id);
  if (!group) return null;
  return (
    <div class="wfnb-rowline wfnb-membership">
      <span class="wfnb-dim">{strings.inGroup(titleOf(group.node))}</span>
      {!readOnly && (
        <Button
          name="take-out"
          onClick={() =>
            editor.edit(strings.did.change(group.id), takingOut(editor.document, node.id))
          }
        >
          {strings.takeOut}
        </Button>
      )}
    </div>
  );
}
