import assert from 'node:assert/strict';
import test from 'node:test';
import { LocalSession } from '../src/canvas/session/local';
import { Session } from '../src/canvas/session/session';
import { encode } from '../src/canvas/document/text';
import { Keeper, REVIEW } from './kit.mjs';

const settled = (ms = 0) => new Promise(resolve => setTimeout(resolve, ms));
const until = async condition => {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 2000, condition.toString());
    await settled(1);
  }
};
const named = name => encode({ ...REVIEW, name });
const end = id => [{ op: 'add_node', node: { kind: 'end', id } }];

/** A text, its file on a disk that others write too, and a server that may not answer. */
function disk(text) {
  const listeners = new Set();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const host = {
    text,
    disk: text,
    known: text,
    dead: false,
    writes: 0,
    get: () => host.text,
    set: value => {
      host.text = value;
      tell();
    },
    onChange: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }
  };
  const answer = value =>
    host.dead ? Promise.reject(new Error('no server')) : settled().then(value);
  host.file = {
    name: () => 'review.wf.json',
    version: () => answer(() => host.disk),
    known: () => host.known,
    read: () => answer(() => host.disk),
    write: () => {
      const { text: written } = host;
      return answer(() => {
        host.writes++;
        host.disk = host.known = written;
      });
    },
    adopt: () =>
      answer(() => {
        host.text = host.known = host.disk;
      })
  };
  return host;
}

function opened(host, kernel = null) {
  const keeper = new LocalSession(host, () => 'review.wf.json');
  const view = new Session(keeper.connect());
  if (kernel) keeper.attach(kernel);
  const close = () => {
    view.dispose();
    keeper.dispose();
  };
  return { keeper, view, close };
}

const state = view => view.saving.get()?.state;

test('a file is written as one draws, and what is drawn meanwhile comes after it', async () => {
  const host = disk(encode(REVIEW));
  const { view, close } = opened(host);
  await until(() => state(view) === 'saved');
  view.edit('one', end('one'));
  await until(() => state(view) === 'saving');
  await until(() => host.writes === 1);
  view.edit('two', end('two'));
  view.edit('three', end('three'));
  await until(() => host.writes === 2 && state(view) === 'saved');
  assert.equal(host.disk, encode(view.document));
  assert.equal(view.document.nodes.length, REVIEW.nodes.length + 3);
  close();
});

test('a server that does not answer is told of, and nothing is lost', async () => {
  const host = disk(encode(REVIEW));
  const { keeper, view, close } = opened(host);
  await until(() => state(view) === 'saved');
  host.dead = true;
  view.edit('one', end('one'));
  await until(() => state(view) === 'unsaved');
  assert.equal(view.saving.get().why, 'no server');
  assert.equal(host.disk, encode(REVIEW));
  host.dead = false;
  await keeper.save();
  assert.equal(state(view), 'saved');
  assert.equal(host.disk, encode(view.document));
  close();
});

test('what others wrote is never written over: mine and theirs without a kernel', async () => {
  for (const choice of ['mine', 'theirs']) {
    const host = disk(encode(REVIEW));
    const { keeper, view, close } = opened(host);
    await until(() => state(view) === 'saved');
    host.disk = named('theirs');
    view.edit('one', [{ op: 'set_workflow', name: 'mine' }]);
    await until(() => state(view) === 'conflict');
    await keeper.save();
    assert.equal(host.disk, named('theirs'));
    view.send({ type: 'resolve', choice: 'merge' });
    await until(() => view.failure.get());
    assert.equal(state(view), 'conflict');
    view.send({ type: 'resolve', choice });
    await until(() => state(view) === 'saved');
    assert.equal(view.document.name, choice);
    assert.equal(host.disk, named(choice));
    view.send({ type: 'undo' });
    await until(() => view.document.name === (choice === 'mine' ? 'review' : 'mine'));
    close();
  }
});

