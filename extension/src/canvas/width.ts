import type { Disposers } from './store';

/** Below this the less needed words in the bars go away and the side panels get narrower. */
export const NARROW = 1000;
/** Below this the side panels lie over the canvas. */
export const TIGHT = 720;

/** Keeps the classes for narrow places; `tightened` is called when it gets too narrow for side panels. */
export function watchWidth(
  root: HTMLElement,
  disposers: Disposers,
  tightened: () => void = () => undefined
): void {
  const observer = new ResizeObserver(() => {
    const width = root.clientWidth;
    if (width === 0) return;
    const tight = width < TIGHT;
    if (tight && !root.classList.contains('wfnb-tight')) tightened();
    root.classList.toggle('wfnb-narrow', width < NARROW);
    root.classList.toggle('wfnb-tight', tight);
  });
  observer.observe(root);
  disposers.add(() => observer.disconnect());
}
