import assert from 'node:assert/strict';
import test from 'node:test';
import stub from '../../wfnb/widgets/stub.js';

test('a page that no kernel answers says so, until one does', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const shown = [];
  globalThis.document = {
    createTextNode: text => ({ text, remove: () => shown.splice(shown.indexOf(text), 1) })
  };
  t.after(() => delete globalThis.document);
  const heard = [];
  const model = { on: (_, take) => heard.push(take), off() {}, send() {} };
  const rendered = stub.render({ model, el: { append: ({ text }) => shown.push(text) } });
  assert.deepEqual(shown, [], 'a kernel needs a moment');
  t.mock.timers.tick(3000);
  assert.match(shown.join(), /run the cell again/);
  heard[0]({ wfnb: 'file', name: 'widget.js', error: 'not built' }, []);
  await assert.rejects(rendered, /not built/);
});
