/** Renaming a value inside expressions, without an expression parser: whole names only, never inside strings. */
import type { Edge, Node } from './wire.gen';

const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** Strings first, so that a name inside one is skipped; then `values["..."]`, names, anything. */
const TOKEN =
  /(?<values>values\[(?:"(?<double>[^"\\]*)"|'(?<single>[^'\\]*)')\])|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<other>[\s\S])/gu;

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
    const keyword = /^\s*=(?!=)/.test(after);
    const plain = groups['name'] === from && previous !== '.' && !keyword;
    const isReading = groups['values'] ? indexed === from : plain;
    result += isReading ? reading(to) : token;
    if (token.trim()) previous = token;
  }
  return result;
}

function renameInValue(value: unknown, from: string, to: string): unknown {
  return typeof value === 'string' && value.startsWith('=')
    ? '=' + renameInExpression(value.slice(1), from, to)
    : value;
}

/** The node with its expressions following the rename. */
export function renameInNode(node: Node, from: string, to: string): Node {
  if (node.kind === 'end' && node.output !== undefined) {
    return { ...node, output: renameInValue(node.output, from, to) };
  }
  if (node.kind !== 'task' || !node.arguments) return node;
  const entries = Object.entries(node.arguments);
  return {
    ...node,
    arguments: Object.fromEntries(entries.map(([k, v]) => [k, renameInValue(v, from, to)]))
  };
}

/** The edge with its ends and its guard following the rename. */
export function renameInEdge(edge: Edge, from: string, to: string): Edge {
  return {
    ...edge,
    source: edge.source === from ? to : edge.source,
    target: edge.target === from ? to : edge.target,
    ...(edge.when ? { when: renameInExpression(edge.when, from, to) } : {})
  };
}
