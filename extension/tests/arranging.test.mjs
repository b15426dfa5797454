import assert from 'node:assert/strict';
import test from 'node:test';
import { arranged } from '../src/canvas/layout/align';
import { arrange } from '../src/canvas/layout/layout';
import { clipOf, pasting, placing, readClip } from '../src/canvas/layout/clip';
import { applyAll, edgesOf, nodesOf } from '../src/canvas/document/document';
import { snap } from '../src/canvas/layout/guides';
import { movedEdge, refusal, refusalToMove } from '../src/canvas/document/rules';
import { firstOf, travel } from '../src/canvas/layout/travel';
import { REVIEW, WHOLE, chance, scene } from './kit.mjs';

const box = (x, y, w = 100, h = 40) => ({ x, y, w, h });

test('a box snaps to the nearest middle or side, each way on its own', () => {
  const other = box(0, 0);
  assert.deepEqual(snap(box(4, 200), [other], 6), {
    dx: -4,
    dy: 0,
    guides: [{ kind: 'line', from: { x: 0, y: -20 }, to: { x: 0, y: 220 } }]
  });
  const left = snap(box(23, 200, 150), [other], 6);
  assert.equal(left.dx, 2, 'the left sides are nearest');
  assert.equal(left.guides[0].from.x, -50);
  const both = snap(box(303, -5), [box(300, 200), other], 6);
  assert.deepEqual([both.dx, both.dy], [-3, 5]);
  assert.deepEqual(snap(box(20, 70), [other], 6), { dx: 0, dy: 0, guides: [] });
});

test('what snapped is in line to the point, wherever it came from', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const luck = chance(seed);
    const some = () =>
      box(luck.below(600), luck.below(400), 40 + luck.below(150), 30 + luck.below(60));
    const others = Array.from({ length: 6 }, some);
    const moving = some();
    const { dx, dy, guides } = snap(moving, others, 6);
    assert.ok(Math.abs(dx) <= 6 && Math.abs(dy) <= 6);
    const placed = { ...moving, x: moving.x + dx, y: moving.y + dy };
    const again = snap(placed, others, 6);
    assert.ok(Math.abs(again.dx) < 0.02 && Math.abs(again.dy) < 0.02, `seed ${seed} stays`);
    if (dx !== 0 || dy !== 0) assert.ok(guides.length > 0, `seed ${seed} shows why`);
  }
});

test('a box snaps between, before and behind its neighbours at their distance', () => {
  const [a, b] = [box(0, 0), box(200, 0)];
  const behind = snap(box(397, 10), [a, b], 6);
  assert.equal(behind.dx, 3);
  assert.deepEqual(
    behind.guides.filter(guide => guide.kind === 'gap').map(({ from, to }) => to.x - from.x),
    [100, 100]
  );
  assert.equal(snap(box(-204, 10), [a, b], 6).dx, 4);
  const between = snap(box(195, 10), [a, box(400, 0)], 6);
  assert.equal(between.dx, 5);
  assert.equal(snap(box(0, 395, 30), [box(2, 0, 80), box(2, 200, 80)], 6).dy, 5);
});

const itemsOf = places =>
  new Map(
    Object.entries(places).map(([id, [x, y, w = 100, h = 40]]) => {
      const node = { kind: 'task', id, activity: '' };
      return [id, { id, node, form: 'card', x, y, w, h }];
    })
  );

test('alignment is with the side or the middle of what is selected', () => {
  const items = itemsOf({ a: [0, 0], b: [60, 100, 200], c: [500, 300] });
  assert.deepEqual(arranged(items, ['a', 'b'], 'alignLeft'), { b: [50, 100] });
  assert.deepEqual(arranged(items, ['a', 'b'], 'alignRight'), { a: [110, 0] });
  assert.deepEqual(arranged(items, ['a', 'b'], 'alignCentre'), { a: [55, 0], b: [55, 100] });
  assert.deepEqual(arranged(items, ['a', 'c'], 'alignTop'), { c: [500, 0] });
  assert.deepEqual(arranged(items, ['a', 'c'], 'alignMiddle'), { a: [0, 150], c: [500, 150] });
  assert.deepEqual(arranged(items, ['a', 'c'], 'alignBottom'), { a: [0, 300] });
  assert.deepEqual(arranged(items, ['a'], 'alignTop'), {}, 'one is in line by itself');
});

test('spreading keeps the outermost and makes the gaps equal', () => {
  const items = itemsOf({ a: [0, 0], b: [130, 5, 60], c: [500, 10], d: [300, 50] });
  const spread = arranged(items, ['a', 'b', 'c', 'd'], 'spreadAcross');
  assert.deepEqual(Object.keys(spread).sort(), ['b', 'd']);
  const x = { a: 0, c: 500, b: spread.b[0], d: spread.d[0] };
  const gaps = [x.b - 30 - 50, x.d - 50 - (x.b + 30), x.c - 50 - (x.d + 50)];
  for (const gap of gaps) assert.ok(Math.abs(gap - gaps[0]) <= 1, String(gaps));
  assert.deepEqual(arranged(items, ['a', 'b'], 'spreadAcross'), {}, 'two have nothing to spread');
  const tight = itemsOf({ a: [0, 0], b: [10, 0], c: [80, 0] });
  assert.deepEqual(arranged(tight, ['a', 'b', 'c'], 'spreadAcross'), { b: [40, 0] });
});