test('a kernel compares and merges, and its edit is a gesture here', async () => {
  const host = disk(encode(REVIEW));
  const asked = [];
  let report;
  const kernel = {
    send: message => asked.push(message),
    onMessage: listener => {
      report = listener;
      return () => undefined;
    }
  };
  const { view, close } = opened(host, kernel);
  await until(() => state(view) === 'saved');
  assert.deepEqual(asked.at(-1), { type: 'kept', text: encode(REVIEW) });
  host.disk = named('theirs');
  view.edit('one', end('mine'));
  await until(() => asked.at(-1).type === 'collision');
  assert.equal(asked.at(-1).theirs, named('theirs'));
  report({ type: 'saving', state: 'conflict', mine: ['+ mine'], theirs: ['+ theirs'] });
  assert.deepEqual(view.saving.get().mine, ['+ mine']);
  view.send({ type: 'resolve', choice: 'merge' });
  await until(() => asked.at(-1).type === 'resolve');
  const edits = [{ op: 'set_workflow', name: 'theirs' }];
  report({ type: 'edited', revision: 1, edits, undo: 'resolve' });
  await until(() => state(view) === 'saved');
  assert.equal(host.disk, encode({ ...view.document, name: 'theirs' }));
  assert.equal(view.view.get().undo, 'resolve');
  assert.deepEqual(asked.at(-1), { type: 'kept', text: host.disk });
  close();
});

test('a file that is gone is written anew where one keeps the drawing', async () => {
  const host = disk(encode(REVIEW));
  const { view, close } = opened(host);
  await until(() => state(view) === 'saved');
  host.disk = null;
  view.edit('one', end('one'));
  await until(() => state(view) === 'conflict');
  assert.match(view.saving.get().why, /was deleted, or moved$/);
  view.send({ type: 'resolve', choice: 'theirs' });
  await until(() => view.failure.get());
  view.send({ type: 'resolve', choice: 'mine' });
  await until(() => state(view) === 'saved');
  assert.equal(host.disk, encode(view.document));
  close();
});

test('a gesture that was lost on the way is sent again, and one that came is not made twice', () => {
  const keeper = new Keeper(REVIEW);
  const heard = {};
  const { receive } = keeper;
  keeper.receive = message => {
    if (message.type === 'edit') {
      if (message.id <= (heard[message.client] ?? 0)) return;
      heard[message.client] = message.id;
    }
    if (message.type !== 'hello') return receive.call(keeper, message);
    const { document, revision } = keeper;
    keeper.tell({ type: 'document', document, revision, heard: { ...heard } });
  };
  const view = new Session(keeper.connect());
  keeper.drain();
  view.edit('one', end('one'));
  view.edit('two', end('two'));
  keeper.queue.length = 0; // both are lost
  assert.equal(view.view.get().waiting, 2);
  keeper.tell({ type: 'edited', revision: 9, edits: [], client: 'other' }); // a gap: it asks anew
  keeper.drain();
  assert.equal(view.view.get().waiting, 0);
  assert.deepEqual(
    keeper.document.nodes.slice(-2).map(({ id }) => id),
    ['one', 'two']
  );
  assert.deepEqual(view.document, keeper.document);
  view.dispose();
});

test('what no kernel answered is kept by the browser, and made again by the next view of the file', () => {
  const kept = new Map();
  globalThis.localStorage = {
    getItem: key => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: key => kept.delete(key)
  };
  const document = {
    type: 'document',
    document: REVIEW,
    revision: 1,
    file: '/a/w.wf.json',
    heard: {}
  };
  const opened = () => {
    const sent = [];
    let tell;
    const gone = { get: () => false, set: () => undefined, on: listener => (gone.lose = listener) };
    const view = new Session({
      gone,
      send: message => sent.push(message),
      onMessage: listener => ((tell = listener), () => undefined)
    });
    return { view, sent, gone, tell: message => tell(message) };
  };
  const one = opened();
  one.tell(document);
  one.view.edit('name', [{ op: 'set_workflow', name: 'kept' }]);
  one.view.edit('add', end('added'));
  one.gone.lose(true);
  assert.equal(one.view.document.name, 'kept');
  assert.ok(one.view.view.get().readOnly);
  assert.match(one.view.failure.get(), /2 changes/);
  const other = opened();
  other.tell({ ...document, file: '/b/w.wf.json' });
  assert.equal(other.view.document.name, 'review');
  const two = opened();
  // The kernel had received the second one after all, and not told.
  two.tell({
    ...document,
    document: { ...REVIEW, nodes: [...REVIEW.nodes, end('added')[0].node] }
  });
  assert.equal(two.view.document.name, 'kept');
  assert.match(two.view.notice.get(), /1 change /);
  assert.equal(two.view.failure.get(), null);
  assert.equal(kept.size, 0);
  for (const { view } of [one, other, two]) view.dispose();
  delete globalThis.localStorage;
});
