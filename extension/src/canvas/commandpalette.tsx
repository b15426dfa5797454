/** Every command that can be given now, found by its name. */
import type { JSX } from 'preact';
import { shownChord } from './chords';
import { COMMANDS } from './commands';
import type { Command, Section } from './command';
import type { Editor } from './editor';
import { keysOf } from './keymap';
import { ranked } from './match';
import { Picker } from './picker';
import type { Pick } from './picker';
import { strings } from './strings';

const SECTIONS = Object.keys(strings.commandSections) as Section[];

interface Offer extends Pick {
  command: Command;
}

export function CommandPalette(props: {
  editor: Editor;
  close: () => void;
  leave: () => void;
}): JSX.Element {
  const { editor, close } = props;
  const offer = (wanted: string): Offer[] => {
    const now = COMMANDS.filter(one => !one.keysOnly && one.enabled(editor));
    // What belongs together stands together, wherever it is in the list.
    if (!wanted) now.sort((a, b) => SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section));
    return ranked(now, wanted, ({ id, section }) => [
      strings.commands[id],
      strings.commandSections[section]
    ]).map(command => ({
      key: command.id,
      command,
      title: strings.commands[command.id],
      keys: keysOf(command.id).slice(0, 1).map(shownChord),
      ...(!wanted && { section: strings.commandSections[command.section] })
    }));
  };
  return (
    <Picker
      name="commands"
      label={strings.commandPalette}
      hint={strings.commandFind}
      offer={offer}
      onPick={({ command }) => {
        close();
        command.run(editor, '');
      }}
      onClose={props.leave}
    />
  );
}
