/** The names that an expression can read where it stands, those that surely have a value first. Pure. */
import { edgesOf, findNode, nodesOf } from './document';
import { strings } from '../texts/strings';
import { triggerOf } from './triggers';
import type { ActivityInfo, Edge, Node, Workflow } from '../wire.gen';

/** Where an expression stands: in a node, or on an edge. */
export type Place = { node: string } | { edge: Edge };

/** Whether a node gives a value under its name. */
export const isValued = ({ kind }: Node): boolean =>
  kind === 'task' || kind === 'wait' || kind === 'approval' || kind === 'map' || kind === 'call';

/**
 * For each node, those that have completed on every way to it. A join that needs all its branches has
 * what each of them brings; anything else only what all its edges bring. A parallel fork takes all its
 * edges; where a join ends a fork that takes some, only what is common counts.
 */
export function surelyBefore(document: Workflow): Map<string, ReadonlySet<string>> {
  const nodes = nodesOf(document).filter(({ kind }) => kind !== 'note' && kind !== 'group');
  const all = new Set(nodes.map(({ id }) => id));
  const into = new Map<string, Edge[]>();
  for (const edge of edgesOf(document)) {
    for (const id of sources(document, edge.source)) {
      into.set(edge.target, [...(into.get(edge.target) ?? []), { ...edge, source: id }]);
    }
  }
  const inclusive = new Set(nodes.map(node => (node.kind === 'fork' ? (node.join ?? '') : '')));
  const before = new Map<string, ReadonlySet<string>>(
    nodes.map(({ id, kind }) => [id, kind === 'start' ? new Set<string>() : all])
  );
  // Each round can only take away; what is left when none does holds on every way.
  for (let changed = true; changed;) {
    changed = false;
    for (const node of nodes) {
      const edges = into.get(node.id) ?? [];
      if (node.kind === 'start') continue;
      const brought = edges.map(edge => broughtBy(document, edge, before));
      const needsAll =
        node.kind === 'join' && (node.need ?? 'all') === 'all' && !inclusive.has(node.id);
      const found = needsAll ? union(brought) : common(brought);
      if (found.size === before.get(node.id)?.size) continue;
      before.set(node.id, found);
      changed = true;
    }
  }
  return before;
}

/** An edge of a group comes from whatever is inside of it. */
function sources(
  document: Workflow,
  id: string,
  around: readonly string[] = []
): readonly string[] {
  const node = findNode(document, id);
  if (node?.kind !== 'group') return [id];
  if (around.includes(id)) return []; // it lies in itself
  return (node.members ?? []).flatMap(member => sources(document, member, [...around, id]));
}

function broughtBy(
  document: Workflow,
  edge: Edge,
  before: Map<string, ReadonlySet<string>>
): ReadonlySet<string> {
  const brought = new Set(before.get(edge.source) ?? []);
  const node = findNode(document, edge.source);
  // What is interrupted, or has failed, has no value; a wait ends by whatever triggers it.
  if (node?.kind === 'wait' || triggerOf(edge) === '') brought.add(edge.source);
  return brought;
}

const union = (sets: readonly ReadonlySet<string>[]): ReadonlySet<string> =>
  new Set(sets.flatMap(set => [...set]));

function common([first, ...others]: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set([...(first ?? [])].filter(id => others.every(other => other.has(id))));
}

export interface Name {
  /** What is put in. */
  text: string;
  /** Its type, or what else tells it apart. */
  detail: string;
  kind: 'value' | 'input' | 'maybe' | 'field' | 'function';
}

export interface Known {
  document: Workflow;
  activities: readonly ActivityInfo[];
  functions: readonly string[];
  /** Whether `item` and `index` are read as well. */
  withinMap?: boolean;
  /** The parameter that the expression is for: an input of its name can be read, also where there is none yet. */
  parameter?: string | undefined;
}

