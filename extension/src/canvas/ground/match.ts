/** How well a text fits what someone types. Pure. */

/** Points for a match; the better one is larger. */
const EXACT = 100;
const START = 80;
const WORD = 60;
const INSIDE = 40;
const SCATTERED = 10;

/** The least for which a text has a word as it was typed. */
const WHOLE = INSIDE;

/**
 * How well `text` fits every word of `wanted`, each with `least` points; null where it does not, 0 where
 * nothing is wanted.
 */
export function fit(text: string, wanted: string, least = 0): number | null {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  let sum = 0;
  for (const word of words) {
    const points = fitWord(text, word);
    if (points === null || points < least) return null;
    sum += points;
  }
  return words.length ? sum / words.length : 0;
}

function fitWord(text: string, word: string): number | null {
  const low = text.toLowerCase();
  const at = low.indexOf(word);
  // Of two texts that fit alike the shorter one is closer to what was typed.
  const close = 10 * (word.length / Math.max(1, low.length));
  if (at === 0) return (low.length === word.length ? EXACT : START) + close;
  if (at > 0) return (startsWord(text, at) ? WORD : INSIDE) + close;
  return word.length > 1 && scattered(low, word) ? SCATTERED + close : null;
}

/** `send_mail`, `send mail` and `sendMail` all have a word that starts with an m. */
function startsWord(text: string, at: number): boolean {
  const [before = '', here = ''] = [text[at - 1], text[at]];
  return !/[\p{L}\p{N}]/u.test(before) || (/\p{Ll}/u.test(before) && /\p{Lu}/u.test(here));
}

function scattered(text: string, word: string): boolean {
  let from = 0;
  for (const letter of word) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}

/** What fits, the best first; what fits alike stays in order. */
export function ranked<T>(all: readonly T[], wanted: string, textOf: (one: T) => string[]): T[] {
  const found: { one: T; points: number }[] = [];
  for (const one of all) {
    const [title = '', ...more] = textOf(one);
    // Another name of it, such as the id of a note, is as good as a word of its title.
    const named = more.some(text => text.toLowerCase() === wanted.trim().toLowerCase());
    const direct = fit(title, wanted) ?? (named ? WORD : null);
    // What only the description says comes after every name, and no letters here and there count there.
    const points = direct ?? fit([title, ...more].join(' '), wanted, WHOLE);
    if (points !== null) found.push({ one, points: direct === null ? points / 100 : points });
  }
  return found.sort((a, b) => b.points - a.points).map(({ one }) => one);
}
