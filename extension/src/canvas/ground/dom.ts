/** Building elements; text always goes in as text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** Sets the text only where it differs, which keeps a repaint away. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setClass(element: Element, className: string): void {
  if (element.getAttribute('class') !== className) element.setAttribute('class', className);
}

/** What can have the keyboard. */
export const FOCUSABLE = 'a[href],button,input,select,textarea,[tabindex]';

/** What a person types into. */
const TYPING = 'input,select,textarea,[contenteditable]';

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches(TYPING);

/** Who pressed a button by mouse goes on drawing, with the keyboard too; who pressed it by a key stays in its bar. */
export function drawOn(event: MouseEvent, host: HTMLElement): void {
  if (event.detail > 0) host.focus({ preventScroll: true });
}

/** Gives the keyboard to what is around the canvas: the cell of a notebook, else the page. */
export function giveBack(element: HTMLElement): void {
  const around = element.closest('.wfnb-root')?.parentElement?.closest<HTMLElement>(FOCUSABLE);
  if (around) around.focus({ preventScroll: true });
  else element.blur();
}

/** Scrolls a pane, and nothing around it, to where something in it is seen. */
export function bringInto(pane: Element | null, found: HTMLElement): void {
  if (!pane) return;
  const [around, own] = [pane.getBoundingClientRect(), found.getBoundingClientRect()];
  if (own.top < around.top || own.bottom > around.bottom) {
    pane.scrollTop += own.top - around.top - around.height / 3;
  }
}

/**
 * Calls `run` when an element that is in no page yet is shown in one; what it returns stops the waiting.
 * Widget managers draw a view first and put it into the page then, which is where it has a style and a theme.
 */
export function whenPlaced(element: HTMLElement, run: () => void): () => void {
  const observer = new ResizeObserver(() => {
    if (!element.isConnected) return;
    observer.disconnect();
    run();
  });
  if (!element.isConnected) observer.observe(element);
  return () => observer.disconnect();
}
