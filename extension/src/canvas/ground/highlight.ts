/** A light colouring of Python: which runs of characters are of which kind. */

export type Tone = 'plain' | 'comment' | 'text' | 'number' | 'word' | 'call';

export interface Run {
  tone: Tone;
  text: string;
  /** Whether it is in what is wrong. */
  wrong: boolean;
}

const TOKENS =
  /(?<comment>#.*)|(?<text>[rbf]?(?:"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?))|(?<number>\b\d[\d_.]*(?:e[-+]?\d+)?\b)|(?<word>\b(?:import|from|as|True|False|None|in|not|and|or|if|else)\b)|(?<call>\.\w+(?=\())/g;

export interface Place {
  line: number;
  column: number;
  end: number;
}

/** The runs of each line; `wrong` underlines a place. */
export function runsOf(source: string, wrong: Place | null): Run[][] {
  return source.split('\n').map((line, index) => {
    const runs = tokens(line);
    return wrong?.line === index + 1 ? underlined(runs, unitsOf(line, wrong)) : runs;
  });
}

/** Python counts characters, this page counts UTF-16 units. */
function unitsOf(line: string, { column, end }: Place): [number, number] {
  const characters = Array.from(line);
  const before = characters.slice(0, column).join('').length;
  const until = characters.slice(0, Math.max(end, column + 1)).join('').length;
  // A line that ends too early has nothing to underline behind it: its last character stands for that.
  return until > before ? [before, until] : [Math.max(0, before - 1), Math.max(1, before)];
}

function tokens(line: string): Run[] {
  const runs: Run[] = [];
  let at = 0;
  for (const match of line.matchAll(TOKENS)) {
    const tone = Object.entries(match.groups as Partial<Record<Tone, string>>).find(
      ([, text]) => text
    )?.[0];
    if (match.index > at) runs.push(plain(line.slice(at, match.index)));
    runs.push({ tone: (tone ?? 'plain') as Tone, text: match[0], wrong: false });
    at = match.index + match[0].length;
  }
  if (at < line.length) runs.push(plain(line.slice(at)));
  return runs;
}

const plain = (text: string): Run => ({ tone: 'plain', text, wrong: false });

function underlined(runs: readonly Run[], [start, end]: [number, number]): Run[] {
  let at = 0;
  const cut = runs.flatMap(run => {
    const from = at;
    at += run.text.length;
    const [a, b] = [start - from, end - from].map(n => Math.min(Math.max(n, 0), run.text.length));
    return [
      { ...run, text: run.text.slice(0, a) },
      { ...run, text: run.text.slice(a, b), wrong: true },
      { ...run, text: run.text.slice(b) }
    ].filter(part => part.text !== '');
  });
  return cut.some(run => run.wrong) ? cut : [...cut, { tone: 'plain', text: ' ', wrong: true }];
}
