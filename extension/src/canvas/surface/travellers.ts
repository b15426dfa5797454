/** Tokens that travel along the edges that a run takes, as it takes them. */
import { make } from '../ground/dom';
import type { Graph } from './graph';
import { preferences } from '../session/page';
import { pointAt } from '../look/path';
import type { RunModel } from '../session/run';

const TRAVEL = 520;
/** More than this many on their way at once say nothing. */
const MOST = 12;
/** What a run took longer ago than this, in ms, is not shown as if it were now. */
const FRESH = 2000;

interface Dot {
  element: HTMLElement;
  edge: number;
  start: number;
}

export class Travellers {
  readonly root = make('div', 'wfnb-tokens');
  private dots: Dot[] = [];
  private frame = 0;
  private still = matchMedia('(prefers-reduced-motion: reduce)');
  private stop: () => void = () => undefined;
  private seen: ReadonlyMap<number, number> = new Map();
  private run = '';

  constructor(private graph: Graph) {}

  /** Goes with this run from now on. */
  follow(model: RunModel): void {
    this.dispose();
    this.seen = new Map(model.edges);
    this.run = model.head.get()?.run ?? '';
    this.stop = model.onChange(change => {
      const { run = '', started = 0 } = model.head.get() ?? {};
      // A run that is new to this view may have begun long before it.
      if (run !== this.run) this.seen = Date.now() - started < FRESH ? new Map() : model.edges;
      this.run = run;
      const taken = [...(change?.edges ?? model.edges.keys())].filter(
        edge => (model.edges.get(edge) ?? 0) > (this.seen.get(edge) ?? 0)
      );
      this.seen = new Map(model.edges);
      this.send(taken);
    });
  }

  dispose(): void {
    this.stop();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.dots = [];
    this.root.replaceChildren();
  }

  private send(edges: readonly number[]): void {
    if (this.still.matches || !preferences.get().animations) return;
    const start = performance.now();
    for (const edge of edges) {
      if (this.dots.length >= MOST) break;
      if (!this.graph.lines[edge]?.route) continue;
      const element = make('span', 'wfnb-token');
      this.dots.push({ element, edge, start });
      this.root.append(element);
    }
    if (this.dots.length && !this.frame) this.step(start);
  }

  /** Moves each on; what has arrived goes away. */
  private step = (now: number): void => {
    this.dots = this.dots.filter(({ element, edge, start }) => {
      const share = Math.max(0, now - start) / TRAVEL;
      const route = this.graph.lines[edge]?.route;
      if (share >= 1 || !route) {
        element.remove();
        return false;
      }
      const { x, y } = pointAt(route, share);
      element.style.transform = `translate(${x}px, ${y}px)`;
      return true;
    });
    this.frame = this.dots.length ? requestAnimationFrame(this.step) : 0;
  };
}
