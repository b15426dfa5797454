/**
 * The document in cytoscape, kept equal by the smallest change.
 *
 * cytoscape holds positions, selection and edges and finds what is under the mouse; run status never
 * enters it. `items` and `lines` are the same things as plain values, for the layers drawn above.
 */
import type { Core, EdgeSingular, NodeSingular } from 'cytoscape';
import { placeChips } from '../layout/chips';
import { engine, keepSize, paintOnly } from './cytoscape';
import { edgesOf, nodesOf } from '../document/document';
import { Folding } from '../layout/folding';
import { fitFrames, hasMembers, insideOf, isFrame } from '../layout/frames';
import type { Point } from '../ground/geometry';
import { edgeLook, stylesheet } from './look';
import type { Item, Line } from '../layout/items';
import { matchLines } from '../layout/lines';
import { drawnLinks, placeItems } from '../layout/placement';
import { Router } from '../layout/route';
import type { Link } from '../layout/route';
import type { LayoutLink } from '../layout/layout';
import type { Route } from '../look/path';
import { CAPTION, foldedShape, shapeOf } from '../look/shapes';
import type { Colours } from '../look/theme';
import type { ActivityInfo, Edge, Node, Workflow } from '../wire.gen';

const FORMS = {
  card: 'round-rectangle',
  circle: 'ellipse',
  diamond: 'diamond',
  bar: 'round-rectangle',
  note: 'rectangle',
  pill: 'round-rectangle',
  frame: 'rectangle'
};

/** A frame inside another is smaller, and lies above it. */
const depthOf = (item: Item): number =>
  isFrame(item) ? Math.round(1e6 / (1 + item.w + item.h)) : 0;

const NOWHERE: Link = { source: '', target: '' };

const nodeKey = (id: string): string => `n:${id}`;

export class Graph {
  readonly cy: Core;
  items = new Map<string, Item>();
  lines: Line[] = [];
  /** Positions given by the automatic layout, which are not in the document yet. */
  automatic = new Map<string, Point>();
  /** Which groups are drawn as one card. */
  readonly folding = new Folding();
  /** Changes whenever something is drawn elsewhere or differently. */
  version = 0;
  /** Whether an edge is being drawn that is none of the document's yet. */
  sketching = false;

  private dragged = new Set<string>();
  private degree = new Map<string, number>();
  private carrying = false;
  private activities = new Map<string, ActivityInfo>();
  private counter = 0;
  private stale = new Set<string>();

  constructor(container: HTMLElement, colours: Colours, editable: boolean) {
    this.cy = engine()({
      container,
      style: stylesheet(colours),
      layout: { name: 'preset', fit: false },
      minZoom: 0.02,
      maxZoom: 4,
      // The host decides between scrolling the page and zooming (see gestures.ts).
      userZoomingEnabled: false,
      boxSelectionEnabled: true,
      autoungrabify: !editable,
      textureOnViewport: false,
      hideEdgesOnViewport: false
    });
    keepSize(this.cy, container);
    paintOnly(
      this.cy,
      id => /^[ne]:/.test(id),
      () => this.sketching
    );
    this.cy.on('position', 'node', event => this.moved(event.target as NodeSingular));
  }

  setColours(colours: Colours): void {
    this.cy.style(stylesheet(colours));
  }

  nodeId(element: NodeSingular): string | null {
    // An empty collection has no id; what edgehandles adds has one of its own making.
    const id = element.nonempty() ? element.id() : '';
    return id.startsWith('n:') ? id.slice(2) : null;
  }

  element(id: string): NodeSingular {
    return this.cy.getElementById(nodeKey(id));
  }

  edgeElement(line: Line): EdgeSingular {
    return this.cy.getElementById(line.key);
  }

  lineOf(element: EdgeSingular): Line | undefined {
    const key = element.id();
    return this.lines.find(line => line.key === key);
  }

  /** What a card says depends on its activity; its size and place do not. */
  setActivities(activities: readonly ActivityInfo[]): void {
    this.activities = new Map(activities.map(activity => [activity.name, activity]));
    for (const item of this.items.values()) {
      if (item.node.kind === 'task') this.items.set(item.id, this.item(item.node, this.items));
    }
  }

  update(document: Workflow): void {
    const before = this.items;
    const edges = edgesOf(document);
    this.degree = new Map();
    for (const { target } of edges) this.degree.set(target, (this.degree.get(target) ?? 0) + 1);
    this.folding.update(document);
    const seen = nodesOf(document).filter(node => !this.folding.isHidden(node.id));
    this.items = new Map(seen.map(node => [node.id, this.item(node, before)]));
    this.automatic = placeItems(document, this.items, this.folding, this.automatic);
    fitFrames(this.items);
    // Lines come into cytoscape as they run: it styles anew whatever is changed.
    this.cy.batch(() => {
      this.syncNodes(before);
      const { lines, fresh, gone } = matchLines(edges, this.lines, this.items, this.folding, () =>
        this.newKey()
      );
      this.lines = lines;
      for (const line of gone) this.edgeElement(line).remove();
      this.routeAll();
      this.addEdges(fresh);
    });
  }

  /** Draws again what dragging left behind: edges near the moved cards may have to give way. */
  routeAll(): void {
    this.stale.clear();
    const routes = new Router(this.solid()).routes(
      this.items,
      this.lines.map(line => line.ends ?? NOWHERE)
    );
    this.cy.batch(() => {
      this.lines.forEach((line, i) => this.draw(line, routes[i] ?? null));
    });
    placeChips(this.lines, this.items);
    this.version++;
  }

