import assert from 'node:assert/strict';
import test, { mock } from 'node:test';
import { commandOn } from '../src/canvas/editor/keymap';
import { LocalSession } from '../src/canvas/session/local';
import { Session } from '../src/canvas/session/session';
import { Store } from '../src/canvas/ground/store';
import { encode } from '../src/canvas/document/text';
import { Keeper, REVIEW, chance, gesture } from './kit.mjs';

test('views of one document end up equal, whatever is lost and refused on the way', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  for (let seed = 1; seed <= 200; seed++) {
    const luck = chance(seed);
    const keeper = new Keeper(REVIEW);
    const views = [new Session(keeper.connect()), new Session(keeper.connect())];
    keeper.drain();
    for (let i = 0; i < 40; i++) {
      const view = luck.pick(views);
      view.edit('change', gesture(view.document, luck));
      while (luck.next() < 0.6) keeper.step(luck.next() < 0.1 ? luck.below(2) : null);
    }
    // Lost answers are asked for again after a while; a lost broadcast shows at the next one.
    for (const name of ['one', 'two', 'three']) {
      keeper.drain();
      mock.timers.tick(60_000);
      keeper.drain();
      for (const view of views) view.edit('name', [{ op: 'set_workflow', name }]);
    }
    keeper.drain();
    for (const view of views) {
      assert.deepEqual(view.document, keeper.document, `seed ${seed}`);
      assert.equal(view.view.get().waiting, 0);
      view.dispose();
    }
  }
  mock.timers.reset();
});

test('a gesture shows at once and goes away if it is refused', () => {
  const keeper = new Keeper(REVIEW);
  const view = new Session(keeper.connect());
  keeper.drain();
  keeper.document = { ...REVIEW, nodes: [...REVIEW.nodes, { kind: 'end', id: 'late' }] };
  assert.ok(view.edit('add', [{ op: 'add_node', node: { kind: 'end', id: 'late' } }]));
  assert.equal(view.document.nodes.at(-1).id, 'late');
  assert.equal(view.view.get().waiting, 1);
  keeper.drain();
  assert.match(view.failure.get(), /already a node 'late'/);
  assert.deepEqual(view.document, keeper.document);
  view.dispose();
});

function textFile(text) {
  const listeners = new Set();
  const file = {
    text,
    get: () => file.text,
    set: value => {
      file.text = value;
      for (const listener of listeners) listener();
    },
    onChange: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }
  };
  return file;
}

const settled = () => new Promise(resolve => setTimeout(resolve));

test('a file is edited, undone and redone without a kernel, and both its views agree', async () => {
  const file = textFile(encode(REVIEW));
  const keeper = new LocalSession(file, () => 'review.wf.json');
  const [one, two] = [new Session(keeper.connect()), new Session(keeper.connect())];
  await settled();
  assert.equal(one.view.get().saved, 'review.wf.json');
  one.edit('move', [{ op: 'move', positions: { gate: [1, 2] } }]);
  await settled();
  assert.deepEqual(two.document.layout.gate, [1, 2]);
  assert.match(file.text, /"gate": \[1.0, 2.0\]/);
  assert.equal(two.view.get().undo, 'move');
  // Fingers are faster than answers: both keys are taken before either has come back.
  const press = chord => {
    const { command } = commandOn(chord);
    if (command.enabled({ session: two, stepper })) command.run({ session: two }, chord);
  };
  const stepper = { walk: new Store(null) };
  press('Ctrl+Z');
  press('Ctrl+Y');
  press('Ctrl+Z');
  await settled();
  assert.equal(file.text, encode(REVIEW));
  press('Ctrl+Y');
  press('Ctrl+Z');
  press('Ctrl+Y');
  await settled();
  assert.match(file.text, /"gate": \[1.0, 2.0\]/);
  assert.deepEqual(one.document, two.document);
  one.send({ type: 'run', input: {} });
  await settled();
  assert.match(one.failure.get(), /No kernel/);
});

test('a text changed elsewhere is taken over; an unreadable one is shown read-only and kept', async () => {
  const file = textFile(encode(REVIEW));
  const view = new Session(new LocalSession(file, () => '').connect());
  await settled();
  file.set(encode({ ...REVIEW, name: 'other' }));
  await settled();
  assert.equal(view.document.name, 'other');
  file.set('{"wfnb": 1, "nodes": oops');
  await settled();
  assert.ok(view.view.get().readOnly);
  assert.match(view.view.get().unreadable, /it is not JSON: .* at line 1 column 22/);
  assert.equal(view.edit('x', [{ op: 'set_workflow', name: 'y' }]), false);
  assert.equal(file.text, '{"wfnb": 1, "nodes": oops');
  file.set(encode(REVIEW));
  await settled();
  assert.equal(view.view.get().readOnly, false);
});

test('a kernel gets the text, and its check belongs to the revision it was sent', async () => {
  const file = textFile(encode(REVIEW));
  const keeper = new LocalSession(file, () => '');
  const view = new Session(keeper.connect());
  const asked = [];
  let report = () => undefined;
  keeper.attach({
    send: message => asked.push(message),
    onMessage: listener => {
      report = listener;
      return () => undefined;
    }
  });
  await settled();
  assert.deepEqual(
    asked.map(message => message.type),
    ['text', 'hello']
  );
  report({ type: 'checked', revision: asked[0].revision, problems: [] });
  assert.equal(view.checked.get().revision, view.view.get().revision);
  view.edit('name', [{ op: 'set_workflow', name: 'new' }]);
  view.send({ type: 'run', input: {} });
  await settled();
  assert.deepEqual(
    asked.slice(2).map(message => message.type),
    ['text', 'run']
  );
  assert.equal(asked[2].text, file.text);
  keeper.attach(null);
  assert.equal(view.kernel.get(), 'none');
  assert.equal(view.checked.get(), null);
});
