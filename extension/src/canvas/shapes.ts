/** How big each node is drawn and what stands on it. */
import { strings } from './strings';
import { duration } from './time';
import type { ActivityInfo, Node, NodeKind } from './wire.gen';

export type Form = 'card' | 'circle' | 'diamond' | 'bar' | 'note';

export interface Shape {
  form: Form;
  w: number;
  h: number;
  /** The width that a layout keeps free: the shape's, or its caption's where that is wider. */
  room: number;
  title: string;
  subtitle: string;
  /** Stands under a shape that is too small to hold its title. */
  caption: string;
  lines: string[];
}

const CARD = { min: 138, max: 214, h: 46, left: 16, right: 34 };
const CAPTION_WIDTH = 104;
const NOTE = { w: 176, line: 16, padding: 20, lines: 12 };

/** How far below a node its caption or its run note reaches. */
export const CAPTION = 20;

/** What tasks of an imported trace run: it takes as long as the task once took. */
const RECORDED = 'wfformat_task';

const TITLE_FONT = '600 12px';
const SMALL_FONT = '10.5px';

let pen: CanvasRenderingContext2D | null | undefined;
let family = 'sans-serif';
const widths = new Map<string, number>();

/** The font that cards are set in; measured sizes follow it. */
export function setFontFamily(name: string): void {
  if (name === family) return;
  family = name;
  widths.clear();
}

function textWidth(text: string, font: string): number {
  const key = font + text;
  let width = widths.get(key);
  if (width === undefined) {
    if (pen === undefined) {
      pen =
        typeof document === 'undefined' ? null : document.createElement('canvas').getContext('2d');
    }
    if (pen) pen.font = `${font} ${family}`;
    width = pen ? pen.measureText(text).width : text.length * (font === TITLE_FONT ? 7.2 : 6);
    widths.set(key, width);
  }
  return width;
}

export const titleOf = (node: Node): string => node.label || node.id || strings.unnamed;

/** `fetch(url) → str`, as far as it is known. */
export function subtitleOf(node: Node, activity: ActivityInfo | undefined): string {
  if (node.kind !== 'task') return '';
  if (!node.activity) return strings.noActivity;
  const runtime = node.arguments?.['runtime'];
  if (node.activity === RECORDED && typeof runtime === 'number') {
    return strings.recorded(duration(runtime * 1000));
  }
  const given = Object.keys(node.arguments ?? {});
  const names = activity ? (activity.parameters ?? []).map(p => p.name) : given;
  const shown = names.filter(name => given.includes(name) || required(activity, name));
  const returns = activity?.returns ? ` → ${activity.returns}` : '';
  return `${node.activity}(${shown.join(', ')})${returns}`;
}

function required(activity: ActivityInfo | undefined, name: string): boolean {
  return activity?.parameters?.find(p => p.name === name)?.required !== false;
}

export function shapeOf(node: Node, activity?: ActivityInfo): Shape {
  const shape = formOf(node, activity);
  const caption = shortened(shape.caption, CAPTION_WIDTH, SMALL_FONT);
  const beneath = caption ? Math.ceil(textWidth(caption, SMALL_FONT)) + 6 : 0;
  return { ...shape, caption, room: Math.max(shape.w, beneath) };
}

function formOf(node: Node, activity?: ActivityInfo): Omit<Shape, 'room'> {
  const title = titleOf(node);
  const empty = { title, subtitle: '', caption: title, lines: [] };
  switch (node.kind) {
    case 'task': {
      const subtitle = subtitleOf(node, activity);
      const w = cardWidth(node, title);
      const shown = shortened(title, w - CARD.left - CARD.right + 4, TITLE_FONT);
      return { ...empty, form: 'card', w, h: CARD.h, title: shown, subtitle, caption: '' };
    }
    case 'start':
    case 'end': {
      // The two that every workflow has say what they are by their shape alone.
      const caption = node.id === node.kind && !node.label ? '' : title;
      return { ...empty, form: 'circle', w: 30, h: 30, caption };
    }
    case 'choice':
      return { ...empty, form: 'diamond', w: 50, h: 50 };
    case 'fork':
    case 'join':
      return { ...empty, form: 'bar', w: 36, h: 46 };
    case 'note': {
      const lines = wrap(node.text ?? '', NOTE.w - 24);
      const h = Math.max(1, lines.length) * NOTE.line + NOTE.padding;
      return { ...empty, form: 'note', w: NOTE.w, h, caption: '', lines };
    }
  }
}

/** Cut in the middle: what tells generated names apart stands at their end. */
function shortened(text: string, width: number, font: string): string {
  if (textWidth(text, font) <= width) return text;
  const tail = text.slice(-Math.min(7, Math.floor(text.length / 3)));
  let head = text.slice(0, -tail.length);
  while (head.length > 1 && textWidth(`${head}…${tail}`, font) > width) head = head.slice(0, -1);
  return `${head}…${tail}`;
}

/** Depends on the document alone, so that a card does not jump when its activity becomes known. */
function cardWidth(node: Node & { kind: 'task' }, title: string): number {
  const call = `${node.activity}(${Object.keys(node.arguments ?? {}).join(', ')}) → float`;
  const text = Math.max(
    textWidth(title, TITLE_FONT) + CARD.right,
    textWidth(call, SMALL_FONT) + 12
  );
  // Even, so that the centre and both ports lie on whole pixels.
  const width = Math.ceil((text + CARD.left) / 2) * 2;
  return Math.min(CARD.max, Math.max(CARD.min, width));
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      const longer = line ? `${line} ${word}` : word;
      if (line && textWidth(longer, SMALL_FONT) > width) {
        lines.push(line);
        line = word;
      } else {
        line = longer;
      }
    }
    lines.push(line);
  }
  if (lines.length <= NOTE.lines) return lines;
  return [...lines.slice(0, NOTE.lines - 1), '…'];
}

/** The width of a guard's chip on an edge. */
export function chipWidth(text: string): number {
  return Math.min(180, Math.ceil(textWidth(text, '10.5px monospace,')) + 18);
}

export const KIND_ORDER: NodeKind[] = ['start', 'task', 'choice', 'fork', 'join', 'end', 'note'];
