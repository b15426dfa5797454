// Deleting with healing, putting nodes into edges, and what is found for what is typed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileName, scaleOf } from '../src/canvas/editor/exporting';
import { chordOf, shownChord, shownChords } from '../src/canvas/ground/chords';
import { COMMANDS } from '../src/canvas/editor/commands';
import { applyAll, edgesOf, findNode, layoutOf } from '../src/canvas/document/document';
import { healing, removing } from '../src/canvas/document/heal';
import { inserting, lineAt, roomFor } from '../src/canvas/layout/inserting';
import { fit, ranked } from '../src/canvas/ground/match';
import { refusal } from '../src/canvas/document/rules';
import { encode } from '../src/canvas/document/text';
import { chance, REVIEW, WHOLE } from './kit.mjs';

const without = (document, nodes, edges = []) => {
  const { edits, lost } = healing(document, nodes, edges);
  return { document: applyAll(document, edits).document, lost };
};
const pairs = document => edgesOf(document).map(({ source, target }) => `${source} ${target}`);

test('what is taken out of a row leaves the row whole, with the condition of the way in', () => {
  const { document, lost } = without(REVIEW, ['again']);
  assert.deepEqual(edgesOf(document).at(-1), {
    source: 'gate',
    target: 'mark',
    when: 'mark > 0.3'
  });
  assert.equal(lost, 0);
  assert.ok(pairs(without(REVIEW, ['page', 'mark']).document).includes('start gate'));
});

test('a trigger stays with the edge that has it', () => {
  const document = {
    ...REVIEW,
    edges: [...REVIEW.edges, { source: 'page', target: 'again', error: '*' }]
  };
  const healed = without(document, ['again']).document;
  assert.deepEqual(edgesOf(healed).at(-1), { source: 'page', target: 'mark', error: '*' });
});

test('where the way splits, only a fork leads on; what is lost is counted', () => {
  const { document, lost } = without(REVIEW, ['gate']);
  assert.equal(lost, 1);
  assert.ok(!pairs(document).some(pair => pair.startsWith('mark ')));
  const parallel = {
    wfnb: 1,
    nodes: ['a', 'b']
      .map(id => ({ kind: 'fork', id }))
      .concat(['x', 'y', 'z'].map(id => ({ kind: 'task', id, activity: 'ask' }))),
    edges: ['a b', 'a z', 'b x', 'b y'].map(pair => {
      const [source, target] = pair.split(' ');
      return { source, target };
    })
  };
  assert.deepEqual(pairs(without(parallel, ['b']).document), ['a z', 'a x', 'a y']);
});

test('an edge that is there already is not drawn twice, nor one into its own node', () => {
  const loop = { ...REVIEW, edges: [...REVIEW.edges, { source: 'page', target: 'gate' }] };
  const { document, lost } = without(loop, ['mark']);
  assert.equal(pairs(document).filter(pair => pair === 'page gate').length, 1);
  assert.equal(lost, 0);
  assert.ok(!pairs(document).some(pair => pair === 'gate gate'));
});

test('healing keeps to the rules and its inverse is exact, whatever is taken away', () => {
  for (let seed = 0; seed < 200; seed++) {
    const dice = chance(seed);
    const before = dice.below(2) ? WHOLE : REVIEW;
    const nodes = before.nodes.map(({ id }) => id).filter(() => dice.below(4) === 0);
    const edges = edgesOf(before)
      .map((_, i) => i)
      .filter(() => dice.below(6) === 0);
    const { edits } = healing(before, nodes, edges);
    const { document, inverse } = applyAll(before, edits);
    assert.equal(encode(applyAll(document, inverse).document), encode(before));
    const plain = applyAll(before, removing(before, nodes, edges)).document;
    for (const edge of edgesOf(document).slice(edgesOf(plain).length)) {
      assert.equal(refusal(plain, edge.source, edge.target), '');
    }
  }
});

test('a node that is put into an edge takes over where that leads', () => {
  const fresh = { kind: 'task', id: 'new', activity: 'ask' };
  const document = { ...REVIEW, nodes: [...REVIEW.nodes, fresh] };
  const edge = edgesOf(document)[3];
  const after = applyAll(document, inserting(document, edge, fresh)).document;
  assert.deepEqual(edgesOf(after)[3], { source: 'gate', target: 'new', when: 'mark > 0.8' });
  assert.deepEqual(edgesOf(after).at(-1), { source: 'new', target: 'kept' });
});

