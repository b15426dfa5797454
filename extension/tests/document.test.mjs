import assert from 'node:assert/strict';
import test from 'node:test';
import { applyAll } from '../src/canvas/document/document';
import { renameInExpression } from '../src/canvas/document/rename';
import { decode, encode } from '../src/canvas/document/text';
import { textOf, valueOf } from '../src/canvas/document/values';
import { freeId, refusal } from '../src/canvas/document/rules';
import { REVIEW, chance, gesture } from './kit.mjs';

test('undoing every gesture restores the document to the byte', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const luck = chance(seed);
    let document = REVIEW;
    const undo = [];
    for (let i = 0; i < 25; i++) {
      const step = applyAll(document, gesture(document, luck));
      document = step.document;
      undo.unshift(step.inverse);
      assert.deepEqual(decode(encode(document)), JSON.parse(encode(document)));
    }
    for (const edits of undo) document = applyAll(document, edits).document;
    assert.equal(encode(document), encode(REVIEW), `seed ${seed}`);
  }
});

test('a gesture that does not fit changes nothing and says why', () => {
  const refused = [
    [[{ op: 'remove_node', id: 'page' }], /edges still touch node 'page'/],
    [[{ op: 'remove_node', id: 'none' }], /there is no node 'none'/],
    [[{ op: 'add_edge', edge: { source: 'start', target: 'page' } }], /already an edge/],
    [[{ op: 'add_node', node: { kind: 'end', id: 'page' } }], /already a node 'page'/],
    [[{ op: 'set_node', id: 'page', node: { kind: 'end', id: 'mark' } }], /already a node 'mark'/]
  ];
  for (const [edits, reason] of refused) assert.throws(() => applyAll(REVIEW, edits), reason);
});

test('a rename is followed by edges, positions and expressions', () => {
  const node = { ...REVIEW.nodes[1], id: 'text' };
  const { document } = applyAll(REVIEW, [{ op: 'set_node', id: 'page', node }]);
  assert.deepEqual(document.edges.slice(0, 2), [
    { source: 'start', target: 'text' },
    { source: 'text', target: 'mark' }
  ]);
  assert.deepEqual(Object.keys(document.layout), ['text', 'mark']);
  assert.equal(document.nodes[2].arguments.text, '=text');
  assert.equal(document.nodes[5].output, '=text');
});

test('renaming leaves strings, attributes and keywords alone', () => {
  const rename = text => renameInExpression(text, 'a', 'b');
  assert.equal(rename('a + x.a + "a" + f(a=1) + f(a==1)'), 'b + x.a + "a" + f(a=1) + f(b==1)');
  assert.equal(renameInExpression('a > 1', 'a', 'two words'), 'values["two words"] > 1');
  assert.equal(renameInExpression('values["two words"] > 1', 'two words', 'a'), 'a > 1');
});

test('the text is written one line a node, defaults left out', () => {
  const text = encode({
    wfnb: 1,
    name: 'n',
    nodes: [
      {
        kind: 'task',
        id: 't',
        label: '',
        activity: 'a',
        retry: { attempts: 3, delay: 2 },
        timeout: 30
      }
    ],
    edges: [{ source: 't', target: 't', when: null, otherwise: false }],
    layout: { t: [1, 2.5] }
  });
  assert.equal(
    text,
    [
      '{',
      '  "wfnb": 1,',
      '  "name": "n",',
      '  "nodes": [',
      '    {"kind": "task", "id": "t", "activity": "a", "retry": {"delay": 2.0}, "timeout": 30.0}',
      '  ],',
      '  "edges": [',
      '    {"source": "t", "target": "t"}',
      '  ],',
      '  "layout": {',
      '    "t": [1.0, 2.5]',
      '  }',
      '}',
      ''
    ].join('\n')
  );
});

test('what is no workflow is said to be none', () => {
  const wrong = [
    ['{', /not JSON: .* at line 1 column 2/],
    ['[]', /an object is expected/],
    ['{"wfnb": 2}', /version 2 at .*\n.*install a newer wfnb/],
    [
      '{"wfnb": 1, "nodes": [{"id": "a", "kind": "taks"}]}',
      /unknown node kind 'taks' at \$.nodes\[0\].kind[^]*'task'/
    ],
    ['{"wfnb": 1, "nodes": [{"id": "a", "kind": "end"}, {"id": "a", "kind": "end"}]}', /two nodes/],
    ['{"wfnb": 1, "edges": [{"source": "a"}]}', /needs a source and a target/],
    ['{"wfnb": 1, "layout": {"a": [1]}}', /expected `\[float, float\]` at \$.layout\["a"\]/]
  ];
  for (const [text, reason] of wrong) assert.throws(() => decode(text), reason);
});

test('a value keeps its type through the field that shows it', () => {
  for (const value of [
    'plain',
    '=x + 1',
    '3',
    'true',
    '"quoted"',
    3,
    2.5,
    true,
    null,
    [1, 'a'],
    { a: 1 }
  ]) {
    assert.deepEqual(valueOf(textOf(value)), value);
  }
  assert.equal(valueOf('3', 'str'), '3');
  assert.equal(textOf('3', 'str'), '3');
  assert.equal(valueOf('True'), true);
  assert.equal(valueOf(''), undefined);
});

test('edges that make no sense are refused', () => {
  assert.match(refusal(REVIEW, 'page', 'page'), /own node/);
  assert.match(refusal(REVIEW, 'page', 'start'), /into the start/);
  assert.match(refusal(REVIEW, 'kept', 'page'), /out of an end/);
  assert.match(refusal(REVIEW, 'start', 'page'), /already connected/);
  assert.equal(refusal(REVIEW, 'gate', 'mark'), '');
  assert.equal(
    refusal(REVIEW, 'gate', 'kept'),
    '',
    'a choice may lead to one node for two reasons'
  );
});

test('new names are free and readable in expressions', () => {
  assert.equal(freeId(REVIEW, 'page'), 'page_2');
  assert.equal(freeId(REVIEW, 'two words'), 'two_words');
  assert.equal(freeId(REVIEW, '2nd'), '_2nd');
  assert.equal(freeId(REVIEW, 'input'), 'input_2');
});
