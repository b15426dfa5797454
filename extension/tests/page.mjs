// A page with the canvas and no Jupyter: a keeper in the page checks, runs and replays just enough for
// the mouse and keyboard tests in tests/browser/test_canvas.py. What is asked for stands in the address.
import { encodeText, LocalSession, mountDesigner, mountRunView } from '../src/canvas';
import { applyAll, edgesOf, findNode, nodesOf } from '../src/canvas/document/document';
import { openBridge } from './bridge.mjs';
import { REVIEW, WHOLE } from './kit.mjs';

const ACTIVITIES = [
  {
    name: 'fetch',
    parameters: [{ name: 'url', type: 'str', help: 'Where the page is.' }],
    returns: 'Page',
    fields: ['title', 'words'],
    doc: 'Gets a page.'
  },
  {
    name: 'score',
    parameters: [
      { name: 'text', type: 'str' },
      { name: 'weight', type: 'float', required: false, default: '1.0' }
    ],
    returns: 'float'
  },
  { name: 'ask', returns: 'str' }
];
const PROPERTIES = [
  'sound',
  'deadlock-free',
  'no dead node',
  'proper completion',
  'terminates',
  'type-safe',
  'no read-before-write',
  'guards exhaustive',
  'guards disjoint',
  'deterministic result'
];
/** A counterexample of the whole: what fires, and where the tokens are then. */
const TRACE = [
  {
    text: "the run begins: a token comes to 'open'",
    nodes: ['open'],
    edges: [0],
    marked_nodes: ['open']
  },
  { text: "'paid' comes", nodes: ['open', 'review'], edges: [1], marked_nodes: ['review'] },
  { text: "'review' completes", nodes: ['review', 'gate'], edges: [3], marked_edges: [3] }
];
const GROUPED = {
  wfnb: 1,
  name: 'grouped',
  nodes: [
    { kind: 'start', id: 'start' },
    { kind: 'task', id: 'page', activity: 'fetch' },
    { kind: 'task', id: 'clean', activity: 'fetch' },
    { kind: 'task', id: 'mark', activity: 'score' },
    { kind: 'end', id: 'end' },
    { kind: 'group', id: 'inner', label: 'Read', members: ['page', 'clean'] },
    { kind: 'group', id: 'outer', label: 'Work', members: ['inner', 'mark'] },
    {
      kind: 'note',
      id: 'why',
      text: '# Plan\n\nRead **all** of it, _then_ `score`.\n- one\n- two: [more](https://example.org/a)\n\n> not <b>HTML</b> ![x](https://example.org/x.png)'
    }
  ],
  edges: [
    { source: 'start', target: 'page' },
    { source: 'page', target: 'clean' },
    { source: 'clean', target: 'mark' },
    { source: 'mark', target: 'end' },
    { source: 'mark', target: 'clean', error: 'Again' }
  ],
  layout: {
    start: [60, 160],
    page: [220, 160],
    clean: [420, 160],
    mark: [640, 160],
    end: [820, 160],
    why: [220, 360]
  }
};
/** Many nodes in groups of fifty, one group after the other. */
function many(count) {
  const ids = Array.from({ length: count }, (_, i) => `t${i}`);
  const groups = Array.from({ length: count / 50 }, (_, g) => ({
    kind: 'group',
    id: `g${g}`,
    members: ids.slice(50 * g, 50 * g + 50)
  }));
  const tasks = ids.map(id => ({ kind: 'task', id, activity: 'fetch' }));
  const layout = Object.fromEntries(
    ids.map((id, i) => [id, [(i % 50) * 200, Math.floor(i / 50) * 130]])
  );
  const edges = ids.slice(1).map((target, i) => ({ source: ids[i], target }));
  return { wfnb: 1, name: 'many', nodes: [...tasks, ...groups], edges, layout };
}
const EMPTY = {
  wfnb: 1,
  name: 'empty',
  nodes: [
    { kind: 'start', id: 'start' },
    { kind: 'end', id: 'end' }
  ],
  layout: { start: [80, 200], end: [640, 200] }
};

/** What the kernel is for a cell: applies, undoes, checks, broadcasts. */
class FakeKernel {
  revision = 1;
  undone = [];
  done = [];
  listeners = new Set();
  asked = [];
  breakpoints = [];
  pins = {};

  constructor(document) {
    this.document = document;
  }

