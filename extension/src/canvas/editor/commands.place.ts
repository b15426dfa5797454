/** The commands that move nodes and edges, and those that go from one to the next. */
import { ALIGNMENTS, SPREADS, leastOf, ownMovers } from '../layout/align';
import type { Arrangement } from '../layout/align';
import { extendAlong, pullByKey, travelAlong } from './arrows';
import { always, changeable, chosen, editable, withNodes, withNotes } from './command';
import type { Command } from './command';
import { edgesOf } from '../document/document';
import type { Editor } from './editor';
import { enlarge } from './resizing';
import type { Direction } from '../layout/travel';

/** Which way an arrow key points. */
function directionOf(chord: string): [number, number] {
  const key = chord.split('+').at(-1);
  if (key === 'ArrowLeft') return [-1, 0];
  if (key === 'ArrowRight') return [1, 0];
  return [0, key === 'ArrowUp' ? -1 : 1];
}

const ways: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up'
};

/** The same as a word. */
const wayOf = (chord: string): Direction => ways[chord.split('+').at(-1) ?? ''] ?? 'down';

const arrows = (before = ''): string[] =>
  ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown'].map(key => before + key);

const nudge = (by: number) => (editor: Editor, chord: string) => {
  const [x, y] = directionOf(chord);
  editor.nudge(x * by, y * by);
};

function arranging(how: Arrangement): Command {
  return {
    id: how,
    section: 'edit',
    keys: [],
    enabled: editor => {
      const { nodes } = editor.surface.selection.get();
      const count = ownMovers(editor.surface.graph.items, nodes).length;
      return editable(editor) && count >= leastOf(how);
    },
    run: editor => editor.arrangeSelected(how)
  };
}

/** What moves nodes and edges. */
export const PLACING: readonly Command[] = [
  {
    id: 'move',
    section: 'edit',
    keys: arrows('Alt+'),
    keysOnly: true,
    enabled: editor => editable(editor) && withNodes(editor),
    run: nudge(8)
  },
  {
    id: 'moveFar',
    section: 'edit',
    keys: arrows('Alt+Shift+'),
    keysOnly: true,
    enabled: editor => editable(editor) && withNodes(editor),
    run: nudge(40)
  },
  {
    id: 'resize',
    section: 'edit',
    keys: arrows('Ctrl+Shift+'),
    keysOnly: true,
    enabled: editor => editable(editor) && withNotes(editor),
    run: (editor, chord) => {
      const [x, y] = directionOf(chord);
      enlarge(editor, { w: x * 16, h: y * 16 });
    }
  },
  {
    id: 'drawEdge',
    section: 'edit',
    keys: ['E'],
    enabled: changeable,
    run: editor => pullByKey(editor, 'target')
  },
  {
    id: 'moveSource',
    section: 'edit',
    keys: ['Shift+E'],
    enabled: editor => editable(editor) && editor.surface.selection.get().edges.length === 1,
    run: editor => pullByKey(editor, 'source')
  },
  ...[...ALIGNMENTS, ...SPREADS].map(arranging)
];

/** What goes along the edges. */
export const GOING: readonly Command[] = [
  {
    id: 'travel',
    section: 'select',
    keys: arrows(),
    keysOnly: true,
    enabled: always,
    run: (editor, chord) => travelAlong(editor, wayOf(chord))
  },
  {
    id: 'extend',
    section: 'select',
    keys: arrows('Shift+'),
    keysOnly: true,
    enabled: always,
    run: (editor, chord) => extendAlong(editor, wayOf(chord))
  }
];

/** The selected nodes, and those at the ends of selected edges. */
function nodesChosen({ document, surface }: Editor): string[] {
  const { nodes, edges } = surface.selection.get();
  const lines = edges.flatMap(index => edgesOf(document)[index] ?? []);
  return [...new Set([...nodes, ...lines.flatMap(({ source, target }) => [source, target])])];
}

/** What looks at the selection. */
export const FIT_SELECTION: Command = {
  id: 'fitSelection',
  section: 'view',
  keys: ['Shift+2'],
  enabled: chosen,
  run: editor => editor.surface.view.fitTo(nodesChosen(editor))
};
