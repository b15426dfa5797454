/** The rows of the run in view, by the run they belong to. */
import type { EventRow, History, TaskRow } from './wire.gen';

export interface RunHistory {
  run: string;
  events: EventRow[];
  tasks: TaskRow[];
}

const taskKey = (row: TaskRow): string => `${row.visit} ${row.attempt} ${row.node}`;

/** Adds what a message brings to the rows there are. */
export function merge(before: RunHistory | null, message: History): RunHistory {
  const events = message.events ?? [];
  const tasks = message.tasks ?? [];
  if (message.full || before?.run !== message.run) return { run: message.run, events, tasks };
  const last = before.events.at(-1)?.seq ?? 0;
  const fresh = events.filter(event => event.seq > last);
  const index = new Map(before.tasks.map((row, i) => [taskKey(row), i]));
  const rows = [...before.tasks];
  for (const row of tasks) {
    const at = index.get(taskKey(row));
    if (at === undefined) index.set(taskKey(row), rows.push(row) - 1);
    else rows[at] = row;
  }
  return { run: message.run, events: [...before.events, ...fresh], tasks: rows };
}
