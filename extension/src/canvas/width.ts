import type { Disposers } from './store';

/** Below this the less needed words in the bars go away and the side panels get narrower. */
export const NARROW = 1000;
/** Below this the side panels lie over the canvas. */
export const TIGHT = 720;

export function watchWidth(root: HTMLElement, disposers: Disposers): void {
  const observer = new ResizeObserver(() => {
    root.classList.toggle('wfnb-narrow', root.clientWidth < NARROW);
    root.classList.toggle('wfnb-tight', root.clientWidth < TIGHT);
  });
  observer.observe(root);
  disposers.add(() => observer.disconnect());
}
