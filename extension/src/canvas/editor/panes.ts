/** The keyboard goes round the panes of a designer, and is not lost when what had it goes away. */
import type { Disposers } from '../ground/store';

/** In the order in which F6 goes through them. */
const PANES = [
  '.wfnb-toolbar',
  '.wfnb-palette,.wfnb-source',
  '.wfnb-canvas',
  '.wfnb-inspector,.wfnb-side',
  '.wfnb-footer',
  '.wfnb-outline'
];
const STOP = ':is(button,input,select,textarea,[tabindex]):not(:disabled)';
/** What comes and goes over the drawing: the keyboard goes back to where it was before. */
const OVER = '.wfnb-popover,.wfnb-picker,.wfnb-menu';

/** Gives the keyboard to the next pane, or the one before. */
export function goRound(root: HTMLElement, back: boolean): void {
  const found = PANES.map(pane => root.querySelector<HTMLElement>(`:scope ${pane}`));
  const at = found.findIndex(pane => pane?.matches(':focus-within'));
  const by = back ? -1 : 1;
  for (let i = 1; i <= PANES.length; i++) {
    const pane = found.at((Math.max(at, back ? 0 : -1) + by * i + PANES.length * 2) % PANES.length);
    if (pane && enter(pane)) return;
  }
}

function enter(pane: HTMLElement): boolean {
  const all = pane.matches('.wfnb-canvas') ? [pane] : pane.querySelectorAll<HTMLElement>(STOP);
  // What Tab stops at before what only arrows come to.
  const stops = [...all].sort((a, b) => Number(a.tabIndex < 0) - Number(b.tabIndex < 0));
  for (const stop of stops) {
    // The outline is shown while it has the keyboard.
    if (!stop.checkVisibility()) continue;
    stop.focus({ preventScroll: pane.matches('.wfnb-outline') });
    if (stop.matches(':focus')) return true;
  }
  return false;
}

/** Gives the keyboard to where it was before, or to the drawing, when what has it is taken off the page. */
export function keepKeyboard(root: HTMLElement, host: HTMLElement, disposers: Disposers): void {
  let held: HTMLElement | null = null;
  let before: HTMLElement | null = null;
  const observer = new MutationObserver(() => {
    if (!held || held.isConnected || !root.isConnected) return;
    held = null;
    // Elsewhere on the page someone may have taken it meanwhile.
    const { activeElement } = root.ownerDocument;
    if (root.matches(':focus-within') || (activeElement && activeElement !== document.body)) return;
    const to = before?.isConnected && !before.matches(':disabled') ? before : host;
    to.focus({ preventScroll: true });
  });
  disposers.listen(root, 'focusin', event => {
    if (!(event.target instanceof HTMLElement)) return;
    held = event.target;
    if (!held.closest(OVER)) before = held;
    // The drawing's own elements never have it, and come and go all the time.
    if (held === host) observer.disconnect();
    else observer.observe(root, { childList: true, subtree: true });
  });
  disposers.listen(root, 'focusout', event => {
    if (event.relatedTarget && !root.contains(event.relatedTarget as Node)) held = null;
  });
  disposers.add(() => observer.disconnect());
}
