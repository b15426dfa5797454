/** Walks through a counterexample, one firing at a time. */
import { Store } from '../ground/store';
import type { Property, TraceStep } from '../wire.gen';

/** What is refuted, and how many of its firings have happened. */
export interface Walk {
  property: Property;
  at: number;
}

/** Rest between two firings while it plays. */
const BEAT = 1100;

export const stepsOf = (walk: Walk): readonly TraceStep[] => walk.property.trace ?? [];

/** Whether the marking that refutes the property is reached. */
export const isAtEnd = (walk: Walk): boolean => walk.at >= stepsOf(walk).length;

export class Stepper {
  /** Null while nothing is walked through. */
  readonly walk = new Store<Walk | null>(null);
  readonly playing = new Store(false);
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins before the first firing. */
  begin(property: Property): void {
    this.pause();
    this.walk.set({ property, at: 0 });
  }

  leave(): void {
    this.pause();
    this.walk.set(null);
  }

  seek(at: number): void {
    const walk = this.walk.get();
    if (!walk) return;
    const to = Math.max(0, Math.min(stepsOf(walk).length, at));
    if (to !== walk.at) this.walk.set({ ...walk, at: to });
  }

  step(by: number): void {
    this.pause();
    this.seek((this.walk.get()?.at ?? 0) + by);
  }

  first(): void {
    this.pause();
    this.seek(0);
  }

  last(): void {
    this.pause();
    this.seek(Infinity);
  }

  toggle(): void {
    const walk = this.walk.get();
    if (!walk || this.playing.get()) return this.pause();
    if (isAtEnd(walk)) this.seek(0);
    this.playing.set(true);
    this.next();
  }

  pause(): void {
    clearTimeout(this.timer);
    this.playing.set(false);
  }

  private next(): void {
    this.timer = setTimeout(() => {
      const walk = this.walk.get();
      if (walk) this.seek(walk.at + 1);
      const now = this.walk.get();
      if (!now || isAtEnd(now)) this.pause();
      else this.next();
    }, BEAT);
  }

  /** Answers a key; false where it is none of the walk's. */
  key(key: string): boolean {
    if (!this.walk.get()) return false;
    switch (key) {
      case 'ArrowRight':
      case 'ArrowDown':
        this.step(1);
        return true;
      case 'ArrowLeft':
      case 'ArrowUp':
        this.step(-1);
        return true;
      case 'Home':
        this.first();
        return true;
      case 'End':
        this.last();
        return true;
      case ' ':
        this.toggle();
        return true;
      case 'Escape':
        this.leave();
        return true;
      default:
        return false;
    }
  }
}
