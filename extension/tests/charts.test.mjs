import assert from 'node:assert/strict';
import test from 'node:test';
import { gapsOf, Ruler } from '../src/canvas/session/idle';
import { linkDrawing, linkRun, meant } from '../src/canvas/runs/linked';
import { moment, pressed, selected } from '../src/canvas/session/page';
import { Disposers, Store } from '../src/canvas/ground/store';
import { atTime, duringTime } from '../src/canvas/session/runhistory';
import { zone } from '../src/canvas/ground/time';
import { fit, timeAt } from '../src/plugins/chartview';
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

function canvas(document, run = 'r1', tasks = [], events = []) {
  const surface = {
    selection: new Store({ nodes: [], edges: [] }),
    select: selection => surface.selection.set(selection),
    view: { reveal: () => undefined }
  };
  const session = {
    document,
    history: new Store(run ? { run, tasks, events } : null),
    frame: new Store(null),
    runs: new Store([{ run: 'r1' }, { run: 'r2' }])
  };
  const went = [];
  const player = { live: true, stand: at => stand(at) };
  const stand = at => {
    player.live = false;
    went.push(at);
    session.frame.set({ at });
  };
  const desk = {
    session,
    surface,
    player,
    notice: new Store(null),
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

const TIMES = [10, 20, 20, 30].map((ts, i) => ({ seq: i + 1, ts, type: 'x' }));

test('a time that is pressed in a chart is where the run is looked at', () => {
  const tasks = [row('page', 10, 20), row('mark', 20, 30)];
  const { desk, surface, session, went } = canvas(REVIEW, 'r1', tasks, TIMES);
  const disposers = new Disposers();
  linkRun(desk, disposers);
  const time = (from, until, more = {}) => press('time', '', { from, until, ...more });
  time(25, 25);
  assert.deepEqual([went.splice(0), surface.selection.get().nodes], [[3], ['mark']]);
  assert.deepEqual(moment.get(), { run: 'r1', workflow: 'review', from: 25, until: 25 });
  time(5, 40);
  assert.deepEqual([went.splice(0), surface.selection.get().nodes], [[4], ['page', 'mark']]);
  assert.deepEqual([moment.get().from, moment.get().until], [5, 40], 'what was dragged over stays');
  time(31, 40);
  assert.deepEqual([went, typeof desk.notice.get()], [[], 'string'], 'it was over then');
  time(25, 25, { runs: ['r2'] });
  time(25, 25, { workflow: 'another' });
  assert.deepEqual(went, []);
  session.frame.set({ at: 2 });
  assert.deepEqual([moment.get().from, moment.get().until], [20, 20], 'an event is a time');
  desk.player.live = true;
  session.frame.set({ at: 4 });
  assert.equal(moment.get(), null, 'its end is none in particular');
  disposers.dispose();
});

test('what a run did at a time', () => {
  const history = { events: TIMES, tasks: [row('b', 20, null), row('a', 10, 20)] };
  assert.deepEqual(
    [9, 10, 20, 25, 30, 31].map(at => atTime(history, at, at)),
    [undefined, 1, 3, 3, 4, undefined]
  );
  assert.equal(atTime({ events: [] }, 0, 99), undefined);
  assert.deepEqual(duringTime(history, 0, 99), ['a', 'b']);
  assert.deepEqual(duringTime(history, 21, 99), ['b']);
});

test('a chart is as wide as there is room, and its places have their times', () => {
  let wide = 640;
  const view = {
    origin: () => [60, 20],
    width: to => {
      if (to === undefined) return wide;
      wide = to;
      return { runAsync: () => Promise.resolve() };
    },
    scale: () => ({ invert: x => new Date(x * 10) })
  };
  const widths = [0, 1000, 700, 100, 5000].map(room => {
    fit(view, { clientWidth: room });
    return wide;
  });
  assert.deepEqual(widths, [640, 852, 552, 260, 900]);
  assert.deepEqual(
    [59, 60, 70, 961].map(x => timeAt(view, x)),
    [undefined, 0, 100, undefined]
  );
});

test('an activity means each of its nodes, a run means none', () => {
  assert.deepEqual(meant({ by: 'run', name: 'page', runs: [], workflow: '' }, REVIEW), []);
  assert.deepEqual(meant({ by: 'activity', name: 'fetch', runs: [], workflow: '' }, REVIEW), [
    'page'
  ]);
});

test('a time zone is named by its distance from UTC, as it was then', () => {
  const zones = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns'];
  const before = process.env.TZ;
  const named = zones.map(name => {
    process.env.TZ = name;
    return [Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 1)].map(zone);
  });
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
  assert.deepEqual(named, [
    ['UTC', 'UTC'],
    ['UTC+1', 'UTC+2'],
    ['UTC+5:30', 'UTC+5:30'],
    ['UTC-3:30', 'UTC-2:30']
  ]);
});
