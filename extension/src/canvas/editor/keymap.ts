/** Which key gives which command: each command's own, or what the page has in their place. */
import { COMMANDS, commandOf } from './commands';
import type { Command } from './command';
import { bindings } from '../session/page';
import type { Binding } from '../session/page';
import type { CommandId } from '../texts/strings';

const OWN: readonly Binding[] = COMMANDS.flatMap(({ id, keys }) =>
  keys.map(chord => ({ chord, command: id, meant: chord }))
);

const now = (): readonly Binding[] => bindings.get() ?? OWN;

/** A command as a key gives it. */
export interface Pressed {
  command: Command;
  /** What to tell it was pressed. */
  meant: string;
}

/** The command that a key gives; undefined where it is nobody's. */
export function commandOn(chord: string): Pressed | undefined {
  const found = now().find(binding => binding.chord === chord);
  return found && { command: commandOf(found.command), meant: found.meant || chord };
}

/** The keys of a command, the first being the one that is shown. */
export const keysOf = (id: CommandId): string[] =>
  now()
    .filter(binding => binding.command === id)
    .map(binding => binding.chord);

/** Whether the browser turns this key into an event of its own, which is answered instead. */
export const isNative = ({ native, keys }: Command, chord: string): boolean =>
  native === true && keys.includes(chord);
