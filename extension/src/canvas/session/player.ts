/** Moves the focus over a run's events: one step at a time, by playing, by dragging. */
import { failuresOf, nextOf, visitsOf } from './runhistory';
import type { Session } from './session';
import { Store } from '../ground/store';
import type { EventRow } from '../wire.gen';

export const SPEEDS = [0.25, 1, 4, 16, 64] as const;

const SHORTEST = 60;
const LONGEST = 1500;
/** When no answer came by then, the next question is asked anyway. */
const PATIENCE = 800;

export class Player {
  readonly playing = new Store(false);
  readonly speed = new Store<number>(1);
  /** Where the person wants to be, before the kernel has answered; undefined where it has. */
  readonly wanted = new Store<number | null | undefined>(undefined);
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private stop: () => void;

  constructor(private session: Session) {
    this.stop = session.frame.on(() => this.answered());
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.patience);
    this.stop();
  }

  get at(): number {
    const wanted = this.wanted.get();
    const frame = this.session.frame.get();
    if (wanted === undefined) return frame?.at ?? 0;
    return wanted ?? this.total;
  }

  get total(): number {
    return Math.max(this.session.frame.get()?.total ?? 0, this.events.at(-1)?.seq ?? 0);
  }

  get live(): boolean {
    const wanted = this.wanted.get();
    return wanted === undefined ? (this.session.frame.get()?.live ?? true) : wanted === null;
  }

  /** Shows the run after event `at`; null is now, and stays now. */
  seek(at: number | null): void {
    const to = at === null ? null : Math.max(0, Math.min(this.total, at));
    this.wanted.set(to);
    // While a question is open the newest wish waits for its answer: dragging never floods the kernel.
    if (!this.patience) this.ask(to);
  }

  step(by: number): void {
    this.pause();
    const to = this.at + by;
    this.seek(to >= this.total && by > 0 && this.going ? null : to);
  }

  /** Shows the run after an event, and plays no more. */
  stand(at: number): void {
    this.pause();
    this.seek(at);
  }

  /** To the last event; of a run that goes on, follow it. */
  toEnd(): void {
    this.pause();
    this.seek(null);
  }

  /** Goes where the next visit of a node begins, or one before; of any node where none is named. */
  visit(by: 1 | -1, node: string | null): boolean {
    const history = this.session.history.get();
    return this.leap(nextOf(history ? visitsOf(history, node) : [], this.at, by));
  }

  /** Goes to the next failure, or one before. */
  failure(by: 1 | -1): boolean {
    const history = this.session.history.get();
    return this.leap(nextOf(history ? failuresOf(history) : [], this.at, by));
  }

  /** Plays faster, or slower. */
  hurry(by: 1 | -1): void {
    const next = SPEEDS[SPEEDS.findIndex(speed => speed === this.speed.get()) + by];
    if (next !== undefined) this.speed.set(next);
  }

  private leap(to: number | undefined): boolean {
    if (to === undefined) return false;
    this.pause();
    this.seek(to);
    return true;
  }

  toggle(): void {
    if (this.playing.get()) return this.pause();
    if (this.at >= this.total) this.seek(0);
    this.playing.set(true);
    this.next();
  }

  pause(): void {
    clearTimeout(this.timer);
    this.playing.set(false);
  }

  private get events(): readonly EventRow[] {
    return this.session.history.get()?.events ?? [];
  }

  /** Whether the run goes on. */
  get going(): boolean {
    const open = this.session.history.get()?.run;
    return this.session.runs.get().some(run => run.run === open && run.ended == null);
  }

  private next(): void {
    const { at, total } = this;
    if (at >= total) {
      if (this.going) this.seek(null);
      return this.pause();
    }
    const [here, there] = [this.events[at - 1], this.events[at]];
    const gap = here && there ? there.ts - here.ts : 0;
    const wait = Math.max(SHORTEST, Math.min(LONGEST, gap / this.speed.get()));
    this.timer = setTimeout(() => {
      this.seek(at + 1);
      this.next();
    }, wait);
  }

  private ask(at: number | null): void {
    this.asked = at ?? -1;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.answered(), PATIENCE);
    this.session.send({ type: 'seek', at });
  }

  private answered(): void {
    clearTimeout(this.patience);
    this.patience = undefined;
    const wanted = this.wanted.get();
    if (wanted === undefined) return;
    if ((wanted ?? -1) !== this.asked) this.ask(wanted);
    else this.wanted.set(undefined);
  }
}
