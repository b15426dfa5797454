/**
 * Numbers as a file has them. A page reads 1.0 as 1 and 12345678901234567890 as another number: what it writes again
 * would not be what somebody wrote.
 */
import { own } from '../ground/own';
import type { Node, Workflow } from '../wire.gen';

/** A number that a page's own numbers would write differently. */
export class Exact extends Number {
  /** As a file has it. */
  readonly source: string;

  constructor(source: string) {
    super(source);
    this.source = source;
  }

  /** As Python writes it. */
  get written(): string {
    if (!Number.isFinite(Number(this))) return this.source;
    return isFloat(this.source) ? pythonFloat(Number(this)) : String(BigInt(this.source));
  }

  override toString(): string {
    return this.written;
  }

  /** On its way to a kernel, where the browser can send it as it is. */
  toJSON(): unknown {
    return (
      (JSON as unknown as { rawJSON?: (text: string) => unknown }).rawJSON?.(this.written) ??
      Number(this)
    );
  }
}

const isFloat = (source: string): boolean => /[.eE]/.test(source);

/** A float as Python's `repr` gives it. */
export function pythonFloat(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value);
}

function number(_: string, value: unknown, at?: { source?: string }): unknown {
  const source = at?.source;
  if (typeof value !== 'number' || source === undefined) return value;
  const same = isFloat(source)
    ? Number.isFinite(value) && !Number.isInteger(value)
    : Number.isSafeInteger(value) && source !== '-0';
  return same ? value : new Exact(source);
}

/** Reads JSON whose numbers stay what they are, where the browser tells how they are written. */
export const parseExact = (text: string): unknown => JSON.parse(text, number) as unknown;

/** Gives the JSON values of a document that was read from a text their numbers as the text has them. */
export function withExact(document: Workflow, text: string): Workflow {
  if (hasWhole(document)) graft(document, parseExact(text) as Workflow);
  return document;
}

const FIELDS = ['arguments', 'output', 'items'] as const;
type Values = Partial<Record<(typeof FIELDS)[number] | 'compensate', unknown>>;

/** Whether a JSON value of a document has a whole number in it, which may be written in more than one way. */
function hasWhole({ nodes = [], workflows = {} }: Workflow): boolean {
  const whole = (value: unknown): boolean =>
    typeof value === 'number'
      ? Number.isInteger(value) || !Number.isFinite(value)
      : typeof value === 'object' && value !== null && Object.values(value).some(whole);
  return (
    nodes.some(
      (node: Node & Values) => whole(FIELDS.map(name => node[name])) || whole(node.compensate)
    ) || Object.values(workflows).some(hasWhole)
  );
}

function graft(document: Workflow, exact: Workflow): void {
  document.nodes?.forEach((node: Node & Values, i) => {
    const from: Node & Values = exact.nodes?.[i] ?? node;
    for (const name of [...FIELDS, 'compensate'] as const)
      if (node[name] !== undefined) Object.assign(node, { [name]: from[name] });
  });
  for (const [name, inner] of Object.entries(document.workflows ?? {}))
    graft(inner, own(exact.workflows, name) ?? {});
}
