/** What helps where an expression is typed: the names in scope, and at once what is wrong and where. */
import { createContext } from 'preact';
import type { JSX, RefObject } from 'preact';
import { useContext, useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { Looking } from '../session/looking';
import type { Fault } from '../session/looking';
import { beginnings, completions } from '../document/names';
import type { Completions, Known, Name, Place } from '../document/names';
import type { Session } from '../session/session';
import { strings } from '../texts/strings';

export interface Scope {
  session: Session;
  place: Place;
  /** Whether `item` and `index` are read as well. */
  withinMap?: boolean;
}

/** Where the expressions of a form stand; without one, fields are plain. */
export const ExpressionScope = createContext<Scope | null>(null);

type Input = HTMLInputElement | HTMLTextAreaElement;

export interface Typing {
  fault: Fault | null;
  /** What the field says of its list to a screen reader. */
  aria: Record<string, string | boolean | undefined>;
  /** The id of what says the fault; empty where there is none. */
  faultId: string;
  typed(input: Input): void;
  /** The field got the keyboard. */
  entered(input: Input): void;
  /** Whether the key was one of the list's. */
  key(event: KeyboardEvent): boolean;
  left(): void;
  /** What stands around the field. */
  around: JSX.Element | null;
}

const isExpression = (text: string, bare: boolean): boolean =>
  bare ? text.trim() !== '' : text.trimStart().startsWith('=');

export interface TypingOptions {
  /** No expression at all. */
  plain: boolean;
  /** A condition, which begins with no `=`. */
  bare: boolean;
  /** The parameter that the field is for, if it is an argument. */
  parameter?: string | undefined;
  put: (text: string) => void;
}

/** Helps with one field; null where it is no expression, or its form has no scope. */
export function useTyping(
  input: RefObject<Input>,
  text: string,
  { plain, bare, parameter, put }: TypingOptions
): Typing | null {
  const scope = useContext(ExpressionScope);
  const id = useId();
  const [fault, setFault] = useState<Fault | null>(null);
  const [shown, show] = useState<Completions | null>(null);
  const [marked, mark] = useState(-1);
  const looking = useRef<Looking | null>(null);
  useEffect(() => {
    if (!scope || plain) return;
    const made = (looking.current = new Looking(scope.session, setFault));
    return () => made.dispose();
  }, [scope?.session, plain]);
  if (!scope || plain) return null;
  const close = (): void => {
    show(null);
    mark(-1);
  };
  const known = (): Known => knownTo(scope, parameter);
  const offer = (field: Input, asked: boolean): void => {
    const { value, selectionStart } = field;
    const caret = selectionStart ?? value.length;
    const held = bare || isExpression(value, false);
    const found = held ? completions(value, caret, scope.place, known(), asked) : null;
    show(found?.names.length ? found : null);
    mark(-1);
  };
  const take = (name: Name): void => {
    const field = input.current;
    if (!field || !shown) return;
    const caret = field.selectionStart ?? field.value.length;
    const changed = field.value.slice(0, shown.from) + name.text + field.value.slice(caret);
    field.value = changed;
    field.setSelectionRange(shown.from + name.text.length, shown.from + name.text.length);
    put(changed);
    close();
    looking.current?.at(changed, scope.withinMap ?? false);
  };
  const key = (event: KeyboardEvent): boolean => {
    const names = shown?.names ?? [];
    const current = names[marked];
    if (event.key === ' ' && event.ctrlKey) offer(event.currentTarget as Input, true);
    else if (!names.length) return false;
    else if (event.key === 'ArrowDown') mark(marked + 1 < names.length ? marked + 1 : 0);
    else if (event.key === 'ArrowUp') mark(marked > 0 ? marked - 1 : names.length - 1);
    else if (event.key === 'Escape') close();
    else if ((event.key === 'Enter' || event.key === 'Tab') && current) take(current);
    else return false;
    return true;
  };
  const list = shown && (
    <List id={id} names={shown.names} marked={marked} onMark={mark} onTake={take} />
  );
  return {
    fault,
    aria: {
      role: 'combobox',
      'aria-autocomplete': 'list',
      'aria-expanded': shown !== null,
      'aria-controls': shown ? `${id}-list` : undefined,
      'aria-activedescendant': shown && marked >= 0 ? `${id}-${marked}` : undefined
    },
    faultId: fault ? `${id}-fault` : '',
    typed: field => {
      offer(field, false);
      if (isExpression(field.value, bare)) looking.current?.at(field.value, !!scope.withinMap);
      else looking.current?.rest();
    },
    entered: field => {
      if (parameter === undefined || field.value !== '') return;
      const found = beginnings(scope.place, known());
      show(found.names.length ? found : null);
    },
    key,
    left: () => {
      close();
      looking.current?.rest();
    },
    around: (
      <>
        {fault && <Underline text={text} fault={fault} input={input} />}
        {list}
        {fault && <FaultText id={`${id}-fault`} fault={fault} />}
      </>
    )
  };
}

function knownTo({ session, withinMap = false }: Scope, parameter?: string): Known {
  return {
    parameter,
    document: session.document,
    activities: session.activities.get(),
    functions: session.functions.get(),
    withinMap
  };
}

function List(props: {
  id: string;
  names: readonly Name[];
  marked: number;
  onMark: (index: number) => void;
  onTake: (name: Name) => void;
}): JSX.Element {
  const { id, names, marked } = props;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const at = list.current?.querySelector('[aria-selected=true]') ?? list.current;
    at?.scrollIntoView({ block: 'nearest' });
  }, [names, marked]);
  return (
    <ul
      class="wfnb-names"
      role="listbox"
      id={`${id}-list`}
      ref={list}
      aria-label={strings.namesInScope}
    >
      {names.map((name, i) => (
        <li
          key={`${name.kind} ${name.text}`}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === marked}
          data-name={name.text}
          data-name-kind={name.kind}
          onMouseMove={() => props.onMark(i)}
          // Whatever else a press does here would take the keyboard from the field.
          onPointerDown={event => event.stopPropagation()}
          onMouseDown={event => {
            event.stopPropagation();
            event.preventDefault(); // the field keeps the keyboard
            props.onTake(name);
          }}
        >
          <code>{name.text}</code>
          <small>{[name.detail, strings.nameKinds[name.kind]].filter(Boolean).join(' · ')}</small>
        </li>
      ))}
    </ul>
  );
}

