/** What is wrong with an expression while it is typed: the kernel looks at it, a moment after each key. */
import type { Session } from './session';
import type { LookedAt } from '../wire.gen';

/** Rest after a key press before the kernel is asked. */
const REST = 150;

export type Fault = Pick<LookedAt, 'message' | 'start' | 'end'>;

let count = 0;

/** Looks at one field's text; what is told belongs to the text that was asked about last. */
export class Looking {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private stop: () => void;

  constructor(
    private session: Session,
    private told: (fault: Fault | null) => void
  ) {
    this.stop = session.onReport(message => {
      if (message.type !== 'looked_at' || message.client !== session.client) return;
      if (message.id === this.asked) told(message.message ? message : null);
    });
  }

  at(text: string, withinMap: boolean): void {
    clearTimeout(this.timer);
    const id = (this.asked = ++count);
    if (this.session.kernel.get() === 'none') return this.told(null);
    this.timer = setTimeout(() => {
      const { client, path } = this.session;
      this.session.send({
        type: 'look_at',
        client,
        id,
        text,
        path: [...path],
        within_map: withinMap
      });
    }, REST);
  }

  /** Forgets what was asked. */
  rest(): void {
    clearTimeout(this.timer);
    this.asked = 0;
    this.told(null);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.stop();
  }
}
