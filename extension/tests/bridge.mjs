// Two canvases whose keeper is outside of the page: what they send is fetched, what they are told is brought.
// Gestures are made at random, through what the canvas itself has for mouse and keyboard.
import { encodeText } from '../src/canvas';
import { addAt } from '../src/canvas/editor/adding';
import { choiceOf } from '../src/canvas/document/choices';
import { COMMANDS } from '../src/canvas/editor/commands';
import { copy, cut, paste } from '../src/canvas/editor/copying';
import { Designer } from '../src/canvas/designer';
import { edgesOf, nodesOf } from '../src/canvas/document/document';
import { Session } from '../src/canvas/session/session';
import { injectStyle } from '../src/canvas/look/style';
import { chance } from './kit.mjs';

const KINDS = ['task', 'choice', 'fork', 'join', 'wait', 'end', 'note'];
const NOTHING = { nodes: [], edges: [] };
let clip = '';

function opened(host, view, outbox) {
  const listeners = new Set();
  injectStyle(host);
  const root = document.createElement('div');
  root.className = 'wfnb-root wfnb-designer wfnb-cell';
  host.append(root);
  const session = new Session({
    send: message => outbox.push({ view, message: structuredClone(message) }),
    onMessage: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }
  });
  const designer = new Designer(root, session, {});
  const tell = message => {
    for (const listener of [...listeners]) listener(message);
  };
  return { session, editor: designer.editor, tell };
}

const command = id => editor => {
  const found = COMMANDS.find(one => one.id === id);
  if (found.enabled(editor)) found.run(editor, '');
};

/** Selects some nodes, and some edges. */
function select({ document, surface }, luck) {
  const some = (list, share) => list.filter(() => luck.next() < share);
  surface.select({
    nodes: some(nodesOf(document), 0.3).map(({ id }) => id),
    edges: some(
      edgesOf(document).map((_, i) => i),
      0.1
    )
  });
}

const ids = editor => nodesOf(editor.document).map(({ id }) => id);

const GESTURES = {
  add: (editor, luck) => {
    const at = luck.next() < 0.8 ? { x: luck.below(900), y: luck.below(500) } : null;
    const [kind, known] = [luck.pick(KINDS), luck.next() < 0.5];
    addAt(editor, choiceOf(kind, known ? { name: 'fetch' } : undefined), at);
  },
  connect: (editor, luck) => {
    const list = ids(editor);
    if (list.length) editor.connect(luck.pick(list), luck.pick(list));
  },
  lead: (editor, luck) => {
    const edges = edgesOf(editor.document);
    if (!edges.length) return;
    const edge = luck.below(edges.length);
    const end = luck.pick(['source', 'target']);
    const held = edges[edge][end === 'source' ? 'target' : 'source'];
    editor.pulled({ held, end, edge }, luck.pick(ids(editor)));
  },
  move: (editor, luck) => {
    const list = ids(editor).filter(() => luck.next() < 0.3);
    const to = () => [luck.below(900), luck.below(500)];
    editor.drop(
      Object.fromEntries(list.map(id => [id, to()])),
      luck.next() < 0.3 ? luck.below(edgesOf(editor.document).length + 1) : null
    );
  },
  label: (editor, luck) => {
    const node = luck.pick(nodesOf(editor.document));
    if (node) editor.setNode(node.id, { ...node, label: `l${luck.below(99)}` });
  },
  rename: (editor, luck) => {
    const node = luck.pick(nodesOf(editor.document));
    if (node) editor.setNode(node.id, { ...node, id: `r${luck.below(999)}` });
  },
  delete: command('delete'),
  heal: command('heal'),
  copy: editor => {
    clip = copy(editor) || clip;
  },
  cut: editor => {
    clip = cut(editor) || clip;
  },
  paste: editor => {
    if (clip) paste(editor, clip);
  },
  duplicate: command('duplicate'),
  group: command('group'),
  ungroup: command('ungroup'),
  fold: command('fold'),
  disable: command('disable'),
  undo: command('undo'),
  redo: command('redo')
};
const NAMES = Object.keys(GESTURES);
const OFTEN = ['add', 'add', 'connect', 'connect', 'move', 'paste', 'group', 'undo', 'undo'];

export function openBridge(host) {
  const outbox = [];
  const views = [0, 1].map(view => opened(host(), view, outbox));
  globalThis.bridge = {
    /** What was sent since it was last asked. */
    sent: () => outbox.splice(0),
    tell: told => {
      for (const { view, message } of told) views[view].tell(message);
    },
    /** Nothing selected, nothing in the clipboard, as at the beginning. */
    reset: () => {
      clip = '';
      for (const { editor, session } of views) {
        editor.surface.select(NOTHING);
        editor.surface.fold([...editor.surface.graph.folding.folded], false);
        session.failure.set(null);
      }
    },
    /** Makes a gesture; gives its name. */
    act: (view, seed) => {
      const luck = chance(seed);
      const { editor } = views[view];
      const name = luck.pick([...NAMES, ...OFTEN]);
      if (luck.next() < 0.6) select(editor, luck);
      GESTURES[name](editor, luck);
      return name;
    },
    waiting: () => views.map(({ session }) => session.view.get().waiting),
    texts: () => views.map(({ session }) => encodeText(session.view.get().whole)),
    /** The nodes on the canvases, and those that should be: all but what a folded group hides. */
    drawn: () =>
      views.map(({ editor }) => ({
        nodes: [...editor.surface.graph.items.keys()].sort(),
        known: ids(editor)
          .filter(id => !editor.surface.graph.folding.isHidden(id))
          .sort()
      }))
  };
}