  connect() {
    return {
      send: message => setTimeout(() => this.receive(structuredClone(message)), 5),
      onMessage: listener => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      }
    };
  }

  tell(message) {
    for (const listener of [...this.listeners]) listener(structuredClone(message));
  }

  labels() {
    return { undo: this.done.at(-1)?.label ?? null, redo: this.undone.at(-1)?.label ?? null };
  }

  receive(message) {
    this.asked.push(message);
    const { revision, document } = this;
    if (message.type === 'hello') {
      this.tell({ type: 'document', document, revision, ...this.labels() });
      this.tell({ type: 'activities', activities: ACTIVITIES, functions: ['len', 'sum'] });
      this.check();
    } else if (message.type === 'edit') this.edit(message);
    else if (message.type === 'undo') this.step(this.done, this.undone);
    else if (message.type === 'redo') this.step(this.undone, this.done);
    else if (message.type === 'look_at') this.look(message);
    else if (message.type === 'run' && document.name === 'whole') this.ask();
    else if (message.type === 'run')
      this.status('running', { start: 'completed', page: 'running' });
    else if (message.type === 'approve') this.answer(message);
    else if (message.type === 'breakpoints') {
      const rest = this.breakpoints.filter(id => !message.nodes.includes(id));
      this.breakpoints = message.on === false ? rest : [...rest, ...message.nodes];
      this.steering();
    } else if (message.type === 'pin') {
      this.pins[message.node] = message.value;
      this.steering();
    } else if (message.type === 'unpin') {
      this.pins = Object.fromEntries(
        Object.entries(this.pins).filter(([id]) => id !== message.node)
      );
      this.steering();
    } else if (message.type === 'value_of')
      this.tell({ type: 'value', node: message.node, json: '{"mark": 0.9}' });
    else if (message.type === 'cancel') this.status('cancelled', { page: 'cancelled' });
  }

  /** Knows of one fault: a name that nobody has. */
  look({ client, id, text }) {
    const start = text.indexOf('nobody');
    const fault =
      start < 0 ? {} : { message: "there is no node 'nobody'\nname one", start, end: start + 6 };
    this.tell({ type: 'looked_at', client, id, ...fault });
  }

  steering() {
    this.tell({ type: 'steering', breakpoints: this.breakpoints, pins: this.pins });
  }

  /** Rests at the approval of the whole. */
  ask() {
    this.status('waiting', {
      start: 'completed',
      open: 'completed',
      review: 'waiting',
      each: 'running'
    });
    const form = { ok: 'bool', why: 'str', stars: 'int', size: "Literal['small', 'large']" };
    const review = { node: 'review', prompt: 'Ship order 17?', form };
    this.tell({ type: 'approvals', run: 'r1', approvals: [review] });
  }

  answer({ node, value }) {
    if (value.stars > 5) {
      const fields = { stars: "'stars' is more than 5" };
      this.tell({ type: 'unfit', node, message: 'no', fields });
      return;
    }
    this.tell({ type: 'approvals', run: 'r1', approvals: [] });
    this.status('completed', { start: 'completed', review: 'completed' });
  }

  edit({ client, id, label, edits }) {
    try {
      const { document, inverse } = applyAll(this.document, edits);
      this.document = document;
      this.done.push({ label, edits: inverse });
      this.undone = [];
      this.changed(edits, client, id);
    } catch (error) {
      this.tell({ type: 'rejected', client, id, message: error.message });
    }
  }

  step(from, to) {
    const step = from.pop();
    if (!step) return;
    const { document, inverse } = applyAll(this.document, step.edits);
    this.document = document;
    to.push({ label: step.label, edits: inverse });
    this.changed(step.edits);
  }

  changed(edits, client = '', id = 0) {
    this.tell({ type: 'edited', revision: ++this.revision, edits, client, id, ...this.labels() });
    this.check();
  }

  check() {
    const problems = edgesOf(this.document).flatMap((edge, i) => {
      const bare =
        findNode(this.document, edge.source)?.kind === 'choice' && !edge.when && !edge.otherwise;
      const message = `edge ${edge.source} → ${edge.target} has no condition`;
      return bare
        ? [
            {
              code: 'WF1',
              severity: 'error',
              message,
              nodes: [edge.source],
              edges: [i],
              field: 'when'
            }
          ]
        : [];
    });
    for (const { id, kind, activity } of nodesOf(this.document)) {
      if (kind !== 'task' || ACTIVITIES.some(one => one.name === activity)) continue;
      problems.push({
        code: 'WF2',
        severity: 'error',
        message: `unknown activity '${activity}'`,
        nodes: [id],
        field: 'activity'
      });
    }
    const verdict = problems.length ? 'unknown' : 'proved';
    const why = problems.length ? 'the drawing has errors' : '';
    const properties = PROPERTIES.map(name => ({ name, verdict, why }));
    // A gate without a way out for everything else may leave its token where it is.
    const stuck = edgesOf(this.document).findIndex(({ target }) => target === 'gate');
    if (this.document.name === 'whole' && stuck >= 0) {
      properties[0] = { ...properties[0], verdict: 'refuted', why: 'it can come to rest for good' };
      properties[1] = {
        name: 'deadlock-free',
        verdict: 'refuted',
        why: "'gate' has no branch for every answer",
        trace: TRACE.map(step => ({ ...step }))
      };
    }
    this.tell({ type: 'checked', revision: this.revision, problems, properties, ms: 1 });
  }

  status(state, nodes) {
    const started = Date.now();
    const list = Object.entries(nodes).map(([id, s]) => [id, { state: s, started }]);
    this.tell({
      type: 'status',
      run: 'r1',
      state,
      started,
      nodes: Object.fromEntries(list),
      edges: { 0: 1 }
    });
  }
}

