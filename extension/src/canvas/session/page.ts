/**
 * What the page around the canvases sets for all of them, and what it can ask of each.
 *
 * JupyterLab's plugins import this at once and the canvas only when one is shown: nothing heavy here.
 */
import type { CommandId } from '../texts/strings';
import { Store } from '../ground/store';

/** A key of the page's own table of keys. */
export interface Binding {
  /** As `chordOf` gives it. */
  chord: string;
  command: CommandId;
  /** What the command is told was pressed, such as an arrow; the chord itself where empty. */
  meant: string;
}

/** The keys that the page gives to commands; null leaves each command its own. */
export const bindings = new Store<readonly Binding[] | null>(null);

export interface Preferences {
  /** Whether nodes that are dragged snap to what stands around them. */
  snap: boolean;
  /** How a drawing is first seen. */
  zoom: 'readable' | 'all' | 'full';
  /** Whether anything moves by itself; a system that asks for less motion is heeded as well. */
  animations: boolean;
}

export const preferences = new Store<Preferences>({
  snap: true,
  zoom: 'readable',
  animations: true
});

/** How a designer stands, in words. */
export interface Standing {
  name: string;
  /** How many problems, and of what kind the worst is. */
  problems: string;
  tone: 'ok' | 'warn' | 'bad' | 'dim';
  saved: string;
}

/** A designer as the page around it sees it. */
export interface Shown {
  readonly root: HTMLElement;
  readonly standing: Store<Standing>;
  can(id: CommandId): boolean;
  /** Whether what a command switches is on; undefined where it is no switch. */
  isOn(id: CommandId): boolean | undefined;
  /** Whether a command says something without the key that was pressed. */
  isListed(id: CommandId): boolean;
  /** Gives a command if it can be given now, and the keyboard to the drawing. */
  give(id: CommandId, chord: string): boolean;
  /** Calls back after what commands can do may have changed. */
  onChange(listener: () => void): () => void;
}

/** Every designer on the page; the one that had the keyboard last is the last. */
export const designers = new Store<readonly Shown[]>([]);

/** Makes a designer known to the page; the result takes it back. */
export function enter(designer: Shown): () => void {
  const others = (): Shown[] => designers.get().filter(one => one !== designer);
  const front = (): void => {
    if (designers.get().at(-1) !== designer) designers.set([...others(), designer]);
  };
  designers.set([designer, ...others()]);
  designer.root.addEventListener('focusin', front);
  return () => {
    designer.root.removeEventListener('focusin', front);
    designers.set(others());
  };
}

/** What was pressed in a chart, for the canvases that show it. */
export interface Pressed {
  by: 'node' | 'activity' | 'run' | 'time';
  /** Which of them; empty where it is a time. */
  name: string;
  /** Which time, in milliseconds since the epoch. */
  from?: number;
  until?: number;
  /** Which of its visits and attempts, where the mark is of one. */
  visit?: number | undefined;
  attempt?: number | undefined;
  /** The runs that the chart is of; all if empty. */
  runs: readonly string[];
  /** The workflow that it is of; any if empty. */
  workflow: string;
}

/** What is selected on a canvas, or was pressed in a chart, for the charts that show it. */
export interface Selected {
  /** What was chosen: nodes (perhaps none), or another run to look at. */
  what: 'nodes' | 'run';
  /** The run in view; empty where it is none. */
  run: string;
  workflow: string;
  nodes: readonly string[];
  activities: readonly string[];
}

/** The time that is looked at, for the charts over time; without a length where it is that of an event. */
export interface Moment {
  /** The run in view; empty where it is none in particular. */
  run: string;
  workflow: string;
  from: number;
  until: number;
}

/** What was pressed last in any chart on the page. */
export const pressed = new Store<Pressed | null>(null);

/** What was selected last on the page. */
export const selected = new Store<Selected | null>(null);

/** The time that was looked at last, in a chart or by replaying a run; null where that is its end. */
export const moment = new Store<Moment | null>(null);
