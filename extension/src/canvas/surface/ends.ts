/** Handles at the two ends of the edge that is selected or under the mouse, by which it is moved. */
import { make } from '../ground/dom';
import type { Line } from '../layout/items';
import { pointAt, sample } from '../look/path';
import type { End } from '../document/rules';
import { strings } from '../texts/strings';

/** How far from the end of the line a handle lies: clear of ports and of the arrow. */
const OFF = 20;
/** On a short line they stand no nearer to each other than this share of it. */
const MOST = 0.3;

export class EdgeEnds {
  readonly root = make('div', 'wfnb-ends');
  private line: Line | null = null;
  private drawn: Line['route'] = null;
  private handles: Record<End, HTMLElement> = {
    source: make('span', 'wfnb-edgeend'),
    target: make('span', 'wfnb-edgeend')
  };

  constructor(pressed: (line: Line, end: End, event: MouseEvent) => void) {
    this.root.hidden = true;
    for (const end of ['source', 'target'] as const) {
      const handle = this.handles[end];
      handle.dataset['end'] = end;
      handle.title = strings.moveEnd[end];
      handle.addEventListener('mousedown', event => {
        if (event.button === 0 && this.line) pressed(this.line, end, event);
      });
      this.root.append(handle);
    }
  }

  /** Puts the handles where the line runs now; null hides them. */
  show(line: Line | null): void {
    if (line === this.line && line?.route === this.drawn) return;
    this.line = line;
    this.drawn = line?.route ?? null;
    this.root.hidden = !this.drawn;
    if (!this.drawn) return;
    const points = sample(this.drawn);
    const length = points.reduce((sum, p, i) => {
      const before = points[i - 1];
      return before ? sum + Math.hypot(p.x - before.x, p.y - before.y) : 0;
    }, 0);
    const share = Math.min(MOST, OFF / (length || 1));
    for (const [end, at] of [
      ['source', share],
      ['target', 1 - share]
    ] as const) {
      // prettier-ignore
      const { x, y } = pointAt(this.drawn, at);
      this.handles[end].style.transform = `translate(${x}px, ${y}px)`;
    }
  }
}
