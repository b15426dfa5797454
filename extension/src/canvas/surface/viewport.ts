/** What part of the drawing is seen, and how large. */
import { visible } from './cytoscape';
import { contains, hull } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';
import { zoomAround } from './gestures';
import type { Graph } from './graph';
import type { Item } from '../layout/items';
import { preferences } from '../session/page';
import type { Preferences } from '../session/page';
import { pointAt } from '../look/path';
import { toModel } from './ports';

/** What is smaller than this no one can read. */
export const LEGIBLE = 0.55;
/** Room around what is brought into view, on the screen. */
const AROUND = 40;

/** A part of the drawing in view. */
export interface Seen {
  zoom: number;
  pan: Point;
}

export class Viewport {
  /** Where the view was when the drawing was last fitted into it; empty until there was room for it. */
  fitted = '';
  /** How much of it that showed, and how large. */
  private shown: Preferences['zoom'] = 'readable';
  /** Whether it was for want of room. */
  private squeezed = false;
  /** The node around which that was. */
  private about = '';

  constructor(
    private host: HTMLElement,
    private graph: Graph,
    /** What must be in view where there is no room for everything. */
    private focus: () => Item | undefined
  ) {}

  /**
   * The drawing in view, never larger than life; if it can not be read at that size, the part of it
   * around what matters. `whole` shows everything, however small.
   */
  fit(whole = false): void {
    this.show(whole ? 'all' : 'readable');
  }

  private show(how: Preferences['zoom'], focus = this.focus()): void {
    const box = hull(this.graph.items.values());
    const { clientWidth: w, clientHeight: h } = this.host;
    // Not in the page yet: cytoscape would take a size that is not a number for what it is.
    if (!box || w < 20 || h < 20) return;
    const { cy } = this.graph;
    cy.resize();
    const pad = Math.min(48, w * 0.06);
    const all = Math.min(1, (w - 2 * pad) / box.w, (h - 2 * pad) / (box.h + 30));
    const level = { readable: Math.max(LEGIBLE, all), all: Math.max(cy.minZoom(), all), full: 1 }[
      how
    ];
    const room = { w: (w - 2 * pad) / level, h: (h - 2 * pad) / level };
    this.turn(level, around(focus ?? box, box, room));
    this.shown = how;
    this.about = focus?.id ?? '';
    this.fitted = this.place();
  }

  /** These nodes in view, never larger than life. */
  fitTo(ids: readonly string[]): void {
    const box = hull(ids.flatMap(id => this.graph.items.get(id) ?? []));
    const { clientWidth: w, clientHeight: h } = this.host;
    if (!box || w < 20 || h < 20) return;
    const room = { w: w - 2 * AROUND, h: h - 2 * AROUND };
    const level = Math.min(1, room.w / box.w, room.h / box.h);
    this.turn(Math.max(this.graph.cy.minZoom(), level), box);
  }

  /** What a press of Fit does: readable first, and all of it where that is shown already. */
  fitOn(): void {
    this.fit(this.fitted === this.place() && this.shown !== 'all');
  }

  /** After the canvas or the drawing changed: what was shown whole is, unless someone looked elsewhere. */
  settle(follow: boolean): void {
    this.graph.cy.resize();
    if (!this.graph.items.size) return;
    if (!this.fitted) this.show(preferences.get().zoom);
    // What has come meanwhile to lead to is no reason to look there at once.
    else if (follow && this.fitted === this.place())
      this.show(this.shown, this.graph.items.get(this.about));
  }

  /** After the canvas became smaller or larger: what was in view whole does not lose a part of it. */
  resized(follow: boolean): void {
    const whole = this.isWhole();
    // What had to be made smaller, or to be cut, gets the room that comes later: panels open and close in turn.
    const again = this.squeezed && this.fitted === this.place();
    this.settle(follow);
    if (!again && (!whole || this.isWhole())) return;
    this.show('readable');
    this.squeezed = true;
  }

