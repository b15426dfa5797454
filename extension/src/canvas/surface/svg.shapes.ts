/** The nodes of a static picture (svg.ts), each kind in its shape. */
import { bottom, left, top } from '../ground/geometry';
import { nodeIcon } from '../look/icons';
import type { IconName } from '../look/icons';
import type { Item } from '../layout/items';
import { NOTE_PAD } from '../look/notes';
import type { Row } from '../look/notes';
import { escaped, round, tag } from '../look/sheet';
import type { Attributes, Sheet } from '../look/sheet';
import type { Colours } from '../look/theme';

export const INK = {
  dark: false,
  canvas: '#ffffff',
  card: '#ffffff',
  line: '#dfe3e8',
  text: '#1c2733',
  dim: '#5f6b78',
  edge: '#8a97a5',
  dot: '#e3e7eb',
  brand: '#1976d2',
  ok: '#23692a',
  run: '#1565c0',
  wait: '#6d4fa1',
  warn: '#9a5b00',
  bad: '#c62828',
  ontint: '#ffffff',
  note: '#fff8dc',
  noteline: '#e5d9a8',
  font: "system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif"
} satisfies Colours;
export const MONO = "ui-monospace,'DejaVu Sans Mono',monospace";

/** What lies above what; nodes lie beside each other. */
export const LAYERS = {
  frames: 0,
  frameText: 1,
  lines: 2,
  heads: 3,
  behind: 4,
  bodies: 5,
  trim: 6,
  icons: 7,
  text: 8,
  chips: 9,
  chipText: 10,
  marks: 11
} as const;

/** The size of the icon on a card, in pixels. */
export const GLYPH = 14;

const BOLD = { 'font-weight': 600, fill: INK.text };
const SMALL = { 'font-size': 10.5, fill: INK.dim };
const MIDDLE = { 'text-anchor': 'middle' };

/** Cuts what would run out of `width`; without a page to measure on, an estimate does. */
export function fitted(content: string, width: number, perLetter: number): string {
  const most = Math.max(3, Math.floor(width / perLetter));
  return content.length <= most ? content : `${content.slice(0, most - 1)}…`;
}

/** Puts shapes and words on a sheet. */
export class ShapeSheet {
  /** The icons that the picture shows. */
  readonly used = new Set<IconName>();

  constructor(
    readonly sheet: Sheet,
    /** Whether there is too much to see for anything but boxes and names. */
    private plain: boolean
  ) {}

  text(layer: number, x: number, y: number, content: string, look: Attributes): void {
    if (!content) return;
    this.sheet.put(layer, look, tag('text', { x: round(x), y: round(y) }, escaped(content)));
  }

  /** An icon with its corner here. */
  icon(layer: number, name: IconName, x: number, y: number, stroke: string): void {
    this.used.add(name);
    const look = { fill: 'none', stroke, 'stroke-width': 1.5 };
    this.sheet.put(layer, look, tag('use', { href: `#wfnb-${name}`, x: round(x), y: round(y) }));
  }

  frame(item: Item): void {
    const { x, y, width, height } = boxOf(item);
    const paint = { fill: '#f5f8fc', stroke: INK.edge, 'stroke-dasharray': '4 4' };
    this.sheet.put(LAYERS.frames, paint, tag('rect', { x, y, width, height, rx: 12 }));
    const words = [item.shape.title, item.shape.subtitle].filter(Boolean).join(' · ');
    const look = { 'font-size': 11, 'font-weight': 600, fill: INK.dim };
    this.text(LAYERS.frameText, x + 14, y + 19, words, look);
  }

  node(item: Item, stroke: string, width: number): void {
    const paint = { fill: INK.card, stroke, 'stroke-width': width };
    switch (item.form) {
      case 'card':
        return this.card(item, paint);
      case 'pill':
        return this.pill(item, paint);
      case 'circle':
        return this.circle(item, stroke);
      case 'diamond':
        return this.diamond(item, paint);
      case 'bar':
        return this.bar(item, paint);
      case 'note':
        return this.note(item);
      case 'frame':
        return this.frame(item);
    }
  }

  private card(item: Item, paint: Attributes): void {
    const { w, shape } = item;
    const [l, t] = [left(item), top(item)];
    const box = boxOf(item);
    if (item.node.kind === 'map') {
      // The sheets under the card of a map.
      for (const by of [6, 3]) {
        const under = { ...box, x: round(l + by), y: round(t - by), rx: 7 };
        this.sheet.put(LAYERS.behind, paint, tag('rect', under));
      }
    }
    this.sheet.put(LAYERS.bodies, { ...paint, ...disabled(item) }, tag('rect', { ...box, rx: 7 }));
    if (item.node.kind === 'call') this.inner(item);
    const bar = this.sheet.path(LAYERS.trim, {
      stroke: item.node.kind === 'approval' ? '#9b83c4' : '#7ab0e6',
      'stroke-width': 5,
      'stroke-linecap': 'round'
    });
    bar.moveTo(l + 2.5, t + 2.5);
    bar.lineTo(l + 2.5, t + item.h - 2.5);
    this.text(LAYERS.text, l + 16, t + 19, fitted(shape.title, w - 40, 7.4), BOLD);
    if (this.plain) return;
    this.text(LAYERS.text, l + 16, t + 35, fitted(shape.subtitle, w - 24, 5.9), SMALL);
    this.icon(LAYERS.icons, nodeIcon(item.node), l + w - 22, t + 6, INK.dim);
  }

