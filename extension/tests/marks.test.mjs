// What is set for runs on nodes and inside what they call, and what is done to runs from in there.
import assert from 'node:assert/strict';
import test from 'node:test';
import { marksAt, marksOf, NO_MARKS, pathTo } from '../src/canvas/session/marks';
import { scopeOf, workflowAt } from '../src/canvas/document/scope';
import { Session } from '../src/canvas/session/session';
import * as runs from '../src/canvas/editor/steering';
import { Structure } from '../src/canvas/editor/structure';

const task = id => ({ kind: 'task', id, activity: 'ask' });
const INNER = { name: 'part', nodes: [task('more'), { kind: 'choice', id: 'gate' }] };
const OUTER = {
  wfnb: 1,
  name: 'outer',
  nodes: [
    task('more'),
    { kind: 'call', id: 'both', workflow: 'mid' },
    { kind: 'map', id: 'each', workflow: 'part' },
    { kind: 'call', id: 'far', workflow: 'elsewhere' }
  ],
  workflows: {
    part: INNER,
    mid: { name: 'mid', nodes: [{ kind: 'call', id: 'in', workflow: 'part' }] }
  }
};
const ENTERED = [
  { node: 'both', name: 'mid', foreign: '', path: ['mid'] },
  { node: 'in', name: 'part', foreign: '', path: ['part'] }
];
const UNCALLED = { node: '', name: 'part', foreign: '', path: ['part'] };

const seen = (crumbs, elsewhere = {}) => {
  const known = { whole: OUTER, elsewhere };
  return { ...known, document: workflowAt(known, scopeOf(crumbs)), crumbs };
};

test('a node that calls lead to is named by them, unless nothing calls what was entered', () => {
  assert.equal(pathTo([], 'a'), 'a');
  assert.equal(pathTo(ENTERED, 'a'), 'both/in/a');
  assert.equal(pathTo([UNCALLED], 'a'), null);
});

test('marks are those of the workflow in view, and of calls what is set inside of them', () => {
  const steering = {
    breakpoints: ['more', 'both/in/more', 'each/more', 'gone/more', 'both/in', 'far/more'],
    pins: { 'each/more': 1, more: 2 }
  };
  const halts = [
    { calls: ['both'], run: 'r/both' },
    { calls: ['both', 'in'], run: 'r/both/in' },
    { calls: ['each'], run: 'r/each[0]', count: 3 }
  ];
  const whole = marksOf(seen([]), steering, halts);
  assert.deepEqual(marksAt(whole, 'more'), ['breakpoint', 'pin']);
  assert.deepEqual(marksAt(whole, 'both'), ['breakpointInside', 'pause']);
  assert.deepEqual(marksAt(whole, 'each'), ['breakpointInside', 'pinInside', 'pause']);
  assert.deepEqual(marksAt(whole, 'far'), []);
  assert.deepEqual(
    [...whole.paused],
    [
      ['both', 2],
      ['each', 3]
    ]
  );
  const mid = marksOf(seen(ENTERED.slice(0, 1)), steering, halts);
  assert.deepEqual(marksAt(mid, 'in'), ['breakpoint', 'breakpointInside', 'pause']);
  const inner = marksOf(seen(ENTERED), steering, halts);
  assert.deepEqual(marksAt(inner, 'more'), ['breakpoint']);
  assert.deepEqual([...inner.paused], []);
  const gone = { breakpoints: ['both/in/gone', 'both/gone/more', 'each/'], pins: {} };
  assert.deepEqual(marksAt(marksOf(seen([]), gone, []), 'both'), []);
  // A group that is folded says what it hides.
  assert.deepEqual(marksAt(whole, 'group', ['more', 'each']), [
    'breakpointInside',
    'pinInside',
    'pause'
  ]);
  assert.equal(marksOf(seen([UNCALLED]), steering, []), NO_MARKS);
});

