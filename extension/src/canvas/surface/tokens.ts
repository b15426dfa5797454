/** Tokens that travel along the edges the event in focus moved. */
import { make } from '../ground/dom';
import type { Graph } from './graph';
import { bottom, left } from '../ground/geometry';
import { preferences } from '../session/page';
import { pointAt } from '../look/path';
import { isAtEnd, stepsOf } from '../session/stepper';
import type { Walk } from '../session/stepper';

const TRAVEL = 420;
const REST = 0.72;
/** More than this many at once say nothing. */
const MOST = 60;
/** How far from the corner of a card a token in it lies. */
const CORNER = 4;

/** The nodes that have tokens inside; before the first firing, the start. */
export function markedNodes(walk: Walk, graph: Graph): readonly string[] {
  if (walk.at > 0) return stepsOf(walk)[walk.at - 1]?.marked_nodes ?? [];
  return [...graph.items.values()].filter(i => i.node.kind === 'start').map(i => i.id);
}

export class Tokens {
  readonly root = make('div', 'wfnb-tokens');
  private laid = make('div', 'wfnb-tokens');
  private frame = 0;
  private still = matchMedia('(prefers-reduced-motion: reduce)');

  constructor(private graph: Graph) {}

  /** Sends a token along each edge; where motion is not wanted it just lies there. */
  show(edges: readonly number[], arrived: () => void = () => undefined): void {
    cancelAnimationFrame(this.frame);
    const routes = edges
      .slice(0, MOST)
      .map(index => this.graph.lines[index]?.route)
      .filter(route => route != null);
    const dots = routes.map(() => make('span', 'wfnb-token'));
    this.root.replaceChildren(this.laid, ...dots);
    const start = performance.now();
    const step = (now: number): void => {
      const t =
        this.still.matches || !preferences.get().animations
          ? 1
          : Math.min(1, (now - start) / TRAVEL);
      const share = REST * (1 - (1 - t) ** 2);
      routes.forEach((route, i) => {
        const { x, y } = pointAt(route, share);
        const dot = dots[i];
        if (dot) dot.style.transform = `translate(${x}px, ${y}px)`;
      });
      if (t < 1) this.frame = requestAnimationFrame(step);
      else arrived();
    };
    if (dots.length) step(start);
    else arrived();
  }

  /** Puts tokens where a marking has them, after those of the firing have travelled there. */
  lay(walk: Walk | null): void {
    const step = walk && stepsOf(walk)[walk.at - 1];
    this.laid.replaceChildren();
    this.show(step?.edges ?? [], () => walk && this.rest(walk));
  }

  /** Tokens that lie still, in place of those that travelled. */
  private rest(walk: Walk): void {
    const step = stepsOf(walk)[walk.at - 1];
    this.root.replaceChildren(this.laid);
    const bad = isAtEnd(walk) ? 'wfnb-bad' : '';
    const put = (x: number, y: number, where: string): void => {
      const dot = make('span', `wfnb-token wfnb-laid ${bad}`);
      dot.dataset['on'] = where;
      dot.style.transform = `translate(${x}px, ${y}px)`;
      this.laid.append(dot);
    };
    for (const index of step?.marked_edges ?? []) {
      const route = this.graph.lines[index]?.route;
      const at = route && pointAt(route, REST);
      if (at) put(at.x, at.y, `edge ${index}`);
    }
    for (const id of markedNodes(walk, this.graph)) {
      const item = this.graph.items.get(id);
      if (item) put(left(item) + CORNER, bottom(item) - CORNER, `node ${id}`);
    }
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
  }
}
