import type { Disposers } from './store';

/** Below this the bar leaves out what a run needs the room of. */
export const SNUG = 1140;
/** Below this the less needed words in the bars go away and the side panels get narrower. */
export const NARROW = 1000;
/** Below this the bar leaves to the line below the drawing what that says, too. */
export const SCANT = 920;
/** Below this the side panels lie over the canvas. */
export const TIGHT = 760;
/** Below this only what can be done no other way stays in the bar. */
export const SLIM = 540;

/** How much of the width the Python beside the drawing takes. */
const SOURCE = 0.46;

/** Keeps the classes for narrow places; `tightened` is called when it gets too narrow for side panels. */
export function watchWidth(
  root: HTMLElement,
  disposers: Disposers,
  tightened: () => void = () => undefined
): void {
  const stop = followWidth(root, width => {
    root.classList.toggle('wfnb-snug', width < SNUG);
    root.classList.toggle('wfnb-narrow', width < NARROW);
    root.classList.toggle('wfnb-scant', width < SCANT);
    root.classList.toggle('wfnb-tight', width < TIGHT);
    root.classList.toggle('wfnb-slim', width < SLIM);
    root.style.setProperty('--wfnb-sourcewidth', `${Math.round(Math.min(SOURCE * width, 640))}px`);
  });
  disposers.add(stop, whenTight(root, tightened));
}

/** Calls `tightened` each time it gets too narrow for side panels, also where it is from the beginning. */
export function whenTight(root: HTMLElement, tightened: () => void): () => void {
  let before = false;
  return followWidth(root, width => {
    const tight = width < TIGHT;
    if (tight && !before) tightened();
    before = tight;
  });
}

function followWidth(root: HTMLElement, follow: (width: number) => void): () => void {
  // What is not shown has no width, which says nothing about how wide it will be.
  const observer = new ResizeObserver(() => root.clientWidth && follow(root.clientWidth));
  observer.observe(root);
  return () => observer.disconnect();
}
