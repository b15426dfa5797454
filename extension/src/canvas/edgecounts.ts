/** How often each edge in view was taken, as `×3` where the edge begins. */
import { make, setText } from './dom';
import type { Box } from './geometry';
import type { Graph } from './graph';
import { pointAt } from './path';
import { strings } from './strings';

/** Where on its way a count stands: before the guard, after the port. */
const SHARE = 0.14;

export class EdgeCounts {
  readonly root = make('div', 'wfnb-counts');
  private marks = new Map<string, HTMLElement>();
  /** Where counts were last put; undefined where they are not up to date. */
  private view: Box | null | undefined;

  constructor(
    private graph: Graph,
    /** The count to show; 0 shows none. */
    private count: (index: number) => number
  ) {}

  /** What is shown is not what there is any more. */
  invalidate(): void {
    this.view = undefined;
  }

  /** Puts counts on the edges in this part of the drawing. */
  sync(view: Box | null): void {
    if (view === this.view) return;
    this.view = view;
    const wanted = new Set<string>();
    if (view) {
      for (const line of this.graph.lines) {
        const count = this.count(line.index);
        const at = count && line.ends && line.route ? pointAt(line.route, SHARE) : null;
        if (!at || Math.abs(at.x - view.x) * 2 > view.w || Math.abs(at.y - view.y) * 2 > view.h) {
          continue;
        }
        wanted.add(line.key);
        this.put(line.key, line.index, count, at.x, at.y);
      }
    }
    for (const [key, mark] of this.marks) {
      if (wanted.has(key)) continue;
      mark.remove();
      this.marks.delete(key);
    }
  }

  private put(key: string, index: number, count: number, x: number, y: number): void {
    let mark = this.marks.get(key);
    if (!mark) {
      mark = make('span', 'wfnb-count');
      this.marks.set(key, mark);
      this.root.append(mark);
    }
    mark.dataset['edge'] = String(index);
    setText(mark, `×${count}`);
    mark.title = strings.takenTimes(count);
    const place = `translate(${Math.round(x)}px, ${Math.round(y)}px) translate(-50%, -50%)`;
    if (mark.style.transform !== place) mark.style.transform = place;
  }
}
