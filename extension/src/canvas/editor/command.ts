/** What a command of the designer is, and when commands can be given. */
import type { Editor } from './editor';
import type { CommandId, strings } from '../texts/strings';
import type { NodeKind } from '../wire.gen';

/** Where a command stands in the list of keys. */
export type Section = keyof typeof strings.commandSections;

export interface Command {
  id: CommandId;
  section: Section;
  /** As `chordOf` gives them; the first is the one that is shown. */
  keys: readonly string[];
  /** Also where a panel has the keyboard, and not the drawing. */
  anywhere?: true;
  /** Also on what is no text in a panel, such as a button that was just pressed. */
  onButtons?: true;
  /** The browser turns its keys into an event of its own: the keyboard leaves them alone. */
  native?: true;
  /** Says nothing without the key that was pressed, so no menu has it. */
  keysOnly?: true;
  /** Whether what it switches is on, where it is a switch. */
  checked?(editor: Editor): boolean;
  enabled(editor: Editor): boolean;
  /** `chord` is what was pressed; empty where it was chosen from a list. */
  run(editor: Editor, chord: string): void;
}

/** For what can be done at any time. */
export const always = (): boolean => true;

/** Whether the drawing can be changed now. */
export const editable = ({ session, stepper }: Editor): boolean =>
  !session.view.get().readOnly && stepper.walk.get() === null;

/** Whether anything is selected. */
export const chosen = ({ surface }: Editor): boolean => {
  const { nodes, edges } = surface.selection.get();
  return nodes.length + edges.length > 0;
};
/** Whether a node is selected. */
export const withNodes = (editor: Editor): boolean =>
  editor.surface.selection.get().nodes.length > 0;

/** Whether just one node or edge is selected. */
export const one = ({ surface }: Editor): boolean => {
  const { nodes, edges } = surface.selection.get();
  return nodes.length + edges.length === 1;
};

/** Whether what is selected can be changed now. */
export const changeable = (editor: Editor): boolean => editable(editor) && chosen(editor);

const withKind = ({ surface }: Editor, kind: NodeKind): boolean =>
  surface.selection.get().nodes.some(id => surface.graph.items.get(id)?.node.kind === kind);

/** Whether a group is selected. */
export const withGroups = (editor: Editor): boolean => withKind(editor, 'group');

/** Whether a note is selected. */
export const withNotes = (editor: Editor): boolean => withKind(editor, 'note');
