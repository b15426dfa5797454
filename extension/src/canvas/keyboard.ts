/** The keys of the canvas. */
import { chordOf } from './chords';
import { copy, cut, paste } from './copying';
import type { Editor } from './editor';
import { commandOn, isNative } from './keymap';
import type { Disposers } from './store';

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
    if (awake() && !event.defaultPrevented && answer(event, editor, event.target === host)) {
      event.preventDefault();
    }
  });
  clipboard(host, editor, disposers);
}

function answer(event: KeyboardEvent, editor: Editor, onCanvas: boolean): boolean {
  const chord = chordOf(event);
  const pressed = commandOn(chord);
  if (!onCanvas && !pressed?.command.anywhere) return false;
  if (onCanvas && editor.stepper.walk.get() && editor.stepper.key(event.key)) return true;
  if (!pressed || isNative(pressed.command, chord)) return false;
  if (pressed.command.enabled(editor)) pressed.command.run(editor, pressed.meant);
  // The browser's own meaning of a key would surprise, but nobody may be caught in the drawing.
  else if (chord === 'Tab') return false;
  return true;
}

function clipboard(host: HTMLElement, editor: Editor, disposers: Disposers): void {
  const take = (event: ClipboardEvent): void => {
    if (event.target !== host) return;
    const text = event.type === 'cut' ? cut(editor) : copy(editor);
    if (!text) return;
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopPropagation();
  };
  disposers.listen(host, 'copy', take);
  disposers.listen(host, 'cut', take);
  disposers.listen(host, 'paste', event => {
    if (event.target !== host) return;
    paste(editor, event.clipboardData?.getData('text/plain') ?? '');
    event.preventDefault();
    event.stopPropagation();
  });
}
