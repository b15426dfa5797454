/** The form of a task, made from its activity's signature. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { at, put, within } from './forms';
import type { FormProps } from './forms';
import { useStore } from './hooks';
import { Arguments } from './inspector.arguments';
import {
  CheckField,
  ExpressionField,
  More,
  NamesField,
  NumberField,
  PairsField,
  SpanField
} from './inspector.fields';
import { RetryFields } from './inspector.retry';
import { Field } from './parts';
import { strings } from './strings';
import type { ActivityInfo, Compensation, Task } from './wire.gen';

type Props = FormProps<Task>;

export function TaskForm(props: Props): JSX.Element {
  const { editor, node, problems, readOnly } = props;
  const activities = useStore(editor.session.activities);
  const activity = activities.find(one => one.name === node.activity);
  const list = useId();
  return (
    <>
      <Field
        label={strings.activity}
        name="activity"
        list={list}
        value={node.activity}
        disabled={readOnly}
        problems={at(problems, 'activity')}
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
      <SpanField
        label={strings.timeout}
        name="timeout"
        value={node.timeout}
        hint={
          activity?.timeout == null ? strings.noLimit : strings.ofActivity(String(activity.timeout))
        }
        disabled={readOnly}
        problems={at(problems, 'timeout')}
        onCommit={seconds => put(props, 'timeout', seconds)}
      />
      <Conditions {...props} />
      <Scheduling {...props} />
      <TakingBack {...props} activities={activities} list={list} />
    </>
  );
}

function Conditions(props: Props): JSX.Element {
  const { node, problems, readOnly } = props;
  return (
    <>
      <ExpressionField
        label={strings.requires}
        name="requires"
        type="bool"
        help={strings.requiresHelp}
        value={node.requires}
        disabled={readOnly}
        problems={at(problems, 'requires')}
        onCommit={text => put(props, 'requires', text)}
      />
      <ExpressionField
        label={strings.ensures}
        name="ensures"
        type="bool"
        help={strings.ensuresHelp}
        value={node.ensures}
        disabled={readOnly}
        problems={at(problems, 'ensures')}
        onCommit={text => put(props, 'ensures', text)}
      />
    </>
  );
}

const anyNumber = (value: number): boolean => Number.isInteger(value);

function Scheduling(props: Props): JSX.Element {
  const { node, problems, readOnly } = props;
  const { priority, deadline, resources = {}, lock, heartbeat, cache = false } = node;
  const open = Boolean(priority ?? deadline ?? lock ?? heartbeat) || cache;
  const fields = ['priority', 'deadline', 'heartbeat', 'resources', 'lock', 'cache'];
  const troubled = fields.some(field => within(problems, field).length > 0);
  return (
    <More title={strings.scheduling} open={open || troubled || Object.keys(resources).length > 0}>
      <NumberField
        label={strings.priority}
        name="priority"
        help={strings.priorityHelp}
        hint="0"
        value={priority ?? null}
        fits={anyNumber}
        wanted={strings.wholeNeeded}
        disabled={readOnly}
        problems={at(problems, 'priority')}
        onCommit={value => put(props, 'priority', value || undefined)}
      />
      <SpanField
        label={strings.deadline}
        name="deadline"
        help={strings.deadlineHelp}
        hint={strings.none}
        value={deadline}
        disabled={readOnly}
        problems={at(problems, 'deadline')}
        onCommit={seconds => put(props, 'deadline', seconds)}
      />
      <SpanField
        label={strings.heartbeat}
        name="heartbeat"
        help={strings.heartbeatHelp}
        hint={strings.none}
        value={heartbeat}
        disabled={readOnly}
        problems={at(problems, 'heartbeat')}
        onCommit={seconds => put(props, 'heartbeat', seconds)}
      />
      <LockField {...props} lock={lock} onCommit={name => put(props, 'lock', name)} />
      <CheckField
        label={strings.cache}
        name="cache"
        checked={cache}
        disabled={readOnly}
        onChange={checked => put(props, 'cache', checked || undefined)}
      />
      <PairsField
        title={strings.resources}
        name="resources"
        pairs={Object.entries(resources).map(([key, value]) => [key, String(value)])}
        keyLabel={strings.resource}
        valueLabel={strings.amount}
        add={strings.addResource}
        fresh="1"
        disabled={readOnly}
        checkValue={text => (Number(text) >= 0 ? '' : strings.pauseNeeded)}
        problems={within(problems, 'resources')}
        onCommit={pairs => {
          const entries = pairs.map(([key, value]) => [key, Number(value)] as const);
          put(props, 'resources', entries.length ? Object.fromEntries(entries) : undefined);
        }}
      />
    </More>
  );
}

export function LockField(
  props: Pick<FormProps, 'problems' | 'readOnly'> & {
    lock: string | undefined;
    onCommit: (name: string | undefined) => void;
  }
): JSX.Element {
  return (
    <Field
      label={strings.lock}
      name="lock"
      help={strings.lockHelp}
      hint={strings.none}
      value={props.lock ?? ''}
      disabled={props.readOnly}
      problems={at(props.problems, 'lock')}
      onCommit={text => props.onCommit(text.trim() || undefined)}
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
        label={strings.prerequisites}
        name="prerequisites"
        help={strings.prerequisitesHelp}
        hint={strings.none}
        list={list}
        value={prerequisites}
        disabled={readOnly}
        problems={within(problems, 'prerequisites')}
        onCommit={names => put(props, 'prerequisites', names)}
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
