import assert from 'node:assert/strict';
import test, { mock } from 'node:test';
import { answerOf, kindOf } from '../src/canvas/session/answers';
import { chipText } from '../src/canvas/layout/chips';
import { clipOf, pasting, readClip } from '../src/canvas/layout/clip';
import { applyAll, findNode } from '../src/canvas/document/document';
import { runDressing } from '../src/canvas/surface/dressing';
import { fitFrames, frameAt, insideOf, nestingOf } from '../src/canvas/layout/frames';
import { bottom, left, right, top } from '../src/canvas/ground/geometry';
import { grouping, joining, takingOut, ungrouping } from '../src/canvas/layout/grouping';
import { asksFor, newEdge, newNode, refusal } from '../src/canvas/document/rules';
import { shapeOf } from '../src/canvas/look/shapes';
import { edgeWords } from '../src/canvas/layout/spoken';
import { Stepper, isAtEnd } from '../src/canvas/session/stepper';
import { drawingOf } from '../src/canvas/surface/svg';
import { decode, encode } from '../src/canvas/document/text';
import { RunModel } from '../src/canvas/session/run';
import { secondsOf, spanText } from '../src/canvas/ground/time';
import { strokeOf, triggerOf, withTrigger } from '../src/canvas/document/triggers';
import { WHOLE, scene } from './kit.mjs';

const edge = (source, target) =>
  WHOLE.edges.find(one => one.source === source && one.target === target);

test('every kind and trigger is drawn, and the picture says so in words', () => {
  const { items, lines } = scene(WHOLE);
  const svg = drawingOf({ items, lines });
  for (const text of [
    'order open',
    'ok, why',
    'each: score, 4 at…',
    'billing',
    '2/3',
    'cancels rest',
    'Refused'
  ]) {
    assert.ok(svg.includes(text.replace('…', '')) || svg.includes(text), text);
  }
  const [signal] = lines.filter(line => line.edge.on === 'paid');
  assert.deepEqual([signal.chip.kind, signal.chip.icon], ['trigger', 'signal']);
  const broken = dashes =>
    new RegExp(`<path d='([^']*)'[^>]*stroke-dasharray='${dashes}'`).exec(svg);
  assert.equal(broken('6 4')[1].match(/M/g).length, 3, 'what interrupts is dashed');
  assert.equal(broken('1 4')[1].match(/M/g).length, 1, 'what spawns is dotted');
});

test('what stands on an edge names its trigger, or what it lacks', () => {
  const find = id => findNode(WHOLE, id);
  const words = one => chipText(one, find(one.source)?.kind);
  assert.equal(words(edge('open', 'review')).text, 'paid if signal("paid") > 10');
  assert.equal(words(edge('open', 'refused')).text, '1 d');
  assert.equal(words(edge('review', 'refused')).text, 'at =input.when');
  assert.deepEqual(words(edge('open', 'audit')).icon, 'condition');
  assert.equal(words(edge('gate', 'audit')).text, 'spawn if true');
  assert.equal(words({ source: 'bill', target: 'done', error: '*' }).text, 'any error');
  assert.equal(words({ source: 'open', target: 'done' }).kind, 'missing');
  assert.equal(words({ source: 'shipping', target: 'done' }).kind, 'missing');
  assert.equal(words({ source: 'open', target: 'done', on: '' }).kind, 'missing');
  assert.equal(words(edge('some', 'each')), null);
  // Who does not see the icon hears what it says.
  const said = one => edgeWords(one, find);
  assert.equal(said(edge('open', 'refused')), 'order open to refused, after a time: 1 d');
  const failing = { source: 'bill', target: 'done', error: '*' };
  assert.equal(said(failing), 'bill to done, when it fails: any error');
  assert.equal(said(edge('some', 'each')), 'some to each');
});

