/**
 * The Markdown of notes, as lines of words: headings, lists, quotes, code, emphasis and links.
 *
 * Nothing of it is ever HTML: what is read here is put on the page as text, one element a run of words.
 * The twin of `wfnb/formats/markdown.py`, which draws the same for static pictures.
 */

/** Words that look alike. */
export interface Span {
  text: string;
  bold?: boolean;
  italic?: boolean;
  code?: boolean;
  /** Where a link leads: `https:`, `http:` or `mailto:` and nothing else. */
  href?: string;
}

export interface Line {
  kind: 'text' | 'heading' | 'item' | 'code' | 'quote' | 'rule' | 'gap';
  /** 1 to 3 of a heading, the depth of an item from 0. */
  level: number;
  /** What stands before an item: `•`, or its number. */
  mark: string;
  spans: Span[];
}

const HEADING = /^(#{1,6})\s+(.+?)\s*#*$/;
const ITEM = /^(\s*)([-*+]|\d{1,4}[.)])\s+(.*)$/;
const QUOTE = /^>\s?(.*)$/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const FENCE = /^\s*(```|~~~)/;
const SAFE = /^(https?:\/\/|mailto:)[^\s<>"]+$/i;

/** The lines of a note; a line of its text stays a line. */
export function markdown(text: string): Line[] {
  const lines: Line[] = [];
  let fence = '';
  for (const raw of text.replace(/\r\n?/g, '\n').split('\n')) {
    const mark = FENCE.exec(raw)?.[1] ?? '';
    if (fence ? mark === fence : mark) {
      fence = fence ? '' : mark;
    } else if (fence) {
      lines.push(line('code', [{ text: raw, code: true }]));
    } else {
      lines.push(plainLine(raw));
    }
  }
  return lines;
}

const line = (kind: Line['kind'], spans: Span[], level = 0, mark = ''): Line => ({
  kind,
  level,
  mark,
  spans
});

function plainLine(raw: string): Line {
  if (!raw.trim()) return line('gap', []);
  if (RULE.test(raw)) return line('rule', []);
  const heading = HEADING.exec(raw);
  if (heading) {
    const level = Math.min(3, heading[1]?.length ?? 1);
    return line('heading', inline(heading[2] ?? ''), level);
  }
  const item = ITEM.exec(raw);
  if (item) {
    const [, space = '', mark = '', rest = ''] = item;
    const depth = Math.min(3, Math.floor(space.replace(/\t/g, '  ').length / 2));
    return line('item', inline(rest), depth, /\d/.test(mark) ? mark : '•');
  }
  const quote = QUOTE.exec(raw);
  if (quote) return line('quote', inline(quote[1] ?? ''));
  return line('text', inline(raw.trim()));
}

/** Code first, since nothing in it means anything; then links, strong words, emphasis. */
const INLINE =
  /`([^`]+)`|!?\[([^\]]*)\]\(([^()\s]*)\)|\*\*(\S(?:.*?\S)?)\*\*|__(\S(?:.*?\S)?)__|\*(\S(?:[^*]*\S)?)\*|\b_(\S(?:[^_]*\S)?)_\b/;

function inline(text: string, style: Omit<Span, 'text'> = {}): Span[] {
  const spans: Span[] = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    const before = rest.slice(0, found.index);
    if (before) spans.push({ ...style, text: before });
    spans.push(...marked(found, style));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) spans.push({ ...style, text: rest });
  return spans;
}

function marked(found: RegExpExecArray, style: Omit<Span, 'text'>): Span[] {
  const [whole, code, label, address, strong, strong2, soft, soft2] = found;
  if (code !== undefined) return [{ ...style, text: code, code: true }];
  if (label !== undefined && address !== undefined) {
    // A picture would be asked for from elsewhere: its words stand for it.
    if (whole.startsWith('!') || !SAFE.test(address)) return [{ ...style, text: label || address }];
    return inline(label || address, { ...style, href: address });
  }
  const bold = strong ?? strong2;
  if (bold !== undefined) return inline(bold, { ...style, bold: true });
  return inline(soft ?? soft2 ?? '', { ...style, italic: true });
}