test('a group is put in line with all that is inside, which does not move by itself', () => {
  const { items } = scene(WHOLE);
  const moved = arranged(items, ['inner', 'pack', 'refused'], 'alignBottom');
  const by = new Set(['pack', 'each', 'bill'].map(id => moved[id][1] - WHOLE.layout[id][1]));
  assert.equal(by.size, 1, 'all of it by the same');
  assert.ok(!('inner' in moved), 'a group lies where its members are');
});

test('arrows go along edges, among siblings, and else to what lies that way', () => {
  const { items } = scene({
    ...REVIEW,
    layout: {
      start: [0, 100],
      page: [150, 100],
      mark: [350, 100],
      gate: [500, 100],
      again: [500, 250],
      kept: [700, 0],
      dropped: [700, 220]
    }
  });
  const go = (from, way) => travel(items, REVIEW.edges, from, way);
  assert.equal(go('start', 'right'), 'page');
  assert.equal(go('gate', 'right'), 'kept', 'the one that lies ahead and straightest');
  assert.equal(go('kept', 'down'), 'dropped', 'a sibling');
  assert.equal(go('dropped', 'up'), 'kept');
  assert.equal(go('mark', 'left'), 'page', 'not the edge that comes back');
  assert.equal(go('again', 'right'), 'mark', 'its only successor, though it lies behind');
  assert.equal(go('start', 'left'), null);
  assert.equal(go('start', 'down'), 'again', 'nothing is beside it');
  assert.equal(firstOf(items, items.get('gate'), ['start', 'dropped']), 'dropped');
  assert.equal(firstOf(items, items.get('kept'), ['start']), 'start');
});

test('every node of a drawing can be reached by arrows from its start', () => {
  for (const document of [REVIEW, WHOLE]) {
    const { items } = scene(document);
    const reached = new Set(['start']);
    for (const id of reached) {
      for (const way of ['left', 'right', 'up', 'down']) {
        const next = travel(items, document.edges, id, way);
        if (next) reached.add(next);
      }
    }
    assert.deepEqual(
      nodesOf(document)
        .map(node => node.id)
        .filter(id => !reached.has(id)),
      []
    );
  }
});

test('pasted names clash with nothing, not even with each other', () => {
  const source = {
    wfnb: 1,
    name: 'source',
    nodes: [
      { kind: 'task', id: 'a', activity: 'f' },
      { kind: 'task', id: 'a_2', activity: 'g', arguments: { x: '=a', y: '=a_2_2' } }
    ],
    edges: [{ source: 'a', target: 'a_2' }],
    layout: { a: [0, 0], a_2: [200, 0] }
  };
  const target = { wfnb: 1, name: 'target', nodes: [{ kind: 'task', id: 'a', activity: 'z' }] };
  const text = clipOf(source, scene(source).items, ['a', 'a_2']);
  const { edits, ids } = pasting(target, readClip(text), { x: 10, y: 20 });
  assert.deepEqual(ids, ['a_3', 'a_2']);
  const { document, inverse } = applyAll(target, edits);
  assert.deepEqual(nodesOf(document)[2].arguments, { x: '=a_3', y: '=a_2_2' });
  assert.deepEqual(edgesOf(document), [{ source: 'a_3', target: 'a_2' }]);
  assert.deepEqual(document.layout, { a_3: [10, 20], a_2: [210, 20] });
  assert.equal(
    JSON.stringify(applyAll(document, inverse).document.nodes),
    JSON.stringify(target.nodes)
  );
});

test('a call brings the workflows that it runs, and none of another that has the name', () => {
  const flow = name => ({
    wfnb: 1,
    name,
    nodes: [{ kind: 'call', id: 'deep', workflow: 'deeper' }]
  });
  const source = {
    wfnb: 1,
    name: 'source',
    nodes: [{ kind: 'call', id: 'bill', workflow: 'billing' }],
    workflows: { billing: flow('billing'), deeper: { wfnb: 1, name: 'deeper' }, other: { wfnb: 1 } }
  };
  const text = clipOf({ ...source, edges: [] }, scene({ ...source, edges: [] }).items, ['bill']);
  const clip = readClip(text);
  assert.deepEqual(Object.keys(clip.workflows).sort(), ['billing', 'deeper']);
  const empty = { wfnb: 1, name: 'empty', nodes: [] };
  const into = document =>
    applyAll(document, pasting(document, clip, { x: 0, y: 0 }).edits).document;
  assert.deepEqual(Object.keys(into(empty).workflows).sort(), ['billing', 'deeper']);
  const clash = into({ ...empty, workflows: { deeper: { wfnb: 1, name: 'mine' } } });
  assert.equal(clash.workflows.deeper.name, 'mine');
  assert.equal(nodesOf(clash.workflows.billing)[0].workflow, 'deeper_2');
  assert.equal(clash.workflows.deeper_2.name, 'deeper');
  const twice = into(into(empty));
  assert.deepEqual(Object.keys(twice.workflows).sort(), ['billing', 'deeper'], 'the same are one');
});