/** All names at a place, in the order in which they are offered. */
export function namesAt(place: Place, known: Known): Name[] {
  const { document, activities, functions } = known;
  const before = surelyBefore(document);
  const node = 'node' in place ? place.node : place.edge.source;
  const sure = new Set(before.get(node) ?? []);
  if ('edge' in place) for (const id of broughtBy(document, place.edge, before)) sure.add(id);
  const valued = nodesOf(document).filter(one => isValued(one));
  const values = valued.map((one): Name => ({
    text: written(one.id),
    detail: typeOf(one, activities),
    kind: sure.has(one.id) ? 'value' : 'maybe'
  }));
  const others = values.filter(({ kind, text }) => kind === 'maybe' && text !== written(node));
  const item: Name[] = known.withinMap
    ? ['item', 'index'].map(text => ({ text, detail: '', kind: 'value' }))
    : [];
  return [
    ...item,
    ...values.filter(({ kind }) => kind === 'value'),
    ...Object.entries(document.inputs ?? {}).map(([name, type]): Name => ({
      text: `input.${name}`,
      detail: type,
      kind: 'input'
    })),
    ...freshInput(known),
    ...others,
    ...functions.map((name): Name => ({ text: `${name}(`, detail: '', kind: 'function' }))
  ];
}

/** An input that comes to be when it is read. */
function freshInput({ parameter = '', document: { inputs = {} } }: Known): Name[] {
  if (!PLAIN.test(parameter) || Object.hasOwn(inputs, parameter)) return [];
  return [{ text: `input.${parameter}`, detail: strings.newInput, kind: 'input' }];
}

/** What a whole argument that is still empty can be: any name but a function's, behind a `=`. */
export function beginnings(place: Place, known: Known): Completions {
  const names = namesAt(place, known).filter(({ kind }) => kind !== 'function');
  const whole = names.map(name => ({ ...name, text: `=${name.text}` }));
  return { from: 0, names: whole.slice(0, MOST) };
}

const PLAIN = /^[\p{L}_][\p{L}\p{N}_]*$/u;
/** Words of Python: a node of such a name is read another way. */
const WORDS = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in input is lambda nonlocal not or pass raise return try values while with yield'.split(
    ' '
  )
);

/** How an expression names a node's value. */
const written = (id: string): string =>
  PLAIN.test(id) && !WORDS.has(id) ? id : `values['${id.replace(/[\\']/g, '\\$&')}']`;

function typeOf(node: Node, activities: readonly ActivityInfo[]): string {
  switch (node.kind) {
    case 'task':
      return activities.find(({ name }) => name === node.activity)?.returns ?? '';
    case 'map':
      return 'list';
    case 'approval':
      return Object.keys(node.form ?? {}).length ? 'dict' : '';
    default:
      return '';
  }
}

/** The fields of the value of a node, where they are known. */
function fieldsOf(name: string, { document, activities }: Known): readonly string[] {
  const node = nodesOf(document).find(one => written(one.id) === name);
  if (node?.kind === 'approval') return Object.keys(node.form ?? {});
  if (node?.kind !== 'task') return [];
  return activities.find(one => one.name === node.activity)?.fields ?? [];
}

/** What can follow what was typed, and where the part begins that it takes the place of. */
export interface Completions {
  from: number;
  names: readonly Name[];
}

/** More than these nobody looks through. */
const MOST = 40;

/** Names for the word before the caret; all of them where there is none and `asked` is set. */
export function completions(
  text: string,
  caret: number,
  place: Place,
  known: Known,
  asked = false
): Completions {
  const typed = text.slice(0, caret);
  const none = { from: caret, names: [] };
  if (inText(typed)) return none;
  const word = /[\p{L}\p{N}_.]*$/u.exec(typed)?.[0] ?? '';
  if (/^\d/.test(word) || (word === '' && !asked)) return none;
  const dot = word.lastIndexOf('.');
  const fields = dot > 0 ? fieldsOf(word.slice(0, dot), known) : [];
  const names: Name[] = fields.map(name => ({
    text: `${word.slice(0, dot + 1)}${name}`,
    detail: '',
    kind: 'field'
  }));
  const wanted = word.toLowerCase();
  const all = [...names, ...namesAt(place, known)];
  const begin = all.filter(({ text: name }) => name.toLowerCase().startsWith(wanted));
  // An input is found by its own name too.
  const later = dot < 0 && wanted ? all.filter(name => isLater(name, wanted)) : [];
  const found = [...begin, ...later].filter(({ text: name }) => name !== word);
  return { from: caret - word.length, names: found.slice(0, MOST) };
}

const isLater = ({ text, kind }: Name, wanted: string): boolean =>
  kind === 'input' && text.slice('input.'.length).toLowerCase().startsWith(wanted);

/** Whether a text that was begun is not ended. */
function inText(typed: string): boolean {
  let open = '';
  for (const char of typed) {
    if (open === '' && (char === '"' || char === "'")) open = char;
    else if (char === open) open = '';
  }
  return open !== '';
}
