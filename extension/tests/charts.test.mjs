import assert from 'node:assert/strict';
import test from 'node:test';
import { gapsOf, Ruler } from '../src/canvas/idle';
import { linkDrawing, linkRun, meant } from '../src/canvas/linked';
import { pressed, selected } from '../src/canvas/page';
import { Disposers, Store } from '../src/canvas/store';
import { chance, REVIEW } from './kit.mjs';

const row = (node, started, ended, more = {}) => ({
  node,
  visit: 1,
  attempt: 1,
  state: 'completed',
  started,
  ended,
  first: started,
  last: ended,
  ...more
});

test('what takes most of the width is drawn shorter', () => {
  const gaps = (tasks, last = 100) => gapsOf(tasks, 0, last).map(gap => [gap.start, gap.end]);
  assert.deepEqual(gaps([row('a', 0, 40), row('b', 60, 100)]), [], 'a fifth is not long');
  assert.deepEqual(gaps([row('b', 90, 100), row('a', 0, 10)]), [[10, 90]]);
  assert.deepEqual(gaps([row('a', 40, 50)]), [
    [0, 40],
    [50, 100]
  ]);
  assert.deepEqual(gaps([row('w', 10, 90, { kind: 'wait' }), row('a', 0, 10)], 90), [[10, 90]]);
  assert.deepEqual(gaps([row('c', 10, 90, { kind: 'call' }), row('a', 0, 10)], 90), []);
  assert.deepEqual(gaps([row('a', 0, null)]), [], 'what goes on is not idle');
  assert.deepEqual(gaps([]), []);
});

test('every time has its place, and every place its time', () => {
  const luck = chance(7);
  for (let i = 0; i < 300; i++) {
    const tasks = [];
    for (let n = luck.below(6); n >= 0; n--) {
      const start = luck.below(1e6);
      tasks.push(row('a', start, start + luck.below(1000) + 1));
    }
    const last = Math.max(...tasks.map(task => task.ended)) + luck.below(1e5);
    const ruler = new Ruler(0, last, gapsOf(tasks, 0, last));
    let before = 0;
    for (let share = 0; share <= 1; share += 0.05) {
      const ts = ruler.at(share);
      assert.ok(ts >= before && Math.abs(ruler.x(ts) - share) < 1e-6, `${share} ${ts}`);
      before = ts;
    }
    assert.deepEqual([ruler.x(0), ruler.x(last)], [0, 1]);
  }
});

function canvas(document, run = 'r1', tasks = []) {
  const surface = {
    selection: new Store({ nodes: [], edges: [] }),
    select: selection => surface.selection.set(selection),
    view: { reveal: () => undefined }
  };
  const session = {
    document,
    history: new Store(run ? { run, tasks } : null),
    runs: new Store([{ run: 'r1' }, { run: 'r2' }])
  };
  const went = [];
  const desk = {
    session,
    surface,
    open: id => went.push(id),
    go: (at, node) => went.push([at, node])
  };
  return { surface, session, desk, went };
}

const press = (by, name, more = {}) => pressed.set({ by, name, runs: [], workflow: '', ...more });

test('a press in a chart is a selection on the drawings that show it', () => {
  const { surface, session } = canvas(REVIEW, '');
  const disposers = new Disposers();
  linkDrawing(surface, session, disposers);
  press('node', 'page');
  assert.deepEqual(surface.selection.get().nodes, ['page']);
  press('node', 'mark', { workflow: 'another' });
  press('node', 'nowhere');
  assert.deepEqual(surface.selection.get().nodes, ['page'], 'it shows no such node');
  press('activity', 'score', { workflow: 'review' });
  assert.deepEqual(surface.selection.get().nodes, ['mark']);
  assert.deepEqual(selected.get(), {
    what: 'nodes',
    run: '',
    workflow: 'review',
    nodes: ['mark'],
    activities: ['score']
  });
  disposers.dispose();
  press('node', 'page');
  assert.deepEqual(surface.selection.get().nodes, ['mark']);
});

test('a run view goes to the visit that was pressed, and opens the run that was', () => {
  const tasks = [row('page', 3, 5), row('page', 7, 9, { attempt: 2 })];
  const { desk, surface, session, went } = canvas(REVIEW, 'r1', tasks);
  const disposers = new Disposers();
  linkRun(desk, disposers);
  press('node', 'page', { visit: 1, attempt: 2, runs: ['r1'] });
  assert.deepEqual(went.splice(0), [[9, 'page']]);
  press('node', 'page', { visit: 1, attempt: 2, runs: ['r9'] });
  assert.deepEqual(went, [], 'a chart of another run');
  press('node', 'mark');
  assert.deepEqual(surface.selection.get().nodes, ['mark'], 'a chart of many runs');
  press('run', 'r1');
  press('run', 'unknown');
  assert.deepEqual(went, []);
  press('run', 'r2');
  assert.deepEqual(went, ['r2']);
  session.history.set({ run: 'r2', tasks: [] });
  assert.deepEqual([selected.get().what, selected.get().run], ['run', 'r2']);
  disposers.dispose();
});

test('an activity means each of its nodes, a run means none', () => {
  assert.deepEqual(meant({ by: 'run', name: 'page', runs: [], workflow: '' }, REVIEW), []);
  assert.deepEqual(meant({ by: 'activity', name: 'fetch', runs: [], workflow: '' }, REVIEW), [
    'page'
  ]);
});
