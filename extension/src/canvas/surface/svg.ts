/**
 * The drawing as one static SVG: light, without styles, fonts or scripts from anywhere else.
 *
 * For saved notebooks and export. wfnb/formats/svg.py draws the same for Python; this one has the
 * routes and sizes of the screen. It is drawn in layers, each of what looks alike (sheet.ts).
 */
import { stateColour } from './dressing';
import { isFrame } from '../layout/frames';
import { hull, left, top } from '../ground/geometry';
import type { Box } from '../ground/geometry';
import type { Graph } from './graph';
import { iconPaths } from '../look/icons';
import type { IconName } from '../look/icons';
import type { Item, Line } from '../layout/items';
import { sample, trace } from '../look/path';
import type { RunModel } from '../session/run';
import { Sheet, escaped, round, tag } from '../look/sheet';
import { strings } from '../texts/strings';
import { GLYPH, INK, LAYERS, MONO, ShapeSheet, fitted } from './svg.shapes';

const PAD = 24;
/** A picture of more bytes has cards without a second line and without an icon: nobody could read them. */
const MOST_BYTES = 270_000;

/**
 * The drawing as it is seen, with the states of a run.
 *
 * @param name what the workflow is called, for those who only hear of the picture
 * @param most how many bytes it may have before what nobody could read is left out
 */
export function drawingOf(
  graph: Graph,
  run: RunModel | null = null,
  name = '',
  most = MOST_BYTES
): string {
  const svg = draw(graph, run, name, false);
  const bytes = new TextEncoder().encode(svg).length;
  return bytes > most ? draw(graph, run, name, true) : svg;
}

function draw(graph: Graph, run: RunModel | null, name: string, plain: boolean): string {
  const items = [...graph.items.values()];
  const frame = around(items, graph.lines);
  const [w, h] = [Math.ceil(frame.w) + 2 * PAD, Math.ceil(frame.h) + 2 * PAD];
  const [x, y] = [round(left(frame) - PAD), round(top(frame) - PAD)];
  const sheet = new Sheet();
  const shapes = new ShapeSheet(sheet, plain);
  // What lies inside another lies above it.
  for (const item of items.filter(isFrame).sort((a, b) => b.w * b.h - a.w * a.h))
    shapes.frame(item);
  for (const line of graph.lines) putLine(sheet, line, run);
  for (const item of items) if (!isFrame(item)) putNode(shapes, item, run);
  for (const line of graph.lines) putChip(shapes, line);
  const title = strings.pictureOf(name, items.length, graph.lines.length);
  const parts = [
    tag('title', {}, escaped(title)),
    tag('rect', { x, y, width: w, height: h, fill: INK.canvas }),
    tag('defs', {}, [...shapes.used].map(symbol).join('')),
    String(sheet)
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width: w,
    height: h,
    viewBox: [x, y, w, h].join(' '),
    'font-family': INK.font,
    'font-size': 12,
    role: 'img'
  };
  return tag('svg', attributes, parts.join(''));
}

function around(items: readonly Item[], lines: readonly Line[]): Box {
  const boxes: Box[] = items.map(item => ({ ...item, h: item.h + 2 * item.caption }));
  for (const { route, chip } of lines) {
    if (chip) boxes.push(chip);
    if (route) boxes.push(...sample(route).map(point => ({ ...point, w: 4, h: 4 })));
  }
  return hull(boxes) ?? { x: 100, y: 50, w: 200, h: 100 };
}

/** An icon, once for all that show it. */
function symbol(name: IconName): string {
  const drawn = iconPaths(name).map(d => tag('path', { d: d.replace(/^f:/, '') }));
  const scale = `scale(${GLYPH / 16})`;
  return tag('g', { id: `wfnb-${name}` }, tag('g', { transform: scale }, drawn.join('')));
}

const DASHES = {
  solid: {},
  dashed: { 'stroke-dasharray': '6 4' },
  dotted: { 'stroke-dasharray': '1 4' }
};

function putLine(sheet: Sheet, { route, index, stroke }: Line, run: RunModel | null): void {
  const last = route?.points.at(-1);
  const before = route?.points.at(-2);
  if (!route || !last || !before) return;
  const taken = (run?.edges.get(index) ?? 0) > 0;
  const colour = taken ? INK.ok : INK.edge;
  const look = { fill: 'none', stroke: colour, 'stroke-width': taken ? 2.5 : 1.5 };
  trace(sheet.path(LAYERS.lines, { ...look, ...DASHES[stroke] }), route, 0);
  const length = Math.hypot(last.x - before.x, last.y - before.y) || 1;
  const [dx, dy] = [(last.x - before.x) / length, (last.y - before.y) / length];
  const head = sheet.path(LAYERS.heads, { fill: colour });
  head.moveTo(last.x, last.y);
  head.lineTo(last.x - 9 * dx + 4.5 * dy, last.y - 9 * dy - 4.5 * dx);
  head.lineTo(last.x - 9 * dx - 4.5 * dy, last.y - 9 * dy + 4.5 * dx);
  head.close();
}

function putNode(shapes: ShapeSheet, item: Item, run: RunModel | null): void {
  const state = run?.node(item.id).state ?? 'idle';
  const tint = state === 'idle' ? null : stateColour(state, INK);
  shapes.node(item, tint ?? (item.form === 'card' ? INK.line : INK.edge), tint ? 2 : 1.4);
  if (!tint) return;
  const look = { stroke: tint, 'stroke-width': 10, 'stroke-linecap': 'round' };
  const mark = shapes.sheet.path(LAYERS.marks, look);
  mark.moveTo(item.x + item.w / 2 - 2, top(item) + 2);
  mark.lineTo(item.x + item.w / 2 - 2, top(item) + 2);
}

function putChip(shapes: ShapeSheet, { chip }: Line): void {
  if (!chip) return;
  const paint = { fill: '#f6f7f9', stroke: INK.line };
  const at = { x: round(left(chip)), y: round(top(chip)), width: round(chip.w), height: chip.h };
  shapes.sheet.put(LAYERS.chips, paint, tag('rect', { ...at, rx: 9 }));
  const room = chip.icon ? 15 : 0;
  if (chip.icon) shapes.icon(LAYERS.chipText, chip.icon, left(chip) + 8, chip.y - 5.5, INK.text);
  const words = fitted(chip.text, chip.w - 10 - room, 6.3);
  shapes.text(LAYERS.chipText, chip.x + room / 2, chip.y + 4, words, {
    'font-size': 10.5,
    'font-family': MONO,
    fill: INK.text,
    'text-anchor': 'middle'
  });
}
