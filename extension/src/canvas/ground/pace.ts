/**
 * How often a run's news are painted: as often as told, and less where one painting takes long.
 *
 * A thousand changes a second come in whatever the page is able to show. What is collected is painted at once,
 * and what it takes until the frame is there is waited several times over before the next one.
 */

/** How many times as long as a painting took is left for everything else. */
const REST = 3;
/** News that are older than this many milliseconds are none. */
const LONGEST = 500;

export class Pace {
  private took = 0;
  private began = -Infinity;

  constructor(
    /** Milliseconds between two paintings on a page that has nothing else to do. */
    private least: number
  ) {}

  /**
   * Milliseconds to wait before the next painting: none after a while without any.
   *
   * @param least what is waited at least after the last one, where that is another time than usual
   */
  wait(least = this.least): number {
    const rest = Math.max(least, Math.min(LONGEST, (REST + 1) * this.took));
    return Math.max(0, this.began + rest - performance.now());
  }

  /** Does what has to be painted, and finds out what it takes until it is. */
  paint(work: () => void): void {
    const began = (this.began = performance.now());
    work();
    requestAnimationFrame(() => {
      // The frame is painted between this and the next task.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        this.took = performance.now() - began;
        port1.close();
      };
      port2.postMessage(null);
    });
  }
}
