/** The keys of the canvas. */
import { chordOf } from '../ground/chords';
import { copy, cut, paste } from './copying';
import type { Command } from './command';
import { isTyping } from '../ground/dom';
import type { Editor } from './editor';
import { commandOn, isNative } from './keymap';
import type { Disposers } from '../ground/store';

/** Keys that go through a panel where it has the keyboard. */
const GOING = new Set(['Tab', 'Enter', ' ', 'ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown']);

/**
 * Whether a key inside the designer is the designer's. Typing always is, and so are the keys that do
 * something to cells (Enter, arrows, Delete) with whatever is held; commands of the page are not.
 */
export function isOurs(event: KeyboardEvent): boolean {
  const known = commandOn(chordOf(event)) !== undefined;
  // F-keys belong to the page and the browser, as do all with Ctrl, where no command has them.
  if (known || /^F\d+$/.test(event.key)) return known;
  if (event.key.length > 1) return true;
  return !event.ctrlKey && !event.metaKey && !event.altKey;
}

/** Answers keys on the canvas, and in the panels of `root` those of the commands that are given anywhere. */
export function canvasKeys(
  root: HTMLElement,
  host: HTMLElement,
  editor: Editor,
  disposers: Disposers,
  /** Whether the drawing is what is shown. */
  awake: () => boolean = () => true
): void {
  disposers.listen(root, 'keydown', event => {
    // Where nothing in a panel has the keyboard, its commands are meant, but not what goes from there to there.
    const onCanvas = event.target === host || (event.target === root && !GOING.has(event.key));
    if (awake() && !event.defaultPrevented && answer(event, editor, onCanvas)) {
      event.preventDefault();
    }
  });
  clipboard(root, host, editor, disposers);
}

function answer(event: KeyboardEvent, editor: Editor, onCanvas: boolean): boolean {
  const chord = chordOf(event);
  const pressed = commandOn(chord);
  if (!onCanvas && !isHeard(pressed?.command, event)) return false;
  if (onCanvas && editor.stepper.walk.get() && editor.stepper.key(event.key)) return true;
  if (!pressed || isNative(pressed.command, chord)) return false;
  if (pressed.command.enabled(editor)) pressed.command.run(editor, pressed.meant);
  // The browser's own meaning of a key would surprise, but nobody may be caught in the drawing.
  else if (chord === 'Tab') return false;
  return true;
}

/** Whether a command is given while a panel has the keyboard. */
const isHeard = (command: Command | undefined, event: KeyboardEvent): boolean =>
  !!command?.anywhere || (!!command?.onButtons && !isTyping(event.target));

/**
 * Answers the clipboard while the drawing has the keyboard. Such an event goes to wherever text was
 * selected or pressed last, which may be anywhere on the page, so the document is listened to.
 */
function clipboard(
  root: HTMLElement,
  host: HTMLElement,
  editor: Editor,
  disposers: Disposers
): void {
  const isOwn = (): boolean =>
    host.matches(':focus') ||
    (root.matches(':focus') && (document.getSelection()?.isCollapsed ?? true));
  const take = (event: ClipboardEvent): void => {
    if (!isOwn()) return;
    const text = event.type === 'cut' ? cut(editor) : copy(editor);
    if (!text) return;
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopPropagation();
  };
  disposers.listen(document, 'copy', take, true);
  disposers.listen(document, 'cut', take, true);
  disposers.listen(
    document,
    'paste',
    event => {
      if (!isOwn()) return;
      paste(editor, event.clipboardData?.getData('text/plain') ?? '');
      event.preventDefault();
      event.stopPropagation();
    },
    true
  );
}
