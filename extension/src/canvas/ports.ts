/**
 * Drawing an edge with the mouse from a card's port.
 *
 * edgehandles draws the line and knows the gesture; the press comes from the port (an element above
 * cytoscape's canvas), because starting on cytoscape's own `tapstart` would drag the node along.
 */
import type { Core, EdgeCollection, NodeSingular } from 'cytoscape';
import { isFrame } from './frames';
import { contains } from './geometry';
import type { Graph } from './graph';

/** What this file uses of edgehandles, some of which its types leave out. */
interface Handles {
  start(source: NodeSingular): void;
  stop(): void;
  update(position: { x: number; y: number }): void;
  preview(target: NodeSingular, delay: boolean): void;
  destroy(): void;
}

interface WithHandles {
  edgehandles(options: Record<string, unknown>): Handles;
}

export interface DrawingRules {
  allowed(source: string, target: string): boolean;
  /** The edge was drawn. */
  done(source: string, target: string): void;
  /** The edge was let go where there is no node. */
  missed(source: string, event: MouseEvent): void;
  /** The node whose edge is being drawn, or null. */
  drawing(source: string | null): void;
}

export class EdgeDrawing {
  private handles: Handles;
  private source: string | null = null;

  constructor(
    private graph: Graph,
    private host: HTMLElement,
    private rules: DrawingRules
  ) {
    this.handles = (graph.cy as unknown as WithHandles).edgehandles({
      canConnect: (a: NodeSingular, b: NodeSingular) => this.allowed(a, b),
      hoverDelay: 0,
      // Snapping reaches far beyond wide cards, and looks only 15 times a second.
      snap: false,
      noEdgeEventsInDraw: false,
      disableBrowserGestures: false
    });
    graph.cy.on('ehcomplete', (...args: unknown[]) => this.complete(args));
  }

  begin(id: string, event: MouseEvent): void {
    const element = this.graph.element(id);
    if (element.empty()) return;
    event.preventDefault();
    event.stopPropagation();
    this.source = id;
    this.rules.drawing(id);
    this.handles.start(element);
    this.handles.update(this.point(event));
    addEventListener('mousemove', this.onMove, true);
    addEventListener('mouseup', this.onUp, true);
    addEventListener('keydown', this.onKey, true);
  }

  dispose(): void {
    this.release();
    this.handles.destroy();
  }

  private onMove = (event: MouseEvent): void => {
    this.handles.update(this.point(event));
  };

  private onUp = (event: MouseEvent): void => {
    const point = this.point(event);
    this.handles.update(point);
    // A fast hand releases before cytoscape has told that the mouse entered the target.
    const target = [...this.graph.items.values()].find(
      item => !isFrame(item) && contains(item, point)
    );
    if (target) this.handles.preview(this.graph.element(target.id), false);
    const { source } = this;
    const refused =
      target && source !== null && target.id !== source && !this.rules.allowed(source, target.id);
    this.release();
    // Refused edges go the same way: whoever applies the rules also says why.
    if (refused) this.rules.done(source, target.id);
    if (!target && source !== null) this.rules.missed(source, event);
  };

  private onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    this.source = null;
    this.release();
  };

  private release(): void {
    removeEventListener('mousemove', this.onMove, true);
    removeEventListener('mouseup', this.onUp, true);
    removeEventListener('keydown', this.onKey, true);
    this.handles.stop();
    this.source = null;
    this.rules.drawing(null);
  }

  private complete([, source, target, added]: unknown[]): void {
    (added as EdgeCollection).remove();
    const from = this.graph.nodeId(source as NodeSingular);
    const to = this.graph.nodeId(target as NodeSingular);
    if (this.source !== null && from !== null && to !== null) this.rules.done(from, to);
  }

  private allowed(a: NodeSingular, b: NodeSingular): boolean {
    const [from, to] = [this.graph.nodeId(a), this.graph.nodeId(b)];
    return from !== null && to !== null && this.rules.allowed(from, to);
  }

  private point(event: MouseEvent): { x: number; y: number } {
    return toModel(this.graph.cy, this.host, event);
  }
}

/** Where on the drawing the mouse is. */
export function toModel(
  cy: Core,
  host: HTMLElement,
  event: { clientX: number; clientY: number }
): { x: number; y: number } {
  const box = host.getBoundingClientRect();
  const pan = cy.pan();
  const zoom = cy.zoom();
  return {
    x: (event.clientX - box.left - pan.x) / zoom,
    y: (event.clientY - box.top - pan.y) / zoom
  };
}
