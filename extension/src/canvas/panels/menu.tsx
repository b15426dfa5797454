/** The context menu: what can be done with what is selected, or with the drawing where nothing is. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { shownChord } from '../ground/chords';
import { commandOf } from '../editor/commands';
import type { Editor } from '../editor/editor';
import type { Point } from '../ground/geometry';
import { keysOf } from '../editor/keymap';
import { Icon } from '../parts/parts';
import { place, useOutside } from '../parts/picker';
import { strings } from '../texts/strings';
import type { CommandId } from '../texts/strings';

const NODE: readonly (readonly CommandId[])[] = [
  ['enter', 'unpack', 'embed'],
  ['runTo', 'runFrom', 'breakpoint', 'pin', 'unpin', 'disable', 'retry'],
  ['cut', 'copy', 'paste', 'duplicate'],
  ['add', 'rename', 'inspect', 'group', 'ungroup', 'layout'],
  ['delete', 'heal']
];
const EDGE: typeof NODE = [['add', 'inspect'], ['delete']];
const MANY: typeof NODE = [
  ['breakpoint', 'disable'],
  ['cut', 'copy', 'paste', 'duplicate'],
  ['group', 'ungroup', 'layout'],
  ['delete', 'heal']
];
const EMPTY: typeof NODE = [
  ['add', 'paste'],
  ['run', 'undo', 'redo'],
  ['selectAll', 'layout', 'fit', 'fitAll'],
  ['saveSvg', 'savePng'],
  ['find', 'commands', 'keys']
];

/** Shown only where they mean something. */
const OPTIONAL: ReadonlySet<CommandId> = new Set([
  'enter',
  'unpack',
  'embed',
  'unpin',
  'ungroup',
  'retry'
]);

function commandsFor(editor: Editor): CommandId[][] {
  const { nodes, edges } = editor.surface.selection.get();
  const count = nodes.length + edges.length;
  const groups = count > 1 ? MANY : nodes.length ? NODE : edges.length ? EDGE : EMPTY;
  return groups
    .map(group => group.filter(id => !OPTIONAL.has(id) || commandOf(id).enabled(editor)))
    .map(group => group.filter(id => id !== 'enter' || editor.structure.leads()))
    .filter(group => group.length > 0);
}

export function Menu(props: {
  editor: Editor;
  at: Point;
  close: () => void;
  leave: () => void;
}): JSX.Element {
  const { editor, at, close, leave } = props;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place(box.current, at), [at.x, at.y]);
  useLayoutEffect(() => focus(box.current, 0), []);
  useOutside(box, leave);
  return (
    <div
      ref={box}
      class="wfnb-menu"
      role="menu"
      aria-label={strings.menu}
      onKeyDown={event => keys(event, box.current, leave)}
      onContextMenu={event => event.preventDefault()}
    >
      {commandsFor(editor).map((group, i) => (
        <>
          {i > 0 && <hr key={`line ${i}`} />}
          {group.map(id => (
            <Entry key={id} id={id} editor={editor} close={close} />
          ))}
        </>
      ))}
    </div>
  );
}

function Entry(props: { id: CommandId; editor: Editor; close: () => void }): JSX.Element {
  const { id, editor, close } = props;
  const command = commandOf(id);
  const can = command.enabled(editor);
  const on = command.checked?.(editor);
  const [chord] = keysOf(id);
  return (
    <button
      type="button"
      role={on === undefined ? 'menuitem' : 'menuitemcheckbox'}
      aria-checked={on}
      aria-disabled={!can}
      tabIndex={-1}
      class="wfnb-menuitem"
      data-command={id}
      onMouseMove={event => event.currentTarget.focus({ preventScroll: true })}
      onClick={() => {
        if (!can) return;
        close();
        command.run(editor, '');
      }}
    >
      <span class="wfnb-menutick">{on && <Icon name="check" />}</span>
      <span>{strings.commands[id]}</span>
      {chord !== undefined && <kbd>{shownChord(chord)}</kbd>}
    </button>
  );
}

const entries = (box: HTMLElement | null): HTMLElement[] => [
  ...(box?.querySelectorAll<HTMLElement>('.wfnb-menuitem') ?? [])
];

function focus(box: HTMLElement | null, index: number): void {
  const all = entries(box);
  all.at(all.length ? index % all.length : 0)?.focus({ preventScroll: true });
  all.at(all.length ? index % all.length : 0)?.scrollIntoView({ block: 'nearest' });
}

function keys(event: KeyboardEvent, box: HTMLElement | null, close: () => void): void {
  const all = entries(box);
  const now = all.findIndex(entry => entry.matches(':focus'));
  const letter = (): number => {
    const low = event.key.toLowerCase();
    const begins = (i: number): boolean =>
      all[i % all.length]?.textContent?.trim().toLowerCase().startsWith(low) ?? false;
    for (let i = now + 1; i <= now + all.length; i++) if (begins(i)) return i % all.length;
    return now;
  };
  if (event.key === 'Escape' || event.key === 'Tab') close();
  else if (event.key === 'ArrowDown') focus(box, now + 1);
  else if (event.key === 'ArrowUp') focus(box, now - 1);
  else if (event.key === 'Home') focus(box, 0);
  else if (event.key === 'End') focus(box, -1);
  else if (event.key.length === 1 && event.key !== ' ') focus(box, letter());
  // Enter and Space press the button.
  else return event.stopPropagation();
  event.preventDefault();
  event.stopPropagation();
}
