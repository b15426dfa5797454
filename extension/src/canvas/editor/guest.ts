/** The canvas as a guest in someone else's page: the focus it is given stays, and keys pressed in it are its own. */
import { FOCUSABLE } from '../ground/dom';
import { isOurs } from './keyboard';
import type { Disposers } from '../ground/store';

/** Keeps the page around the canvas (JupyterLab, Notebook 7) from acting on what is done inside `root`. */
export function beGuest(root: HTMLElement, disposers: Disposers): void {
  root.tabIndex = -1;
  keepFocus(root, disposers);
  ownKeys(root, disposers);
}

/**
 * A notebook gives the focus to the cell when a press inside it has focused nothing, and from then on
 * `d d` deletes the cell. So every press focuses something here, before the notebook hears of it.
 */
function keepFocus(root: HTMLElement, disposers: Disposers): void {
  const take = (event: Event): void => {
    if (!(event.target instanceof Element)) return;
    const target = event.target.closest<HTMLElement>(FOCUSABLE) ?? root;
    target.focus({ preventScroll: true });
    // What is disabled can not have it.
    if (!root.matches(':focus-within')) root.focus({ preventScroll: true });
  };
  disposers.listen(root, 'pointerdown', take);
  disposers.listen(root, 'mousedown', event => {
    if (!root.matches(':focus-within')) take(event);
    // With Shift the notebook would select cells up to this one.
    if (event.shiftKey) event.stopPropagation();
  });
}

/**
 * Keeps shortcuts away from the keys that are ours, and only from those.
 *
 * JupyterLab hears a key when it has bubbled to the document, Notebook 7 before anybody else, so only
 * the window is early enough for both. Lumino walks up from the target and stops at the first element
 * that either fits a shortcut or has the attribute: `:focus` fits the target itself, so an attribute
 * on the root alone would come too late.
 */
function ownKeys(root: HTMLElement, disposers: Disposers): void {
  const mark = (element: HTMLElement, ours: boolean): void => {
    if (ours) element.dataset['lmSuppressShortcuts'] = 'true';
    else delete element.dataset['lmSuppressShortcuts'];
  };
  disposers.listen(
    window,
    'keydown',
    event => {
      if (!event.composedPath().includes(root)) return;
      mark(root, isOurs(event));
      if (event.target instanceof HTMLElement) mark(event.target, isOurs(event));
    },
    true
  );
  for (const type of ['keydown', 'keypress', 'keyup'] as const) {
    disposers.listen(root, type, event => isOurs(event) && event.stopPropagation());
  }
  mark(root, true);
}
