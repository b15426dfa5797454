/**
 * The text of a `*.wf.json` file, written as the kernel writes it (wfnb/model/codec.py): one line a node,
 * an edge and a position, defaults left out, so that both sides agree to the byte.
 */
import { edgesOf, layoutOf, nodesOf } from './document';
import { Exact, pythonFloat, withExact } from './exact';
import {
  EDGE,
  Float,
  NODE_KINDS,
  WORKFLOW,
  edge,
  fieldsOf,
  misfit,
  node,
  position,
  signals,
  workflows
} from './fields';
import type { Layout } from './fields';
import { strings } from '../texts/strings';
import type { NodeKind, Workflow } from '../wire.gen';

/** A text that is no workflow document. */
export class TextError extends Error {}

const KINDS: ReadonlySet<string> = new Set(NODE_KINDS);
const VERSION = 1;

export function encode(document: Workflow): string {
  const fields: [string, string][] = [
    ['wfnb', String(document.wfnb ?? VERSION)],
    ['name', compact(document.name ?? 'workflow')]
  ];
  const add = (key: string, value: unknown): void => {
    if (value !== undefined) fields.push([key, compact(value)]);
  };
  const lines = (key: string, items: string[], [open, close]: [string, string]): void => {
    if (items.length) fields.push([key, `${open}\n${items.join(',\n')}\n  ${close}`]);
  };
  const inputs = document.inputs ?? {};
  add('description', document.description === '' ? undefined : document.description);
  add('inputs', Object.keys(inputs).length ? inputs : undefined);
  add('signals', signals(document.signals));
  lines(
    'nodes',
    nodesOf(document).map(one => `    ${compact(node(one))}`),
    ['[', ']']
  );
  lines(
    'edges',
    edgesOf(document).map(one => `    ${compact(edge(one))}`),
    ['[', ']']
  );
  add('workflows', workflows(document.workflows));
  const places = Object.entries(layoutOf(document)).map(
    ([id, at]) => `    ${compact(id)}: ${compact(position(at))}`
  );
  lines('layout', places, ['{', '}']);
  return `{\n${fields.map(([key, value]) => `  "${key}": ${value}`).join(',\n')}\n}\n`;
}

/**
 * Reads a document far enough to draw it and to write it again: which texts and numbers mean something is the
 * kernel's check. With `lenient` it need not say its version.
 */
export function decode(text: string, lenient = false): Workflow {
  // Some editors put a mark before what they write.
  const plain = text.replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch (error) {
    throw new TextError(located(text, error instanceof Error ? error.message : String(error)));
  }
  if (!isRecord(value)) throw new TextError('not a workflow: an object is expected');
  const version = value['wfnb'] ?? (lenient ? VERSION : undefined);
  if (version !== VERSION) {
    throw new TextError(
      typeof version === 'number' && version > VERSION
        ? strings.newer(version, VERSION)
        : 'not a workflow: "wfnb": 1 is expected'
    );
  }
  checkWorkflow(value, '$');
  return withExact(value, plain);
}

/** What is drawn must be what it is taken for, in the workflows inside as well: each may be entered. */
function checkWorkflow(value: Record<string, unknown>, path: string): void {
  checkFields(value, WORKFLOW, path);
  checkNodes(value['nodes'] ?? [], path);
  checkEdges(value['edges'] ?? [], path);
  checkLayout(value['layout'] ?? {}, path);
  for (const [name, inner] of Object.entries(value['workflows'] ?? {}))
    if (isRecord(inner)) checkWorkflow(inner, `${path}.workflows[${JSON.stringify(name)}]`);
}

function checkFields(value: Record<string, unknown>, layout: Layout, path: string): void {
  const wrong = misfit(value, layout, path);
  if (wrong) throw new TextError(wrong);
}

/** What is wrong with JSON and where: browsers say it in words of their own, or not at all. */
function located(text: string, message: string): string {
  const given = /line (\d+) column (\d+)/.exec(message);
  const before = text.slice(0, brokenAt(text)).split('\n');
  const line = given ? Number(given[1]) : before.length;
  const column = given ? Number(given[2]) : (before.at(-1) ?? '').length + 1;
  const why = message.replace(/,? ?(in JSON )?\(?at (position|line).*$/s, '');
  return `${strings.notJson(why, line, column)}\n${strings.repair}`;
}

/** Where a text stops being JSON: the end of the longest beginning that could still become some. */
function brokenAt(text: string): number {
  const broken = (length: number): boolean => {
    try {
      JSON.parse(text.slice(0, length));
      return false;
    } catch (error) {
      const message = String(error);
      const position = /position (\d+)/.exec(message)?.[1];
      return position === undefined ? /token/.test(message) : Number(position) < length;
    }
  };
  let [low, high] = [0, text.length + 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (broken(middle)) high = middle;
    else low = middle;
  }
  return low;
}

/** The kind that was probably meant; empty if none is near. */
function nearest(kind: string): string {
  const letters = (word: string): string => Array.from(word.toLowerCase()).sort().join('');
  const close = (known: string): boolean =>
    letters(known) === letters(kind) ||
    (kind.length > 2 && (known.startsWith(kind.slice(0, 3)) || known.endsWith(kind.slice(-3))));
  return [...KINDS].find(close) ?? '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkNodes(nodes: unknown, path: string): void {
  if (!Array.isArray(nodes)) throw new TextError('"nodes" must be a list');
  const seen = new Set<string>();
  nodes.forEach((node: unknown, i) => {
    if (!isRecord(node) || typeof node['id'] !== 'string')
      throw new TextError(`nodes[${i}] has no id`);
    const { id, kind } = node;
    if (!KINDS.has(String(kind))) {
      const [known, place] = [[...KINDS].join(', '), `${path}.nodes[${i}].kind`];
      throw new TextError(strings.unknownKind(String(kind), place, known, nearest(String(kind))));
    }
    checkFields(node, fieldsOf(kind as NodeKind), `${path}.nodes[${i}]`);
    if (seen.has(id)) throw new TextError(`two nodes have the id '${id}'`);
    seen.add(id);
  });
}

function checkEdges(edges: unknown, path: string): void {
  if (!Array.isArray(edges)) throw new TextError('"edges" must be a list');
  edges.forEach((edge: unknown, i) => {
    const whole =
      isRecord(edge) && typeof edge['source'] === 'string' && typeof edge['target'] === 'string';
    if (!whole) throw new TextError(`edges[${i}] needs a source and a target`);
    checkFields(edge, EDGE, `${path}.edges[${i}]`);
  });
}

function checkLayout(layout: unknown, path: string): void {
  if (!isRecord(layout)) throw new TextError('"layout" must be an object');
  for (const [id, at] of Object.entries(layout)) {
    const pair = Array.isArray(at) && at.length === 2 && at.every(n => typeof n === 'number');
    const place = `${path}.layout[${JSON.stringify(id)}]`;
    if (!pair) throw new TextError(strings.misfit('[float, float]', place));
  }
}

/** JSON on one line with a space after each comma and colon, as Python's `json.dumps` writes it. */
function compact(value: unknown): string {
  if (value instanceof Float) return pythonFloat(value.value);
  if (value instanceof Exact) return value.written;
  if (Array.isArray(value)) return `[${value.map(compact).join(', ')}]`;
  if (isRecord(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${compact(key)}: ${compact(item)}`)
      .join(', ')}}`;
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return pythonFloat(value);
  return value === undefined ? 'null' : JSON.stringify(value);
}
