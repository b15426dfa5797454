/** Tokens that travel along the edges the event in focus moved. */
import { make } from './dom';
import type { Graph } from './graph';
import { pointAt } from './path';

const TRAVEL = 420;
const REST = 0.72;
/** More than this many at once say nothing. */
const MOST = 60;

export class Tokens {
  readonly root = make('div', 'wfnb-tokens');
  private frame = 0;
  private still = matchMedia('(prefers-reduced-motion: reduce)');

  constructor(private graph: Graph) {}

  /** Sends a token along each edge; where motion is not wanted it just lies there. */
  show(edges: readonly number[]): void {
    cancelAnimationFrame(this.frame);
    const routes = edges
      .slice(0, MOST)
      .map(index => this.graph.lines[index]?.route)
      .filter(route => route != null);
    const dots = routes.map(() => make('span', 'wfnb-token'));
    this.root.replaceChildren(...dots);
    const start = performance.now();
    const step = (now: number): void => {
      const t = this.still.matches ? 1 : Math.min(1, (now - start) / TRAVEL);
      const share = REST * (1 - (1 - t) ** 2);
      routes.forEach((route, i) => {
        const { x, y } = pointAt(route, share);
        const dot = dots[i];
        if (dot) dot.style.transform = `translate(${x}px, ${y}px)`;
      });
      if (t < 1) this.frame = requestAnimationFrame(step);
    };
    if (dots.length) step(start);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
  }
}
