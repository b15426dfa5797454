/** Renaming a value inside expressions, without an expression parser: whole names only, never inside strings. */
import type { Edge, Node } from '../wire.gen';

const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** What is asked about a node by its name, then `values["..."]`; strings, so that a name inside one is skipped; names, anything. */
const TOKEN =
  /(?<fact>(?<ask>reached|error)\(\s*(?:"(?<about>[^"\\]*)"|'(?<of>[^'\\]*)')\s*\))|(?<values>values\[(?:"(?<double>[^"\\]*)"|'(?<single>[^'\\]*)')\])|(?<format>[fF](?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<other>[\s\S])/gu;

export const isName = (id: string): boolean => NAME.test(id);

/** How an expression reads the value of node `id`. */
export const reading = (id: string): string => (isName(id) ? id : `values[${JSON.stringify(id)}]`);

/** The expression with every reading of `from` turned into a reading of `to`. */
export function renameInExpression(expression: string, from: string, to: string): string {
  let result = '';
  let previous = '';
  for (const match of expression.matchAll(TOKEN)) {
    const [token] = match;
    const groups = match.groups ?? {};
    const after = expression.slice(match.index + token.length);
    const indexed = groups['double'] ?? groups['single'];
    // A keyword, and a function, are no values whatever their names.
    const other = /^\s*(=(?!=)|\()/.test(after);
    const plain = groups['name'] === from && previous !== '.' && !other;
    const isReading = groups['values'] ? indexed === from : plain;
    const asked = groups['about'] ?? groups['of'];
    if (groups['format']) result += inFormat(token, from, to);
    else if (groups['fact'] && previous !== '.') {
      result += asked === from ? `${groups['ask'] ?? ''}(${quoted(to)})` : token;
    } else result += isReading ? reading(to) : token;
    if (token.trim()) previous = token;
  }
  return result;
}

/** Names inside the braces of a formatted string are read as anywhere else. */
function inFormat(text: string, from: string, to: string): string {
  return text.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, inside: string | undefined) =>
    inside === undefined ? whole : `{${renameInExpression(inside, from, to)}}`
  );
}

/** As Python writes it. */
const quoted = (text: string): string =>
  text.includes("'") && !text.includes('"')
    ? `"${text}"`
    : `'${text.replace(/[\\']/g, c => `\\${c}`)}'`;

type Rename = (expression: string) => string;

function inValue<T>(value: T, rename: Rename): T {
  return typeof value === 'string' && value.startsWith('=')
    ? (`=${rename(value.slice(1))}` as T)
    : value;
}

function inArguments<T extends Record<string, unknown>>(given: T, rename: Rename): T {
  const entries = Object.entries(given).map(([name, value]) => [name, inValue(value, rename)]);
  return Object.fromEntries(entries) as T;
}

type Change<T> = { [K in keyof T]?: (value: NonNullable<T[K]>) => NonNullable<T[K]> };

/** The given fields of `node`, each as `change` makes it; a field that is not there stays away. */
function changed<T extends object>(node: T, change: Change<T>): T {
  const result = { ...node };
  for (const key of Object.keys(change) as (keyof T)[]) {
    const before = node[key];
    if (before != null) result[key] = change[key]?.(before) ?? before;
  }
  return result;
}

/** What the arguments of a map read beside the values of the run. */
const SCOPE = new Set(['item', 'index']);

/** The node with its expressions following the rename, and with them what it says of the renamed node. */
export function renameInNode(node: Node, from: string, to: string): Node {
  const rename: Rename = text => renameInExpression(text, from, to);
  const value = <T>(given: T): T => inValue(given, rename);
  const given = <T extends Record<string, unknown>>(all: T): T => inArguments(all, rename);
  const id = (name: string): string => (name === from ? to : name);
  switch (node.kind) {
    case 'task':
      return changed(node, {
        arguments: given,
        requires: rename,
        ensures: rename,
        compensate: undo => changed(undo, { arguments: given })
      });
    case 'end':
      return changed(node, { output: value, message: value });
    case 'approval':
      return changed(node, { prompt: value });
    case 'map':
      return changed(node, {
        items: value,
        arguments: SCOPE.has(from) ? (all): typeof all => all : given
      });
    case 'call':
      return changed(node, { arguments: given });
    case 'group':
      return changed(node, { members: ids => ids.map(id) });
    case 'fork':
      return changed(node, { join: id });
    case 'start':
    case 'choice':
    case 'join':
    case 'wait':
    case 'note':
      return node;
  }
}

/** The edge with its ends and its expressions following the rename. */
export function renameInEdge(edge: Edge, from: string, to: string): Edge {
  const rename: Rename = text => renameInExpression(text, from, to);
  const id = (name: string): string => (name === from ? to : name);
  return changed(edge, {
    source: id,
    target: id,
    when: rename,
    after: value => inValue(value, rename),
    until: value => inValue(value, rename)
  });
}

/** The nodes of which a node says something, apart from its expressions. */
export function namedBy(node: Node): readonly string[] {
  if (node.kind === 'group') return node.members ?? [];
  return node.kind === 'fork' && node.join ? [node.join] : [];
}

/** The node, saying nothing of a node that is gone. */
export function without(node: Node, id: string): Node {
  if (node.kind === 'group') {
    const { members, ...bare } = node;
    const left = (members ?? []).filter(member => member !== id);
    return left.length ? { ...bare, members: left } : bare;
  }
  if (node.kind !== 'fork' || node.join !== id) return node;
  const { join: _join, ...bare } = node;
  return bare;
}
