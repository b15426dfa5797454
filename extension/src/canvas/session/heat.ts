/** Where a run spent its time, or how often it came by: what a heat map over the drawing says. Pure. */
import type { RunModel } from './run';
import type { RunHistory } from './runhistory';
import { strings } from '../texts/strings';
import { duration } from '../ground/time';

export const HEATS = ['off', 'time', 'visits'] as const;
export type HeatMode = (typeof HEATS)[number];

export interface Heat {
  /** From 1, cool, to 5, the hottest of them. */
  level: number;
  /** The same in words: no colour alone tells it. */
  text: string;
}

const LEVELS = 5;

/**
 * The heat of each node that has any, as the run stands in `run`.
 *
 * Time is what all attempts and visits took until the event in focus, in milliseconds; a visit that goes
 * on counts until then.
 */
export function heatOf(mode: HeatMode, history: RunHistory, run: RunModel): Map<string, Heat> {
  if (mode === 'off') return new Map();
  const amounts = mode === 'time' ? timesOf(history, run.now()) : visitsIn(run);
  const sum = [...amounts.values()].reduce((a, b) => a + b, 0);
  const most = Math.max(...amounts.values(), 0);
  const found = new Map<string, Heat>();
  for (const [id, amount] of amounts) {
    if (amount <= 0) continue;
    const level = Math.max(1, Math.ceil((LEVELS * amount) / most));
    const text =
      mode === 'time'
        ? `${duration(amount)} · ${strings.share(amount / sum)}`
        : strings.visits(amount);
    found.set(id, { level, text });
  }
  return found;
}

function timesOf({ tasks }: RunHistory, until: number): Map<string, number> {
  const times = new Map<string, number>();
  for (const { node, started, ended } of tasks) {
    const spent = Math.min(ended ?? until, until) - started;
    if (spent > 0) times.set(node, (times.get(node) ?? 0) + spent);
  }
  return times;
}

function visitsIn(run: RunModel): Map<string, number> {
  const visits = new Map<string, number>();
  for (const [id, status] of run.nodes) {
    if (status.state !== 'idle' && status.state !== 'ready') visits.set(id, status.visits ?? 1);
  }
  return visits;
}