test('only what interrupts is dashed: a wait is there to be triggered', () => {
  const stroke = (source, target) => strokeOf(edge(source, target), findNode(WHOLE, source));
  assert.equal(stroke('open', 'review'), 'solid');
  assert.equal(stroke('bill', 'stopped'), 'dashed');
  assert.equal(stroke('shipping', 'stopped'), 'dashed');
  assert.equal(stroke('gate', 'audit'), 'dotted');
});

test('a trigger takes the place of another and the condition stays', () => {
  const before = { source: 'a', target: 'b', when: 'x', error: 'E' };
  for (const trigger of ['on', 'after', 'until', 'error', '']) {
    const after = withTrigger(before, trigger);
    assert.equal(triggerOf(after), trigger);
    assert.equal(after.when, 'x');
    assert.equal(Object.keys(after).length, trigger ? 4 : 3);
  }
});

test('what shape does not tell, a join and an end tell by their marks', () => {
  const join = need => shapeOf({ kind: 'join', id: 'j', ...need }, undefined, 3);
  assert.equal(join({}).mark, '');
  assert.equal(join({ need: 'any' }).mark, 'any');
  assert.equal(join({ need: 2 }).mark, '2/3');
  assert.deepEqual(join({ need: 2, rest: 'cancel' }).lines, ['cancels rest']);
  assert.equal(shapeOf({ kind: 'end', id: 'end', error: 'Lost' }).caption, 'Lost');
});

test('a frame lies around its members, and inner frames inside outer ones', () => {
  const { items } = scene(WHOLE);
  assert.deepEqual(
    new Set(insideOf(items, 'shipping')),
    new Set(['some', 'pack', 'each', 'bill', 'enough'])
  );
  const [outer, inner] = [items.get('shipping'), items.get('inner')];
  for (const [frame, ids] of [
    [outer, ['some', 'inner', 'enough']],
    [inner, ['pack', 'each', 'bill']]
  ]) {
    for (const id of ids) {
      const item = items.get(id);
      assert.ok(left(frame) < left(item) && right(frame) > right(item), id);
      assert.ok(top(frame) < top(item) && bottom(frame) > bottom(item), id);
    }
  }
  items.get('pack').y -= 50;
  assert.deepEqual(
    fitFrames(items)
      .map(item => item.id)
      .sort(),
    ['inner', 'shipping']
  );
  assert.deepEqual(fitFrames(items), []);
  assert.deepEqual([...nestingOf(items).keys()], ['shipping', 'inner']);
});

test('a group that contains itself, or nothing, is no trap', () => {
  const { items } = scene({
    nodes: [
      { kind: 'group', id: 'a', members: ['b', 'a', 'gone'] },
      { kind: 'group', id: 'b', members: ['a'] },
      { kind: 'group', id: 'c' }
    ],
    edges: []
  });
  assert.deepEqual(insideOf(items, 'a'), []);
  assert.equal(fitFrames(items).length <= 2, true);
  assert.equal(items.get('c').w, 200);
});

test('grouping a part of a group makes a group inside it, and taking it away brings all back', () => {
  const made = grouping(WHOLE, ['pack', 'each', 'why', 'start']);
  const { document, inverse } = applyAll(WHOLE, made.edits);
  assert.deepEqual(new Set(findNode(document, made.id).members), new Set(['pack', 'each']));
  assert.deepEqual(new Set(findNode(document, 'inner').members), new Set(['bill', made.id]));
  const undone = applyAll(document, ungrouping(document, [made.id])).document;
  assert.equal(encode(undone), encode(WHOLE));
  assert.equal(encode(applyAll(document, inverse).document), encode(WHOLE));
  assert.equal(grouping(WHOLE, ['why']), null);
  const across = applyAll(WHOLE, grouping(WHOLE, ['pack', 'audit']).edits).document;
  assert.deepEqual(findNode(across, 'inner').members, ['each', 'bill']);
  const gone = applyAll(WHOLE, ungrouping(WHOLE, ['shipping', 'pack']));
  assert.equal(findNode(gone.document, 'shipping'), undefined);
  assert.ok(findNode(gone.document, 'pack'));
  assert.ok(!gone.document.edges.some(one => one.source === 'shipping'));
  assert.equal(encode(applyAll(gone.document, gone.inverse).document), encode(WHOLE));
});

