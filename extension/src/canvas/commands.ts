/**
 * Every command of the designer as data: what it is called, its keys, when it can be given and what it does.
 *
 * The keyboard, the context menu, the command palette and the list of keys all read this one list.
 */
import { STRUCTURE } from './commands.structure';
import type { Editor } from './editor';
import type { strings } from './strings';
import { NOTHING } from './surface';

export type CommandId = keyof typeof strings.commands;

/** Where a command stands in the list of keys. */
export type Section = keyof typeof strings.commandSections;

export interface Command {
  id: CommandId;
  section: Section;
  /** As `chordOf` gives them; the first is the one that is shown. */
  keys: readonly string[];
  /** Also where a panel has the keyboard, and not the drawing. */
  anywhere?: true;
  /** The browser turns its keys into an event of its own: the keyboard leaves them alone. */
  native?: true;
  /** Says nothing without the key that was pressed, so no menu has it. */
  keysOnly?: true;
  enabled(editor: Editor): boolean;
  /** `chord` is what was pressed; empty where it was chosen from a list. */
  run(editor: Editor, chord: string): void;
}

const always = (): boolean => true;

/** Whether the drawing can be changed now. */
export const editable = ({ session, stepper }: Editor): boolean =>
  !session.view.get().readOnly && stepper.walk.get() === null;

const chosen = ({ surface }: Editor): boolean => {
  const { nodes, edges } = surface.selection.get();
  return nodes.length + edges.length > 0;
};
const withNodes = (editor: Editor): boolean => editor.surface.selection.get().nodes.length > 0;
const changeable = (editor: Editor): boolean => editable(editor) && chosen(editor);

/** Which way an arrow key points. */
export function directionOf(chord: string): [number, number] {
  const key = chord.split('+').at(-1);
  if (key === 'ArrowLeft') return [-1, 0];
  if (key === 'ArrowRight') return [1, 0];
  return [0, key === 'ArrowUp' ? -1 : 1];
}

const arrows = (before = ''): string[] =>
  ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown'].map(key => before + key);

const nudge = (by: number) => (editor: Editor, chord: string) => {
  const [x, y] = directionOf(chord);
  editor.nudge(x * by, y * by);
};

const EDIT: Command[] = [
  {
    id: 'undo',
    section: 'edit',
    keys: ['Ctrl+Z'],
    enabled: editor => editable(editor) && editor.session.view.get().undo !== null,
    run: ({ session }) => session.send({ type: 'undo' })
  },
  {
    id: 'redo',
    section: 'edit',
    keys: ['Ctrl+Y', 'Ctrl+Shift+Z'],
    enabled: editor => editable(editor) && editor.session.view.get().redo !== null,
    run: ({ session }) => session.send({ type: 'redo' })
  },
  {
    id: 'delete',
    section: 'edit',
    keys: ['Delete', 'Backspace'],
    enabled: changeable,
    run: editor => editor.remove()
  },
  {
    id: 'duplicate',
    section: 'edit',
    keys: ['Ctrl+D'],
    enabled: editor => editable(editor) && withNodes(editor),
    run: editor => editor.paste(editor.copy())
  },
  {
    id: 'move',
    section: 'edit',
    keys: [...arrows()],
    keysOnly: true,
    enabled: editor => editable(editor) && withNodes(editor),
    run: nudge(8)
  },
  {
    id: 'moveFar',
    section: 'edit',
    keys: [...arrows('Shift+')],
    keysOnly: true,
    enabled: editor => editable(editor) && withNodes(editor),
    run: nudge(40)
  },
  {
    id: 'group',
    section: 'edit',
    keys: ['G'],
    enabled: editor => editable(editor) && withNodes(editor),
    run: editor => editor.group()
  },
  {
    id: 'ungroup',
    section: 'edit',
    keys: ['Shift+G'],
    enabled: editor => editable(editor) && withNodes(editor),
    run: editor => editor.ungroup()
  },
  {
    id: 'layout',
    section: 'edit',
    keys: ['L'],
    enabled: editable,
    run: editor => void editor.layout()
  }
];

const SELECT: Command[] = [
  {
    id: 'selectAll',
    section: 'select',
    keys: ['Ctrl+A'],
    enabled: always,
    run: editor => editor.selectAll()
  },
  {
    id: 'escape',
    section: 'select',
    keys: ['Escape'],
    keysOnly: true,
    enabled: always,
    run: ({ surface }) => surface.select(NOTHING)
  }
];

const VIEW: Command[] = [
  {
    id: 'fit',
    section: 'view',
    keys: ['F'],
    enabled: always,
    run: ({ surface }) => surface.view.fitOn()
  },
  {
    id: 'fitAll',
    section: 'view',
    keys: ['Shift+1'],
    enabled: always,
    run: ({ surface }) => surface.view.fit(true)
  },
  {
    id: 'zoomIn',
    section: 'view',
    keys: ['+'],
    enabled: always,
    run: ({ surface }) => surface.view.setZoom(surface.zoom.get() * 1.2)
  },
  {
    id: 'zoomOut',
    section: 'view',
    keys: ['-'],
    enabled: always,
    run: ({ surface }) => surface.view.setZoom(surface.zoom.get() / 1.2)
  },
  {
    id: 'zoomReset',
    section: 'view',
    keys: ['Ctrl+0'],
    enabled: always,
    run: ({ surface }) => surface.view.setZoom(1)
  },
  {
    id: 'keys',
    section: 'view',
    keys: ['?'],
    enabled: always,
    run: editor => editor.keysShown.set(true)
  }
];

/** In the order in which lists show them. */
export const COMMANDS: readonly Command[] = [...EDIT, ...STRUCTURE, ...SELECT, ...VIEW];

const byId = new Map(COMMANDS.map(command => [command.id, command]));
const byChord = new Map<string, Command>();
for (const command of COMMANDS) for (const chord of command.keys) byChord.set(chord, command);

/** The command with this id; all ids have one. */
export function commandOf(id: CommandId): Command {
  const found = byId.get(id);
  if (!found) throw new Error(`there is no command '${id}'`);
  return found;
}

/** The command that a key gives; undefined where it is nobody's. */
export const commandOn = (chord: string): Command | undefined => byChord.get(chord);

/** Gives a command if it can be given now, and says whether it was. */
export function give(id: CommandId, editor: Editor, chord = ''): boolean {
  const command = commandOf(id);
  if (!command.enabled(editor)) return false;
  command.run(editor, chord);
  return true;
}
