/** What the forms of the inspector share. */
import type { Editor } from '../editor/editor';
import type { Node, NodeKind, Problem } from '../wire.gen';

export interface FormProps<T extends Node = Node> {
  editor: Editor;
  node: T;
  problems: readonly Problem[];
  readOnly: boolean;
}

/** The problems of one field of a form. */
export function at(problems: readonly Problem[], field: string): Problem[] {
  return problems.filter(problem => problem.field === field);
}

/** The problems of a field and of what is in it. */
export function within(problems: readonly Problem[], field: string): Problem[] {
  return problems.filter(
    problem => problem.field === field || problem.field?.startsWith(`${field}.`)
  );
}

const OF_EDGES = ['edges', 'when', 'otherwise', 'error', 'after', 'until', 'on', 'spawn'];

/** The fields whose problems the form of each kind shows beside them; those of all others stand above the form. */
const BESIDE: Record<NodeKind, readonly string[]> = {
  start: [],
  end: ['output', 'error', 'message'],
  task: [
    'activity',
    'arguments',
    'retry',
    'timeout',
    'heartbeat',
    'priority',
    'deadline',
    'resources',
    'requires',
    'ensures',
    'executor',
    'durability',
    'compensate',
    'lock',
    'prerequisites'
  ],
  choice: OF_EDGES,
  fork: ['join'],
  join: ['need', 'rest'],
  wait: OF_EDGES,
  approval: ['prompt', 'form'],
  map: ['items', 'activity', 'workflow', 'arguments', 'width', 'failure'],
  call: ['workflow', 'arguments'],
  group: ['lock', 'strategy', 'members', ...OF_EDGES],
  note: []
};

/** The problems of a node that no field of its form shows. */
export function general(problems: readonly Problem[], node: Node): Problem[] {
  const shown = new Set(['id', ...BESIDE[node.kind]]);
  return problems.filter(({ field = '' }) => !shown.has(field.split('.', 1)[0] ?? ''));
}

/** Gives a field of the node another value; undefined leaves it to its default. */
export function put<T extends Node, K extends keyof T>(
  { editor, node }: FormProps<T>,
  key: K,
  value: T[K] | undefined
): void {
  const { [key]: _before, ...rest } = node;
  const changed = value === undefined ? rest : { ...rest, [key]: value };
  editor.setNode(node.id, changed as unknown as Node);
}

/** What a field of a form needs to know of the field of the node that it reads and writes. */
export interface Bound<V> {
  name: string;
  value: V;
  disabled: boolean;
  problems: Problem[];
  onCommit: (value: V | undefined) => void;
}

/** Binds a field of a form to the field of that name. */
export function bound<T extends Node, K extends keyof T & string>(
  props: FormProps<T>,
  name: K
): Bound<T[K]> {
  return {
    name,
    value: props.node[name],
    disabled: props.readOnly,
    problems: within(props.problems, name),
    onCommit: value => put(props, name, value)
  };
}
