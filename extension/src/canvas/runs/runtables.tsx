/** The event table and the task table of a run. */
import type { JSX } from 'preact';
import { STATE_ICONS } from '../look/icons';
import { Icon } from '../parts/parts';
import type { RunHistory } from '../session/session';
import { Rows } from '../ground/rows';
import type { Column } from '../ground/rows';
import { strings } from '../texts/strings';
import { duration, preciseClock, zone } from '../ground/time';
import type { EventRow, NodeState, TaskRow } from '../wire.gen';

const names = strings.columns;

const EVENTS: Column<EventRow>[] = [
  { name: 'seq', title: names.seq, size: '56px', number: true, cell: row => row.seq },
  { name: 'time', title: names.time, size: '104px', mono: true, cell: row => preciseClock(row.ts) },
  { name: 'type', title: names.type, size: 'minmax(110px,160px)', cell: row => row.type },
  { name: 'node', title: names.node, size: 'minmax(90px,1fr)', cell: row => row.node ?? '' },
  {
    name: 'detail',
    title: names.detail,
    size: 'minmax(120px,3fr)',
    mono: true,
    cell: row => row.detail ?? ''
  }
];

export function StateMark({ state }: { state: NodeState }): JSX.Element {
  const name = STATE_ICONS[state];
  return (
    <span class={`wfnb-statemark wfnb-is-${state}`}>
      {name && <Icon name={name} />}
      {strings.states[state]}
    </span>
  );
}

const TASKS: Column<TaskRow>[] = [
  { name: 'node', title: names.node, size: 'minmax(70px,1fr)', cell: row => row.node },
  { name: 'attempt', title: names.attempt, size: '52px', number: true, cell: row => row.attempt },
  { name: 'visit', title: names.visit, size: '38px', number: true, cell: row => row.visit },
  {
    name: 'state',
    title: names.state,
    size: '118px',
    cell: row => <StateMark state={row.state} />
  },
  {
    name: 'time',
    title: names.time,
    size: '90px',
    mono: true,
    cell: row => preciseClock(row.started)
  },
  {
    name: 'duration',
    title: names.duration,
    size: '66px',
    number: true,
    cell: row => (row.ended == null ? '' : duration(row.ended - row.started))
  },
  {
    name: 'activity',
    title: names.activity,
    size: 'minmax(60px,1fr)',
    cell: row => row.activity || (row.kind === 'task' ? '' : (row.kind ?? ''))
  },
  {
    name: 'detail',
    title: names.detail,
    size: 'minmax(90px,2fr)',
    mono: true,
    cell: row => row.detail ?? ''
  }
];

/** The same columns; that of times names their zone. */
const zoned = <R,>(columns: readonly Column<R>[], { events }: RunHistory): Column<R>[] =>
  columns.map(column =>
    column.name === 'time'
      ? { ...column, title: `${column.title} (${zone(events[0]?.ts ?? Date.now())})` }
      : column
  );

interface TableProps {
  history: RunHistory;
  at: number;
  /** What is selected on the drawing. */
  nodes: readonly string[];
  seek: (at: number, node: string) => void;
}

export function EventTable({ history, at, nodes, seek }: TableProps): JSX.Element {
  return (
    <Rows
      name="events"
      label={strings.events}
      rows={history.events}
      columns={zoned(EVENTS, history)}
      focus={at - 1}
      later={row => row.seq > at}
      picked={row => nodes.includes(row.node ?? '')}
      choose={row => seek(row.seq, row.node ?? '')}
    />
  );
}

export function TaskTable({ history, at, nodes, seek }: TableProps): JSX.Element {
  const { tasks } = history;
  const focus = tasks.findIndex(row => row.first === at || row.last === at);
  return (
    <Rows
      name="tasks"
      label={strings.tasks}
      rows={tasks}
      columns={zoned(TASKS, history)}
      focus={focus}
      later={row => (row.first ?? 0) > at}
      picked={row => nodes.includes(row.node)}
      choose={row => seek(row.last ?? row.first ?? 0, row.node)}
    />
  );
}