  /** Routes the edges of the nodes that are being dragged; called once a frame. */
  routeMoved(): void {
    if (!this.stale.size) return;
    const { stale } = this;
    for (const frame of fitFrames(this.items)) {
      stale.add(frame.id);
      this.putFrame(frame);
    }
    this.stale = new Set();
    const lines = this.lines.filter(
      ({ ends }) => ends && (stale.has(ends.source) || stale.has(ends.target))
    );
    const router = new Router(this.solid());
    this.cy.batch(() => {
      for (const line of lines) {
        const [source, target] = this.endsOf(line);
        this.draw(line, source && target ? router.route(source, target) : null);
      }
    });
    placeChips(this.lines, this.items);
    this.version++;
  }

  /** What lines run around: all but frames, which lie behind. */
  private solid(): Item[] {
    return [...this.items.values()].filter(item => !isFrame(item));
  }

  /** Whether the mouse moved this node since the last time anyone asked. */
  wasDragged(id: string): boolean {
    return this.dragged.delete(id);
  }

  /** Nothing was dragged: it is where it was. */
  forgetDragged(): void {
    this.dragged.clear();
  }

  dispose(): void {
    this.cy.destroy();
  }

  private item(node: Node, before: Map<string, Item>): Item {
    const activity = node.kind === 'task' ? this.activities.get(node.activity) : undefined;
    const folded = this.folding.within(node.id).length;
    const shape = folded
      ? foldedShape(node, folded)
      : shapeOf(node, activity, this.degree.get(node.id));
    const old = before.get(node.id);
    const { form, w, h } = shape;
    const caption = shape.caption || form === 'card' || form === 'pill' ? CAPTION : 0;
    return {
      id: node.id,
      node,
      shape,
      folded,
      form,
      w,
      h,
      caption,
      x: old?.x ?? 0,
      y: old?.y ?? 0
    };
  }

  /** What the edges connect of what is seen, with the room for what stands on them. */
  links(edges: readonly Edge[]): LayoutLink[] {
    return drawnLinks(edges, this.items, this.folding);
  }

  private endsOf({ ends }: Line): [Item | undefined, Item | undefined] {
    return ends
      ? [this.items.get(ends.source), this.items.get(ends.target)]
      : [undefined, undefined];
  }

  private syncNodes(before: Map<string, Item>): void {
    const { cy } = this;
    for (const id of before.keys()) if (!this.items.has(id)) this.element(id).remove();
    const fresh = [];
    for (const item of this.items.values()) {
      const data = {
        id: nodeKey(item.id),
        w: item.w,
        h: item.h,
        z: depthOf(item),
        shape: FORMS[item.form]
      };
      const position = { x: item.x, y: item.y };
      const old = before.get(item.id);
      if (!old) {
        const classes = isFrame(item) ? 'frame' : '';
        fresh.push({ group: 'nodes' as const, data, position, classes });
        continue;
      }
      const element = this.element(item.id);
      if (old.w !== item.w || old.h !== item.h || old.form !== item.form) element.data(data);
      if (old.form !== item.form) element.toggleClass('frame', isFrame(item));
      const at = element.position();
      if (at.x !== item.x || at.y !== item.y) element.position(position);
    }
    if (fresh.length) cy.add(fresh);
  }

  private newKey(): string {
    return `e:${++this.counter}`;
  }

  private addEdges(fresh: readonly Line[]): void {
    this.cy.add(
      fresh.flatMap(line => {
        const { key, ends, route } = line;
        const [source, target] = this.endsOf(line);
        if (!ends || !source || !target) return [];
        const look = route && edgeLook(route, source, target);
        const data = { id: key, source: nodeKey(ends.source), target: nodeKey(ends.target), look };
        return { group: 'edges' as const, data, classes: route?.kind ?? '' };
      })
    );
  }

  private draw(line: Line, route: Route | null): void {
    const before = line.route;
    line.route = route;
    const [source, target] = this.endsOf(line);
    if (!route || !source || !target) return;
    const same = before?.kind === route.kind && samePoints(before.points, route.points);
    const element = this.edgeElement(line);
    if (same || element.empty()) return;
    element.data('look', edgeLook(route, source, target));
    if (before?.kind !== route.kind) element.classes(route.kind);
  }

  private moved(element: NodeSingular): void {
    const id = this.nodeId(element);
    // Edge drawing moves a ghost node of its own, which is none of ours.
    const item = id === null ? undefined : this.items.get(id);
    if (!item) return;
    const { x, y } = element.position();
    if (item.x === x && item.y === y) return;
    const by = { x: x - item.x, y: y - item.y };
    [item.x, item.y] = [x, y];
    this.stale.add(item.id);
    const held = element.grabbed() || element.selected();
    if (held && hasMembers(this.items, item)) this.carry(item.id, by);
    else if (held || this.carrying) this.dragged.add(item.id);
  }

  /** A frame takes with it what is inside; what is dragged anyway goes by itself. */
  private carry(frame: string, by: Point): void {
    const outer = this.carrying;
    this.carrying = true;
    for (const id of insideOf(this.items, frame)) {
      const element = this.element(id);
      if (element.grabbed() || element.selected()) continue;
      const at = element.position();
      element.position({ x: at.x + by.x, y: at.y + by.y });
    }
    this.carrying = outer;
  }

  private putFrame(frame: Item): void {
    const element = this.element(frame.id);
    element.data({ w: frame.w, h: frame.h, z: depthOf(frame) });
    if (!element.grabbed()) element.position({ x: frame.x, y: frame.y });
  }
}

function samePoints(a: readonly Point[], b: readonly Point[]): boolean {
  return a.length === b.length && a.every((p, i) => p.x === b[i]?.x && p.y === b[i].y);
}
