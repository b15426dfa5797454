/** The rows of the run in view, by the run they belong to. */
import type { ChildRow, EventRow, History, RunCrumb, TaskRow } from '../wire.gen';

export interface RunHistory {
  run: string;
  events: EventRow[];
  tasks: TaskRow[];
  children: ChildRow[];
  /** The runs around it, outermost first. */
  trail: RunCrumb[];
  /** The run that it was forked from, after its event `originAt`; empty where it was not. */
  origin: string;
  originAt: number;
}

const taskKey = (row: TaskRow): string => `${row.visit} ${row.attempt} ${row.node}`;

/** Adds what a message brings to the rows there are. */
export function merge(before: RunHistory | null, message: History): RunHistory {
  const events = message.events ?? [];
  const tasks = message.tasks ?? [];
  const children = message.children ?? [];
  if (message.full || before?.run !== message.run) {
    const { run, trail = [], origin = '', origin_at: originAt = 0 } = message;
    return { run, events, tasks, children, trail, origin, originAt };
  }
  const last = before.events.at(-1)?.seq ?? 0;
  const fresh = events.filter(event => event.seq > last);
  return {
    ...before,
    events: [...before.events, ...fresh],
    tasks: updated(before.tasks, tasks, taskKey),
    children: updated(before.children, children, row => row.run)
  };
}

function updated<R>(before: R[], fresh: readonly R[], key: (row: R) => string): R[] {
  if (!fresh.length) return before;
  const index = new Map(before.map((row, i) => [key(row), i]));
  const rows = [...before];
  for (const row of fresh) {
    const at = index.get(key(row));
    if (at === undefined) index.set(key(row), rows.push(row) - 1);
    else rows[at] = row;
  }
  return rows;
}

const FAILURES: ReadonlySet<string> = new Set([
  'TaskFailed',
  'ChildFailed',
  'NodeFailed',
  'RunFailed'
]);

/** After which events something has failed. */
export const failuresOf = ({ events }: RunHistory): number[] =>
  events.filter(event => FAILURES.has(event.type)).map(event => event.seq);

/** After which events a visit of a node has begun, or one of any node where none is named. */
export function visitsOf({ tasks }: RunHistory, node: string | null): number[] {
  const begun = tasks.filter(row => (node === null || row.node === node) && row.attempt === 1);
  return begun.map(row => row.first ?? 0).sort((a, b) => a - b);
}

/** After which event a run was as it was at the end of a time; undefined where it was not in progress in it. */
export function atTime({ events }: RunHistory, from: number, until: number): number | undefined {
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last || until < first.ts || from > last.ts) return undefined;
  return events.filter(event => event.ts <= until).at(-1)?.seq;
}

/** The nodes that something was in progress in during a time, in the order in which it began. */
export function duringTime({ tasks }: RunHistory, from: number, until: number): string[] {
  const busy = tasks.filter(
    row => row.started <= until && (row.ended == null || row.ended >= from)
  );
  return [...new Set(busy.sort((a, b) => a.started - b.started).map(row => row.node))];
}

/** The next of some places after `at`, or before it; undefined where there is none. */
export const nextOf = (places: readonly number[], at: number, by: 1 | -1): number | undefined =>
  by > 0 ? places.find(place => place > at) : places.filter(place => place < at).at(-1);
