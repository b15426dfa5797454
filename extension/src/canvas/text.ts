/**
 * The text of a `*.wf.json` file, written as the kernel writes it (wfnb/model/codec.py): one line a node,
 * an edge and a position, defaults left out, so that both sides agree to the byte.
 */
import { edgesOf, layoutOf, nodesOf } from './document';
import { strings } from './strings';
import type { Edge, Node, Retry, Workflow } from './wire.gen';

/** A text that is no workflow document. */
export class TextError extends Error {}

/** A number the kernel holds as a float, which Python writes with a point. */
class Float {
  constructor(readonly value: number) {}
}

type Fields = [string, unknown][];

const KINDS = new Set(['start', 'end', 'task', 'choice', 'fork', 'join', 'note']);
const VERSION = 1;

export function encode(document: Workflow): string {
  const fields: [string, string][] = [
    ['wfnb', String(document.wfnb ?? VERSION)],
    ['name', compact(document.name ?? 'workflow')]
  ];
  if (document.description) fields.push(['description', compact(document.description)]);
  const inputs = document.inputs ?? {};
  if (Object.keys(inputs).length) fields.push(['inputs', compact(inputs)]);
  const nodes = nodesOf(document).map(node => `    ${line(nodeFields(node))}`);
  if (nodes.length) fields.push(['nodes', `[\n${nodes.join(',\n')}\n  ]`]);
  const edges = edgesOf(document).map(edge => `    ${line(edgeFields(edge))}`);
  if (edges.length) fields.push(['edges', `[\n${edges.join(',\n')}\n  ]`]);
  const layout = Object.entries(layoutOf(document)).map(
    ([id, [x, y]]) => `    ${compact(id)}: ${compact([new Float(x), new Float(y)])}`
  );
  if (layout.length) fields.push(['layout', `{\n${layout.join(',\n')}\n  }`]);
  return `{\n${fields.map(([key, value]) => `  "${key}": ${value}`).join(',\n')}\n}\n`;
}

/** Reads a document far enough to draw it; what each field may hold is the kernel's check. */
export function decode(text: string): Workflow {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TextError(located(text, error instanceof Error ? error.message : String(error)));
  }
  if (!isRecord(value)) throw new TextError('not a workflow: an object is expected');
  const version = value['wfnb'];
  if (version !== VERSION) {
    throw new TextError(
      typeof version === 'number' && version > VERSION
        ? strings.newer(version, VERSION)
        : 'not a workflow: "wfnb": 1 is expected'
    );
  }
  checkNodes(value['nodes'] ?? []);
  checkEdges(value['edges'] ?? []);
  checkLayout(value['layout'] ?? {});
  return value;
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

function checkNodes(nodes: unknown): void {
  if (!Array.isArray(nodes)) throw new TextError('"nodes" must be a list');
  const seen = new Set<string>();
  nodes.forEach((node: unknown, i) => {
    if (!isRecord(node) || typeof node['id'] !== 'string')
      throw new TextError(`nodes[${i}] has no id`);
    const { id, kind } = node;
    if (!KINDS.has(String(kind))) {
      const [known, path] = [[...KINDS].join(', '), `$.nodes[${i}].kind`];
      throw new TextError(strings.unknownKind(String(kind), path, known, nearest(String(kind))));
    }
    if (seen.has(id)) throw new TextError(`two nodes have the id '${id}'`);
    seen.add(id);
  });
}

function checkEdges(edges: unknown): void {
  if (!Array.isArray(edges)) throw new TextError('"edges" must be a list');
  edges.forEach((edge: unknown, i) => {
    const whole =
      isRecord(edge) && typeof edge['source'] === 'string' && typeof edge['target'] === 'string';
    if (!whole) throw new TextError(`edges[${i}] needs a source and a target`);
  });
}

function checkLayout(layout: unknown): void {
  if (!isRecord(layout)) throw new TextError('"layout" must be an object');
  for (const [id, at] of Object.entries(layout)) {
    const pair = Array.isArray(at) && at.length === 2 && at.every(n => typeof n === 'number');
    if (!pair) throw new TextError(`layout['${id}'] must be two numbers`);
  }
}

function nodeFields(node: Node): Fields {
  const fields: Fields = [
    ['kind', node.kind],
    ['id', node.id]
  ];
  if (node.label) fields.push(['label', node.label]);
  if (node.kind === 'task') {
    fields.push(['activity', node.activity]);
    if (Object.keys(node.arguments ?? {}).length) fields.push(['arguments', node.arguments]);
    if (node.retry) fields.push(['retry', retryFields(node.retry)]);
    if (node.timeout != null) fields.push(['timeout', new Float(node.timeout)]);
  } else if (node.kind === 'end' && node.output != null) {
    fields.push(['output', node.output]);
  } else if (node.kind === 'note' && node.text) {
    fields.push(['text', node.text]);
  }
  return fields;
}

function retryFields(retry: Retry): Record<string, unknown> {
  const fields: Fields = [];
  if (retry.attempts !== undefined && retry.attempts !== 3)
    fields.push(['attempts', retry.attempts]);
  const defaults = { delay: 1, factor: 2, maximum: 60, jitter: 0 };
  for (const [key, value] of Object.entries(defaults)) {
    const given = retry[key as keyof typeof defaults];
    if (given !== undefined && given !== value) fields.push([key, new Float(given)]);
  }
  if (retry.errors?.length) fields.push(['errors', retry.errors]);
  return Object.fromEntries(fields);
}

function edgeFields(edge: Edge): Fields {
  const fields: Fields = [
    ['source', edge.source],
    ['target', edge.target]
  ];
  if (edge.when != null) fields.push(['when', edge.when]);
  if (edge.otherwise) fields.push(['otherwise', true]);
  return fields;
}

function line(fields: Fields): string {
  return `{${fields.map(([key, value]) => `${compact(key)}: ${compact(value)}`).join(', ')}}`;
}

/** A float as Python's `repr` gives it. */
function pythonFloat(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** JSON on one line with a space after each comma and colon, as Python's `json.dumps` writes it. */
function compact(value: unknown): string {
  if (value instanceof Float) return pythonFloat(value.value);
  if (Array.isArray(value)) return `[${value.map(compact).join(', ')}]`;
  if (isRecord(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${compact(key)}: ${compact(item)}`)
      .join(', ')}}`;
  }
  return value === undefined ? 'null' : JSON.stringify(value);
}
