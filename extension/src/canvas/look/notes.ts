/** Notes as they are drawn: rows of words that fit the width, on the canvas and in the static picture alike. */
import { make } from '../ground/dom';
import { markdown } from '../ground/markdown';
import type { Line, Span } from '../ground/markdown';
import type { Note } from '../wire.gen';

/** One row of a note. */
export interface Row {
  kind: Line['kind'];
  spans: Span[];
  mark: string;
  /** Pixels from the left of the note's text. */
  indent: number;
  /** Height of the letters, in pixels. */
  size: number;
  h: number;
}

/** As wide as a note is that does not say. */
export const NOTE_WIDTH = 204;
/** Whatever a note says; it is no higher than it may be wide, unless its text is. */
export const NARROWEST = 96;
export const WIDEST = 960;
export const NOTE_PAD = 12;
const MOST_ROWS = 40;
const INDENT = 13;
const BODY = { size: 10.5, h: 16 };
const HEADINGS = [
  { size: 14, h: 22 },
  { size: 12.5, h: 19 },
  { size: 11.5, h: 18 }
];

/** Measures text in a font without its family; `mono` says that it is code. */
export type Measure = (text: string, font: string, mono: boolean) => number;

/** How wide a note is. */
export const widthOf = ({ width }: Note): number =>
  width == null ? NOTE_WIDTH : Math.min(WIDEST, Math.max(NARROWEST, width));

/** The rows of a note; of a very long one the first. */
export function rowsOf(note: Note, measure: Measure): Row[] {
  const room = widthOf(note) - 2 * NOTE_PAD;
  const rows = markdown(note.text ?? '').flatMap(line => wrapped(line, room, measure));
  if (rows.length <= MOST_ROWS) return rows;
  return [...rows.slice(0, MOST_ROWS - 1), row('text', [{ text: '…' }], BODY)];
}

/** How high its rows make a note. */
const needed = (rows: readonly Row[]): number =>
  Math.max(
    BODY.h,
    rows.reduce((sum, { h }) => sum + h, 0)
  ) +
  2 * 10;

/** How high a note with these rows is. */
export const heightOf = ({ height }: Note, rows: readonly Row[]): number =>
  Math.max(needed(rows), Math.min(height ?? 0, WIDEST));

/** The font of some words, without its family. */
export function fontOf(span: Span, { kind, size }: Row): string {
  const weight = span.bold || kind === 'heading' ? '600 ' : '';
  return `${span.italic ? 'italic ' : ''}${weight}${size}px`;
}

const row = (
  kind: Row['kind'],
  spans: Span[],
  { size, h }: { size: number; h: number },
  indent = 0,
  mark = ''
): Row => ({ kind, spans, mark, indent, size, h });

function wrapped(line: Line, whole: number, measure: Measure): Row[] {
  if (line.kind === 'gap') return [row('gap', [], { ...BODY, h: 8 })];
  if (line.kind === 'rule') return [row('rule', [], { ...BODY, h: 11 })];
  const look = (line.kind === 'heading' && HEADINGS[line.level - 1]) || BODY;
  const item = line.kind === 'item' ? INDENT * (line.level + 1) : 0;
  const indent = line.kind === 'quote' ? 10 : line.kind === 'code' ? 4 : item;
  const room = whole - indent;
  const rows = [row(line.kind, [], look, indent, line.mark)];
  let used = 0;
  for (const span of line.spans) {
    for (const word of span.text.split(/(?<=\s)/)) {
      let last = rows[rows.length - 1];
      if (!last) break;
      // A row begins with no space, and none makes a row of its own.
      const space = line.kind !== 'code' && word.trim() === '';
      if (space && (used === 0 || used > room)) continue;
      const w = measure(word.trimEnd(), fontOf(span, last), span.code ?? false);
      if (used > 0 && used + w > room) {
        rows.push((last = row(line.kind, [], look, indent)));
        used = 0;
      }
      put(last.spans, { ...span, text: used ? word : word.replace(/^ +(?=\S)/, '') }, line.kind);
      used += measure(word, fontOf(span, last), span.code ?? false);
    }
  }
  return rows;
}

/** Adds words, to the ones before where they look alike. */
function put(spans: Span[], span: Span, kind: Line['kind']): void {
  const last = spans.at(-1);
  const alike =
    last && (['bold', 'italic', 'code', 'href'] as const).every(k => last[k] === span[k]);
  if (alike) last.text += span.text;
  else spans.push(kind === 'code' ? { text: span.text, code: true } : span);
}

/** The rows on the page: text in elements, whatever it says. */
export function rowElements(rows: readonly Row[]): HTMLElement[] {
  return rows.map(one => {
    const element = make('span', `wfnb-noterow wfnb-noterow-${one.kind}`);
    element.style.cssText = `height:${one.h}px;line-height:${one.h}px;font-size:${one.size}px;padding-left:${one.indent}px`;
    if (one.mark) element.append(make('span', 'wfnb-notemark', one.mark));
    element.append(...one.spans.map(spanElement));
    return element;
  });
}

function spanElement(span: Span): HTMLElement {
  const classes = [span.bold ? 'wfnb-b' : '', span.italic ? 'wfnb-i' : ''].join(' ').trim();
  if (span.href === undefined) return make(span.code ? 'code' : 'span', classes, span.text);
  const link = make('a', classes, span.text);
  link.href = span.href;
  link.title = span.href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.draggable = false;
  return link;
}