  /** Whether all of the drawing is in view, by the size that is known. */
  isWhole(): boolean {
    const box = hull(this.graph.items.values());
    if (!box || !this.fitted) return false;
    const view = visible(this.graph.cy);
    return (
      Math.abs(box.x - view.x) + box.w / 2 <= view.w / 2 &&
      Math.abs(box.y - view.y) + box.h / 2 <= view.h / 2
    );
  }

  /** Where the view is; equal as long as nobody looks elsewhere. */
  place(): string {
    const { cy } = this.graph;
    const { x, y } = cy.pan();
    return `${cy.zoom()} ${x} ${y}`;
  }

  /** Remembers where the view is; the result goes back there. */
  keep(): () => void {
    const { cy } = this.graph;
    const [zoom, pan] = [cy.zoom(), { ...cy.pan() }];
    return () => void cy.viewport({ zoom, pan });
  }

  setZoom(level: number): void {
    zoomAround(
      this.graph.cy,
      level / this.graph.cy.zoom(),
      this.host.clientWidth / 2,
      this.host.clientHeight / 2
    );
  }

  /** What is seen now, to come back to. */
  seen(): Seen {
    const { cy } = this.graph;
    return { zoom: cy.zoom(), pan: { ...cy.pan() } };
  }

  look(seen: Seen): void {
    this.graph.cy.viewport(seen);
  }

  /** Brings a node to the middle, readable. */
  center(id: string): void {
    const item = this.graph.items.get(id);
    if (!item) return;
    const level = Math.max(0.7, this.graph.cy.zoom());
    this.turn(level, { x: item.x + this.covered() / 2 / level, y: item.y });
  }

  /** How much of the canvas lies under the inspector, from the right. */
  private covered(): number {
    const over = this.host.closest('.wfnb-tight')?.querySelector<HTMLElement>('.wfnb-inspector');
    return over?.offsetWidth ?? 0;
  }

  /** What can be seen of the drawing. */
  private uncovered(): Box {
    const [view, w] = [visible(this.graph.cy), this.covered() / this.graph.cy.zoom()];
    return { ...view, x: view.x - w / 2, w: view.w - w };
  }

  /** Brings a node into view if it is not. */
  reveal(id: string): void {
    const item = this.graph.items.get(id);
    if (item && !contains(this.uncovered(), item, -20)) this.center(id);
  }

  /** Brings the middle of an edge into view if it is not. */
  revealLine(index: number): void {
    const route = this.graph.lines[index]?.route;
    const at = route && pointAt(route, 0.5);
    if (!at || contains(this.uncovered(), at, -20)) return;
    const level = this.graph.cy.zoom();
    this.turn(level, { x: at.x + this.covered() / 2 / level, y: at.y });
  }

  /** Moves the view by as little as brings a node into it; what is as large as it was stays so. */
  follow(id: string): void {
    const item = this.graph.items.get(id);
    if (!item) return;
    const { cy } = this.graph;
    const view = this.uncovered();
    const edge = AROUND / cy.zoom();
    const over = (at: number, size: number, from: number, room: number): number => {
      const far = Math.abs(at - from) + size / 2 + edge - room / 2;
      return far > 0 ? far * Math.sign(at - from) : 0;
    };
    const by = { x: over(item.x, item.w, view.x, view.w), y: over(item.y, item.h, view.y, view.h) };
    if (by.x || by.y) cy.panBy({ x: -by.x * cy.zoom(), y: -by.y * cy.zoom() });
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

  private turn(level: number, at: Point): void {
    const { cy } = this.graph;
    const pan = { x: cy.width() / 2 - at.x * level, y: cy.height() / 2 - at.y * level };
    cy.viewport({ zoom: level, pan });
  }
}

/** The middle of a view of this size around a point of the drawing, with no more beside the drawing than must be. */
function around(point: Point, all: Box, room: { w: number; h: number }): Point {
  const within = (at: number, middle: number, size: number, view: number): number => {
    const slack = Math.max(0, (size - view) / 2);
    return Math.min(middle + slack, Math.max(middle - slack, at));
  };
  return { x: within(point.x, all.x, all.w, room.w), y: within(point.y, all.y, all.h, room.h) };
}
