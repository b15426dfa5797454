// What a document calls that does not belong to it: entered, looked at, marked, and made its own.
import assert from 'node:assert/strict';
import test from 'node:test';
import { embedding } from '../src/canvas/document/embedding';
import { applyAll } from '../src/canvas/document/document';
import { jump } from '../src/canvas/editor/jump';
import { indexProblems } from '../src/canvas/document/problemindex';
import { marksAt, marksOf } from '../src/canvas/session/marks';
import { DOCUMENT, crumbsTo, enteredBy, scopeOf } from '../src/canvas/document/scope';
import { Session } from '../src/canvas/session/session';
import { SourceText } from '../src/canvas/session/source';
import * as runs from '../src/canvas/editor/steering';
import { Structure } from '../src/canvas/editor/structure';

const task = id => ({ kind: 'task', id, activity: 'ask' });
const call = (id, workflow) => ({ kind: 'call', id, workflow });
const FILE = 'flows/far.wf.json';
const OUTER = {
  wfnb: 1,
  name: 'outer',
  nodes: [call('both', 'part'), call('own', 'mid'), call('far', FILE), call('lost', 'lost')],
  workflows: { mid: { name: 'mid', nodes: [call('again', 'part'), call('away', FILE)] } }
};
const PART = {
  wfnb: 1,
  name: 'part',
  nodes: [task('clean'), call('deep', 'leaf'), call('other', 'more')],
  workflows: { leaf: { name: 'leaf', nodes: [task('tip')] } }
};
const ELSEWHERE = {
  part: { document: PART },
  more: { document: { wfnb: 1, name: 'more', nodes: [task('last'), call('back', 'mid')] } },
  [FILE]: { document: { wfnb: 1, name: 'mid', nodes: [task('there')] }, file: FILE },
  lost: { why: "'lost' is unknown\ndefine it" }
};
const KNOWN = { whole: OUTER, elsewhere: ELSEWHERE };

function opened() {
  const sent = [];
  let tell = () => undefined;
  const session = new Session({
    send: message => sent.push(message),
    onMessage: listener => {
      tell = listener;
      return () => undefined;
    }
  });
  tell({ type: 'document', document: OUTER, revision: 1 });
  tell({ type: 'elsewhere', workflows: ELSEWHERE });
  session.kernel.set('connected');
  let nodes = [];
  const editor = {
    session,
    get document() {
      return session.document;
    },
    surface: {
      selection: { get: () => ({ nodes, edges: [] }) },
      graph: { items: new Map(), lines: [], folding: { folded: new Set() } },
      select: selection => ({ nodes } = selection),
      view: { center: () => undefined }
    },
    stepper: { walk: { get: () => null } },
    notice: session.notice
  };
  editor.structure = new Structure(editor);
  return { editor, session, sent, tell, choose: (...ids) => (nodes = ids) };
}

const names = ({ session }) => session.view.get().crumbs.map(({ node }) => node);

test('what is kept elsewhere is entered, and from there what it calls, its own and others', () => {
  const { editor, session, choose } = opened();
  choose('both');
  assert.ok(editor.structure.leads() && editor.structure.enter());
  assert.equal(session.document, PART);
  assert.equal(session.view.get().readOnly, true);
  assert.equal(session.edit('add', [{ op: 'add_node', node: task('x') }]), false);
  choose('deep');
  editor.structure.enter();
  assert.deepEqual(session.scope, {
    node: 'deep',
    name: 'leaf',
    foreign: 'part',
    path: ['leaf']
  });
  editor.structure.leave();
  assert.deepEqual(editor.surface.selection.get().nodes, ['deep']);
  choose('other');
  editor.structure.enter();
  assert.deepEqual(names(editor), ['both', 'other']);
  // It knows nothing of what belongs to the document.
  assert.equal(enteredBy(KNOWN, session.scope, call('back', 'mid')), null);
  editor.structure.leave(0);
  assert.equal(session.view.get().readOnly, false);
  choose('lost');
  assert.equal(editor.structure.enter(), false);
  assert.equal(session.failure.get(), ELSEWHERE.lost.why);
  session.dispose();
});

test('a new definition is shown, and what is gone is left', () => {
  const { editor, session, tell, choose } = opened();
  choose('both');
  editor.structure.enter();
  const now = { ...PART, nodes: [...PART.nodes, task('new')] };
  tell({ type: 'elsewhere', workflows: { ...ELSEWHERE, part: { document: now } } });
  assert.equal(session.document, now);
  // Somebody gives the call another name meanwhile.
  const to = { ...OUTER, nodes: [call('renamed', 'part'), ...OUTER.nodes.slice(1)] };
  tell({ type: 'document', document: to, revision: 2 });
  assert.deepEqual(names(editor), ['renamed']);
  tell({ type: 'elsewhere', workflows: { part: { why: 'it is gone\ndefine it' } } });
  assert.deepEqual(names(editor), []);
  session.dispose();
});

