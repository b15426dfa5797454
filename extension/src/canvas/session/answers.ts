/** The answer to an approval, from what stands in the fields of its form. Pure. */
import { give, own } from '../ground/own';
import { strings } from '../texts/strings';

export type Texts = Record<string, string>;

export interface Answered {
  value: Record<string, unknown>;
  /** What is wrong, by field; such an answer is not sent. */
  wrong: Record<string, string>;
}

export type FieldKind =
  | { kind: 'text' | 'check' | 'json'; optional: boolean }
  | { kind: 'number'; whole: boolean; optional: boolean }
  | { kind: 'choice'; options: unknown[]; optional: boolean };

/** How a field of this type (as people write types in Python) is asked for. */
export function kindOf(type: string): FieldKind {
  const parts = alternatives(type);
  const optional = parts.includes('None');
  const [only, ...more] = parts.filter(part => part !== 'None');
  if (only === undefined || more.length) return { kind: 'json', optional };
  const literal = /^(?:typing\.)?Literal\[(.*)\]$/s.exec(only);
  if (literal) return { kind: 'choice', options: literals(literal[1] ?? ''), optional };
  if (only === 'str') return { kind: 'text', optional };
  if (only === 'bool') return { kind: 'check', optional };
  if (only === 'int' || only === 'float')
    return { kind: 'number', whole: only === 'int', optional };
  return { kind: 'json', optional };
}

/** The types of a union. */
function alternatives(type: string): string[] {
  const optional = /^(?:typing\.)?Optional\[(.*)\]$/s.exec(type.trim());
  if (optional) return [...alternatives(optional[1] ?? ''), 'None'];
  return split(type, '|').map(part => part.trim());
}

/** The values of a Literal: quoted text, numbers, True, False, None. */
function literals(text: string): unknown[] {
  return split(text, ',').map(part => {
    const word = part.trim();
    const quoted = /^(['"])(.*)\1$/s.exec(word);
    if (quoted) return (quoted[2] ?? '').replace(/\\(.)/g, '$1');
    const python: Record<string, unknown> = { True: true, False: false, None: null };
    return Object.hasOwn(python, word) ? python[word] : Number(word);
  });
}

/** Splits where no bracket and no quote is open. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let [depth, quote, part] = [0, '', ''];
  for (const letter of text) {
    if (quote) quote = letter === quote ? '' : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '[') depth++;
    else if (letter === ']') depth--;
    if (letter === separator && !depth && !quote) {
      parts.push(part);
      part = '';
    } else part += letter;
  }
  return part.trim() || !parts.length ? [...parts, part] : parts;
}

export function answerOf(form: Record<string, string>, texts: Texts): Answered {
  const value: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  for (const [name, type] of Object.entries(form)) {
    const [read, trouble] = readField(kindOf(type), own(texts, name) ?? '');
    if (trouble) give(wrong, name, trouble);
    else give(value, name, read);
  }
  return { value, wrong };
}

function readField(field: FieldKind, text: string): [unknown, string] {
  if (field.kind === 'check') return [text === 'true', ''];
  if (text.trim() === '') {
    if (field.optional) return [null, ''];
    return field.kind === 'text' ? ['', ''] : [null, strings.answerNeeded];
  }
  switch (field.kind) {
    case 'text':
      return [text, ''];
    case 'number': {
      const value = Number(text);
      const fits = Number.isFinite(value) && (!field.whole || Number.isInteger(value));
      return [value, fits ? '' : field.whole ? strings.wholeNeeded : strings.numberNeeded];
    }
    case 'choice':
    case 'json':
      try {
        return [JSON.parse(text) as unknown, ''];
      } catch {
        return [null, strings.jsonNeeded];
      }
  }
}
