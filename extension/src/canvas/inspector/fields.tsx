/** Fields of a form that read and write one field of what is selected; what equals its default is not written. */
import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Button, Field, TextInput, Troubles } from '../parts/parts';
import { strings } from '../texts/strings';
import { secondsOf, spanText } from '../ground/time';
import type { Problem } from '../wire.gen';

/** Says what is wrong with a text that is no such number; an empty one leaves the value to its default. */
export function numeric(
  fits: (value: number) => boolean,
  wanted: string
): (text: string) => string {
  return text =>
    text.trim() === '' || (Number.isFinite(Number(text)) && fits(Number(text))) ? '' : wanted;
}

const positiveSpan = (text: string): string =>
  text.trim() === '' || secondsOf(text) > 0 ? '' : strings.secondsNeeded;

interface Shared {
  label: string;
  name: string;
  disabled: boolean;
  help?: string;
  hint?: string;
  problems?: readonly Problem[];
}

/** A duration in seconds, written with or without a unit; undefined where empty. */
export function SpanField(
  props: Shared & {
    value: number | null | undefined;
    onCommit: (seconds: number | undefined) => void;
  }
): JSX.Element {
  const { value, onCommit, ...shared } = props;
  return (
    <Field
      {...shared}
      plain
      value={value == null ? '' : spanText(value)}
      check={positiveSpan}
      onCommit={text => onCommit(text.trim() ? secondsOf(text) : undefined)}
    />
  );
}

export function NumberField(
  props: Shared & {
    value: number | null | undefined;
    fits: (value: number) => boolean;
    wanted: string;
    onCommit: (value: number | undefined) => void;
  }
): JSX.Element {
  const { value, fits, wanted, onCommit, ...shared } = props;
  return (
    <Field
      {...shared}
      plain
      value={value == null ? '' : String(value)}
      check={numeric(fits, wanted)}
      onCommit={text => onCommit(text.trim() ? Number(text) : undefined)}
    />
  );
}

/** A condition or another bare expression; undefined where empty. */
export function ExpressionField(
  props: Shared & {
    value: string | undefined;
    type?: string;
    focus?: boolean;
    onCommit: (text?: string) => void;
  }
): JSX.Element {
  const { value = '', onCommit, ...shared } = props;
  return (
    <Field
      {...shared}
      condition
      value={value}
      onCommit={text => onCommit(text.trim() || undefined)}
    />
  );
}