test('what is dropped into a frame belongs to it; the innermost counts', () => {
  const { items } = scene(WHOLE);
  const inner = items.get('inner');
  const [into] = joining(WHOLE, items, { audit: [inner.x, inner.y] });
  assert.deepEqual([into.id, into.node.members.at(-1)], ['inner', 'audit']);
  assert.deepEqual(joining(WHOLE, items, { audit: [-500, 0], pack: [inner.x, inner.y] }), []);
  assert.deepEqual(
    joining(WHOLE, items, { why: [inner.x, inner.y] }),
    [],
    'a note belongs nowhere'
  );
  const fresh = { kind: 'task', id: 'new', activity: 'a' };
  assert.equal(joining(WHOLE, items, { new: [inner.x, inner.y] }, fresh)[0].id, 'inner');
  assert.equal(
    frameAt(items.values(), { x: inner.x, y: inner.y, w: 0, h: 0 }, new Set(['inner'])).id,
    'shipping'
  );
  assert.deepEqual(takingOut(WHOLE, 'pack')[0].node.members, ['each', 'bill']);
});

test('a copied group comes with what is inside, under names of its own', () => {
  const { items } = scene(WHOLE);
  const paste = ids => pasting(WHOLE, readClip(clipOf(WHOLE, items, ids)), { x: 24, y: 24 });
  const pasted = paste(['shipping']);
  const { document } = applyAll(WHOLE, pasted.edits);
  assert.deepEqual(findNode(document, 'inner_2').members, ['pack_2', 'each_2', 'bill_2']);
  assert.equal(findNode(document, 'some_2').join, 'enough_2');
  assert.deepEqual(findNode(document, 'inner').members, ['pack', 'each', 'bill']);
  const alone = applyAll(WHOLE, paste(['some']).edits).document;
  assert.equal(findNode(alone, 'some_2').join, undefined, 'what was not copied is not named');
});

test('edges say why they may not be drawn, and come with a trigger where one is needed', () => {
  assert.match(refusal(WHOLE, 'audit', 'shipping'), /inside a group/);
  assert.equal(refusal(WHOLE, 'shipping', 'done'), '');
  assert.equal(refusal(WHOLE, 'open', 'review'), '', 'a wait may be freed by several things');
  assert.match(refusal(WHOLE, 'start', 'open'), /already connected/);
  assert.deepEqual(newEdge(WHOLE, 'bill', 'done').error, '*', 'it has completed by another edge');
  assert.equal(newEdge(WHOLE, 'open', 'done').error, undefined);
  assert.ok(asksFor(WHOLE, newEdge(WHOLE, 'open', 'done')));
  assert.ok(asksFor(WHOLE, newEdge(WHOLE, 'shipping', 'done')));
  assert.ok(asksFor(WHOLE, newEdge(WHOLE, 'some', 'audit')));
  assert.ok(!asksFor(WHOLE, { source: 'audit', target: 'done' }));
});

test('every kind that is new on the canvas can be written and read back', () => {
  for (const kind of [
    'wait',
    'approval',
    'map',
    'call',
    'group',
    'fork',
    'join',
    'end',
    'choice'
  ]) {
    const node = newNode({ nodes: [] }, kind);
    const text = encode({ nodes: [node] });
    assert.equal(encode(decode(text)), text, kind);
  }
  assert.equal(encode(decode(encode(WHOLE))), encode(WHOLE));
});

