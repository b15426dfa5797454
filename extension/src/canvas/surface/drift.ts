/** Moves the view while something is held at its border, so that what lies beyond can be reached. */
import type { Core } from 'cytoscape';

type Place = Pick<MouseEvent, 'clientX' | 'clientY'>;

/** How near the border the mouse has to be, in pixels of the page. */
const NEAR = 20;
/** The most that the view moves in a frame. */
const MOST = 12;

export class Drift {
  private at: Place | null = null;
  private frame = 0;

  constructor(
    private cy: Core,
    private host: HTMLElement,
    /** The mouse is elsewhere on the drawing now, though it stands still. */
    private moved: (at: Place) => void
  ) {}

  /** The mouse, which holds something, is here. */
  hold(at: Place): void {
    this.at = at;
    this.frame ||= requestAnimationFrame(this.go);
  }

  /** Nothing is held any more. */
  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.at = null;
  }

  private go = (): void => {
    this.frame = 0;
    const { at, host, cy } = this;
    if (!at) return;
    const { left, right, top, bottom } = host.getBoundingClientRect();
    const by = { x: beyond(at.clientX, left, right), y: beyond(at.clientY, top, bottom) };
    if (!by.x && !by.y) return;
    cy.panBy(by);
    this.moved(at);
    this.frame = requestAnimationFrame(this.go);
  };
}

/** How far the view goes for a mouse at `at` between two borders: the further out the faster. */
function beyond(at: number, from: number, to: number): number {
  const [before, after] = [from + NEAR - at, at - (to - NEAR)];
  if (before > 0) return Math.min(MOST, before / 2);
  return after > 0 ? -Math.min(MOST, after / 2) : 0;
}
