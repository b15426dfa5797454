/** The form of a task, made from its activity's signature. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { at } from './forms';
import type { FormProps } from './forms';
import { useStore } from './hooks';
import { Button, Field, TextInput, Troubles } from './parts';
import { strings } from './strings';
import { textOf, valueOf } from './values';
import type { ActivityInfo, Retry, Task } from './wire.gen';

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
        onCommit={text => editor.setNode(node.id, { ...node, activity: text.trim() })}
      />
      <datalist id={list}>
        {activities.map(one => (
          <option value={one.name} key={one.name} />
        ))}
      </datalist>
      {activity?.doc && <p class="wfnb-hint">{activity.doc}</p>}
      <Arguments {...props} activity={activity} />
      <RetryFields {...props} activity={activity} />
      <Field
        label={strings.timeout}
        name="timeout"
        value={node.timeout == null ? '' : String(node.timeout)}
        hint={
          activity?.timeout == null ? strings.noLimit : strings.ofActivity(String(activity.timeout))
        }
        disabled={readOnly}
        check={number(value => value > 0, strings.secondsNeeded)}
        problems={at(problems, 'timeout')}
        onCommit={text => {
          const { timeout: _before, ...rest } = node;
          editor.setNode(node.id, text.trim() ? { ...rest, timeout: Number(text) } : rest);
        }}
      />
    </>
  );
}

/** Says what is wrong with a text that is no such number; an empty one leaves the value to its default. */
function number(fits: (value: number) => boolean, wanted: string): (text: string) => string {
  return text =>
    text.trim() === '' || (Number.isFinite(Number(text)) && fits(Number(text))) ? '' : wanted;
}

function Arguments({
  editor,
  node,
  problems,
  readOnly,
  activity
}: Props & { activity: ActivityInfo | undefined }): JSX.Element {
  const given = node.arguments ?? {};
  const parameters = activity?.parameters ?? [];
  const known = new Set(parameters.map(parameter => parameter.name));
  const set = (name: string, type: string, text: string): void => {
    const { [name]: _before, ...rest } = given;
    const value = valueOf(text, type);
    // The order of the signature, so that typing in another order gives the same document.
    const merged: Record<string, unknown> = value === undefined ? rest : { ...rest, [name]: value };
    const order = [...known, ...Object.keys(merged).filter(key => !known.has(key))];
    const entries = order.filter(key => key in merged).map(key => [key, merged[key]] as const);
    const { arguments: _arguments, ...bare } = node;
    const filled = entries.length ? { ...bare, arguments: Object.fromEntries(entries) } : bare;
    editor.setNode(node.id, filled);
  };
  return (
    <>
      {parameters.map(({ name, type = '', required = true, default: fallback = '' }) => (
        <Field
          key={name}
          label={name}
          name={`arguments.${name}`}
          type={type}
          value={textOf(given[name], type)}
          hint={required ? strings.required : fallback}
          disabled={readOnly}
          problems={at(problems, `arguments.${name}`)}
          onCommit={text => set(name, type, text)}
        />
      ))}
      {Object.keys(given)
        .filter(name => !known.has(name))
        .map(name => (
          <label class="wfnb-field" key={name}>
            <span class="wfnb-caption">{name}</span>
            <span class="wfnb-rowline">
              <TextInput
                label={name}
                name={`arguments.${name}`}
                value={textOf(given[name])}
                disabled={readOnly}
                problems={at(problems, `arguments.${name}`)}
                onCommit={text => set(name, '', text)}
              />
              <Button
                icon="cross"
                class="wfnb-small"
                title={strings.remove}
                disabled={readOnly}
                onClick={() => set(name, '', '')}
              />
            </span>
            <Troubles problems={at(problems, `arguments.${name}`)} />
          </label>
        ))}
      {!activity && node.activity && <Troubles problems={at(problems, 'arguments')} />}
    </>
  );
}

const DEFAULTS = { attempts: 3, delay: 1, factor: 2 };
const CHECKS = {
  attempts: number(n => Number.isInteger(n) && n >= 1 && n <= 1000, strings.attemptsNeeded),
  delay: number(n => n >= 0, strings.pauseNeeded),
  factor: number(n => n >= 1, strings.factorNeeded)
};

function RetryFields({
  editor,
  node,
  problems,
  readOnly,
  activity
}: Props & { activity: ActivityInfo | undefined }): JSX.Element {
  const retry = node.retry ?? null;
  const own = activity?.retry ?? null;
  const set = (key: keyof typeof DEFAULTS, text: string): void => {
    const { retry: _before, ...bare } = node;
    // One attempt is written down where the activity would be tried more often.
    if (key === 'attempts' && (text.trim() === '' || (Number(text) === 1 && !own))) {
      editor.setNode(node.id, bare);
      return;
    }
    // What equals its default is not written, as in the document the kernel writes.
    const merged: Retry = { ...retry, [key]: text.trim() === '' ? DEFAULTS[key] : Number(text) };
    for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
      if (merged[name] === DEFAULTS[name]) Reflect.deleteProperty(merged, name);
    }
    editor.setNode(node.id, { ...bare, retry: merged });
  };
  const cell = (key: keyof typeof DEFAULTS, label: string): JSX.Element => (
    <span>
      <small>{label}</small>
      <TextInput
        label={`${strings.retry}: ${label}`}
        name={`retry.${key}`}
        value={retry ? String(retry[key] ?? DEFAULTS[key]) : ''}
        hint={retry ? '' : own ? String(own[key] ?? DEFAULTS[key]) : key === 'attempts' ? '1' : '–'}
        help={!retry && own ? strings.ofActivity(String(own[key] ?? DEFAULTS[key])) : ''}
        disabled={readOnly || (!retry && key !== 'attempts')}
        check={CHECKS[key]}
        onCommit={text => set(key, text)}
      />
    </span>
  );
  return (
    <div class="wfnb-field" role="group" aria-label={strings.retry}>
      <span class="wfnb-caption">
        {strings.retry}
        {!retry && own && <span class="wfnb-type">{strings.fromActivity}</span>}
      </span>
      <div class="wfnb-columns">
        {cell('attempts', strings.retryAttempts)}
        {cell('delay', strings.retryDelay)}
        {cell('factor', strings.retryFactor)}
      </div>
      <Troubles problems={problems.filter(problem => problem.field?.startsWith('retry'))} />
    </div>
  );
}
