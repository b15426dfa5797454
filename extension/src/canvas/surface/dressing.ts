/** What a run puts on cards and edges. */
import type { Item, Line } from '../layout/items';
import type { RunModel } from '../session/run';
import { titleOf } from '../look/shapes';
import { strings } from '../texts/strings';
import type { Colours } from '../look/theme';
import { duration } from '../ground/time';
import type { NodeState, NodeStatus } from '../wire.gen';

export interface RunDressing {
  state: NodeState;
  foot: string;
  /** How much of it is done, from 0 to 1; null where it does not say. */
  share: number | null;
}

const IDLE: RunDressing = { state: 'idle', foot: '', share: null };

export function runDressing(item: Item, run: RunModel | null): RunDressing {
  const status = run?.node(item.id);
  if (!run || !status || status.state === 'idle') return IDLE;
  const text = isWide(item) ? foot(status, run.now()) : '';
  return { state: status.state, foot: text, share: shareOf(status) };
}

/** As a run that is paused so many times inside of what a node runs has it look: it waits for a person. */
export function pausedDressing(dressing: RunDressing, times = 0): RunDressing {
  if (!times || dressing.state === 'idle') return dressing;
  return { state: 'waiting', foot: strings.pausedInside(times), share: null };
}

/** What an attempt in progress tells of itself, else how many of its children are over. */
export function shareOf({ state, share, children = 0, done = 0 }: NodeStatus): number | null {
  if (state !== 'running') return null;
  if (share != null) return Math.max(0, Math.min(1, share));
  return children > 0 ? done / children : null;
}

/** All that a run says of a node, a line each. */
export function runTip(item: Item, run: RunModel): string[] {
  const status = run.nodes.get(item.id);
  if (!status || status.state === 'idle') return [];
  const { state, visits = 1, attempt = 1, value = '', error = '', note = '' } = status;
  const { started, ended } = status;
  const share = shareOf(status);
  const facts = [
    strings.states[state],
    share === null ? '' : strings.shareDone(share),
    visits > 1 ? strings.visits(visits) : '',
    attempt > 1 ? strings.attempts(attempt) : '',
    started != null && state !== 'ready' ? duration((ended ?? run.now()) - started) : ''
  ];
  const said = state === 'failed' ? error : state === 'completed' ? value : note;
  return [titleOf(item.node), facts.filter(Boolean).join(' · '), long(said)].filter(Boolean);
}

const MOST_TOLD = 240;
const long = (text: string): string =>
  text.length > MOST_TOLD ? `${text.slice(0, MOST_TOLD - 1)}…` : text;

const WORST: readonly NodeState[] = [
  'failed',
  'running',
  'retrying',
  'waiting',
  'ready',
  'cancelled'
];

/** How what a folded group hides stands: what asks for attention first, and how much is done. */
export function foldedDressing(ids: readonly string[], run: RunModel | null): RunDressing {
  const states = ids.map(id => run?.node(id).state ?? 'idle');
  if (states.every(state => state === 'idle')) return IDLE;
  const done = states.filter(state => state === 'completed').length;
  const state = WORST.find(one => states.includes(one)) ?? 'completed';
  const share = state === 'running' ? done / states.length : null;
  return { state, foot: strings.doneInside(done, states.length), share };
}

/** Whether there is room for words under it. */
const isWide = ({ form }: Item): boolean => form === 'card' || form === 'pill';

const MAX_VALUE = 18;

/** `2 attempts · 1.2 s`, `0.91 · 84 ms`: two things fit under a card, the more telling ones. */
function foot(status: NodeStatus, now: number): string {
  const { state, visits = 1, attempt = 1, started, ended, value, error } = status;
  const { note = '', due, children = 0, done = 0, skipped = 0 } = status;
  const parts: string[] = [];
  // What waits says for what, and how long yet where that is known.
  if (state === 'waiting') {
    if (due != null && due > now)
      return [short(note), strings.dueIn(duration(due - now))].join(' · ');
    if (note) return short(note);
  }
  const counted = state === 'running' || state === 'failed' || skipped > 0;
  if (children > 0 && counted) {
    parts.push(strings.childrenDone(done, children, skipped));
  }
  if (state === 'running' && status.share != null) parts.push(strings.shareDone(status.share));
  // The whole of it stands in the inspector.
  if (state === 'failed' && error) return nameOf(error);
  else if (state === 'retrying') parts.push(strings.retrying);
  else if (attempt > 1) parts.push(strings.attempts(attempt));
  else if (visits > 1) parts.push(strings.visits(visits));
  else if (state === 'completed' && value && !counted) parts.push(short(rounded(value)));
  else if (note && (state === 'completed' || state === 'cancelled')) parts.push(short(note));
  if (started != null && state !== 'ready') parts.push(duration((ended ?? now) - started));
  return parts.join(' · ');
}

const nameOf = (error: string): string => /^[^:\n]*/.exec(error)?.[0] ?? '';

/** A long float with the digits that fit. */
const rounded = (text: string): string =>
  /^-?\d+\.\d{4,}(e[+-]?\d+)?$/.test(text) ? String(Number(Number(text).toPrecision(4))) : text;

const short = (text: string): string =>
  text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;

/** How often a run has gone along an edge. */
export function takenOf(line: Line, run: RunModel | null): number {
  return run?.edges.get(line.index) ?? 0;
}

export function stateColour(state: NodeState, colours: Colours): string {
  switch (state) {
    case 'completed':
      return colours.ok;
    case 'failed':
      return colours.bad;
    case 'running':
      return colours.run;
    case 'retrying':
      return colours.warn;
    case 'waiting':
    case 'ready':
      return colours.wait;
    case 'cancelled':
    case 'idle':
      return colours.dim;
  }
}
