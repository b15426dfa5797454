/** How big each node is drawn and what stands on it. */
import { heightOf, rowsOf, widthOf } from './notes';
import type { Row } from './notes';
import { strings } from '../texts/strings';
import { duration } from '../ground/time';
import type { ActivityInfo, Join, Node, Task } from '../wire.gen';

export type Form = 'card' | 'circle' | 'diamond' | 'bar' | 'note' | 'pill' | 'frame';

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
  /** What a note says. */
  rows?: Row[];
  /** Stands in a shape in the place of its icon. */
  mark: string;
}

const CARD = { min: 138, max: 214, h: 46, left: 16, right: 34, inset: 10 };
const CAPTION_WIDTH = 104;
const PILL = { min: 104, max: 190, h: 36, left: 34, right: 18 };
/** An empty group; one with members lies around them. */
const FRAME = { w: 200, h: 110 };
/** What its icons, and the gaps beside them, take of a frame's width. */
const FRAME_ICONS = 76;

/** How far below a node its caption or its run note reaches. */
export const CAPTION = 20;

/** What tasks of an imported trace run: it takes as long as the task once took. */
const RECORDED = 'wfformat_task';

const TITLE_FONT = '600 12px';
const FRAME_FONT = '600 11px';
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

/** Nothing that is drawn has room for more letters. */
const MOST_LETTERS = 1000;

