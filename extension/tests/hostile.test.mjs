// What nobody should write into a file, and somebody does.
import assert from 'node:assert/strict';
import test from 'node:test';
import { applyAll } from '../src/canvas/document/document';
import { Folding } from '../src/canvas/layout/folding';
import { Grid } from '../src/canvas/ground/geometry';
import { surelyBefore } from '../src/canvas/document/names';
import { dense } from '../src/canvas/look/path';
import { placeItems } from '../src/canvas/layout/placement';
import { shapeOf } from '../src/canvas/look/shapes';
import { decode, encode } from '../src/canvas/document/text';
import { textOf, valueOf } from '../src/canvas/document/values';

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '10', '2', 'é', 'e\u0301'];
const document = (more = {}) => JSON.stringify({ wfnb: 1, name: 'h', ...more });
const start = id => ({ kind: 'start', id });

test('what lies far apart is found, without looking at every place between', () => {
  const [near, wide] = [
    { x: 0, y: 0, w: 10, h: 10 },
    { x: 0, y: 0, w: 2e6, h: 2e6 }
  ];
  const grid = new Grid([near, wide]);
  assert.deepEqual([...grid.near({ x: 9000, y: 0, w: 1, h: 1 })], [wide]);
  assert.equal(grid.near(wide).size, 2);
  const far = dense([
    { x: -1e6, y: 0 },
    { x: 1e6, y: 0 }
  ]);
  assert.ok(far.length < 10_000);
});

test('what no page can draw is drawn at its edge, and the document keeps it', () => {
  const given = decode(
    document({ nodes: [start('a'), start('b')], layout: { a: [1e308, -1e308], b: [3, 4] } })
  );
  const items = new Map(
    given.nodes.map(node => [
      node.id,
      { id: node.id, node, shape: shapeOf(node), w: 30, h: 30, x: 0, y: 0 }
    ])
  );
  placeItems(given, items, new Folding(), new Map());
  assert.deepEqual([items.get('a').x, items.get('a').y], [1e6, -1e6]);
  assert.deepEqual([items.get('b').x, items.get('b').y], [3, 4]);
  assert.match(encode(given), /"a": \[1e\+308, -1e\+308\]/);
});

test('every name is one: nothing is found that is not there, nothing that is there gets lost', () => {
  for (const id of NAMES) {
    let now = decode(document({ nodes: [start('s')], workflows: {} }));
    const before = encode(now);
    const undo = [];
    for (const edit of [
      { op: 'add_node', node: start(id), position: [1, 2] },
      { op: 'move', positions: { [id]: [5, 6], s: [7, 8] } },
      { op: 'set_node', id, node: start('q') },
      { op: 'set_node', id: 'q', node: start(id) },
      { op: 'remove_node', id }
    ]) {
      const { document: after, inverse } = applyAll(now, [edit]);
      undo.unshift(...inverse);
      now = after;
    }
    assert.equal(encode(applyAll(now, undo).document), before, id);
    assert.throws(() => applyAll(now, [{ op: 'within', workflow: id, edits: [] }]), /no workflow/);
    assert.equal(valueOf(id === '10' || id === '2' ? `"${id}"` : id), id);
  }
});

test('equal edges, and edges to nowhere, are taken back as they were', () => {
  const edge = { source: 'a', target: 'b' };
  const lost = { source: 'a', target: 'nowhere' };
  const given = decode(
    document({ nodes: [start('a'), { kind: 'end', id: 'b' }], edges: [edge, lost, edge] })
  );
  for (const edits of [
    [{ op: 'remove_edge', edge }],
    [
      { op: 'remove_edge', edge },
      { op: 'remove_edge', edge }
    ],
    [{ op: 'remove_edge', edge: lost }],
    [{ op: 'set_edge', edge, to: { ...edge, error: '*' } }],
    [{ op: 'set_node', id: 'a', node: start('c') }]
  ]) {
    const { document: after, inverse } = applyAll(given, edits);
    assert.equal(encode(applyAll(after, inverse).document), encode(given));
  }
});

test('what nobody can read is no id', () => {
  const given = decode(document());
  for (const id of ['', '\0', '\u200b', '\u202ea', '\u2028', '\ud800'])
    assert.throws(() => applyAll(given, [{ op: 'add_node', node: start(id) }]), /is no node id/);
  for (const id of ['two words', '😀', 'e\u0301', '<b>'])
    assert.doesNotThrow(() => applyAll(given, [{ op: 'add_node', node: start(id) }]));
});

