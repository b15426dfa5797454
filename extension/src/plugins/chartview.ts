/** What is done with Vega's view of a chart: it gets the width there is, and says which time is pressed. */

export type Datum = Record<string, unknown>;

/** What of Vega's view is used here. */
export interface View {
  addEventListener(
    type: 'click' | 'mousemove',
    handler: (event: unknown, item?: { datum?: Datum } | null) => void
  ): unknown;
  signal(name: string, value: unknown): View;
  runAsync(): Promise<unknown>;
  width(): number;
  width(pixels: number): View;
  /** Where what is drawn begins, in pixels of the chart. */
  origin(): [number, number];
  scale(name: string): { invert?: (pixels: number) => unknown };
}

/** The least and the most that is drawn in, in pixels. */
const LEAST = 260;
const MOST = 900;
/** What stands beside it at the right: marks, the last label of an axis, the button with what can be done. */
const BESIDE = 88;
/** How far the mouse is led before it is no press any more. */
const STILL = 4;

/** Gives a chart the width that there is for it. */
export function fit(view: View, around: HTMLElement): void {
  const room = around.clientWidth;
  if (!room) return; // it is not shown, which says nothing about how wide it will be
  const wide = Math.max(LEAST, Math.min(MOST, Math.floor(room - view.origin()[0] - BESIDE)));
  if (Math.abs(wide - view.width()) < 2) return;
  void view.width(wide).runAsync();
}

/** The time at a place of a chart, in milliseconds since the epoch; undefined beside what is drawn. */
export function timeAt(view: View, x: number): number | undefined {
  const place = x - view.origin()[0];
  if (place < 0 || place > view.width()) return undefined;
  const time = view.scale('x').invert?.(place);
  return time === undefined ? undefined : Number(time);
}

type Span = [number, number];

/**
 * Calls `draw` while the mouse is led over times, and `done` when it is let go; a press is a time of no length,
 * one beside what is drawn is none. The result stops listening.
 */
export function dragTimes(
  view: View,
  canvas: HTMLElement,
  draw: (span: Span) => void,
  done: (span: Span | null) => void
): () => void {
  let from: { time: number; x: number } | undefined;
  const at = (event: PointerEvent): number => event.clientX - canvas.getBoundingClientRect().left;
  const spanTo = (event: PointerEvent): Span | undefined => {
    if (!from) return undefined;
    const x = at(event);
    const [left] = view.origin();
    const inside = Math.max(left, Math.min(left + view.width(), x));
    const time = Math.abs(x - from.x) < STILL ? from.time : timeAt(view, inside);
    return time === undefined ? undefined : [Math.min(from.time, time), Math.max(from.time, time)];
  };
  const down = (event: PointerEvent): void => {
    const x = at(event);
    const time = event.button === 0 ? timeAt(view, x) : undefined;
    from = time === undefined ? undefined : { time, x };
    if (from) canvas.setPointerCapture(event.pointerId);
    else if (event.button === 0) done(null);
  };
  const move = (event: PointerEvent): void => {
    const span = spanTo(event);
    if (span) draw(span);
  };
  const up = (event: PointerEvent): void => {
    const span = spanTo(event);
    from = undefined;
    if (span) done(span);
  };
  const lost = (): void => void (from = undefined);
  canvas.addEventListener('pointerdown', down);
  canvas.addEventListener('pointermove', move);
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointercancel', lost);
  return () => {
    canvas.removeEventListener('pointerdown', down);
    canvas.removeEventListener('pointermove', move);
    canvas.removeEventListener('pointerup', up);
    canvas.removeEventListener('pointercancel', lost);
  };
}
