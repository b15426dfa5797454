/**
 * Drawing an edge from a card's port, moving an end of an edge that is there, and both by keyboard.
 *
 * edgehandles draws the line and knows the gesture; the press comes from the port (an element above
 * cytoscape's canvas), because starting on cytoscape's own `tapstart` would drag the node along.
 */
import type { Core, EdgeCollection, NodeSingular } from 'cytoscape';
import { Drift } from './drift';
import { isFrame } from '../layout/frames';
import { contains } from '../ground/geometry';
import type { Point } from '../ground/geometry';
import type { Graph } from './graph';
import type { Item } from '../layout/items';
import type { End } from '../document/rules';
import { titleOf } from '../look/shapes';
import { Store } from '../ground/store';
import { firstOf, nearest } from '../layout/travel';
import type { Direction } from '../layout/travel';

/** What this file uses of edgehandles, some of which its types leave out. */
interface Handles {
  start(source: NodeSingular): void;
  stop(): void;
  update(position: Point): void;
  preview(target: NodeSingular, delay: boolean): void;
  unpreview(target: NodeSingular): void;
  destroy(): void;
}

interface WithHandles {
  edgehandles(options: Record<string, unknown>): Handles;
}

/** An edge on its way: one end is held at a node, the other looks for one. */
export interface Pull {
  held: string;
  end: End;
  /** The index of the edge whose end is moved; null while a new edge is drawn. */
  edge: number | null;
}

/** A pull as it stands, with the node that it would go to; `byKey` while the keyboard leads it. */
export interface Pulled extends Pull {
  to: string | null;
  byKey: boolean;
}

export interface DrawingRules {
  allowed(pull: Pull, id: string): boolean;
  /** The edge came to a node; whoever applies the rules also says why it may not. */
  done(pull: Pull, id: string): void;
  /** The edge was let go where there is no node. */
  missed(pull: Pull, event: MouseEvent): void;
  /** It was not drawn at all: the press was a click. */
  clicked(pull: Pull, event: MouseEvent): void;
}

/** How far the mouse may go in a click. */
const STILL = 4;

const ARROWS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down'
};

export class EdgeDrawing {
  readonly pulled = new Store<Pulled | null>(null);
  private handles: Handles;
  private drift: Drift;
  /** The letters by which the keyboard looks for a node. */
  private typed = '';
  /** Where the mouse was pressed; null once it went on from there. */
  private still: MouseEvent | null = null;

  constructor(
    private graph: Graph,
    private host: HTMLElement,
    private rules: DrawingRules
  ) {
    const { cy } = graph;
    this.handles = (cy as unknown as WithHandles).edgehandles({
      canConnect: (_held: NodeSingular, other: NodeSingular) => this.allows(other),
      hoverDelay: 0,
      // Snapping reaches far beyond wide cards, and looks only 15 times a second.
      snap: false,
      noEdgeEventsInDraw: false,
      disableBrowserGestures: false
    });
    this.drift = new Drift(cy, host, at => this.follow(toModel(cy, host, at)));
    // What is drawn is an edit of the document, which then draws it.
    cy.on('ehcomplete', (...[, , , added]: unknown[]) => void (added as EdgeCollection).remove());
    cy.on('ehpreviewon', () => this.turn());
  }

  /** Follows the mouse until it is let go. */
  begin(pull: Pull, event: MouseEvent): void {
    if (!this.start({ ...pull, to: null, byKey: false })) return;
    event.preventDefault();
    event.stopPropagation();
    this.still = event;
    this.follow(this.point(event));
    addEventListener('mousemove', this.onMove, true);
    addEventListener('mouseup', this.onUp, true);
    addEventListener('keydown', this.onKey, true);
  }

  /** Lets arrow keys choose where the edge goes; false where nothing can take it. */
  beginByKey(pull: Pull): boolean {
    const [first, held] = [this.first(pull), this.graph.items.get(pull.held)];
    if (first === null || !held || !this.start({ ...pull, to: null, byKey: true })) return false;
    this.aim(first);
    addEventListener('keydown', this.onKey, true);
    addEventListener('mousedown', this.cancel, true);
    this.host.addEventListener('blur', this.cancel);
    return true;
  }

  dispose(): void {
    this.release();
    this.handles.destroy();
  }

  private start(pulled: Pulled): boolean {
    const element = this.graph.element(pulled.held);
    if (element.empty()) return false;
    this.release();
    this.pulled.set(pulled);
    this.handles.start(element);
    // edgehandles holds the view fast, but what an edge is led to may lie beyond it.
    this.graph.cy.panningEnabled(true).zoomingEnabled(true);
    return true;
  }

  private candidates(pull: Pull): string[] {
    return [...this.graph.items.keys()].filter(
      id => id !== pull.held && this.rules.allowed(pull, id)
    );
  }

