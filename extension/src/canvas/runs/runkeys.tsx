/** The keys of the run view, and the list of them that one of them brings up. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { chordOf, shownChord } from '../ground/chords';
import { Button } from '../parts/parts';
import { TABS } from './replaydesk';
import type { ReplayDesk } from './replaydesk';
import type { Disposers } from '../ground/store';
import { strings } from '../texts/strings';

interface RunKey {
  id: keyof typeof strings.runKeys;
  keys: readonly string[];
  /** Absent: the drawing itself answers it. */
  run?: (desk: ReplayDesk) => void;
}

const KEYS: readonly RunKey[] = [
  { id: 'stepOn', keys: ['ArrowRight'], run: desk => desk.player.step(1) },
  { id: 'stepBack', keys: ['ArrowLeft'], run: desk => desk.player.step(-1) },
  { id: 'visitOn', keys: ['Shift+ArrowRight'], run: desk => desk.visit(1) },
  { id: 'visitBack', keys: ['Shift+ArrowLeft'], run: desk => desk.visit(-1) },
  { id: 'errorOn', keys: ['E'], run: desk => desk.failure(1) },
  { id: 'errorBack', keys: ['Shift+E'], run: desk => desk.failure(-1) },
  { id: 'first', keys: ['Home'], run: desk => desk.player.step(-Infinity) },
  { id: 'last', keys: ['End'], run: desk => desk.player.toEnd() },
  { id: 'play', keys: ['Space'], run: desk => desk.player.toggle() },
  { id: 'faster', keys: ['.'], run: desk => desk.player.hurry(1) },
  { id: 'slower', keys: [','], run: desk => desk.player.hurry(-1) },
  { id: 'jump', keys: ['G'], run: desk => desk.jump() },
  { id: 'heat', keys: ['H'], run: desk => desk.nextHeat() },
  { id: 'idle', keys: ['I'], run: desk => desk.compress.set(!desk.compress.get()) },
  { id: 'fork', keys: ['B'], run: desk => desk.dialog.set('fork') },
  { id: 'enter', keys: ['Ctrl+Enter'], run: desk => desk.enter() },
  { id: 'leave', keys: ['Ctrl+Shift+Enter'], run: desk => desk.leave() },
  ...TABS.map((id, i) => ({
    id,
    keys: [String(i + 1)],
    run: (desk: ReplayDesk) => desk.into(id)
  })),
  { id: 'fit', keys: ['F'] },
  { id: 'zoomIn', keys: ['+'] },
  { id: 'zoomOut', keys: ['-'] },
  { id: 'keys', keys: ['?'], run: desk => desk.dialog.set('keys') }
];

const TYPED = 'input, select, textarea, [contenteditable], .wfnb-popover *';

/** Answers them wherever the keyboard is inside `root`, but where something is typed or chosen. */
export function runKeys(root: HTMLElement, desk: ReplayDesk, disposers: Disposers): void {
  disposers.listen(
    root,
    'keydown',
    event => {
      const { target } = event;
      if (event.defaultPrevented || !(target instanceof Element) || target.matches(TYPED)) return;
      const chord = chordOf(event);
      // Tabs are walked with arrows.
      if (target.matches('[role=tab]') && /^(Arrow(Left|Right)|Home|End)$/.test(chord)) return;
      // A button that has the keyboard is pressed.
      if (chord === 'Space' && target instanceof HTMLButtonElement) return;
      const known = KEYS.find(({ keys }) => keys.includes(chord));
      if (!known?.run) return;
      known.run(desk);
      event.preventDefault();
    },
    { capture: true }
  );
}

export function RunKeyList({ close }: { close: () => void }): JSX.Element {
  const hold = useRef<HTMLDivElement>(null);
  useEffect(() => hold.current?.querySelector('button')?.focus(), []);
  return (
    <div
      ref={hold}
      class="wfnb-popover wfnb-shortcuts"
      role="dialog"
      aria-label={strings.runKeysTitle}
      onKeyDown={event => (event.key === 'Escape' || event.key === '?') && close()}
    >
      <header>
        <h3>{strings.runKeysTitle}</h3>
        <Button icon="cross" class="wfnb-small" title={strings.closeKeys} onClick={close} />
      </header>
      <p class="wfnb-hint">{strings.runKeysWhere}</p>
      <dl>
        {KEYS.map(({ id, keys }) => (
          <div key={id}>
            <dt>
              {keys.map(key => (
                <kbd key={key}>{shownChord(key)}</kbd>
              ))}
            </dt>
            <dd>{strings.runKeys[id]}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