const item = (id, x, w = 100) => [id, { id, x, y: 0, w, h: 40, node: findNode(REVIEW, id) }];

test('what follows makes room, and what lies before stays', () => {
  const items = new Map([
    item('page', 0),
    item('mark', 160),
    item('gate', 300),
    item('start', -90)
  ]);
  const wanted = { x: 80, y: 5, w: 100, h: 40 };
  const { at, moved } = roomFor(REVIEW, items, edgesOf(REVIEW)[1], wanted);
  assert.deepEqual(at, { x: 156, y: 5 });
  assert.deepEqual(moved, { mark: [312, 0], gate: [452, 0] });
  assert.deepEqual(roomFor(REVIEW, items, { source: 'gate', target: 'page' }, wanted).moved, {});
  assert.deepEqual(layoutOf(REVIEW).mark, [420, 80], 'nothing is changed in place');
});

test('the nearest line within reach takes in what is dropped', () => {
  const line = (index, y) => ({
    index,
    route: {
      kind: 'lane',
      points: [
        { x: 0, y },
        { x: 100, y }
      ]
    }
  });
  const lines = [line(0, 0), line(1, 10), { index: 2, route: null }];
  assert.equal(lineAt(lines, { x: 50, y: 7 }, 16)?.index, 1);
  assert.equal(lineAt(lines, { x: 50, y: 40 }, 16), null);
  assert.equal(lineAt(lines, { x: 130, y: 0 }, 16), null);
});

test('what begins with the text comes before what holds it, then what has its letters', () => {
  const names = ['prefetch', 'fetch_page', 'fetch', 'feed the church', 'score'];
  const found = ranked(names, 'fetch', name => [name]);
  assert.deepEqual(found, ['fetch', 'fetch_page', 'prefetch', 'feed the church']);
  assert.deepEqual(ranked(['send mail', 'sendMail', 'email'], 'mail', name => [name])[2], 'email');
  const note = ['the text', 'a note', 'why'];
  const [first] = ranked([['review', 'ok, why'], note], 'why', texts => texts);
  assert.equal(first, note, 'its other name comes before what only stands in a description');
  assert.equal(fit('anything', ''), 0);
  assert.equal(fit('send mail', 'mail now'), null);
});

test('no key gives two commands, and each can be shown', () => {
  const chords = COMMANDS.flatMap(({ keys }) => keys);
  assert.equal(new Set(chords).size, chords.length);
  assert.equal(shownChord('Alt+Shift+ArrowLeft'), 'Alt+Shift+←');
  assert.equal(shownChord('+'), '+');
  const arrows = ['Left', 'Up', 'Right', 'Down'].map(way => `Alt+Arrow${way}`);
  assert.deepEqual(shownChords(['F', ...arrows, 'Shift+ArrowUp']), ['F', 'Alt+← ↑ → ↓', 'Shift+↑']);
  const pressed = (key, code, held = {}) => chordOf({ key, code, ...held });
  assert.equal(pressed('!', 'Digit1', { shiftKey: true }), 'Shift+1');
  assert.equal(pressed('?', 'Minus', { shiftKey: true }), '?');
  assert.equal(pressed('Z', 'KeyZ', { shiftKey: true, metaKey: true }), 'Ctrl+Shift+Z');
  assert.equal(pressed(' ', 'Space'), 'Space');
});

test('a picture has a name that every file system takes, and is as large as can be made', () => {
  assert.equal(fileName('review'), 'review');
  assert.equal(fileName('Où est-ce? /1:2'), 'Où-est-ce-1-2');
  assert.equal(fileName('..'), 'workflow');
  assert.equal(fileName(), 'workflow');
  assert.equal(scaleOf(800, 300), 2);
  assert.ok(scaleOf(20_000, 100) * 20_000 <= 16_000);
  assert.ok(scaleOf(12_000, 12_000) ** 2 * 12_000 * 12_000 <= 120_000_001);
});
