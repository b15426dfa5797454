/** The keys of the canvas. */
import type { Editor } from './editor';
import type { Disposers } from './store';
import { NOTHING } from './surface';
import type { Surface } from './surface';

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1]
};

/** Keys with Ctrl or Cmd that the designer answers; all others are left to JupyterLab and the browser. */
const WITH_CONTROL = new Set(['z', 'y', 'a', 'c', 'v', 'x', 'd', '0']);

/**
 * Whether a key inside the designer is the designer's. Typing always is, and so are the keys that do
 * something to cells (Enter, arrows, Delete) with whatever is held; commands of the page are not.
 */
export function isOurs(event: KeyboardEvent): boolean {
  const key = event.key.toLowerCase();
  // F-keys belong to the page and the browser.
  if (/^f\d+$/.test(key)) return false;
  if (key.length > 1) return true;
  if (event.ctrlKey || event.metaKey) {
    return WITH_CONTROL.has(key) && !(event.shiftKey && key !== 'z');
  }
  return !event.altKey;
}

/** Answers keys on the canvas; `save` is asked on Ctrl+S where the host has a way to save. */
export function canvasKeys(host: HTMLElement, editor: Editor, disposers: Disposers): void {
  disposers.listen(host, 'keydown', event => {
    if (event.target === host && answer(event, editor)) event.preventDefault();
  });
  clipboard(host, editor, disposers);
}

function answer(event: KeyboardEvent, editor: Editor): boolean {
  const { session, surface, stepper } = editor;
  const key = event.key.toLowerCase();
  if (key === '?') {
    editor.keysShown.set(true);
    return true;
  }
  if (stepper.walk.get()) return stepper.key(event.key) || look(key, surface);
  if (event.ctrlKey || event.metaKey) {
    if (key === 'z') session.send({ type: event.shiftKey ? 'redo' : 'undo' });
    else if (key === 'y') session.send({ type: 'redo' });
    else if (key === 'a') editor.selectAll();
    else if (key === 'd') editor.paste(editor.copy());
    else if (key === '0') surface.view.setZoom(1);
    else if (key === 'enter' && event.shiftKey) editor.structure.leave();
    else if (key === 'enter') editor.structure.enter();
    // Copy, cut and paste arrive as clipboard events, which need the browser's default.
    else return false;
    return true;
  }
  const arrow = ARROWS[event.key];
  if (arrow) {
    const step = event.shiftKey ? 40 : 8;
    editor.nudge(arrow[0] * step, arrow[1] * step);
    return true;
  }
  if (key === 'delete' || key === 'backspace') editor.remove();
  else if (key === 'g' && event.shiftKey) editor.ungroup();
  else if (key === 'g') editor.group();
  else if (key === 'l') void editor.layout();
  else if (key === 'c' && event.shiftKey) editor.structure.toggleAllFolds();
  else if (key === 'c') editor.structure.toggleFold();
  else if (key === 'w' && event.shiftKey) editor.structure.unpack();
  else if (key === 'w') editor.structure.extract();
  else if (event.shiftKey && event.code === 'Digit1') surface.view.fit(true);
  else if (key === 'escape') surface.select(NOTHING);
  else return look(key, surface);
  return true;
}

/** Keys that change only what is seen. */
function look(key: string, surface: Surface): boolean {
  const { view, zoom } = surface;
  if (key === 'f') view.fitOn();
  else if (key === 'n') surface.toggleMap();
  else if (key === '+' || key === '=') view.setZoom(zoom.get() * 1.2);
  else if (key === '-') view.setZoom(zoom.get() / 1.2);
  else return false;
  return true;
}

function clipboard(host: HTMLElement, editor: Editor, disposers: Disposers): void {
  const copy = (event: ClipboardEvent): void => {
    const text = editor.copy();
    if (event.target !== host || !text) return;
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopPropagation();
    if (event.type === 'cut') editor.remove();
  };
  disposers.listen(host, 'copy', copy);
  disposers.listen(host, 'cut', copy);
  disposers.listen(host, 'paste', event => {
    if (event.target !== host) return;
    editor.paste(event.clipboardData?.getData('text/plain') ?? '');
    event.preventDefault();
    event.stopPropagation();
  });
}