export function CheckField(props: {
  label: string;
  name: string;
  checked: boolean;
  disabled: boolean;
  help?: string;
  onChange: (checked: boolean) => void;
}): JSX.Element {
  return (
    <label class="wfnb-check" title={props.help}>
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled}
        data-field={props.name}
        onChange={event => props.onChange(event.currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}

export function SelectField<T extends string>(props: {
  label: string;
  name: string;
  value: T;
  options: readonly (readonly [T, string])[];
  disabled: boolean;
  help?: string;
  focus?: boolean;
  problems?: readonly Problem[];
  onChange: (value: T) => void;
}): JSX.Element {
  const id = useId();
  const { problems = [] } = props;
  return (
    <label class="wfnb-field">
      <span class="wfnb-caption">
        <span title={props.help}>{props.label}</span>
      </span>
      <select
        class="wfnb-input"
        data-field={props.name}
        aria-label={props.label}
        aria-invalid={problems[0]?.severity === 'error'}
        aria-describedby={problems.length ? id : undefined}
        title={props.help}
        disabled={props.disabled}
        value={props.value}
        autofocus={props.focus ?? false}
        onChange={event => props.onChange(event.currentTarget.value as T)}
      >
        {props.options.map(([value, text]) => (
          <option value={value} key={value} selected={value === props.value}>
            {text}
          </option>
        ))}
      </select>
      <span id={id}>
        <Troubles problems={problems} />
      </span>
    </label>
  );
}

/** A list of names with commas between them; undefined where empty. */
export function NamesField(
  props: Shared & {
    value: readonly string[] | undefined;
    list?: string;
    onCommit: (names: string[] | undefined) => void;
  }
): JSX.Element {
  const { value = [], onCommit, ...shared } = props;
  const names = (text: string): string[] =>
    text
      .split(',')
      .map(name => name.trim())
      .filter(Boolean);
  return (
    <Field
      {...shared}
      plain
      value={value.join(', ')}
      onCommit={text => onCommit(names(text).length ? names(text) : undefined)}
    />
  );
}

type Pairs = [string, string][];

/** Rows of a name and a text each, such as inputs, the fields of a form, or resources. */
export function PairsField(props: {
  title: string;
  name: string;
  pairs: Pairs;
  disabled: boolean;
  keyLabel: string;
  valueLabel: string;
  add: string;
  /** The text of a row that was just added. */
  fresh: string;
  empty?: string;
  options?: readonly string[];
  code?: boolean;
  problems?: readonly Problem[];
  checkValue?: (text: string) => string;
  extra?: (key: string) => ComponentChildren;
  onCommit: (pairs: Pairs) => void;
}): JSX.Element {
  const { pairs, name, disabled } = props;
  const [adding, setAdding] = useState(false);
  const list = useId();
  const replace = (at: number, pair: [string, string] | null): void =>
    props.onCommit(pairs.flatMap((old, i): Pairs => (i !== at ? [old] : pair ? [pair] : [])));
  const free = (text: string, own?: string): string => {
    const key = text.trim();
    if (!key) return strings.nameEmpty;
    return key !== own && pairs.some(([other]) => other === key) ? strings.keyTaken(key) : '';
  };
  return (
    <div class="wfnb-inputs" role="group" aria-label={props.title}>
      <h3>{props.title}</h3>
      {!pairs.length && !adding && props.empty && <p class="wfnb-hint">{props.empty}</p>}
      {pairs.map(([key, value], i) => (
        <div key={key}>
          <div class="wfnb-rowline">
            <TextInput
              plain
              label={props.keyLabel}
              name={`${name}.${key}`}
              value={key}
              disabled={disabled}
              check={text => free(text, key)}
              onCommit={text => replace(i, [text.trim(), value])}
            />
            <TextInput
              plain
              label={`${props.valueLabel}: ${key}`}
              name={`${name}.${key}.value`}
              code={props.code ?? true}
              {...(props.options && { list })}
              {...(props.checkValue && { check: props.checkValue })}
              value={value}
              disabled={disabled}
              onCommit={text => replace(i, [key, text.trim() || props.fresh])}
            />
            <Button
              icon="cross"
              class="wfnb-small"
              title={strings.removeWhat(key)}
              disabled={disabled}
              onClick={() => replace(i, null)}
            />
          </div>
          {props.extra?.(key)}
        </div>
      ))}
      {adding && (
        <div class="wfnb-rowline">
          <TextInput
            plain
            label={props.keyLabel}
            name={`${name}.new`}
            hint={props.keyLabel}
            value=""
            focus
            check={text => (text.trim() ? free(text) : '')}
            onCommit={text => {
              setAdding(false);
              if (text.trim()) props.onCommit([...pairs, [text.trim(), props.fresh]]);
            }}
          />
        </div>
      )}
      {props.options && (
        <datalist id={list}>
          {props.options.map(option => (
            <option value={option} key={option} />
          ))}
        </datalist>
      )}
      <Troubles problems={props.problems ?? []} />
      {!disabled && (
        <div class="wfnb-rowline">
          <Button name={`add-${name}`} icon="plus" onClick={() => setAdding(true)}>
            {props.add}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Fields that few need; open where one of them says something. */
export function More(props: {
  title: string;
  open: boolean;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <details class="wfnb-more" open={props.open}>
      <summary>{props.title}</summary>
      {props.children}
    </details>
  );
}
