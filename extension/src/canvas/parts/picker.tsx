/** A field and a list that follows what is typed, wholly by keyboard: quick-add, find and the command palette. */
import type { JSX } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Point } from '../ground/geometry';
import type { IconName } from '../look/icons';
import { Icon } from './parts';
import { strings } from '../texts/strings';

export interface Pick {
  key: string;
  title: string;
  icon?: IconName;
  detail?: string;
  /** Stands above the first of those that share it. */
  section?: string;
  /** Keys that do the same. */
  keys?: readonly string[];
  help?: string;
  /** Text of code: activities, conditions. */
  code?: boolean;
}

export interface PickerProps<T extends Pick> {
  label: string;
  hint: string;
  /** What is offered for a text, the best first. */
  offer: (wanted: string) => readonly T[];
  /** Enter or a click; `more` with Shift. */
  onPick: (pick: T, wanted: string, more: boolean) => void;
  /** The marked one, each time that is another. */
  onMark?: (pick: T | undefined) => void;
  onClose: () => void;
  /** Where it opens, from the left upper corner of the designer; in the middle where left out. */
  at?: Point;
  /** At the side, so that the drawing is seen. */
  aside?: boolean;
  foot?: string;
  name: string;
}

/** More than these nobody walks through. */
const MOST = 200;
const PAGE = 8;

export function Picker<T extends Pick>(props: PickerProps<T>): JSX.Element {
  const { label, at, onMark } = props;
  const [wanted, setWanted] = useState('');
  const [marked, mark] = useState(0);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const opened = useRef(false);
  const picks = props.offer(wanted).slice(0, MOST);
  const index = Math.min(marked, Math.max(0, picks.length - 1));
  const current = picks[index];
  useLayoutEffect(() => place(box.current, at), [at?.x, at?.y]);
  // At once: what is typed next is meant for it.
  useLayoutEffect(() => box.current?.querySelector('input')?.focus({ preventScroll: true }), []);
  useEffect(() => {
    box.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
    // Opening it chooses nothing yet.
    if (opened.current) onMark?.(current);
    opened.current = true;
  }, [current?.key, wanted]);
  useOutside(box, props.onClose);
  const keys = (event: KeyboardEvent): void => {
    const to = moved(event, index, picks.length);
    if (to !== null) mark(to);
    else if (event.key === 'Escape') props.onClose();
    else if (event.key === 'Enter' && current) props.onPick(current, wanted, event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={box}
      class={`wfnb-picker ${at ? '' : props.aside ? 'wfnb-aside' : 'wfnb-central'}`}
      role="dialog"
      aria-label={label}
      data-picker={props.name}
      onKeyDown={keys}
    >
      <input
        class="wfnb-input"
        role="combobox"
        aria-expanded={picks.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={current ? `${id}-${index}` : undefined}
        aria-autocomplete="list"
        aria-label={label}
        placeholder={props.hint}
        autocomplete="off"
        spellcheck={false}
        value={wanted}
        onInput={event => {
          setWanted(event.currentTarget.value);
          mark(0);
        }}
      />
      <ul role="listbox" id={`${id}-list`} aria-label={label}>
        {picks.map((pick, i) => (
          <Row
            key={pick.key}
            id={`${id}-${i}`}
            pick={pick}
            section={pick.section !== picks[i - 1]?.section ? pick.section : undefined}
            marked={i === index}
            onMark={() => mark(i)}
            onClick={more => props.onPick(pick, wanted, more)}
          />
        ))}
      </ul>
      <p class="wfnb-hint" role="status" hidden={picks.length > 0}>
        {picks.length ? '' : strings.nothingFound}
      </p>
      {props.foot && <p class="wfnb-hint wfnb-pickfoot">{props.foot}</p>}
    </div>
  );
}

/** The mark that a key moves to; null where it is no such key. */
function moved({ key, shiftKey }: KeyboardEvent, at: number, count: number): number | null {
  const around = (to: number): number => (count ? (to + count) % count : 0);
  const within = (to: number): number => Math.max(0, Math.min(count - 1, to));
  switch (key) {
    case 'ArrowDown':
      return around(at + 1);
    case 'ArrowUp':
      return around(at - 1);
    case 'Tab':
      return around(at + (shiftKey ? -1 : 1));
    case 'PageDown':
      return within(at + PAGE);
    case 'PageUp':
      return within(at - PAGE);
    default:
      return null;
  }
}

function Row(props: {
  id: string;
  pick: Pick;
  section: string | undefined;
  marked: boolean;
  onMark: () => void;
  onClick: (more: boolean) => void;
}): JSX.Element {
  const { pick, section } = props;
  return (
    <>
      {section && (
        <li role="presentation" class="wfnb-picksection">
          {section}
        </li>
      )}
      <li
        id={props.id}
        role="option"
        class="wfnb-pick"
        aria-selected={props.marked}
        data-pick={pick.key}
        title={pick.help}
        onMouseMove={props.onMark}
        onMouseDown={event => event.preventDefault()}
        onClick={event => props.onClick(event.shiftKey)}
      >
        {pick.icon && <Icon name={pick.icon} />}
        <span class={pick.code ? 'wfnb-mono' : ''}>{pick.title}</span>
        {pick.detail && <small>{pick.detail}</small>}
        {pick.keys?.map(key => (
          <kbd key={key}>{key}</kbd>
        ))}
      </li>
    </>
  );
}

/** Puts what is open beside a point, inside of what it lies in. */
export function place(box: HTMLElement | null, at: Point | undefined): void {
  const around = box?.offsetParent;
  if (!box || !at || !(around instanceof HTMLElement)) return;
  const room = (to: number, size: number, most: number): number =>
    Math.max(6, Math.min(to, most - size - 6));
  box.style.left = `${room(at.x, box.offsetWidth, around.clientWidth)}px`;
  box.style.top = `${room(at.y, box.offsetHeight, around.clientHeight)}px`;
}

/** Closes what is open at a press outside of it. */
export function useOutside(box: { current: HTMLElement | null }, close: () => void): void {
  // At once: a press right behind the one that opened it counts too.
  useLayoutEffect(() => {
    const press = (event: Event): void => {
      if (box.current && !event.composedPath().includes(box.current)) close();
    };
    addEventListener('pointerdown', press, true);
    return () => removeEventListener('pointerdown', press, true);
  }, []);
}