test('durations are read and written as people do', () => {
  const texts = [
    [30, '30 s'],
    [90, '90 s'],
    [300, '5 min'],
    [5400, '90 min'],
    [7200, '2 h'],
    [0.5, '0.5 s']
  ];
  for (const [seconds, text] of texts) {
    assert.equal(spanText(seconds), text);
    assert.equal(secondsOf(text), seconds);
  }
  assert.equal(secondsOf('30'), 30);
  assert.equal(secondsOf('1h 30min'), 5400);
  assert.equal(secondsOf('250ms'), 0.25);
  for (const text of ['', 'soon', '5 parsecs', '1 h x'])
    assert.ok(Number.isNaN(secondsOf(text)), text);
});

test('a form knows how each of its types is asked for', () => {
  assert.equal(kindOf('bool').kind, 'check');
  assert.deepEqual(kindOf('int | None'), { kind: 'number', whole: true, optional: true });
  assert.deepEqual(kindOf('Literal[\'a, b\', "c", 3, True]').options, ['a, b', 'c', 3, true]);
  assert.deepEqual(kindOf('Optional[str]'), { kind: 'text', optional: true });
  assert.equal(kindOf('list[str]').kind, 'json');
  assert.equal(kindOf('int | str').kind, 'json');
});

test('an answer has the types of its form, or says which field is wrong', () => {
  const form = {
    ok: 'bool',
    n: 'int',
    x: 'float',
    s: 'str',
    l: "Literal['a', 'b']",
    j: 'list[int]',
    o: 'int | None'
  };
  const texts = { ok: 'true', n: '3', x: '1.5', s: ' as it is ', l: '"b"', j: '[1, 2]' };
  assert.deepEqual(answerOf(form, texts), {
    value: { ok: true, n: 3, x: 1.5, s: ' as it is ', l: 'b', j: [1, 2], o: null },
    wrong: {}
  });
  const { wrong } = answerOf(form, { n: '1.5', x: 'much', j: '[1,' });
  assert.deepEqual(Object.keys(wrong), ['n', 'x', 'l', 'j']);
  assert.match(wrong.n, /whole number/);
});

test('a counterexample is walked through by steps, by keys and by playing', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const stepper = new Stepper();
  const trace = ['a', 'b', 'c'].map(text => ({ text }));
  assert.equal(stepper.key('ArrowRight'), false, 'no walk, no key');
  stepper.begin({ name: 'sound', verdict: 'refuted', trace });
  const at = () => stepper.walk.get().at;
  assert.ok(stepper.key('ArrowRight') && stepper.key('ArrowRight') && stepper.key('ArrowLeft'));
  assert.equal(at(), 1);
  stepper.key('Home');
  stepper.key('ArrowLeft');
  assert.equal(at(), 0);
  stepper.key(' ');
  assert.ok(stepper.playing.get());
  mock.timers.tick(1100);
  assert.equal(at(), 1);
  for (let i = 0; i < 4; i++) mock.timers.tick(1100);
  assert.ok(isAtEnd(stepper.walk.get()) && !stepper.playing.get());
  stepper.toggle();
  assert.equal(at(), 0, 'playing again begins again');
  stepper.key('End');
  assert.ok(isAtEnd(stepper.walk.get()) && !stepper.playing.get());
  assert.ok(stepper.key('Escape'));
  assert.equal(stepper.walk.get(), null);
  mock.timers.reset();
});

test('what a map skipped stands apart from what it has done', () => {
  const { items } = scene(WHOLE);
  const run = new RunModel();
  const foot = (state, counts) => {
    const each = { state, started: 0, ended: 40, children: 3, ...counts };
    run.apply({ type: 'status', run: 'r', state: 'running', full: true, nodes: { each } });
    return runDressing(items.get('each'), run).foot;
  };
  assert.equal(foot('running', { done: 1 }), '1 of 3 · 40 ms');
  assert.equal(foot('running', { done: 1, skipped: 1 }), '1 of 3, 1 skipped · 40 ms');
  const value = '2 outputs, 1 skipped';
  assert.equal(foot('completed', { done: 2, skipped: 1, value }), '2 of 3, 1 skipped · 40 ms');
  assert.equal(foot('completed', { done: 3, value: '3 outputs' }), '3 outputs · 40 ms');
});
