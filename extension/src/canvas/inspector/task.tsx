/** The form of a task, made from its activity's signature. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { at, bound, put, within } from './forms';
import type { Bound, FormProps } from './forms';
import { useStore } from '../ground/hooks';
import { Arguments } from './arguments';
import {
  CheckField,
  ExpressionField,
  More,
  NamesField,
  NumberField,
  PairsField,
  SelectField,
  SpanField
} from './fields';
import { RetryFields } from './retry';
import { Field } from '../parts/parts';
import { strings } from '../texts/strings';
import type { ActivityInfo, Compensation, Task } from '../wire.gen';

type Props = FormProps<Task>;

export function TaskForm(props: Props): JSX.Element {
  const { editor, node, problems, readOnly } = props;
  const activities = useStore(editor.session.activities);
  const activity = activities.find(one => one.name === node.activity);
  const list = useId();
  return (
    <>
      <Field
        {...bound(props, 'activity')}
        label={strings.activity}
        list={list}
        onCommit={text => put(props, 'activity', text.trim())}
      />
      <datalist id={list}>
        {activities.map(one => (
          <option value={one.name} key={one.name} />
        ))}
      </datalist>
      {activity?.doc && <p class="wfnb-hint">{activity.doc}</p>}
      <Arguments
        given={node.arguments}
        parameters={activity ? (activity.parameters ?? []) : node.activity ? null : []}
        field="arguments"
        {...{ problems, readOnly }}
        onCommit={given => put(props, 'arguments', given)}
      />
      <RetryFields {...props} activity={activity} />
      <SpanField {...bound(props, 'timeout')} label={strings.timeout} hint={limitOf(activity)} />
      <Condition {...props} field="requires" help={strings.requiresHelp} />
      <Condition {...props} field="ensures" help={strings.ensuresHelp} />
      <CheckField
        label={strings.disabled}
        name="disabled"
        checked={node.disabled ?? false}
        disabled={readOnly}
        onChange={checked => put(props, 'disabled', checked || undefined)}
      />
      <Scheduling {...props} />
      <TakingBack {...props} activities={activities} list={list} />
    </>
  );
}

const limitOf = (activity: ActivityInfo | undefined): string =>
  activity?.timeout == null ? strings.noLimit : strings.ofActivity(String(activity.timeout));

function Condition(props: Props & { field: 'requires' | 'ensures'; help: string }): JSX.Element {
  const { field, help } = props;
  return (
    <ExpressionField {...bound(props, field)} label={strings[field]} help={help} type="bool" />
  );
}

const SCHEDULING = [
  'priority',
  'deadline',
  'heartbeat',
  'resources',
  'lock',
  'durability',
  'executor',
  'cache'
] as const;
const EXECUTORS = ['', 'loop', 'thread', 'process'] as const;
const DURABILITIES = ['', 'sync', 'async'] as const;
const anyNumber = (value: number): boolean => Number.isInteger(value);

function Scheduling(props: Props): JSX.Element {
  const { node, problems, readOnly } = props;
  const open = SCHEDULING.some(field => node[field] || within(problems, field).length > 0);
  return (
    <More title={strings.scheduling} open={open}>
      <NumberField
        {...bound(props, 'priority')}
        label={strings.priority}
        help={strings.priorityHelp}
        hint="0"
        fits={anyNumber}
        wanted={strings.wholeNeeded}
        onCommit={value => put(props, 'priority', value || undefined)}
      />
      <Span {...props} field="deadline" help={strings.deadlineHelp} />
      <Span {...props} field="heartbeat" help={strings.heartbeatHelp} />
      <LockField {...bound(props, 'lock')} />
      <SelectField
        label={strings.durability}
        name="durability"
        help={strings.durabilityHelp}
        value={node.durability ?? ''}
        options={DURABILITIES.map(one => [one, strings.durabilities[one]] as const)}
        disabled={readOnly}
        problems={within(problems, 'durability')}
        onChange={value => put(props, 'durability', value || undefined)}
      />
      <SelectField
        label={strings.executor}
        name="executor"
        help={strings.executorHelp}
        value={node.executor ?? ''}
        options={EXECUTORS.map(one => [one, strings.executors[one]] as const)}
        disabled={readOnly}
        problems={within(problems, 'executor')}
        onChange={value => put(props, 'executor', value || undefined)}
      />
      <CheckField
        label={strings.cache}
        name="cache"
        checked={node.cache ?? false}
        disabled={readOnly}
        onChange={checked => put(props, 'cache', checked || undefined)}
      />
      <Resources {...props} />
    </More>
  );
}

function Span(props: Props & { field: 'deadline' | 'heartbeat'; help: string }): JSX.Element {
  const { field, help } = props;
  return (
    <SpanField {...bound(props, field)} label={strings[field]} help={help} hint={strings.none} />
  );
}

function Resources(props: Props): JSX.Element {
  const { value = {}, ...shared } = bound(props, 'resources');
  return (
    <PairsField
      {...shared}
      title={strings.resources}
      pairs={Object.entries(value).map(([key, amount]) => [key, String(amount)])}
      keyLabel={strings.resource}
      valueLabel={strings.amount}
      add={strings.addResource}
      fresh="1"
      checkValue={text => (Number(text) >= 0 ? '' : strings.pauseNeeded)}
      onCommit={pairs => {
        const entries = pairs.map(([key, amount]) => [key, Number(amount)] as const);
        shared.onCommit(entries.length ? Object.fromEntries(entries) : undefined);
      }}
    />
  );
}

/** The lock of a task or a group. */
export function LockField({
  value = '',
  onCommit,
  ...shared
}: Bound<string | undefined>): JSX.Element {
  return (
    <Field
      {...shared}
      plain
      label={strings.lock}
      help={strings.lockHelp}
      hint={strings.none}
      value={value}
      onCommit={text => onCommit(text.trim() || undefined)}
    />
  );
}

function TakingBack(
  props: Props & { activities: readonly ActivityInfo[]; list: string }
): JSX.Element {
  const { node, problems, readOnly, list } = props;
  const { compensate, prerequisites } = node;
  const undo = props.activities.find(one => one.name === compensate?.activity);
  const troubled =
    within(problems, 'compensate').length + within(problems, 'prerequisites').length > 0;
  const set = (changed: Compensation | undefined): void => put(props, 'compensate', changed);
  return (
    <More title={strings.order} open={compensate != null || !!prerequisites?.length || troubled}>
      <NamesField
        {...bound(props, 'prerequisites')}
        label={strings.prerequisites}
        help={strings.prerequisitesHelp}
        hint={strings.none}
        list={list}
      />
      <Field
        label={strings.compensate}
        name="compensate.activity"
        help={strings.compensateHelp}
        hint={strings.none}
        list={list}
        value={compensate?.activity ?? ''}
        disabled={readOnly}
        problems={[...at(problems, 'compensate'), ...at(problems, 'compensate.activity')]}
        onCommit={text => set(text.trim() ? { ...compensate, activity: text.trim() } : undefined)}
      />
      {compensate && (
        <Arguments
          given={compensate.arguments}
          parameters={undo ? (undo.parameters ?? []) : null}
          field="compensate.arguments"
          {...{ problems, readOnly }}
          onCommit={given => {
            const { arguments: _before, ...bare } = compensate;
            set(given ? { ...bare, arguments: given } : bare);
          }}
        />
      )}
    </More>
  );
}