  private first(pull: Pull): string | null {
    const { items, lines } = this.graph;
    const held = items.get(pull.held);
    const line = pull.edge === null ? undefined : lines[pull.edge];
    return line ? line.edge[pull.end] : held ? firstOf(items, held, this.candidates(pull)) : null;
  }

  private onMove = (event: MouseEvent): void => {
    // The button came up where no page was told of it.
    if (!event.buttons) return this.release();
    this.went(event);
    this.drift.hold(event);
    this.follow(this.point(event));
  };

  private went({ clientX, clientY }: MouseEvent): void {
    const { clientX: x = 0, clientY: y = 0 } = this.still ?? {};
    if (Math.hypot(clientX - x, clientY - y) > STILL) this.still = null;
  }

  private onUp = (event: MouseEvent): void => {
    const pulled = this.pulled.get();
    // A fast hand releases before cytoscape has told that the mouse entered the target.
    const target = this.under(this.point(event));
    this.went(event);
    const { still } = this;
    this.release();
    if (!pulled) return;
    if (still) this.rules.clicked(pulled, event);
    else if (!target) this.rules.missed(pulled, event);
    else if (target.id !== pulled.held) this.rules.done(pulled, target.id);
  };

  private onKey = (event: KeyboardEvent): void => {
    const pulled = this.pulled.get();
    if (!pulled || /^(Control|Shift|Alt|Meta)$/.test(event.key)) return;
    if (!pulled.byKey && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    const direction = ARROWS[event.key];
    if (direction) this.toward(pulled, direction);
    else if (event.key === 'Tab') this.next(pulled, event.shiftKey ? -1 : 1);
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey)
      this.named(pulled, event.key.toLowerCase());
    else {
      this.release();
      if (event.key === 'Enter' && pulled.to !== null) this.rules.done(pulled, pulled.to);
    }
  };

  private toward(pulled: Pulled, direction: Direction): void {
    const { items } = this.graph;
    const from = items.get(pulled.to ?? pulled.held);
    const next = from && nearest(items, from, direction, this.candidates(pulled));
    if (next != null) this.aim(next);
  }

  /** Every node that can take the edge, in the order of the document. */
  private next(pulled: Pulled, by: 1 | -1): void {
    const all = this.candidates(pulled);
    const at = all.indexOf(pulled.to ?? '');
    const next = all[(at + by + all.length) % all.length];
    if (next !== undefined) this.aim(next);
  }

  /** The first node whose name begins with what was typed; with the last letter alone where none does. */
  private named(pulled: Pulled, letter: string): void {
    const all = this.candidates(pulled);
    for (const typed of [this.typed + letter, letter]) {
      const found = all.find(id => {
        const item = this.graph.items.get(id);
        return item && titleOf(item.node).toLowerCase().startsWith(typed);
      });
      if (found === undefined) continue;
      this.aim(found);
      this.typed = typed;
      return;
    }
  }

  private aim(id: string): void {
    const item = this.graph.items.get(id);
    const pulled = this.pulled.get();
    if (!item || !pulled) return;
    this.typed = '';
    if (pulled.to !== null) this.handles.unpreview(this.graph.element(pulled.to));
    this.pulled.set({ ...pulled, to: id });
    this.follow(item);
    this.handles.preview(this.graph.element(id), false);
  }

  private cancel = (): void => this.release();

  private release(): void {
    removeEventListener('mousemove', this.onMove, true);
    removeEventListener('mouseup', this.onUp, true);
    removeEventListener('keydown', this.onKey, true);
    removeEventListener('mousedown', this.cancel, true);
    this.host.removeEventListener('blur', this.cancel);
    this.drift.stop();
    this.handles.stop();
    this.pulled.set(null);
  }

  private follow(point: Point): void {
    this.handles.update({ x: point.x, y: point.y });
    this.turn();
  }

  /** edgehandles draws from the node that is held: where that is the target, the arrow belongs there. */
  private turn(): void {
    if (this.pulled.get()?.end !== 'source') return;
    this.graph.cy.edges('.eh-ghost-edge, .eh-preview').addClass('backwards');
  }

  /** The node at a point: no edge leads to a frame, which lies around others. */
  private under(point: Point): Item | undefined {
    return [...this.graph.items.values()].find(item => !isFrame(item) && contains(item, point));
  }

  private allows(other: NodeSingular): boolean {
    const [pull, id] = [this.pulled.get(), this.graph.nodeId(other)];
    return pull !== null && id !== null && id !== pull.held && this.rules.allowed(pull, id);
  }

  private point(event: MouseEvent): Point {
    return toModel(this.graph.cy, this.host, event);
  }
}

/** Where on the drawing the mouse is. */
export function toModel(
  cy: Core,
  host: HTMLElement,
  event: { clientX: number; clientY: number }
): Point {
  const box = host.getBoundingClientRect();
  const pan = cy.pan();
  const zoom = cy.zoom();
  return {
    x: (event.clientX - box.left - pan.x) / zoom,
    y: (event.clientY - box.top - pan.y) / zoom
  };
}
