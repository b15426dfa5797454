/** What is said where edges begin, of those in view: how often each was taken, as `×3`. */
import { make, setClass, setText } from '../ground/dom';
import type { Box, Point } from '../ground/geometry';
import type { Graph } from './graph';
import type { Line } from '../layout/items';
import { pointAt } from '../look/path';

/** Where on its way a count stands: before the guard, after the port. */
const SHARE = 0.14;
/** How far below a node its caption reaches. */
const UNDER = 19;

export interface EdgeMark {
  text: string;
  title: string;
  /** A class of its own. */
  look: string;
}

export class EdgeCounts {
  readonly root = make('div', 'wfnb-counts');
  private marks = new Map<string, HTMLElement>();
  /** Where counts were last put; undefined where they are not up to date. */
  private view: Box | null | undefined;

  constructor(
    private graph: Graph,
    private mark: (index: number) => EdgeMark | null
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
        const said = this.mark(line.index);
        const at =
          said && line.ends && line.route ? this.beside(line, pointAt(line.route, SHARE)) : null;
        if (
          !said ||
          !at ||
          Math.abs(at.x - view.x) * 2 > view.w ||
          Math.abs(at.y - view.y) * 2 > view.h
        ) {
          continue;
        }
        wanted.add(line.key);
        this.put(line.key, line.index, said, at);
      }
    }
    for (const [key, mark] of this.marks) {
      if (wanted.has(key)) continue;
      mark.remove();
      this.marks.delete(key);
    }
  }

  /** Beside the caption of the node where a line begins, if that is where it runs. */
  private beside(line: Line, at: Point): Point {
    const from = this.graph.items.get(line.edge.source);
    if (!from?.shape.caption) return at;
    const half = from.shape.room / 2;
    const bottom = from.y + from.h / 2;
    const under = at.y >= bottom && at.y <= bottom + UNDER && Math.abs(at.x - from.x) <= half;
    return under ? { x: from.x - half - 8, y: at.y } : at;
  }

  private put(key: string, index: number, said: EdgeMark, { x, y }: Point): void {
    let mark = this.marks.get(key);
    if (!mark) {
      mark = make('span', 'wfnb-count');
      this.marks.set(key, mark);
      this.root.append(mark);
    }
    mark.dataset['edge'] = String(index);
    setText(mark, said.text);
    setClass(mark, `wfnb-count ${said.look}`);
    mark.title = said.title;
    const place = `translate(${Math.round(x)}px, ${Math.round(y)}px) translate(-50%, -50%)`;
    if (mark.style.transform !== place) mark.style.transform = place;
  }
}
