/** Time in which nothing was done, drawn shorter than it was; wfnb/history/idle.py does the same in charts. Pure. */
import type { TaskRow } from '../wire.gen';

/** A gap that takes more than this share of what is drawn is shortened. */
const LONG = 0.25;
/** What is left of it, as a share of all that is drawn at its length. */
const LEFT = 0.05;
/** Gaps that are shortened. */
const MOST = 12;

const BUSY: ReadonlySet<string> = new Set(['task', 'map', 'call']);

/** From when to when, in milliseconds since the epoch. */
export interface Gap {
  start: number;
  end: number;
}

const length = ({ start, end }: Gap): number => end - start;

/** The times in which nothing was done that are so long that little else would be seen, in their order. */
export function gapsOf(tasks: readonly TaskRow[], first: number, last: number): Gap[] {
  const busy = tasks.filter(row => BUSY.has(row.kind ?? 'task'));
  busy.sort((a, b) => a.started - b.started);
  const idle: Gap[] = [];
  let reached = first;
  for (const { started, ended } of busy) {
    if (started > reached) idle.push({ start: reached, end: started });
    reached = Math.max(reached, ended ?? last);
  }
  if (reached < last) idle.push({ start: reached, end: last });
  let drawn = last - first;
  const chosen: Gap[] = [];
  for (const gap of idle.sort((a, b) => length(b) - length(a)).slice(0, MOST)) {
    if (length(gap) <= LONG * drawn || length(gap) === drawn) break;
    chosen.push(gap);
    drawn -= length(gap);
  }
  return chosen.sort((a, b) => a.start - b.start);
}

/** Where times stand on a line on which some gaps are shorter than they were. */
export class Ruler {
  /** As how many milliseconds a gap is drawn. */
  private left: number;
  private width: number;

  constructor(
    readonly start: number,
    readonly end: number,
    readonly gaps: readonly Gap[] = []
  ) {
    const kept = end - start - gaps.reduce((sum, gap) => sum + length(gap), 0);
    this.left = LEFT * kept;
    this.width = kept + this.left * gaps.length;
  }

  /** Where a time stands, as a share of the width from 0 to 1. */
  x(ts: number): number {
    if (ts >= this.end) return 1;
    let place = ts - this.start;
    for (const gap of this.gaps) {
      if (ts <= gap.start) break;
      place -= (Math.min(ts, gap.end) - gap.start) * (1 - this.left / length(gap));
    }
    return Math.max(0, place / this.width);
  }

  /** The time that stands at a share of the width. */
  at(share: number): number {
    let ts = this.start + share * this.width;
    for (const gap of this.gaps) {
      if (ts <= gap.start) break;
      const inside = Math.min(this.left, ts - gap.start);
      ts += inside * (length(gap) / this.left - 1);
    }
    return Math.min(ts, this.end);
  }
}