test('a field that holds something else is said to, and one that nobody knows is not left out', () => {
  const wrong = [
    [{ name: 5 }, 'expected `str` at $.name'],
    [{ inputs: { a: 1 } }, 'expected `dict[str, str]` at $.inputs'],
    [{ colour: 1 }, 'unknown field `colour` at $\nremove the field'],
    [{ nodes: [{ ...start('a'), label: 7 }] }, 'expected `str` at $.nodes[0].label'],
    [{ nodes: [{ ...start('a'), constructor: 7 }] }, 'unknown field `constructor` at $.nodes[0]'],
    [{ nodes: [{ kind: 'note', id: 'a', text: {} }] }, 'expected `str` at $.nodes[0].text'],
    [
      { nodes: [{ kind: 'group', id: 'a', members: 'abc' }] },
      'expected `list[str]` at $.nodes[0].members'
    ],
    [
      { nodes: [{ kind: 'task', id: 'a', activity: 'f', retry: { attempts: 2, more: 1 } }] },
      '`more` at $.nodes[0].retry'
    ],
    [
      { edges: [{ source: 'a', target: 'b', when: 5 }] },
      'expected `str | null` at $.edges[0].when'
    ],
    [{ signals: { go: { type: 1 } } }, 'expected `str` at $.signals["go"].type'],
    [
      { workflows: { in: { wfnb: 1, name: 'in', nodes: [{ ...start('a'), label: [] }] } } },
      '$.workflows["in"].nodes[0].label'
    ],
    [{ layout: { a: ['x', 1] } }, 'expected `[float, float]` at $.layout["a"]']
  ];
  for (const [fields, words] of wrong)
    assert.throws(
      () => decode(document(fields)),
      ({ message }) => message.includes(words),
      words
    );
  assert.doesNotThrow(() =>
    decode(`\uFEFF${document({ edges: [{ source: 'a', target: 'b', when: null, after: 2 }] })}`)
  );
});

test('numbers stay as somebody wrote them, through edits and through the fields that show them', () => {
  const numbers =
    '{"a": 1.0, "b": 12345678901234567890, "c": -0.0, "d": 1e-07, "e": 1e+21, "f": 1.5, "g": [3, {"h": 2.0}]}';
  const text = encode(decode(document())).replace(
    '\n}',
    `,
  "nodes": [
    {"kind": "task", "id": "t", "activity": "f", "arguments": ${numbers}},
    {"kind": "end", "id": "e", "output": 2.0}
  ],
  "workflows": {"in": {"wfnb": 1, "name": "in", "nodes": [{"kind": "map", "id": "m", "items": [1.0]}]}},
  "layout": {
    "t": [240.0, -0.0]
  }
}`
  );
  const given = decode(text);
  assert.equal(encode(given), text);
  const [task] = given.nodes;
  const shown = { ...task, label: 'L', arguments: { ...task.arguments, f: 2 } };
  const { document: after, inverse } = applyAll(given, [{ op: 'set_node', id: 't', node: shown }]);
  assert.match(encode(after), /"a": 1\.0, "b": 12345678901234567890, .*"f": 2,/);
  assert.equal(encode(applyAll(after, inverse).document), text);
  for (const value of Object.values(task.arguments))
    assert.equal(textOf(valueOf(textOf(value))), textOf(value));
  assert.equal(JSON.stringify(valueOf('12345678901234567890')), '12345678901234567890');
});

test('a name of ten thousand letters is cut, and never within a letter', () => {
  const cut = id => shapeOf({ kind: 'task', id, activity: 'f' }).title;
  assert.ok(cut('x'.repeat(10_000)).length < 60);
  assert.equal(cut('short'), 'short');
  for (let length = 20; length < 60; length++)
    assert.ok(cut(`${'a'.repeat(length % 3)}${'😀'.repeat(length)}`).isWellFormed());
});

test('a group that lies in itself ends no search', () => {
  const nodes = [
    start('s'),
    { kind: 'group', id: 'g', members: ['h'] },
    { kind: 'group', id: 'h', members: ['g', 's'] },
    { kind: 'task', id: 't', activity: 'f' }
  ];
  const before = surelyBefore({ nodes, edges: [{ source: 'g', target: 't', error: '*' }] });
  assert.ok(before.has('t'));
});
