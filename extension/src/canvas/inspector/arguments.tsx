/** What an activity or a workflow is given: a field for each parameter that is known, rows for the rest. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { at } from './forms';
import { own } from '../ground/own';
import { Button, Field, TextInput, Troubles } from '../parts/parts';
import { strings } from '../texts/strings';
import { textOf, valueOf } from '../document/values';
import type { Parameter, Problem } from '../wire.gen';

type Given = Record<string, unknown>;

export function Arguments(props: {
  given: Given | undefined;
  /** What is asked for, in the order of the signature; null where nobody knows. */
  parameters: readonly Parameter[] | null;
  /** Where problems say that they are, such as `arguments`. */
  field: string;
  problems: readonly Problem[];
  readOnly: boolean;
  onCommit: (given: Given | undefined) => void;
}): JSX.Element {
  const { given = {}, field, problems, readOnly } = props;
  const [adding, setAdding] = useState(false);
  const parameters = props.parameters ?? [];
  const known = new Set(parameters.map(parameter => parameter.name));
  const others = Object.keys(given).filter(name => !known.has(name));
  const set = (name: string, type: string, text: string): void => {
    const { [name]: _before, ...rest } = given;
    const value = valueOf(text, type);
    // The order of the signature, so that typing in another order gives the same document.
    const merged: Given = value === undefined ? rest : { ...rest, [name]: value };
    const order = [...known, ...Object.keys(merged).filter(key => !known.has(key))];
    const entries = order
      .filter(key => Object.hasOwn(merged, key))
      .map(key => [key, merged[key]] as const);
    props.onCommit(entries.length ? Object.fromEntries(entries) : undefined);
  };
  return (
    <>
      {parameters.map(({ name, type = '', required = true, default: fallback = '', help = '' }) => (
        <Field
          key={name}
          label={name}
          name={`${field}.${name}`}
          type={type}
          value={textOf(own(given, name), type)}
          hint={required ? strings.required : fallback}
          {...(required && { parameter: name })}
          {...(help && { help, about: help })}
          disabled={readOnly}
          problems={at(problems, `${field}.${name}`)}
          onCommit={text => set(name, type, text)}
        />
      ))}
      {others.map(name => (
        <Other
          key={name}
          name={name}
          field={field}
          value={given[name]}
          {...{ problems, readOnly, set }}
        />
      ))}
      {adding && (
        <div class="wfnb-rowline">
          <TextInput
            plain
            label={strings.argumentName}
            name={`${field}.new`}
            hint={strings.argumentName}
            value=""
            focus
            onCommit={text => {
              setAdding(false);
              const name = text.trim();
              if (name && !Object.hasOwn(given, name)) props.onCommit({ ...given, [name]: null });
            }}
          />
        </div>
      )}
      {props.parameters === null && !readOnly && (
        <div class="wfnb-rowline">
          <Button name={`add-${field}`} icon="plus" onClick={() => setAdding(true)}>
            {strings.addArgument}
          </Button>
        </div>
      )}
      {props.parameters === null && <Troubles problems={at(problems, field)} />}
    </>
  );
}

/** An argument that no parameter asks for. */
function Other(props: {
  name: string;
  field: string;
  value: unknown;
  problems: readonly Problem[];
  readOnly: boolean;
  set: (name: string, type: string, text: string) => void;
}): JSX.Element {
  const { name, readOnly } = props;
  const problems = at(props.problems, `${props.field}.${name}`);
  return (
    <label class="wfnb-field">
      <span class="wfnb-caption">{name}</span>
      <span class="wfnb-rowline">
        <TextInput
          label={name}
          name={`${props.field}.${name}`}
          value={textOf(props.value)}
          disabled={readOnly}
          problems={problems}
          onCommit={text => props.set(name, '', text)}
        />
        <Button
          icon="cross"
          class="wfnb-small"
          title={strings.removeWhat(name)}
          disabled={readOnly}
          onClick={() => props.set(name, '', '')}
        />
      </span>
      <Troubles problems={problems} />
    </label>
  );
}
