/**
 * The ground, the lines of the drawing, and plain boxes where it is too small to be read, on one canvas.
 *
 * The canvas is larger than the view, so that moving the view moves it and paints nothing. cytoscape knows
 * where the lines run and finds them under the mouse, but does not paint them.
 */
import type { Core } from 'cytoscape';
import { make } from '../ground/dom';
import { Dots } from '../ground/dots';
import type { Box } from '../ground/geometry';
import type { Graph } from './graph';
import type { Line } from '../layout/items';
import { trace } from '../look/path';
import type { Stroke } from '../document/triggers';
import type { Colours } from '../look/theme';

/** How far the canvas reaches beyond the view, on the screen. */
const BEYOND = 160;

/** How a line is painted: what is lit lies above the others. */
export interface Ink {
  colour: string;
  width: number;
  /** 1, but for what steps back. */
  alpha: number;
  lit: boolean;
  /** How it is drawn, where it is not as the edge says. */
  stroke?: Stroke;
}

/** The drawing's place in whole pixels of the screen: what is blurred is not moved, it is smeared. */
export function wholePan(cy: Core): { x: number; y: number } {
  const { x, y } = cy.pan();
  const ratio = devicePixelRatio;
  return { x: Math.round(x * ratio) / ratio, y: Math.round(y * ratio) / ratio };
}

export class Picture {
  readonly canvas = make('canvas', 'wfnb-picture');
  // What lets nothing through need not be mixed with what is behind.
  private pen = this.canvas.getContext('2d', { alpha: false });
  private dots = new Dots();
  /** What was painted, and from where. */
  private painted = '';
  private from = { x: 0, y: 0 };

  constructor(
    private graph: Graph,
    private colours: () => Colours,
    private ink: (line: Line) => Ink,
    /** Paints what else is to be seen there. */
    private more: (pen: CanvasRenderingContext2D, view: Box) => void
  ) {}

  /** What is shown is not what there is any more. */
  invalidate(): void {
    this.painted = '';
  }

  /** Puts the canvas where the view is, and paints it where it does not reach, or is not up to date. */
  sync(cy: Core, plain: boolean): void {
    const { canvas, pen, from } = this;
    const [pan, zoom] = [wholePan(cy), cy.zoom()];
    const wanted = [cy.width(), cy.height(), zoom, devicePixelRatio, plain, this.graph.version];
    const far = Math.abs(pan.x - from.x) > BEYOND || Math.abs(pan.y - from.y) > BEYOND;
    if (pen && (far || this.painted !== wanted.join())) {
      this.painted = wanted.join();
      this.from = pan;
      this.paint(cy, pen);
    }
    canvas.style.transform = `translate(${pan.x - this.from.x}px, ${pan.y - this.from.y}px)`;
  }

  private paint(cy: Core, pen: CanvasRenderingContext2D): void {
    const { canvas, from } = this;
    const ratio = devicePixelRatio;
    const [w, h] = [cy.width() + 2 * BEYOND, cy.height() + 2 * BEYOND];
    const [wide, high] = [Math.round(w * ratio), Math.round(h * ratio)];
    if (canvas.width !== wide || canvas.height !== high) {
      [canvas.width, canvas.height] = [wide, high];
      [canvas.style.width, canvas.style.height] = [`${w}px`, `${h}px`];
    }
    const zoom = cy.zoom();
    const [x, y] = [from.x + BEYOND, from.y + BEYOND];
    pen.setTransform(1, 0, 0, 1, 0, 0);
    this.dots.paint(pen, zoom, { x, y }, this.colours());
    pen.setTransform(zoom * ratio, 0, 0, zoom * ratio, x * ratio, y * ratio);
    const view = { x: (w / 2 - x) / zoom, y: (h / 2 - y) / zoom, w: w / zoom, h: h / zoom };
    this.lines(pen, view);
    this.more(pen, view);
  }

  /** All lines that look alike in one go: so many of them are as quick as one. */
  private lines(pen: CanvasRenderingContext2D, view: Box): void {
    const groups = new Map<string, { ink: Ink; stroke: Stroke; lines: Line[] }>();
    for (const line of this.graph.lines) {
      if (!line.ends || !line.route || !touches(line, view)) continue;
      const ink = this.ink(line);
      const stroke = ink.stroke ?? line.stroke;
      const key = `${ink.colour} ${ink.width} ${ink.alpha} ${stroke}`;
      const group = groups.get(key);
      if (group) group.lines.push(line);
      else groups.set(key, { ink, stroke, lines: [line] });
    }
    const sorted = [...groups.values()].sort((a, b) => Number(a.ink.lit) - Number(b.ink.lit));
    for (const { ink, stroke, lines } of sorted) {
      pen.globalAlpha = ink.alpha;
      pen.strokeStyle = pen.fillStyle = ink.colour;
      pen.lineWidth = ink.width;
      pen.lineCap = stroke === 'dotted' ? 'round' : 'butt';
      pen.setLineDash(DASHES[stroke]);
      pen.beginPath();
      for (const { route } of lines) if (route) trace(pen, route, ARROW);
      pen.stroke();
      pen.beginPath();
      for (const line of lines) arrow(pen, line, ink.width);
      pen.fill();
    }
    pen.globalAlpha = 1;
    pen.setLineDash([]);
  }
}

const DASHES: Readonly<Record<Stroke, number[]>> = {
  solid: [],
  dashed: [6, 4],
  dotted: [1.5, 4]
};

/** How much of a line its arrow covers. */
const ARROW = 4;

/** A line's arrow, at its end and in its direction there. */
function arrow(pen: CanvasRenderingContext2D, { route }: Line, width: number): void {
  const points = route?.points ?? [];
  const [before, tip] = [points.at(-2), points.at(-1)];
  if (!before || !tip) return;
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [dx, dy] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const [long, half] = [5.6 + width * 1.6, 2.6 + width * 0.9];
  const [x, y] = [tip.x - dx * long, tip.y - dy * long];
  pen.moveTo(tip.x, tip.y);
  pen.lineTo(x - dy * half, y + dx * half);
  pen.lineTo(x + dy * half, y - dx * half);
}

/** Whether a line may be in view: its points lie around it. */
function touches({ route }: Line, view: Box): boolean {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of route?.points ?? []) {
    [x1, y1, x2, y2] = [Math.min(x1, x), Math.min(y1, y), Math.max(x2, x), Math.max(y2, y)];
  }
  const [w, h] = [view.w / 2, view.h / 2];
  return x2 >= view.x - w && x1 <= view.x + w && y2 >= view.y - h && y1 <= view.y + h;
}