function FaultText({ id, fault }: { id: string; fault: Fault }): JSX.Element {
  const [what, cure = ''] = (fault.message ?? '').split('\n');
  return (
    <span class="wfnb-trouble wfnb-fault" id={id} role="status">
      {what} {cure && <span class="wfnb-dim">{cure}</span>}
    </span>
  );
}

/** Underlines the fault by a copy of the text that lies over the field, of which only the line is seen. */
function Underline(props: { text: string; fault: Fault; input: RefObject<Input> }): JSX.Element {
  const { text, fault, input } = props;
  const copy = useRef<HTMLSpanElement>(null);
  const [before, wrong, after] = useMemo(() => cut(text, fault), [text, fault]);
  useEffect(() => {
    const field = input.current;
    const follow = (): void => {
      if (copy.current && field) copy.current.scrollLeft = field.scrollLeft;
    };
    follow();
    field?.addEventListener('scroll', follow);
    return () => field?.removeEventListener('scroll', follow);
  });
  return (
    <span class="wfnb-fxcopy" ref={copy} aria-hidden="true">
      {before}
      <u>{wrong}</u>
      {after}
    </span>
  );
}

/** The kernel counts characters, a page UTF-16 units. */
function cut(text: string, { start = 0, end = 0 }: Fault): [string, string, string] {
  const characters = Array.from(text);
  const part = (from: number, to?: number): string => characters.slice(from, to).join('');
  return [part(0, start), part(start, end), part(end)];
}