function textWidth(whole: string, font: string): number {
  const text = whole.slice(0, MOST_LETTERS);
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

/** The second line of a card: `fetch(url) → str`, as far as it is known. */
export function subtitleOf(node: Node, activity: ActivityInfo | undefined): string {
  switch (node.kind) {
    case 'task':
      return taskLine(node, activity);
    case 'approval':
      return Object.keys(node.form ?? {}).join(', ') || strings.answers;
    case 'map':
      return strings.forEach(node.activity || node.workflow || '', node.width ?? null);
    case 'call':
      return node.workflow || strings.noWorkflow;
    case 'group':
      return [node.cancel ? strings.cancels : '', node.lock ? strings.locks(node.lock) : '']
        .filter(Boolean)
        .join(' · ');
    default:
      return '';
  }
}

function taskLine(node: Task, activity: ActivityInfo | undefined): string {
  if (!node.activity) return strings.noActivity;
  const runtime = node.arguments?.['runtime'];
  const seconds = Number(runtime);
  if (node.activity === RECORDED && runtime !== undefined && Number.isFinite(seconds)) {
    return strings.recorded(duration(seconds * 1000));
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

/** The card of a folded group: its name, and how many nodes are inside. */
export function foldedShape(node: Node, count: number): Shape {
  const [title, subtitle] = [titleOf(node), strings.folded(count)];
  const w = cardWidth(title, subtitle);
  const shown = shortened(title, w - CARD.left - CARD.right + 4, TITLE_FONT);
  const bare = { caption: '', lines: [], mark: '' };
  return { ...bare, form: 'card', w, h: CARD.h, room: w, title: shown, subtitle };
}

/** How a node is drawn; `degree` is the number of edges that lead to it. */
export function shapeOf(node: Node, activity?: ActivityInfo, degree = 0): Shape {
  const shape = formOf(node, activity, degree);
  const caption = shortened(shape.caption, CAPTION_WIDTH, SMALL_FONT);
  const beneath = caption ? Math.ceil(textWidth(caption, SMALL_FONT)) + 6 : 0;
  return { ...shape, caption, room: Math.max(shape.w, beneath) };
}

function formOf(
  node: Node,
  activity: ActivityInfo | undefined,
  degree: number
): Omit<Shape, 'room'> {
  const title = titleOf(node);
  const subtitle = subtitleOf(node, activity);
  const empty = { title, subtitle: '', caption: title, lines: [], mark: '' };
  switch (node.kind) {
    case 'task':
    case 'approval':
    case 'map':
    case 'call': {
      const w = cardWidth(title, node.kind === 'task' ? callOf(node) : subtitle);
      const shown = shortened(title, w - CARD.left - CARD.right + 4, TITLE_FONT);
      return { ...empty, form: 'card', w, h: CARD.h, title: shown, subtitle, caption: '' };
    }
    case 'wait': {
      const wanted = Math.ceil((textWidth(title, TITLE_FONT) + PILL.left + PILL.right) / 2) * 2;
      const w = Math.min(PILL.max, Math.max(PILL.min, wanted));
      const shown = shortened(title, w - PILL.left - PILL.right + 4, TITLE_FONT);
      return { ...empty, form: 'pill', w, h: PILL.h, title: shown, caption: '' };
    }
    case 'group':
      return { ...empty, form: 'frame', ...FRAME, subtitle, caption: '' };
    case 'start':
    case 'end': {
      // The two that every workflow has say what they are by their shape alone.
      const plain = node.id === node.kind && !node.label ? '' : title;
      const caption = node.kind === 'end' && node.error && !node.label ? node.error : plain;
      return { ...empty, form: 'circle', w: 30, h: 30, caption };
    }
    case 'choice':
      return { ...empty, form: 'diamond', w: 50, h: 50 };
    case 'fork':
      return { ...empty, form: 'bar', w: 36, h: 46 };
    case 'join': {
      const cancels = needOf(node) && node.rest === 'cancel' ? [strings.cancelsRest] : [];
      return { ...empty, form: 'bar', w: 36, h: 46, mark: needText(node, degree), lines: cancels };
    }
    case 'note': {
      const rows = rowsOf(node, (text, font, mono) =>
        textWidth(text, mono ? `${font} monospace,` : font)
      );
      return {
        ...empty,
        form: 'note',
        w: widthOf(node),
        h: heightOf(node, rows),
        caption: '',
        rows
      };
    }
  }
}

const needOf = (node: Join): boolean => node.need !== undefined && node.need !== 'all';

/** `any`, `2/3`: how many of its branches a join waits for; empty where it waits for all. */
function needText(node: Join, degree: number): string {
  if (!needOf(node)) return '';
  return node.need === 'any' ? strings.any : `${node.need ?? ''}/${degree}`;
}

/** What a frame's title and its icons take of its width; the rest is for what else it says. */
export const titled = ({ title }: Shape): number =>
  FRAME_ICONS + Math.ceil(textWidth(title, FRAME_FONT));

/** Whether the second line of a card is too long for it. */
export const cutsSubtitle = ({ form, subtitle, w }: Shape): boolean =>
  form === 'frame' || textWidth(subtitle, SMALL_FONT) > w - CARD.left - CARD.inset;

/** Cut in the middle: what tells generated names apart stands at their end. */
function shortened(text: string, width: number, font: string): string {
  if (textWidth(text, font) <= width) return text;
  const end = Math.max(1, Math.min(7, Math.floor(text.length / 3)));
  // Never half of a letter that takes two units.
  const tail = text.slice(-end).replace(/^[\uDC00-\uDFFF]/, '');
  const cut = (length: number): string =>
    `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…${tail}`;
  let [fits, over] = [1, Math.min(MOST_LETTERS, text.length - end) + 1];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (textWidth(cut(middle), font) > width) over = middle;
    else fits = middle;
  }
  return cut(fits);
}

/** Depends on the document alone, so that a card does not jump when its activity becomes known. */
const callOf = (node: Task): string =>
  `${node.activity}(${Object.keys(node.arguments ?? {}).join(', ')}) → float`;

function cardWidth(title: string, line: string): number {
  const text = Math.max(
    textWidth(title, TITLE_FONT) + CARD.right,
    textWidth(line, SMALL_FONT) + 12
  );
  // Even, so that the centre and both ports lie on whole pixels.
  const width = Math.ceil((text + CARD.left) / 2) * 2;
  return Math.min(CARD.max, Math.max(CARD.min, width));
}

/** The width of a guard's chip on an edge. */
export function chipWidth(text: string): number {
  return Math.min(180, Math.ceil(textWidth(text, '10.5px monospace,')) + 18);
}
