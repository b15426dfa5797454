import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import {
  type LabIcon,
  addIcon,
  copyIcon,
  cutIcon,
  pasteIcon,
  redoIcon,
  runIcon,
  searchIcon,
  stopIcon,
  undoIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import { bindings, designers, type Binding, type Shown } from '../canvas/session/page';
import { strings } from '../canvas/texts/strings';
import type { CommandId } from '../canvas/texts/strings';
import { translateTable } from '../canvas/texts/translate';
import { chordFrom } from './keystrokes';

const PREFIX = 'wfnb:';

/** For toolbars; what is found by its name needs none. */
const ICONS: Partial<Record<CommandId, LabIcon>> = {
  undo: undoIcon,
  redo: redoIcon,
  add: addIcon,
  cut: cutIcon,
  copy: copyIcon,
  paste: pasteIcon,
  find: searchIcon,
  run: runIcon,
  cancelRun: stopIcon
};

const IDS = Object.keys(strings.commands) as CommandId[];

/** The designer that commands mean: of those in the page's current tab the one that had the keyboard last. */
export function currentDesigner({ shell }: JupyterFrontEnd): Shown | undefined {
  const node = shell.currentWidget?.node;
  return [...designers.get()].reverse().find(({ root }) => node?.contains(root));
}

/** Calls back whenever another designer is current, or the current one changed. */
export function followDesigner(app: JupyterFrontEnd, listener: () => void): void {
  let stop: (() => void)[] = [];
  const follow = (): void => {
    for (const one of stop) one();
    stop = designers.get().map(designer => designer.onChange(listener));
    listener();
  };
  designers.on(follow);
  app.shell.currentChanged?.connect(listener);
  follow();
}

function addCommand(app: JupyterFrontEnd, id: CommandId): void {
  const now = (): Shown | undefined => currentDesigner(app);
  const icon = ICONS[id];
  app.commands.addCommand(PREFIX + id, {
    label: () => strings.commands[id],
    caption: () => strings.commands[id],
    ...(icon && { icon }),
    // What says nothing without its key is in no list.
    isVisible: () => now()?.isListed(id) ?? false,
    isEnabled: () => now()?.can(id) ?? false,
    isToggled: () => now()?.isOn(id) ?? false,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          chord: { type: 'string', description: 'What counts as pressed, such as ArrowLeft' }
        }
      }
    },
    execute: ({ chord }) => now()?.give(id, typeof chord === 'string' ? chord : '')
  });
}

/** What the page's table of keys has for the canvas; a sequence of keys is left to the page. */
function bindingsIn({ keyBindings }: CommandRegistry): Binding[] {
  return keyBindings.flatMap(({ command, keys, args }) => {
    const id = command.slice(PREFIX.length) as CommandId;
    const [keystroke, ...more] = keys;
    if (!command.startsWith(PREFIX) || !IDS.includes(id)) return [];
    if (keystroke === undefined || more.length) return [];
    const chord = args['chord'];
    const meant = typeof chord === 'string' ? chord : '';
    return [{ chord: chordFrom(keystroke), command: id, meant }];
  });
}

/** Lets the canvas answer the keys that stand in JupyterLab's settings, wherever a designer has the keyboard. */
function followKeys(commands: CommandRegistry): void {
  let due = false;
  const take = (): void => {
    due = false;
    const found = bindingsIn(commands);
    // Without the settings of shortcuts there never are any; with them a person may have taken all away.
    if (found.length || bindings.get()) bindings.set(found);
  };
  const soon = (): void => {
    // They come one by one, all in one go.
    if (!due) queueMicrotask(take);
    due = true;
  };
  commands.keyBindingChanged.connect(soon);
  soon();
}

/** Every command of the canvas as one of JupyterLab's, with keys that its settings can change. */
export const commands: JupyterFrontEndPlugin<void> = {
  id: 'wfnb:commands',
  description: 'The commands and keys of the workflow designer.',
  autoStart: true,
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    if (translator && translator.languageCode !== 'en') {
      const trans = translator.load('wfnb');
      translateTable(strings, text => trans.__(text));
    }
    for (const id of IDS) addCommand(app, id);
    for (const id of IDS) palette?.addItem({ command: PREFIX + id, category: strings.designer });
    followDesigner(app, () => {
      for (const id of IDS) app.commands.notifyCommandChanged(PREFIX + id);
    });
    followKeys(app.commands);
  }
};
