// What JupyterLab is told: keys in its notation, the table of keys in the schema, texts in another language.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { COMMANDS } from '../src/canvas/editor/commands';
import { commandOn, keysOf } from '../src/canvas/editor/keymap';
import { bindings } from '../src/canvas/session/page';
import { strings } from '../src/canvas/texts/strings';
import { patternOf, translateTable } from '../src/canvas/texts/translate';
import { chordFrom, keystrokeFrom } from '../src/plugins/keystrokes';

const SCHEMA = 'schema/commands.json';

/** The table of keys as JupyterLab's settings have it. */
const shortcuts = COMMANDS.flatMap(({ id, keys, keysOnly, anywhere }) =>
  keys.map(chord => ({
    command: `wfnb:${id}`,
    keys: [keystrokeFrom(chord)],
    selector: anywhere ? '.wfnb-designer' : '.wfnb-designer .wfnb-canvas:focus',
    ...(keysOnly && { args: { chord } })
  }))
);

test('the schema has every key of every command; WFNB_WRITE=1 writes it', () => {
  if (process.env.WFNB_WRITE) {
    const schema = {
      title: 'Workflow designer keys',
      description: 'The keys of the workflow designer, while the drawing has the keyboard.',
      'jupyter.lab.setting-icon': 'wfnb:workflow',
      'jupyter.lab.setting-icon-label': 'Workflow designer keys',
      'jupyter.lab.shortcuts': shortcuts,
      type: 'object',
      additionalProperties: false,
      properties: {}
    };
    writeFileSync(SCHEMA, `${JSON.stringify(schema, null, 2)}\n`);
  }
  const schema = JSON.parse(readFileSync(SCHEMA, 'utf8'));
  assert.deepEqual(schema['jupyter.lab.shortcuts'], shortcuts);
});

test('a key in the notation of JupyterLab and back is the same key', () => {
  const all = COMMANDS.flatMap(({ keys }) => keys);
  assert.ok(all.length > 50);
  for (const chord of all) assert.equal(chordFrom(keystrokeFrom(chord)), chord);
  assert.equal(chordFrom('Ctrl Shift Z'), 'Ctrl+Shift+Z');
  assert.equal(chordFrom('Shift Alt ArrowUp'), 'Alt+Shift+ArrowUp');
  assert.equal(keystrokeFrom('Ctrl+0'), 'Accel 0');
  assert.equal(keystrokeFrom('?'), 'Shift /');
  assert.equal(keystrokeFrom('+'), '=');
});

test('keys that the page sets stand in place of those that commands have', () => {
  assert.equal(commandOn('G').command.id, 'group');
  bindings.set([
    { chord: 'Ctrl+Shift+B', command: 'group', meant: '' },
    { chord: 'H', command: 'travel', meant: 'ArrowLeft' }
  ]);
  assert.equal(commandOn('G'), undefined);
  assert.deepEqual(keysOf('group'), ['Ctrl+Shift+B']);
  assert.deepEqual(keysOf('undo'), []);
  assert.deepEqual(commandOn('H'), { command: commandOn('H').command, meant: 'ArrowLeft' });
  assert.equal(commandOn('Ctrl+Shift+B').meant, 'Ctrl+Shift+B');
  bindings.set(null);
  assert.deepEqual(keysOf('group'), ['G']);
});

test('texts with parts are translated by their pattern, and left alone where they have none', () => {
  assert.equal(patternOf(strings.atTime, ['noon']), 'at %1');
  assert.equal(patternOf(strings.problems, [3]), '%1 problems');
  assert.equal(patternOf(strings.problems, [0]), 'No problems');
  assert.equal(patternOf(strings.did.connect, ['a', 'to']), 'connect %1 to %2');
  const german = {
    'at %1': 'um %1',
    '%1 problems': '%1 Probleme',
    'connect %1 to %2': '%2 an %1',
    Undo: 'Zurück'
  };
  const table = {
    undo: strings.undo,
    lists: [[['Undo'], 'Redo']],
    inside: { at: strings.atTime, connect: strings.did.connect },
    problems: strings.problems,
    run: strings.runShort
  };
  translateTable(table, text => german[text] ?? text);
  assert.equal(table.undo, 'Zurück');
  assert.deepEqual(table.lists, [[['Zurück'], 'Redo']]);
  assert.equal(table.inside.at('12:00'), 'um 12:00');
  assert.equal(table.inside.connect('a', 'to'), 'to an a');
  assert.equal(table.problems(3), '3 Probleme');
  assert.equal(table.problems(0), 'No problems');
  assert.equal(table.run('0123456789abcdef0'), 'run 01234567');
});
