/**
 * The drawing as one static SVG: light, without styles, fonts or scripts from anywhere else.
 *
 * For saved notebooks and export. wfnb/formats/svg.py draws the same for Python; this one has the
 * routes and sizes of the screen.
 */
import { bottom, hull, left, top } from './geometry';
import type { Box } from './geometry';
import type { Graph } from './graph';
import type { Item, Line } from './items';
import { isFrame } from './frames';
import { iconPaths, nodeIcon } from './icons';
import type { IconName } from './icons';
import { NOTE_PAD } from './notes';
import type { Row } from './notes';
import { pathOf, sample } from './path';
import type { RunModel } from './run';
import { stateColour } from './dressing';
import type { Colours } from './theme';

const INK = {
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
  font: "system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif"
} satisfies Colours;
const MONO = "ui-monospace,'DejaVu Sans Mono',monospace";
const PAD = 24;

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  // Control characters have no place in XML, escaped or not.
  return text.replace(/[^\P{C}\t\n]/gu, '').replace(/[&<>"]/g, c => escapes[c] ?? c);
}

type Attributes = Record<string, string | number>;

function tag(name: string, attributes: Attributes, content = ''): string {
  const list = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(String(value))}"`
  );
  return content ? `<${name}${list.join('')}>${content}</${name}>` : `<${name}${list.join('')}/>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function text(x: number, y: number, content: string, extra: Attributes = {}): string {
  const base = { x: round(x), y: round(y), 'font-size': 12, fill: INK.text };
  return tag('text', { ...base, ...extra }, escaped(content));
}

/** Cuts what would run out of `width`; without a page to measure on, an estimate does. */
function fitted(content: string, width: number, perLetter: number): string {
  const most = Math.max(3, Math.floor(width / perLetter));
  return content.length <= most ? content : `${content.slice(0, most - 1)}…`;
}

export function drawingOf(graph: Graph, run: RunModel | null = null): string {
  const boxes: Box[] = [...graph.items.values()].map(item => ({
    ...item,
    h: item.h + 2 * item.caption
  }));
  for (const { route, chip } of graph.lines) {
    if (chip) boxes.push(chip);
    if (route) boxes.push(...sample(route).map(point => ({ ...point, w: 4, h: 4 })));
  }
  const frame = hull(boxes) ?? { x: 100, y: 50, w: 200, h: 100 };
  const [w, h] = [Math.ceil(frame.w) + 2 * PAD, Math.ceil(frame.h) + 2 * PAD];
  const view = [round(left(frame) - PAD), round(top(frame) - PAD), w, h].join(' ');
  // What lies inside another lies above it.
  const frames = [...graph.items.values()].filter(isFrame).sort((a, b) => b.w * b.h - a.w * a.h);
  const parts = [
    tag('rect', {
      x: left(frame) - PAD,
      y: top(frame) - PAD,
      width: w,
      height: h,
      fill: INK.canvas
    }),
    ...frames.map(item => shape(item, INK.edge, 1.4)),
    ...graph.lines.map(line => edge(line, run)),
    ...[...graph.items.values()].filter(item => !isFrame(item)).map(item => node(item, run)),
    ...graph.lines.map(chip)
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width: w,
    height: h,
    viewBox: view,
    'font-family': INK.font,
    role: 'img'
  };
  return tag('svg', attributes, parts.join(''));
}

const DASHES = {
  solid: {},
  dashed: { 'stroke-dasharray': '6 4' },
  dotted: { 'stroke-dasharray': '1 4' }
};

function edge({ route, index, stroke }: Line, run: RunModel | null): string {
  const last = route?.points.at(-1);
  const before = route?.points.at(-2);
  if (!route || !last || !before) return '';
  const taken = (run?.edges.get(index) ?? 0) > 0;
  const colour = taken ? INK.ok : INK.edge;
  const width = taken ? 2.5 : 1.5;
  const angle = round((Math.atan2(last.y - before.y, last.x - before.x) * 180) / Math.PI);
  const head = {
    d: 'M-9,-4.5L0,0L-9,4.5z',
    fill: colour,
    transform: `translate(${round(last.x)},${round(last.y)}) rotate(${angle})`
  };
  return (
    tag('path', {
      d: pathOf(route),
      fill: 'none',
      stroke: colour,
      'stroke-width': width,
      ...DASHES[stroke]
    }) + tag('path', head)
  );
}

function chip({ chip: box }: Line): string {
  if (!box) return '';
  const shape = {
    x: round(left(box)),
    y: round(top(box)),
    width: round(box.w),
    height: box.h,
    rx: 9,
    fill: '#f6f7f9',
    stroke: INK.line
  };
  const style = { 'font-size': 10.5, 'font-family': MONO, 'text-anchor': 'middle' };
  const room = box.icon ? 15 : 0;
  const sign = box.icon ? paths(box.icon, left(box) + 8, box.y - 5.5, 11, INK.text) : '';
  const words = fitted(box.text, box.w - 10 - room, 6.3);
  return tag('rect', shape) + sign + text(box.x + room / 2, box.y + 4, words, style);
}

function node(item: Item, run: RunModel | null): string {
  const state = run?.node(item.id).state ?? 'idle';
  const tint = state === 'idle' ? null : stateColour(state, INK);
  const body = shape(item, tint ?? (item.form === 'card' ? INK.line : INK.edge), tint ? 2 : 1.4);
  const mark = tint
    ? tag('circle', { cx: item.x + item.w / 2 - 2, cy: top(item) + 2, r: 5, fill: tint })
    : '';
  return body + mark;
}

/** As on the drawing: what does not run has a broken line around it. */
const disabled = ({ node }: Item): Record<string, string> =>
  node.kind === 'task' && node.disabled ? { 'stroke-dasharray': '5 4' } : {};

function shape(item: Item, stroke: string, width: number): string {
  const { x, y, w, h, shape: look } = item;
  const [l, t] = [left(item), top(item)];
  const paint = { fill: INK.card, stroke, 'stroke-width': width };
  const caption = look.caption
    ? text(x, bottom(item) + 14, fitted(look.caption, 130, 6), {
        'font-size': 10.5,
        fill: INK.dim,
        'text-anchor': 'middle'
      })
    : '';
  switch (item.form) {
    case 'card':
      return (
        behind(item, paint) +
        tag('rect', { x: l, y: t, width: w, height: h, rx: 7, ...paint, ...disabled(item) }) +
        inner(item) +
        tag('rect', {
          x: l,
          y: t,
          width: 5,
          height: h,
          rx: 2.5,
          fill: item.node.kind === 'approval' ? '#9b83c4' : '#7ab0e6'
        }) +
        text(l + 16, t + 19, fitted(look.title, w - 40, 7.4), { 'font-weight': 600 }) +
        text(l + 16, t + 35, fitted(look.subtitle, w - 24, 5.9), {
          'font-size': 10.5,
          fill: INK.dim
        }) +
        glyph(item, x + w / 2 - 22, t + 6, 14)
      );
    case 'pill':
      return (
        tag('rect', { x: l, y: t, width: w, height: h, rx: h / 2, ...paint }) +
        paths('wait', l + 12, t + 10, 16, INK.wait) +
        text(l + 34, t + 22, fitted(look.title, w - 50, 7.4), { 'font-weight': 600 })
      );
    case 'frame':
      return (
        tag('rect', {
          x: l,
          y: t,
          width: w,
          height: h,
          rx: 12,
          fill: '#f5f8fc',
          stroke,
          'stroke-dasharray': '4 4'
        }) +
        text(l + 14, t + 19, [look.title, look.subtitle].filter(Boolean).join(' · '), {
          'font-size': 11,
          'font-weight': 600,
          fill: INK.dim
        })
      );
    case 'circle':
      return (
        tag('circle', { cx: x, cy: y, r: w / 2, ...paint, 'stroke-width': 2 }) +
        core(item) +
        caption
      );
    case 'diamond':
      return (
        tag('path', { d: `M${x},${t}L${l + w},${y}L${x},${t + h}L${l},${y}z`, ...paint }) +
        text(x, y + 4, '?', { fill: INK.dim, 'text-anchor': 'middle' }) +
        caption
      );
    case 'bar':
      return (
        tag('rect', { x: l, y: t, width: w, height: h, rx: 9, ...paint }) +
        (look.mark
          ? text(x, y + 4, look.mark, { 'font-weight': 700, 'text-anchor': 'middle' })
          : glyph(item, x - 9, y - 9, 18)) +
        look.lines
          .map(line =>
            text(x, t - 6, line, { 'font-size': 10, fill: INK.dim, 'text-anchor': 'middle' })
          )
          .join('') +
        caption
      );
    case 'note':
      return (
        tag('rect', {
          x: l,
          y: t,
          width: w,
          height: h,
          rx: 3,
          fill: '#fff8dc',
          stroke: '#e5d9a8'
        }) + noteRows(look.rows ?? [], l + NOTE_PAD, t + 10)
      );
  }
}

/** What a note says, as text. */
function noteRows(rows: readonly Row[], x: number, top: number): string {
  let y = top;
  return rows
    .map(row => {
      y += row.h;
      const base = y - row.h / 2 + row.size * 0.36;
      const [size, weight] = [row.size, row.kind === 'heading' ? 600 : 400];
      const spans = row.spans.map(span =>
        tag(
          'tspan',
          {
            ...(span.bold && { 'font-weight': 600 }),
            ...(span.italic && { 'font-style': 'italic' }),
            ...(span.code && { 'font-family': MONO }),
            ...(span.href !== undefined && { fill: INK.brand, 'text-decoration': 'underline' })
          },
          escaped(span.text)
        )
      );
      const look = { 'font-size': size, 'font-weight': weight, fill: INK.text };
      const at = { x: round(x + row.indent), y: round(base), 'xml:space': 'preserve' };
      const mark = row.mark ? text(x + row.indent - 11, base, row.mark, { 'font-size': size }) : '';
      return mark + (spans.length ? tag('text', { ...at, ...look }, spans.join('')) : '');
    })
    .join('');
}

/** The sheets under the card of a map. */
function behind(item: Item, paint: Attributes): string {
  if (item.node.kind !== 'map') return '';
  const [x, y, width, height] = [left(item), top(item), item.w, item.h];
  return [6, 3]
    .map(by => tag('rect', { x: x + by, y: y - by, width, height, rx: 7, ...paint }))
    .join('');
}

/** The second border of a call. */
function inner(item: Item): string {
  if (item.node.kind !== 'call') return '';
  return tag('rect', {
    x: left(item) + 3,
    y: top(item) + 3,
    width: item.w - 6,
    height: item.h - 6,
    rx: 5,
    fill: 'none',
    stroke: INK.line
  });
}

function core({ node, x, y }: Item): string {
  if (node.kind === 'start') {
    return tag('path', {
      d: `M${x - 4},${y - 7}L${x + 7},${y}L${x - 4},${y + 7}z`,
      fill: INK.edge
    });
  }
  const end = node.kind === 'end' ? node : undefined;
  if (end?.error) {
    const d = `M${x - 5},${y - 5}l10,10M${x + 5},${y - 5}l-10,10`;
    return tag('path', { d, stroke: INK.bad, 'stroke-width': 2.2 });
  }
  if (end?.terminate) {
    return tag('rect', { x: x - 6, y: y - 6, width: 12, height: 12, fill: INK.edge });
  }
  return tag('circle', { cx: x, cy: y, r: 7, fill: INK.edge });
}

function glyph(item: Item, x: number, y: number, size: number): string {
  return paths(nodeIcon(item.node), x, y, size, INK.dim);
}

function paths(name: IconName, x: number, y: number, size: number, stroke: string): string {
  const line = { fill: 'none', stroke, 'stroke-width': 1.5 };
  const drawn = iconPaths(name).map(d => tag('path', { d: d.replace(/^f:/, ''), ...line }));
  return tag('g', { transform: `translate(${x},${y}) scale(${size / 16})` }, drawn.join(''));
}