/** A run of some tasks one after the other, which can be asked for any of its events. */
class FakeHistory {
  asked = [];
  at = null;
  t0 = Date.now() - 60_000;

  constructor(count) {
    const names = Array.from({ length: count }, (_, i) => `task_${i}`);
    this.document = {
      wfnb: 1,
      name: 'past',
      nodes: names.map(id => ({ kind: 'task', id, activity: 'fetch' })),
      edges: names.slice(1).map((id, i) => ({ source: names[i], target: id }))
    };
    const event = (i, type, ms) => ({
      ts: this.t0 + i * 100 + ms,
      type,
      node: names[i],
      detail: `${i}`
    });
    this.events = names
      .flatMap((_, i) => [event(i, 'TaskStarted', 0), event(i, 'TaskCompleted', 80)])
      .map((row, i) => ({ seq: i + 1, ...row }));
    this.tasks = names.map((node, i) => ({
      node,
      visit: 1,
      attempt: 1,
      state: 'completed',
      started: this.t0 + i * 100,
      ended: this.t0 + i * 100 + 80,
      first: 2 * i + 1,
      last: 2 * i + 2
    }));
  }

  connect() {
    return {
      send: message => setTimeout(() => this.receive(message), 5),
      onMessage: listener => {
        this.tell = listener;
        return () => undefined;
      }
    };
  }

  receive(message) {
    this.asked.push(message);
    if (message.type === 'seek') this.at = message.at ?? null;
    if (message.type === 'hello') {
      const ended = this.events.at(-1).ts;
      this.tell({ type: 'document', document: this.document, revision: 0, read_only: true });
      this.tell({
        type: 'runs',
        runs: [{ run: 'r1', name: 'past', state: 'completed', started: this.t0, ended }]
      });
      this.tell({ type: 'history', run: 'r1', full: true, events: this.events, tasks: this.tasks });
    }
    this.tell(this.frame());
  }

  frame() {
    const total = this.events.length;
    const at = this.at ?? total;
    const nodes = {};
    for (const { type, node, ts } of this.events.slice(0, at)) {
      nodes[node] = { state: type === 'TaskStarted' ? 'running' : 'completed', started: ts };
    }
    const edges = Object.fromEntries(
      Object.keys(nodes)
        .slice(1)
        .map((_, i) => [i, 1])
    );
    const status = {
      type: 'status',
      run: 'r1',
      state: 'completed',
      full: true,
      started: this.t0,
      nodes,
      edges
    };
    const values = Object.keys(nodes).map(name => ({ name, text: '1', changed: false }));
    const moved = at > 2 ? [Math.ceil(at / 2) - 2] : [];
    return {
      type: 'frame',
      at,
      total,
      live: this.at === null,
      status,
      values,
      event: this.events[at - 1] ?? null,
      moved
    };
  }
}

function host() {
  const element = document.createElement('div');
  if (query.has('late')) {
    // As a widget manager with a shadow root would: the view is drawn first, and put into the page then.
    const around = document.createElement('div');
    around.attachShadow({ mode: 'open' });
    document.body.append(around);
    setTimeout(() => around.shadowRoot.append(element));
  } else document.body.append(element);
  return element;
}

const query = new URLSearchParams(location.search);
document.body.dataset.jpThemeLight = String(!query.has('dark'));
if (query.has('bridge')) openBridge(host);
else if (query.has('run')) {
  const history = new FakeHistory(Number(query.get('run')));
  globalThis.keeper = history;
  globalThis.mounted = [mountRunView(host(), history.connect())];
} else if (query.has('file')) {
  const listeners = new Set();
  const file = {
    text: encodeText(REVIEW),
    get: () => file.text,
    set: text => {
      file.text = text;
      for (const listener of listeners) listener();
    },
    onChange: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }
  };
  const local = new LocalSession(file, () => 'review.wf.json');
  Object.assign(globalThis, { file, local });
  const element = host();
  element.style.height = '600px';
  globalThis.mounted = [mountDesigner(element, local.connect(), { fill: true })];
} else {
  const shown = query.has('whole') ? WHOLE : { ...REVIEW, layout: {} };
  const given = query.has('grouped')
    ? GROUPED
    : query.has('many')
      ? many(Number(query.get('many')))
      : shown;
  const kernel = new FakeKernel(query.has('empty') ? EMPTY : given);
  globalThis.keeper = kernel;
  const views = query.has('two') ? 2 : 1;
  globalThis.mounted = Array.from({ length: views }, () => mountDesigner(host(), kernel.connect()));
}
