/**
 * Every command of the designer as data: what it is called, its keys, when it can be given and what it does.
 *
 * The keyboard (by way of keymap.ts), the context menu, the command palette, the list of keys and
 * JupyterLab's commands all read this one list.
 */
import { fromClipboard, toClipboard } from '../ground/clipboard';
import { copy, cut, duplicate, paste } from './copying';
import { always, changeable, editable, one, withGroups, withNodes } from './command';
import type { Command } from './command';
import { FIT_SELECTION, GOING, PLACING } from './commands.place';
import { STRUCTURE } from './commands.structure';
import { giveBack } from '../ground/dom';
import type { Editor } from './editor';
import { openAdd, openMenu } from './opening';
import { goRound } from './panes';
import * as runs from './steering';
import { NOTHING } from '../surface/surface';
import type { CommandId } from '../texts/strings';

const EDIT: Command[] = [
  {
    id: 'undo',
    section: 'edit',
    keys: ['Ctrl+Z'],
    onButtons: true,
    enabled: editor => {
      // What was just drawn may not have come back yet, nor what was just made again.
      const { undo, waiting } = editor.session.view.get();
      return editable(editor) && (undo !== null || waiting > 0 || editor.session.following);
    },
    run: ({ session }) => session.send({ type: 'undo' })
  },
  {
    id: 'redo',
    section: 'edit',
    keys: ['Ctrl+Y', 'Ctrl+Shift+Z'],
    onButtons: true,
    enabled: editor =>
      editable(editor) && (editor.session.view.get().redo !== null || editor.session.following),
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
    id: 'heal',
    section: 'edit',
    keys: ['Shift+Delete', 'Shift+Backspace'],
    enabled: changeable,
    run: editor => editor.heal()
  },
  {
    id: 'add',
    section: 'edit',
    keys: ['Tab'],
    enabled: editable,
    run: openAdd
  },
  {
    id: 'rename',
    section: 'edit',
    keys: ['F2'],
    enabled: editor => editable(editor) && one(editor),
    run: editor => editor.desk?.inspect(withNodes(editor) ? 'id' : undefined)
  },
  {
    id: 'inspect',
    section: 'edit',
    keys: ['Enter'],
    enabled: always,
    run: editor => editor.desk?.inspect()
  },
  {
    id: 'cut',
    section: 'edit',
    keys: ['Ctrl+X'],
    native: true,
    enabled: editor => editable(editor) && withNodes(editor),
    run: editor => toClipboard(cut(editor))
  },
  {
    id: 'copy',
    section: 'edit',
    keys: ['Ctrl+C'],
    native: true,
    enabled: withNodes,
    run: editor => toClipboard(copy(editor))
  },
  {
    id: 'paste',
    section: 'edit',
    keys: ['Ctrl+V'],
    native: true,
    enabled: editable,
    run: editor => void fromClipboard().then(text => paste(editor, text))
  },
  {
    id: 'duplicate',
    section: 'edit',
    keys: ['Ctrl+D'],
    enabled: editor => editable(editor) && withNodes(editor),
    run: duplicate
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
    enabled: editor => editable(editor) && withGroups(editor),
    run: editor => editor.ungroup()
  },
  {
    id: 'layout',
    section: 'edit',
    keys: ['L'],
    enabled: editable,
    run: editor => void editor.layout()
  },
  ...PLACING
];

