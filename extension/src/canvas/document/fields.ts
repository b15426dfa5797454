/**
 * The fields of a document in the order in which the kernel writes them, defaults left out
 * (wfnb/model/workflow.py, `omit_defaults`): what keeps both sides' files equal to the byte.
 */
import { own } from '../ground/own';
import { strings } from '../texts/strings';
import type { NodeKind } from '../wire.gen';

/** A number the kernel holds as a float, which Python writes with a point. */
export class Float {
  constructor(readonly value: number) {}
}

/** What of a field is written; undefined leaves it out. */
interface Write {
  (value: unknown): unknown;
  /** What it may hold, as Python calls that, and whether a value is that; anything where it does not say. */
  takes?: readonly [string, (value: unknown) => boolean];
  /** What is wrong with what is in a value, in words; empty if nothing is. */
  wrong?: (value: unknown, path: string) => string;
}
export type Layout = Record<string, Write>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const taking = (name: string, is: (value: unknown) => boolean, write: Write): Write =>
  Object.assign(write, { takes: [name, is] as const });
const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const orNull = (is: (value: unknown) => boolean) => {
  return (value: unknown): boolean => value === null || is(value);
};

const always: Write = taking('str', isText, value => value ?? '');
const any: Write = value => value ?? undefined;
const optional: Write = taking('str | null', orNull(isText), value => value ?? undefined);
/** A required field that may be null, as any JSON value. */
const required: Write = value => value ?? null;
const text: Write = taking('str', isText, value =>
  value === '' || value == null ? undefined : value
);
const flag: Write = taking('bool', isFlag, value => (value ? true : undefined));
const number: Write = value =>
  typeof value === 'number' ? new Float(value) : (value ?? undefined);
const float: Write = taking('float | null', orNull(isNumber), value => number(value));
/** Seconds, or an expression that gives them. */
const span: Write = taking(
  'float | str | null',
  orNull(value => isNumber(value) || isText(value)),
  value => number(value)
);
const floats = (standard: number): Write =>
  taking('float', isNumber, value =>
    value === standard || value == null ? undefined : new Float(Number(value))
  );
const unless = (standard: string | number): Write =>
  taking(
    typeof standard === 'number' ? 'int' : 'str',
    value => typeof value === typeof standard,
    value => (value === standard || value == null ? undefined : value)
  );
const needed: Write = taking(
  'int | str',
  value => isNumber(value) || isText(value),
  value => unless('all')(value)
);
const count: Write = taking('int | null', orNull(isNumber), value => value ?? undefined);
const list: Write = taking('list[str]', isTexts, value =>
  Array.isArray(value) && value.length ? value : undefined
);
const record = (write: Write = value => value): Write => {
  const [name, is] = write.takes ?? ['', () => true];
  const isAll = (value: unknown): boolean => isRecord(value) && Object.values(value).every(is);
  const all = taking(name ? `dict[str, ${name}]` : 'dict', isAll, value => {
    if (!isRecord(value) || !Object.keys(value).length) return undefined;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, write(one)]));
  });
  all.wrong = (value, path) =>
    Object.entries(value ?? {})
      .map(([key, one]) => write.wrong?.(one, `${path}[${JSON.stringify(key)}]`) ?? '')
      .find(Boolean) ?? '';
  return all;
};
const struct = (layout: Layout): Write => {
  const one = taking('object | null', orNull(isRecord), value =>
    isRecord(value) ? written(value, layout) : undefined
  );
  one.wrong = (value, path) => (isRecord(value) ? misfit(value, layout, path) : '');
  return one;
};
const structs = (write: Write): Write =>
  taking('list', Array.isArray, value =>
    Array.isArray(value) && value.length ? value.map(write) : undefined
  );

const RETRY: Layout = {
  attempts: unless(3),
  delay: floats(1),
  factor: floats(2),
  maximum: floats(60),
  jitter: floats(0),
  errors: list
};

const COMPENSATION: Layout = { activity: always, arguments: record() };

const KINDS: Record<NodeKind, Layout> = {
  start: {},
  end: { output: any, terminate: flag, error: text, message: text },
  task: {
    activity: always,
    arguments: record(),
    retry: struct(RETRY),
    timeout: float,
    heartbeat: float,
    executor: text,
    priority: unless(0),
    deadline: float,
    resources: record(float),
    requires: text,
    ensures: text,
    compensate: struct(COMPENSATION),
    cache: flag,
    lock: text,
    prerequisites: list,
    disabled: flag,
    durability: text
  },
  choice: {},
  fork: { join: text },
  join: { need: needed, rest: unless('absorb') },
  wait: {},
  approval: { prompt: text, form: record(always) },
  map: {
    items: required,
    activity: text,
    workflow: text,
    arguments: record(),
    width: count,
    failure: unless('stop')
  },
  call: { workflow: always, arguments: record() },
  note: { text, width: float, height: float },
  group: { members: list, cancel: flag, lock: text, strategy: text }
};

export const NODE_KINDS = Object.keys(KINDS) as NodeKind[];

export const EDGE: Layout = {
  source: always,
  target: always,
  when: optional,
  otherwise: flag,
  error: optional,
  after: span,
  until: optional,
  on: optional,
  spawn: flag
};

const SIGNAL: Layout = { type: unless('any'), transient: flag };

export const position: Write = value =>
  Array.isArray(value) ? value.map(one => new Float(Number(one))) : undefined;

export const node: Write = value => {
  if (!isRecord(value)) return value;
  return written(value, fieldsOf(value['kind'] as NodeKind));
};

export const edge: Write = struct(EDGE);
export const signals: Write = record(struct(SIGNAL));

/** A workflow inside a document: on one line with what it stands in. */
export const workflow: Write = value =>
  isRecord(value) ? written({ wfnb: 1, name: 'workflow', ...value }, WORKFLOW) : value;

export const workflows: Write = record(value => workflow(value));

export const WORKFLOW: Layout = {
  wfnb: taking('int', isNumber, value => value ?? 1),
  name: always,
  description: text,
  inputs: record(always),
  signals,
  nodes: structs(value => node(value)),
  edges: structs(value => edge(value)),
  workflows,
  layout: record(position)
};

/**
 * What is wrong with the first field that holds what it can not, or that this wfnb does not know and would leave out;
 * empty if every one is right.
 */
export function misfit(value: Record<string, unknown>, layout: Layout, path: string): string {
  for (const [name, one] of Object.entries(value)) {
    const write = own(layout, name);
    if (!write) return strings.unknownField(name, path);
    const [expected, is] = write.takes ?? ['', () => true];
    if (!is(one)) return strings.misfit(expected, `${path}.${name}`);
    const inside = write.wrong?.(one, `${path}.${name}`);
    if (inside) return inside;
  }
  return '';
}

/** The fields of a node of this kind. */
export const fieldsOf = (kind: NodeKind): Layout => ({
  kind: always,
  id: always,
  label: text,
  ...KINDS[kind]
});

/** What is written of a value with these fields. */
export function written(value: Record<string, unknown>, layout: Layout): Record<string, unknown> {
  const fields: [string, unknown][] = [];
  for (const [name, write] of Object.entries(layout)) {
    const kept = write(value[name]);
    if (kept !== undefined) fields.push([name, kept]);
  }
  return Object.fromEntries(fields);
}
