/**
 * The fields of a document in the order in which the kernel writes them, defaults left out
 * (wfnb/model/workflow.py, `omit_defaults`): what keeps both sides' files equal to the byte.
 */
import type { NodeKind } from './wire.gen';

/** A number the kernel holds as a float, which Python writes with a point. */
export class Float {
  constructor(readonly value: number) {}
}

/** What of a field is written; undefined leaves it out. */
type Write = (value: unknown) => unknown;
export type Layout = Record<string, Write>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const always: Write = value => value ?? '';
const any: Write = value => value ?? undefined;
/** A required field that may be null, as any JSON value. */
const required: Write = value => value ?? null;
const text: Write = value => (value === '' || value == null ? undefined : value);
const flag: Write = value => (value ? true : undefined);
const float: Write = value => (typeof value === 'number' ? new Float(value) : any(value));
const floats = (standard: number): Write => {
  return value => (value === standard || value == null ? undefined : new Float(Number(value)));
};
const unless = (standard: unknown): Write => {
  return value => (value === standard || value == null ? undefined : value);
};
const list: Write = value => (Array.isArray(value) && value.length ? value : undefined);
const record = (write: Write = value => value): Write => {
  return value => {
    if (!isRecord(value) || !Object.keys(value).length) return undefined;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, write(one)]));
  };
};
const struct = (layout: Layout): Write => {
  return value => (isRecord(value) ? written(value, layout) : undefined);
};
const structs = (write: Write): Write => {
  return value => (Array.isArray(value) && value.length ? value.map(write) : undefined);
};

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
  join: { need: unless('all'), rest: unless('absorb') },
  wait: {},
  approval: { prompt: text, form: record() },
  map: {
    items: required,
    activity: text,
    workflow: text,
    arguments: record(),
    width: any,
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
  when: any,
  otherwise: flag,
  error: any,
  after: float,
  until: any,
  on: any,
  spawn: flag
};

const SIGNAL: Layout = { type: unless('any'), transient: flag };

export const position: Write = value =>
  Array.isArray(value) ? value.map(one => new Float(Number(one))) : undefined;

export const node: Write = value => {
  if (!isRecord(value)) return value;
  const own = KINDS[value['kind'] as NodeKind];
  return written(value, { kind: always, id: always, label: text, ...own });
};

export const edge: Write = struct(EDGE);
export const signals: Write = record(struct(SIGNAL));

/** A workflow inside a document: on one line with what it stands in. */
export const workflow: Write = value =>
  isRecord(value) ? written({ wfnb: 1, name: 'workflow', ...value }, WORKFLOW) : value;

export const workflows: Write = record(value => workflow(value));

const WORKFLOW: Layout = {
  wfnb: always,
  name: always,
  description: text,
  inputs: record(),
  signals,
  nodes: structs(value => node(value)),
  edges: structs(value => edge(value)),
  workflows,
  layout: record(position)
};

/** What is written of a value with these fields. */
export function written(value: Record<string, unknown>, layout: Layout): Record<string, unknown> {
  const fields: [string, unknown][] = [];
  for (const [name, write] of Object.entries(layout)) {
    const kept = write(value[name]);
    if (kept !== undefined) fields.push([name, kept]);
  }
  return Object.fromEntries(fields);
}
