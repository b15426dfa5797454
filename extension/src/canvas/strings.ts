/** Every text that people read, in one table. */
import type { NodeKind, NodeState, RunState } from './wire.gen';

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

export const strings = {
  // What stands on the drawing
  unnamed: 'unnamed',
  noActivity: 'no activity yet',
  otherwise: 'otherwise',
  noGuard: 'when …?',
  newNote: 'Note',
  portHint: 'Drag to draw an edge',
  retrying: 'retrying',
  attempts: (count: number) => plural(count, 'attempt'),
  visits: (count: number) => plural(count, 'visit'),

  emptyHint: 'Drag a node from the palette, or double-click one, to begin.',

  // Why an edge is refused
  refuseUnknown: 'That node is gone.',
  refuseSelf: 'An edge can not lead back into its own node.',
  refuseNote: 'A note takes no part in a run, so no edge can touch it.',
  refuseIntoStart: 'Nothing leads into the start.',
  refuseOutOfEnd: 'Nothing leads out of an end.',
  refuseTwice: 'These two are already connected.',

  kinds: {
    start: 'Start',
    task: 'Task',
    choice: 'Choice',
    fork: 'Fork',
    join: 'Join',
    end: 'End',
    note: 'Note'
  } satisfies Record<NodeKind, string>,
  kindHelp: {
    start: 'Where a run begins',
    task: 'Runs one of your activities',
    choice: 'Takes the first edge whose condition holds',
    fork: 'Goes on along all its edges at once',
    join: 'Waits for all its edges, then goes on',
    end: 'Where a run is over, and what it gives',
    note: 'Text for people'
  } satisfies Record<NodeKind, string>,
  states: {
    idle: 'not started',
    ready: 'ready',
    running: 'running',
    retrying: 'waiting to retry',
    waiting: 'waiting',
    completed: 'completed',
    failed: 'failed',
    cancelled: 'cancelled'
  } satisfies Record<NodeState, string>,
  runStates: {
    running: 'Running',
    paused: 'Paused',
    waiting: 'Waiting',
    completed: 'Completed',
    failed: 'Failed',
    cancelled: 'Cancelled'
  } satisfies Record<RunState, string>,

  // Toolbar
  undo: 'Undo',
  redo: 'Redo',
  undoWhat: (what: string) => `Undo: ${what}`,
  redoWhat: (what: string) => `Redo: ${what}`,
  layout: 'Layout',
  layoutHelp: 'Arrange the drawing (undoable)',
  fit: 'Fit',
  fitHelp: 'Show everything (F)',
  zoomHelp: 'Back to 100 %',
  palette: 'Palette',
  inspector: 'Inspector',
  draw: 'Draw',
  runs: 'Runs',
  run: 'Run',
  runHelp: 'Run the workflow as drawn',
  runNoKernel: 'Running needs a kernel',
  cancel: 'Cancel',
  start: 'Start run',
  inputsTitle: 'Inputs of this run',
  saved: (where: string) => (where ? `Saved · ${where}` : 'In memory'),
  revision: (count: number) => `revision ${count}`,
  saving: 'Sending …',
  readOnly: 'Read-only',
  loading: 'Opening …',
  unreadable: (why: string) =>
    `This file can not be drawn: ${why}\nOpen it with the text editor and repair it.`,
  startingKernel: 'Starting a kernel for checks and runs …',
  noKernel: 'No kernel: drawing works, checks and runs need one',

  // Verdicts and problems
  sound: 'Sound',
  unsound: 'Not sound',
  unproved: 'Not proved',
  unchecked: 'Not checked',
  problems: (count: number) => (count === 0 ? 'No problems' : plural(count, 'problem')),
  checkedIn: (ms: number) => `checked in ${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`,
  checking: 'checking …',
  severities: { error: 'Error', warning: 'Warning', advice: 'Advice' },
  dismiss: 'Dismiss',
  showProblems: 'Show the list of problems',
  hideProblems: 'Hide the list of problems',

  // Palette
  find: 'Find',
  findHelp: 'Find a node kind or an activity',
  flow: 'Flow',
  activities: 'Activities in this notebook',
  activitiesEditor: 'Activities in this kernel',
  noActivities: 'Run a cell that defines an @activity function and it appears here.',
  nothingFound: 'Nothing of that name',
  addHint: 'Drag onto the canvas, or press Enter',

  // Inspector
  workflow: 'workflow',
  edge: 'edge',
  name: 'Name',
  label: 'Label',
  labelHelp: 'What people read; the name where empty',
  description: 'Description',
  activity: 'Activity',
  arguments: 'Arguments',
  unknownArgument: 'Not a parameter of this activity',
  retry: 'Retry',
  retryAttempts: 'attempts',
  retryDelay: 'first pause, s',
  retryFactor: 'factor',
  timeout: 'Timeout, s',
  noLimit: 'no limit',
  output: 'Output',
  outputHelp: 'A value, or = and an expression',
  text: 'Text',
  guards: 'Edges, tried in this order',
  guard: 'Condition',
  guardHelp: 'An expression over the values so far, such as mark > 0.8',
  otherwiseHelp: 'Taken when no condition holds',
  noEdges: 'Draw edges from this choice; each then gets its condition here.',
  moveUp: 'Try earlier',
  moveDown: 'Try later',
  inputs: 'Inputs',
  inputName: 'name',
  inputType: 'type',
  addInput: 'Add input',
  noInputs: 'A run takes no input yet.',
  remove: 'Remove',
  delete: 'Delete',
  duplicate: 'Duplicate',
  selected: (nodes: number, edges: number) =>
    [nodes ? plural(nodes, 'node') : '', edges ? plural(edges, 'edge') : '']
      .filter(Boolean)
      .join(' and ') + ' selected',
  required: 'required',
  nameTaken: (id: string) => `There is already a node '${id}'`,
  nameEmpty: 'A name is needed',
  numberNeeded: 'A number is needed',

  // Labels of gestures, shown by undo
  did: {
    add: (what: string) => `add ${what}`,
    connect: (a: string, b: string) => `connect ${a} to ${b}`,
    move: (count: number) => `move ${plural(count, 'node')}`,
    remove: (count: number) => `delete ${plural(count, 'element')}`,
    change: (what: string) => `change ${what}`,
    rename: (a: string, b: string) => `rename ${a} to ${b}`,
    paste: (count: number) => `paste ${plural(count, 'node')}`,
    layout: 'layout',
    guard: 'change condition',
    reorder: 'reorder conditions',
    workflow: 'change workflow'
  },

  // Run view
  noRuns: 'No runs yet',
  noRunOpen: 'Choose a run on the left, or start one.',
  runShort: (run: string) => (run.length > 12 ? `run ${run.slice(0, 8)}` : `run ${run}`),
  started: (when: string) => `started ${when}`,
  first: 'To the beginning',
  last: 'To the end',
  play: 'Play the events',
  pause: 'Stop playing',
  speed: 'Speed',
  graph: 'Graph',
  tasks: 'Tasks',
  events: 'Events',
  live: 'live',
  afterEvent: 'After event',
  of: 'of',
  beforeFirst: 'Before the first event',
  values: 'Values',
  noValues: 'Nothing has a value yet.',
  thisEvent: 'This event',
  movedAlong: 'moved along',
  new: 'new',
  more: (count: number) => `… and ${count} more`,
  backoff: 'backoff',
  timeline: 'Time line',
  atEvent: (at: number, total: number) => `event ${at} of ${total}`,
  columns: {
    seq: '#',
    time: 'time',
    type: 'event',
    node: 'node',
    detail: 'detail',
    visit: 'visit',
    attempt: 'attempt',
    state: 'state',
    duration: 'duration',
    activity: 'activity'
  },

  // For a screen reader
  canvas: 'Workflow drawing',
  outline: 'Outline of the workflow',
  nodesTitle: 'Nodes',
  edgesTitle: 'Edges',
  outlineEdge: (a: string, b: string, guard: string) => `${a} to ${b}${guard ? `, ${guard}` : ''}`,
  announceRun: (state: string) => `Run ${state.toLowerCase()}`,
  toolbar: 'Workflow tools'
};
