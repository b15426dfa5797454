/** Between the JSON values of arguments and inputs and the text that stands in a field. */
import { parseExact } from './exact';
import { own } from '../ground/own';

/** What to show for a value in a field of this type. */
export function textOf(value: unknown, type = ''): string {
  if (value === undefined || value === null) return value === null ? 'null' : '';
  if (typeof value !== 'string') return JSON.stringify(value);
  // A string that would read as another value keeps its quotes, unless the field takes only text.
  return isText(type) || value.startsWith('=') || !readsAsOther(value)
    ? value
    : JSON.stringify(value);
}

const PYTHON = { True: true, False: false, None: null };

/** The value that the text means; undefined for an empty field. */
export function valueOf(text: string, type = ''): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (trimmed.startsWith('=')) return trimmed;
  if (isText(type)) return text;
  const python = own<unknown>(PYTHON, trimmed);
  if (python !== undefined) return python;
  try {
    return parseExact(trimmed);
  } catch {
    return text;
  }
}

const isText = (type: string): boolean => type === 'str';

function readsAsOther(text: string): boolean {
  return typeof valueOf(text) !== 'string' || text.trim().startsWith('"');
}