test('marks and runs name what is inside by the calls that lead there', () => {
  const { editor, session, sent, choose } = opened();
  const steering = { breakpoints: ['both/clean', 'both/deep/tip', 'lost/x'], pins: {} };
  const outer = marksOf(session.view.get(), steering, []);
  assert.deepEqual(marksAt(outer, 'both'), ['breakpointInside']);
  assert.deepEqual(marksAt(outer, 'lost'), []);
  editor.structure.follow(['both', 'deep']);
  choose('tip');
  sent.length = 0;
  runs.toggleBreakpoints(editor);
  assert.equal(runs.canRunFrom(editor), false);
  assert.deepEqual(sent, [{ type: 'breakpoints', nodes: ['both/deep/tip'], on: true }]);
  session.dispose();
});

test('a problem elsewhere is found: on what calls it, and by going there', () => {
  const problem = {
    code: 'WF201',
    severity: 'error',
    message: 'unknown',
    nodes: ['tip'],
    foreign: 'part',
    path: ['leaf']
  };
  assert.deepEqual([...indexProblems([problem], KNOWN).nodes.keys()], ['both']);
  const inside = { foreign: 'part', path: [] };
  assert.deepEqual([...indexProblems([problem], KNOWN, inside).nodes.keys()], ['deep']);
  const mid = { foreign: '', path: ['mid'] };
  assert.deepEqual([...indexProblems([problem], KNOWN, mid).nodes.keys()], ['again']);
  const { editor, session } = opened();
  jump(problem, editor);
  assert.deepEqual(names(editor), ['both', 'deep']);
  assert.deepEqual(editor.surface.selection.get().nodes, ['tip']);
  session.dispose();
});

test('the way to a workflow is the shortest through calls', () => {
  const way = crumbsTo(KNOWN, { foreign: 'more', path: [] });
  assert.deepEqual(
    way.map(({ node }) => node),
    ['both', 'other']
  );
  assert.deepEqual(crumbsTo(KNOWN, { foreign: 'gone', path: [] }), []);
  assert.deepEqual(crumbsTo(KNOWN, DOCUMENT), []);
});

test('the Python of what is in view is asked for, and never written back', async () => {
  const { editor, session, sent, choose } = opened();
  choose('both');
  editor.structure.enter();
  sent.length = 0;
  const source = new SourceText(session, () => assert.fail('written'));
  await Promise.resolve();
  assert.deepEqual(
    sent.map(({ type, foreign }) => [type, foreign]),
    [['ask_source', 'part']]
  );
  source.dispose();
  session.dispose();
});

test('what is embedded belongs to the document, can be changed there, and is not after undo', () => {
  const { editor, session, sent, tell } = opened();
  editor.structure.follow(['both', 'other']);
  assert.equal(editor.structure.foreign().name, 'part', 'the outermost comes first');
  sent.length = 0;
  editor.structure.embed();
  const [made] = sent.filter(({ type }) => type === 'edit');
  assert.equal(session.view.get().whole.workflows.part, PART);
  assert.deepEqual(
    session.view.get().crumbs.map(({ foreign, path }) => [foreign, ...path]),
    [['', 'part'], ['more']]
  );
  editor.structure.leave();
  assert.equal(session.view.get().readOnly, false);
  tell({ type: 'edited', revision: 2, edits: made.edits, client: session.client, id: made.id });
  const { inverse } = applyAll(OUTER, made.edits);
  tell({ type: 'edited', revision: 3, edits: inverse });
  assert.equal(session.scope.foreign, 'part');
  session.dispose();
  // A file has a plain name then, and everything that called it calls that.
  const edits = embedding(KNOWN, { foreign: FILE, path: [] });
  const { document, inverse: back } = applyAll(OUTER, edits);
  assert.deepEqual(document.nodes[2], call('far', 'mid_2'));
  assert.deepEqual(document.workflows.mid.nodes[1], call('away', 'mid_2'));
  assert.equal(document.workflows.mid_2, ELSEWHERE[FILE].document);
  assert.deepEqual(applyAll(document, back).document, OUTER);
  assert.equal(scopeOf([]).foreign, '');
});