/** An editor without a drawing: what is selected is said to it. */
function opened() {
  const sent = [];
  let tell = () => undefined;
  const session = new Session({
    send: message => sent.push(message),
    onMessage: listener => {
      tell = listener;
      return () => undefined;
    }
  });
  tell({ type: 'document', document: OUTER, revision: 1 });
  session.kernel.set('connected');
  let nodes = [];
  const editor = {
    session,
    get document() {
      return session.document;
    },
    surface: {
      selection: { get: () => ({ nodes, edges: [] }) },
      graph: { items: new Map(), folding: { folded: new Set() } },
      select: selection => ({ nodes } = selection),
      view: { center: () => undefined }
    },
    overlay: { set: () => undefined },
    notice: session.notice,
    desk: { run: until => sent.push({ type: 'run', until }) }
  };
  editor.structure = new Structure(editor);
  return { editor, session, sent, tell, choose: (...ids) => (nodes = ids) };
}

const status = (run, state, nodes = {}) => ({ type: 'status', run, state, full: true, nodes });

test('breakpoints, pins and where to run to are sent by the calls that lead there', () => {
  const { editor, session, sent, tell, choose } = opened();
  session.go(ENTERED);
  choose('more');
  sent.length = 0;
  assert.ok(runs.canStop(editor) && runs.canPin(editor) && runs.canRunTo(editor));
  runs.toggleBreakpoints(editor);
  runs.runTo(editor);
  tell(status('r', 'running', { more: { state: 'completed' } }));
  runs.runTo(editor);
  assert.equal(runs.canRunFrom(editor), false, 'a child can not be forked');
  tell({ type: 'steering', breakpoints: ['both/in/more'], pins: { 'both/in/more': 1 } });
  assert.ok(runs.hasBreakpoints(editor) && runs.isPinned(editor));
  runs.toggleBreakpoints(editor);
  runs.unpin(editor);
  assert.deepEqual(sent, [
    { type: 'breakpoints', nodes: ['both/in/more'], on: true },
    { type: 'run', until: 'both/in/more' },
    { type: 'steer', action: 'run_to', node: 'both/in/more' },
    { type: 'breakpoints', nodes: ['both/in/more'], on: false },
    { type: 'unpin', node: 'both/in/more' }
  ]);
  choose('gate');
  assert.equal(runs.canStop(editor), false);
  session.go([UNCALLED]);
  choose('more');
  assert.equal(runs.canStop(editor) || runs.canPin(editor) || runs.canRunTo(editor), false);
  session.dispose();
});

test('a run that is paused inside its calls is paused, can be found there and stepped there', () => {
  const { editor, session, sent, tell, choose } = opened();
  const head = () => session.live.head.get()?.state;
  const halts = [{ calls: ['both', 'in'], run: 'r/both/in' }];
  tell({ type: 'halted', run: 'r', halts });
  tell(status('r', 'running', { both: { state: 'running' } }));
  assert.equal(head(), 'paused');
  assert.ok(runs.isPaused(editor));
  sent.length = 0;
  runs.step(editor);
  assert.deepEqual(runs.pauseElsewhere(editor), ['both', 'in']);
  runs.toPause(editor);
  assert.deepEqual(session.view.get().crumbs, ENTERED);
  assert.equal(runs.pauseElsewhere(editor), null);
  const nodes = { more: { state: 'failed' } };
  const inside = status('r/both/in', 'paused', nodes);
  tell({ type: 'inside_status', calls: ['both', 'in'], status: inside });
  runs.step(editor);
  choose('more');
  assert.ok(runs.canRetry(editor));
  runs.retry(editor);
  assert.deepEqual(sent, [
    { type: 'steer', action: 'step' },
    { type: 'inside', calls: ['both', 'in'] },
    { type: 'steer', action: 'step', run: 'r/both/in' },
    { type: 'retry', node: 'more', run: 'r/both/in' }
  ]);
  tell({ type: 'halted', run: 'r' });
  assert.equal(head(), 'running');
  tell({ type: 'halted', run: 'r', halts });
  tell(status('r2', 'waiting'));
  assert.equal(head(), 'waiting', 'another run is not held up by what the first one was');
  tell(status('r', 'completed'));
  assert.equal(head(), 'completed');
  session.dispose();
});

test('what leads to a pause is followed as far as it leads into the document', () => {
  const { editor, session, tell, choose } = opened();
  editor.surface.graph.items.set('far', {});
  tell({ type: 'halted', run: 'r', halts: [{ calls: ['far', 'x'], run: 'r/far/x' }] });
  runs.toPause(editor);
  assert.deepEqual(session.view.get().crumbs, []);
  assert.deepEqual(editor.surface.selection.get().nodes, ['far']);
  choose();
  session.dispose();
});