test('copies lie at the mouse, beside what they come from, or else in view', () => {
  const { items } = scene(REVIEW);
  const clip = readClip(clipOf(REVIEW, items, ['page', 'mark']));
  const view = box(300, 100, 2000, 2000);
  assert.deepEqual(placing(clip, items, view, { x: 330, y: 80 }), { x: 0, y: 0 });
  assert.deepEqual(placing(clip, items, view, null), { x: 24, y: 24 });
  const again = new Map([...items, ['copy', { ...items.get('page'), x: 264, y: 104 }]]);
  assert.deepEqual(placing(clip, again, view, null), { x: 48, y: 48 });
  assert.deepEqual(placing(clip, items, box(5000, 0, 300, 300), null), { x: 4670, y: -80 });
  assert.equal(readClip('{"wfnb": 1, "nodes": [{"kind": "taks"}]}'), null);
  assert.equal(readClip('two words'), null);
  const bare = readClip('{"nodes": [{"kind": "task", "id": "a", "activity": "fetch"}]}');
  assert.deepEqual(
    bare.nodes.map(node => node.id),
    ['a']
  );
  assert.equal(readClip('{"wfnb": 2, "nodes": [{"kind": "note", "id": "a"}]}'), null);
});

test('an end of an edge moves to what the rules allow', () => {
  const [, , , kept] = REVIEW.edges;
  assert.equal(refusalToMove(REVIEW, kept, 'target', 'again'), '', 'a choice may go there twice');
  assert.notEqual(refusalToMove(REVIEW, kept, 'target', 'start'), '');
  assert.notEqual(
    refusalToMove(REVIEW, kept, 'source', 'dropped'),
    '',
    'nothing leads out of an end'
  );
  assert.notEqual(refusalToMove(REVIEW, kept, 'source', 'kept'), '', 'not into its own node');
  const plain = { source: 'start', target: 'page' };
  assert.notEqual(refusal(REVIEW, 'start', 'page'), '');
  assert.equal(refusalToMove(REVIEW, plain, 'target', 'page'), '', 'it may stay where it is');
});

test('an edge that begins elsewhere keeps what it can still say', () => {
  const edge = REVIEW.edges[3];
  assert.deepEqual(movedEdge(REVIEW, edge, 'target', 'again'), { ...edge, target: 'again' });
  assert.deepEqual(movedEdge(REVIEW, edge, 'source', 'start'), { source: 'start', target: 'kept' });
  assert.deepEqual(movedEdge(REVIEW, edge, 'source', 'page'), {
    source: 'page',
    target: 'kept',
    error: '*'
  });
  const timer = WHOLE.edges[4];
  assert.deepEqual(movedEdge(WHOLE, timer, 'source', 'audit'), { ...timer, source: 'audit' });
  assert.deepEqual(movedEdge(WHOLE, timer, 'source', 'gate'), {
    source: 'gate',
    target: 'refused'
  });
  const other = { ...REVIEW, nodes: [...REVIEW.nodes, { kind: 'choice', id: 'second' }] };
  const otherwise = REVIEW.edges[5];
  assert.equal(movedEdge(other, otherwise, 'source', 'second').otherwise, true);
  assert.equal(movedEdge(WHOLE, WHOLE.edges[9], 'source', 'gate').otherwise, undefined);
});

test('where the page lets no worker start, the built-in layout arranges, and nobody asks for one again', async t => {
  let asked = 0;
  const source = () => Promise.resolve(String(++asked));
  // As a content security policy refuses one: it is made, says nothing, and ends with an error.
  globalThis.Worker = class {
    addEventListener(type, tell) {
      setTimeout(() => type === 'error' && tell({ message: '' }));
    }
    postMessage() {}
  };
  t.after(() => delete globalThis.Worker);
  const warn = t.mock.method(console, 'warn', () => undefined);
  const nodes = ['a', 'b'].map(id => ({ id, w: 80, h: 40 }));
  const links = [{ source: 'a', target: 'b' }];
  for (let time = 0; time < 2; time++) {
    const placed = await arrange(nodes, links, source);
    assert.ok(placed.get('a').x < placed.get('b').x);
  }
  assert.deepEqual([asked, warn.mock.callCount()], [1, 1]);
});
