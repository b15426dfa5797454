/**
 * The table of texts in another language. The canvas knows no translator: it is given a function from
 * a text to its translation, once, before anything is drawn.
 *
 * Texts with parts are functions. What is translated of one is what it gives with `%1`, `%2` … in place
 * of its parts, so `(time) => `at ${time}`` asks for the translation of `at %1`, and a count that is 3
 * asks for `%1 nodes`. Where that does not hold (a part was shortened, say) the text stays as it is.
 */
export type Translate = (text: string) => string;

type Text = (...parts: unknown[]) => string;

/** Stands for a part that is a text while a function is asked for its pattern. */
const mark = (index: number): string => String.fromCharCode(0xe000 + index);

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What a function gives, with `%1`, `%2` … in place of what it was given. */
export function patternOf(text: Text, parts: readonly unknown[]): string {
  const marked = parts.map((part, i) => (typeof part === 'string' && part ? mark(i) : part));
  let pattern = text(...marked);
  parts.forEach((part, i) => {
    if (typeof part === 'string' && part) pattern = pattern.replaceAll(mark(i), `%${i + 1}`);
    else if (typeof part === 'number') {
      const digits = new RegExp(`(?<![\\d.%])${escape(String(part))}(?![\\d.])`, 'g');
      pattern = pattern.replace(digits, `%${i + 1}`);
    }
  });
  return pattern;
}

/** Puts the parts back into a pattern. */
const filled = (pattern: string, parts: readonly unknown[]): string =>
  pattern.replace(/%(\d)/g, (all, digit: string) => {
    const part = parts[Number(digit) - 1];
    return typeof part === 'string' || typeof part === 'number' ? String(part) : all;
  });

function translated(text: Text, translate: Translate): Text {
  return (...parts) => {
    const plain = text(...parts);
    const pattern = patternOf(text, parts);
    return filled(pattern, parts) === plain ? filled(translate(pattern), parts) : plain;
  };
}

/** Translates a table in place, and all tables and lists in it. */
export function translateTable(table: object, translate: Translate): void {
  const entries = table as Record<string, unknown>;
  for (const [key, value] of Object.entries(entries)) {
    if (typeof value === 'string') entries[key] = value && translate(value);
    else if (typeof value === 'function') entries[key] = translated(value as Text, translate);
    else if (typeof value === 'object' && value !== null) translateTable(value, translate);
  }
}