  /** The second border of a call. */
  private inner(item: Item): void {
    const [x, y] = [round(left(item) + 3), round(top(item) + 3)];
    const box = { x, y, width: item.w - 6, height: item.h - 6, rx: 5 };
    this.sheet.put(LAYERS.trim, { fill: 'none', stroke: INK.line }, tag('rect', box));
  }

  private pill(item: Item, paint: Attributes): void {
    const [l, t] = [left(item), top(item)];
    this.sheet.put(LAYERS.bodies, paint, tag('rect', { ...boxOf(item), rx: item.h / 2 }));
    this.icon(LAYERS.icons, 'wait', l + 13, t + 11, INK.wait);
    this.text(LAYERS.text, l + 34, t + 22, fitted(item.shape.title, item.w - 50, 7.4), BOLD);
  }

  private circle(item: Item, stroke: string): void {
    const { x, y, w } = item;
    const paint = { fill: INK.card, stroke, 'stroke-width': 2 };
    this.sheet.put(LAYERS.bodies, paint, tag('circle', { cx: round(x), cy: round(y), r: w / 2 }));
    this.core(item);
    this.caption(item);
  }

  /** What tells start and ends apart. */
  private core({ node, x, y }: Item): void {
    const end = node.kind === 'end' ? node : undefined;
    if (end?.error) {
      const cross = this.sheet.path(LAYERS.trim, { stroke: INK.bad, 'stroke-width': 2.2 });
      cross.moveTo(x - 5, y - 5);
      cross.lineTo(x + 5, y + 5);
      cross.moveTo(x + 5, y - 5);
      cross.lineTo(x - 5, y + 5);
      return;
    }
    const filled = { fill: INK.edge };
    if (node.kind === 'start') {
      const path = this.sheet.path(LAYERS.trim, filled);
      path.moveTo(x - 4, y - 7);
      path.lineTo(x + 7, y);
      path.lineTo(x - 4, y + 7);
      path.close();
    } else if (end?.terminate) {
      const box = { x: round(x - 6), y: round(y - 6), width: 12, height: 12 };
      this.sheet.put(LAYERS.trim, filled, tag('rect', box));
    } else {
      this.sheet.put(LAYERS.trim, filled, tag('circle', { cx: round(x), cy: round(y), r: 7 }));
    }
  }

  private diamond(item: Item, paint: Attributes): void {
    const { x, y, w, h } = item;
    const path = this.sheet.path(LAYERS.bodies, paint);
    path.moveTo(x, y - h / 2);
    path.lineTo(x + w / 2, y);
    path.lineTo(x, y + h / 2);
    path.lineTo(x - w / 2, y);
    path.close();
    this.text(LAYERS.text, x, y + 4, '?', { fill: INK.dim, ...MIDDLE });
    this.caption(item);
  }

  private bar(item: Item, paint: Attributes): void {
    const { x, y, shape } = item;
    this.sheet.put(LAYERS.bodies, paint, tag('rect', { ...boxOf(item), rx: 9 }));
    const mark = { 'font-weight': 700, fill: INK.text, ...MIDDLE };
    if (shape.mark) this.text(LAYERS.text, x, y + 4, shape.mark, mark);
    else {
      const at = GLYPH / 2;
      this.icon(LAYERS.icons, nodeIcon(item.node), x - at, y - at, INK.dim);
    }
    const look = { 'font-size': 10, fill: INK.dim, ...MIDDLE };
    for (const line of shape.lines) this.text(LAYERS.text, x, top(item) - 6, line, look);
    this.caption(item);
  }

  private note(item: Item): void {
    const paint = { fill: INK.note, stroke: INK.noteline };
    this.sheet.put(LAYERS.bodies, paint, tag('rect', { ...boxOf(item), rx: 3 }));
    this.rows(item.shape.rows ?? [], left(item) + NOTE_PAD, top(item) + 10);
  }

  private caption(item: Item): void {
    const words = fitted(item.shape.caption, 130, 6);
    this.text(LAYERS.text, item.x, bottom(item) + 14, words, { ...SMALL, ...MIDDLE });
  }

  /** What a note says, as text. */
  private rows(rows: readonly Row[], x: number, top: number): void {
    let y = top;
    for (const row of rows) {
      y += row.h;
      const base = y - row.h / 2 + row.size * 0.36;
      const look = {
        'font-size': row.size,
        'font-weight': row.kind === 'heading' ? 600 : 400,
        fill: INK.text
      };
      this.text(LAYERS.text, x + row.indent - 11, base, row.mark, look);
      if (!row.spans.length) continue;
      const at = { x: round(x + row.indent), y: round(base), 'xml:space': 'preserve' };
      this.sheet.put(LAYERS.text, look, tag('text', at, row.spans.map(spanOf).join('')));
    }
  }
}

function spanOf(span: Row['spans'][number]): string {
  const look = {
    ...(span.bold && { 'font-weight': 600 }),
    ...(span.italic && { 'font-style': 'italic' }),
    ...(span.code && { 'font-family': MONO }),
    ...(span.href !== undefined && { fill: INK.brand, 'text-decoration': 'underline' })
  };
  return tag('tspan', look, escaped(span.text));
}

const boxOf = (item: Item): { x: number; y: number; width: number; height: number } => ({
  x: round(left(item)),
  y: round(top(item)),
  width: item.w,
  height: item.h
});

/** As on the drawing: what does not run has a broken line around it. */
const disabled = ({ node }: Item): Attributes =>
  node.kind === 'task' && node.disabled ? { 'stroke-dasharray': '5 4' } : {};
