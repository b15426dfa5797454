import assert from 'node:assert/strict';
import test from 'node:test';
import { beginnings, completions, namesAt, surelyBefore } from '../src/canvas/document/names';
import { REVIEW } from './kit.mjs';

const task = id => ({ kind: 'task', id, activity: 'fetch' });
const drawing = (nodes, ...edges) => ({
  nodes,
  edges: edges.map(([source, target, more]) => ({ source, target, ...more }))
});
const before = (document, id) => [...surelyBefore(document).get(id)].sort();

test('what comes first on every way is sure; a loop takes nothing away', () => {
  assert.deepEqual(before(REVIEW, 'page'), ['start']);
  assert.deepEqual(
    before(REVIEW, 'again').filter(id => id !== 'gate' && id !== 'start'),
    ['mark', 'page']
  );
});

test('a join that needs all has what every branch brings, one that needs some only what all bring', () => {
  const fork = need =>
    drawing(
      [
        { kind: 'start', id: 's' },
        { kind: 'fork', id: 'f' },
        task('a'),
        task('b'),
        { kind: 'join', id: 'j', ...need },
        task('z')
      ],
      ['s', 'f'],
      ['f', 'a'],
      ['f', 'b'],
      ['a', 'j'],
      ['b', 'j'],
      ['j', 'z']
    );
  const tasks = ids => ids.filter(id => 'ab'.includes(id));
  assert.deepEqual(tasks(before(fork({}), 'z')), ['a', 'b']);
  assert.deepEqual(tasks(before(fork({ need: 'any' }), 'z')), []);
  const inclusive = fork({});
  inclusive.nodes[1] = { kind: 'fork', id: 'f', join: 'j' };
  assert.deepEqual(tasks(before(inclusive, 'z')), []);
});

test('whoever failed, was too slow or was interrupted has no value', () => {
  const document = drawing(
    [
      { kind: 'start', id: 's' },
      task('a'),
      task('b'),
      task('caught'),
      task('out'),
      { kind: 'group', id: 'g', members: ['a', 'b'] }
    ],
    ['s', 'a'],
    ['a', 'b'],
    ['b', 'caught', { error: '*' }],
    ['g', 'out', { after: 5 }]
  );
  assert.deepEqual(
    before(document, 'caught').filter(id => id !== 's'),
    ['a']
  );
  assert.deepEqual(
    before(document, 'out').filter(id => id !== 's'),
    []
  );
});

const ACTIVITIES = [{ name: 'fetch', returns: 'Page', fields: ['title', 'words'] }];
const known = { document: REVIEW, activities: ACTIVITIES, functions: ['len', 'max'] };
const offered = (text, place = { node: 'again' }, asked = false, more = {}) =>
  completions(text, text.length, place, { ...known, ...more }, asked).names.map(one => one.text);

test('names are offered in the order of how sure they are', () => {
  const kinds = namesAt({ node: 'mark' }, known).map(({ text, kind }) => `${kind} ${text}`);
  assert.deepEqual(kinds, [
    'value page',
    'input input.url',
    'maybe again',
    'function len(',
    'function max('
  ]);
  const guard = REVIEW.edges[3];
  assert.deepEqual(
    namesAt({ edge: guard }, known)
      .filter(({ kind }) => kind === 'value')
      .map(({ text }) => text),
    ['page', 'mark']
  );
});

test('what is typed narrows them, and the word before the caret is what is replaced', () => {
  assert.deepEqual(offered('=ma'), ['mark', 'max(']);
  assert.deepEqual(offered('=u'), ['input.url']);
  assert.deepEqual(offered('=input.'), ['input.url']);
  assert.deepEqual(offered('=page.'), ['page.title', 'page.words']);
  assert.deepEqual(offered('=page.w'), ['page.words']);
  assert.deepEqual(offered("='ma"), []);
  assert.deepEqual(offered('=1'), []);
  assert.deepEqual(offered('='), []);
  assert.equal(offered('=', { node: 'again' }, true)[0], 'page');
  assert.equal(completions('=len(ma', 7, { node: 'again' }, known).from, 5);
  assert.deepEqual(offered('=it', { node: 'again' }, false, { withinMap: true }), ['item']);
});

test('an argument can read an input of its name that is not there yet', () => {
  const fresh = parameter => offered('=in', { node: 'again' }, false, { parameter });
  assert.deepEqual(fresh('text'), ['input.url', 'input.text']);
  assert.deepEqual(fresh('url'), ['input.url']);
  assert.deepEqual(fresh('no word'), ['input.url']);
  const begun = beginnings({ node: 'mark' }, { ...known, parameter: 'text' });
  assert.equal(begun.from, 0);
  assert.deepEqual(
    begun.names.map(({ text }) => text),
    ['=page', '=input.url', '=input.text', '=again']
  );
});

test('a node whose name is no plain word is read by it in quotes', () => {
  const document = drawing([task("it's"), task('class'), task('z')]);
  const texts = namesAt({ node: 'z' }, { document, activities: [], functions: [] });
  assert.deepEqual(
    texts.map(({ text }) => text),
    ["values['it\\'s']", "values['class']"]
  );
});
