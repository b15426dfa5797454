/** Every command that can be given now, found by its name. */
import type { JSX } from 'preact';
import { shownChord } from '../ground/chords';
import { COMMANDS } from '../editor/commands';
import type { Command, Section } from '../editor/command';
import type { Editor } from '../editor/editor';
import { keysOf } from '../editor/keymap';
import { ranked } from '../ground/match';
import { Picker } from '../parts/picker';
import type { Pick } from '../parts/picker';
import { strings } from '../texts/strings';

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
