/** What part of the drawing is seen, and how large. */
import { visible } from './cytoscape';
import { contains, hull } from './geometry';
import type { Point } from './geometry';
import { zoomAround } from './gestures';
import type { Graph } from './graph';
import { toModel } from './ports';

export class Viewport {
  /** Where the view was when all of the drawing was last shown; empty until there was room for it. */
  fitted = '';

  constructor(
    private host: HTMLElement,
    private graph: Graph
  ) {}

  /** All of the drawing, or only these nodes, in view; never larger than life. */
  fit(ids?: readonly string[]): void {
    const all = [...this.graph.items.values()];
    const box = hull(ids?.length ? all.filter(item => ids.includes(item.id)) : all);
    const { clientWidth: w, clientHeight: h } = this.host;
    // Not in the page yet: cytoscape would take a size that is not a number for what it is.
    if (!box || w < 20 || h < 20) return;
    const { cy } = this.graph;
    cy.resize();
    const pad = Math.min(48, w * 0.06);
    const level = Math.min(1, (w - 2 * pad) / box.w, (h - 2 * pad) / (box.h + 30));
    this.look(Math.max(cy.minZoom(), level), box);
    this.fitted = this.place();
  }

  /** After the canvas or the drawing changed: what was shown whole is, unless someone looked elsewhere. */
  settle(follow: boolean): void {
    this.graph.cy.resize();
    if (!this.graph.items.size) return;
    if (!this.fitted || (follow && this.fitted === this.place())) this.fit();
  }

  /** Where the view is; equal as long as nobody looks elsewhere. */
  place(): string {
    const { cy } = this.graph;
    const { x, y } = cy.pan();
    return `${cy.zoom()} ${x} ${y}`;
  }

  setZoom(level: number): void {
    zoomAround(
      this.graph.cy,
      level / this.graph.cy.zoom(),
      this.host.clientWidth / 2,
      this.host.clientHeight / 2
    );
  }

  /** Brings a node to the middle, readable. */
  center(id: string): void {
    const item = this.graph.items.get(id);
    if (item) this.look(Math.max(0.7, this.graph.cy.zoom()), item);
  }

  /** Brings a node into view if it is not. */
  reveal(id: string): void {
    const item = this.graph.items.get(id);
    if (item && !contains(visible(this.graph.cy), item, -20)) this.center(id);
  }

  /** The point of the drawing in the middle of the view. */
  middle(): Point {
    const { cy } = this.graph;
    const pan = cy.pan();
    return { x: (cy.width() / 2 - pan.x) / cy.zoom(), y: (cy.height() / 2 - pan.y) / cy.zoom() };
  }

  toModel(event: { clientX: number; clientY: number }): Point {
    return toModel(this.graph.cy, this.host, event);
  }

  private look(level: number, at: Point): void {
    const { cy } = this.graph;
    const pan = { x: cy.width() / 2 - at.x * level, y: cy.height() / 2 - at.y * level };
    cy.viewport({ zoom: level, pan });
  }
}
