/** Small pieces the panels share. */
import type { ComponentChildren, JSX } from 'preact';
import { createContext } from 'preact';
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks';
import { useTyping } from './expression';
import { icon } from '../look/icons';
import type { IconName } from '../look/icons';
import { strings } from '../texts/strings';
import type { Problem } from '../wire.gen';

export function Icon({ name }: { name: IconName }): JSX.Element {
  const hold = useRef<HTMLSpanElement>(null);
  useEffect(() => hold.current?.replaceChildren(icon(name)), [name]);
  return <span class="wfnb-iconhold" ref={hold} />;
}

export function Button(props: {
  onClick: () => void;
  title?: string;
  icon?: IconName;
  class?: string;
  disabled?: boolean;
  pressed?: boolean;
  /** Whether what it opens is open. */
  expanded?: boolean;
  name?: string;
  children?: ComponentChildren;
}): JSX.Element {
  const { title, children, pressed } = props;
  const square = children === undefined ? 'wfnb-square' : '';
  return (
    <button
      type="button"
      class={`wfnb-button ${square} ${pressed ? 'wfnb-on' : ''} ${props.class ?? ''}`}
      title={title}
      aria-label={children === undefined ? title : undefined}
      aria-pressed={pressed}
      aria-expanded={props.expanded}
      // One that has the keyboard keeps it: what is `disabled` would lose it to the page.
      aria-disabled={props.disabled}
      data-action={props.name}
      onClick={() => !props.disabled && props.onClick()}
    >
      {props.icon && <Icon name={props.icon} />}
      {children}
    </button>
  );
}

export function Troubles({ problems }: { problems: readonly Problem[] }): JSX.Element {
  return (
    <>
      {problems.map(problem => (
        <span class={`wfnb-trouble wfnb-${problem.severity}`} key={problem.code + problem.message}>
          {problem.message}
        </span>
      ))}
    </>
  );
}

export interface FieldProps {
  label: string;
  value: string;
  onCommit: (text: string) => void;
  type?: string;
  hint?: string;
  help?: string;
  list?: string;
  name?: string;
  area?: boolean;
  /** Written as code is. */
  code?: boolean;
  /** An expression, whatever it begins with; other texts are one where they begin with `=`. */
  condition?: boolean;
  /** Never an expression, whatever it begins with. */
  plain?: boolean;
  /** The parameter that it is the argument for. */
  parameter?: string;
  /** The ids of what explains it. */
  explained?: string;
  focus?: boolean;
  disabled?: boolean | undefined;
  problems?: readonly Problem[];
  /** Says what is wrong with a text; such a text is not committed. */
  check?: (text: string) => string;
}

/** A labelled field that commits on Enter and when it is left, and takes Escape back; where nothing was typed Escape means more. */
export function Field(props: FieldProps & { about?: string }): JSX.Element {
  const { label, type, about, help, problems = [] } = props;
  const id = useId();
  // A description that is named leaves out the title, so the help is named, too.
  const parts = { type, help: help && help !== about, about, troubles: problems.length };
  const said = Object.entries(parts).flatMap(([part, is]) => (is ? [`${id}-${part}`] : []));
  return (
    <label class="wfnb-field">
      <span class="wfnb-caption">
        <span title={help}>{label}</span>
        {type && (
          <span class="wfnb-type" id={`${id}-type`}>
            {type}
          </span>
        )}
        {parts.help && (
          <span hidden id={`${id}-help`}>
            {help}
          </span>
        )}
      </span>
      <TextInput {...props} {...(said.length && { explained: said.join(' ') })} />
      {about && (
        <small class="wfnb-about" id={`${id}-about`}>
          {about}
        </small>
      )}
      <span id={`${id}-troubles`}>
        <Troubles problems={problems} />
      </span>
    </label>
  );
}

/** As many as are written, within what leaves room for the rest of a form. */
const rowsOf = (text: string): number => Math.min(12, Math.max(3, text.split('\n').length + 1));

/** Told, in words, what was typed and refused when its field goes away with it. */
export const Refused = createContext<(text: string) => void>(() => undefined);

export function TextInput(props: FieldProps): JSX.Element {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const input = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const text = draft ?? props.value;
  const trouble = draft === null ? '' : (props.check?.(draft) ?? '');
  const plain = props.plain ?? props.list !== undefined;
  const typing = useTyping(input, text, {
    plain,
    bare: props.condition ?? false,
    parameter: props.parameter,
    put: setDraft
  });
  const refused = useContext(Refused);
  const left = useRef('');
  left.current = trouble && strings.refused(props.label, text, trouble);
  useEffect(
    () => () => {
      if (left.current) refused(left.current);
    },
    []
  );
  useEffect(() => {
    if (props.focus) input.current?.focus();
  }, [props.focus]);
  const commit = (): void => {
    // What is taken off the page while it has the keyboard is known by what was typed alone.
    const typed = input.current?.value ?? text;
    // What is refused stays to be repaired, with the reason beside it; Escape brings the value back.
    if (draft !== null && props.check?.(typed)) return;
    if (draft !== null && typed !== props.value) props.onCommit(typed);
    setDraft(null);
    typing?.left();
  };
  const keys = (event: KeyboardEvent): void => {
    if (typing?.key(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === 'Escape' && draft !== null) {
      setDraft(null);
      typing?.left();
      event.stopPropagation();
    } else if (event.key === 'Enter' && !(props.area && !event.ctrlKey)) {
      event.preventDefault();
      commit();
    }
  };
  const severity = props.problems?.[0]?.severity;
  const said = [props.explained, trouble && id, typing?.faultId].filter(Boolean).join(' ');
  const shared = {
    ref: input,
    class: `wfnb-input ${(!plain && text.trimStart().startsWith('=')) || props.code || props.condition ? 'wfnb-fx' : ''} ${severity === 'warning' ? 'wfnb-warned' : ''}`,
    value: text,
    placeholder: props.hint,
    disabled: props.disabled,
    title: props.help,
    'aria-label': props.label,
    ...typing?.aria,
    'aria-describedby': said || undefined,
    'aria-invalid': severity === 'error' || trouble !== '' || !!typing?.fault,
    'data-field': props.name,
    spellcheck: false,
    onInput: (event: Event) => {
      const field = event.target as HTMLInputElement;
      setDraft(field.value);
      typing?.typed(field);
    },
    onFocus: (event: Event) => typing?.entered(event.target as HTMLInputElement),
    onBlur: commit,
    onKeyDown: keys
  };
  const field = props.area ? (
    // A field of several lines is no combobox, though it has a list.
    <textarea {...shared} role={undefined} aria-expanded={undefined} rows={rowsOf(text)} />
  ) : (
    <input {...shared} list={props.list} autocomplete="off" />
  );
  return (
    <>
      {typing ? (
        <span class="wfnb-fxhold">
          {field}
          {typing.around}
        </span>
      ) : (
        field
      )}
      {trouble && (
        <span class="wfnb-trouble" id={id} role="status">
          {trouble}
        </span>
      )}
    </>
  );
}