const RUN: Command[] = [
  {
    id: 'run',
    section: 'run',
    keys: [],
    enabled: editor => runs.canRun(editor) && !runs.isGoing(editor),
    run: editor => editor.desk?.run()
  },
  { id: 'runTo', section: 'run', keys: [], enabled: runs.canRunTo, run: runs.runTo },
  { id: 'runFrom', section: 'run', keys: [], enabled: runs.canRunFrom, run: runs.runFrom },
  {
    id: 'breakpoint',
    section: 'run',
    keys: ['B'],
    enabled: runs.canStop,
    checked: runs.hasBreakpoints,
    run: runs.toggleBreakpoints
  },
  {
    id: 'pin',
    section: 'run',
    keys: ['P'],
    enabled: runs.canPin,
    run: runs.pin
  },
  { id: 'unpin', section: 'run', keys: [], enabled: runs.isPinned, run: runs.unpin },
  {
    id: 'disable',
    section: 'run',
    keys: ['D'],
    enabled: editor => editable(editor) && runs.hasTasks(editor),
    checked: runs.areDisabled,
    run: runs.toggleDisabled
  },
  { id: 'retry', section: 'run', keys: [], enabled: runs.canRetry, run: runs.retry },
  {
    id: 'pauseRun',
    section: 'run',
    keys: [],
    enabled: editor => runs.isGoing(editor) && !runs.isPaused(editor),
    run: ({ session }) => session.send({ type: 'steer', action: 'pause' })
  },
  {
    id: 'resume',
    section: 'run',
    keys: [],
    enabled: runs.isPaused,
    run: ({ session }) => session.send({ type: 'steer', action: 'resume' })
  },
  {
    id: 'step',
    section: 'run',
    keys: [],
    enabled: runs.isPaused,
    run: runs.step
  },
  {
    id: 'toPause',
    section: 'run',
    keys: [],
    enabled: editor => runs.pauseElsewhere(editor) !== null,
    run: runs.toPause
  },
  {
    id: 'cancelRun',
    section: 'run',
    keys: [],
    enabled: runs.isGoing,
    run: ({ session }) => session.send({ type: 'cancel' })
  }
];

const SELECT: Command[] = [
  ...GOING,
  {
    id: 'find',
    section: 'select',
    keys: ['Ctrl+F'],
    anywhere: true,
    enabled: always,
    run: ({ overlay }) => overlay.set({ kind: 'find' })
  },
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
    run: ({ desk, keysShown, surface }) => {
      if (keysShown.get()) return keysShown.set(false);
      if (desk?.uncover()) return;
      const { nodes, edges } = surface.selection.get();
      if (nodes.length || edges.length) surface.select(NOTHING);
      else giveBack(surface.host);
    }
  }
];

function toggling(panel: 'palette' | 'inspector' | 'problems'): Omit<Command, 'id'> {
  return { section: 'view', keys: [], enabled: always, run: ({ desk }) => desk?.toggle(panel) };
}

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
  FIT_SELECTION,
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
    id: 'menu',
    section: 'view',
    keys: ['M', 'Shift+F10', 'ContextMenu'],
    keysOnly: true,
    enabled: always,
    run: editor => openMenu(editor, null, null)
  },
  {
    id: 'nextPane',
    section: 'view',
    keys: ['F6'],
    keysOnly: true,
    anywhere: true,
    enabled: always,
    run: ({ root }) => goRound(root, false)
  },
  {
    id: 'previousPane',
    section: 'view',
    keys: ['Shift+F6'],
    keysOnly: true,
    anywhere: true,
    enabled: always,
    run: ({ root }) => goRound(root, true)
  },
  {
    id: 'commands',
    section: 'view',
    keys: ['Ctrl+K'],
    anywhere: true,
    enabled: always,
    run: ({ overlay }) => overlay.set({ kind: 'commands' })
  },
  { ...toggling('palette'), id: 'palette' },
  { ...toggling('inspector'), id: 'inspector' },
  { ...toggling('problems'), id: 'problems' },
  {
    id: 'keys',
    section: 'view',
    keys: ['?'],
    enabled: always,
    run: ({ keysShown }) => keysShown.set(!keysShown.get())
  }
];

/** In the order in which lists show them. */
export const COMMANDS: readonly Command[] = [...EDIT, ...STRUCTURE, ...RUN, ...SELECT, ...VIEW];

const byId = new Map(COMMANDS.map(command => [command.id, command]));

/** The command with this id; all ids have one. */
export function commandOf(id: CommandId): Command {
  const found = byId.get(id);
  if (!found) throw new Error(`there is no command '${id}'`);
  return found;
}

/** Gives a command if it can be given now, and says whether it was. */
export function give(id: CommandId, editor: Editor, chord = ''): boolean {
  const command = commandOf(id);
  if (!command.enabled(editor)) return false;
  command.run(editor, chord);
  return true;
}
