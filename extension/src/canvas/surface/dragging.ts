/**
 * Nodes that are dragged snap to what stands around them; lines show to what.
 *
 * cytoscape moves what is dragged by how far the mouse went since it last moved. What snapped would
 * then never come loose, so all of it is placed anew at each move, from where the drag began.
 */
import type { EventObject, NodeSingular } from 'cytoscape';
import { visible } from './cytoscape';
import { Drift } from './drift';
import { allInside, hasMembers } from '../layout/frames';
import { hull, overlap } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';
import type { Graph } from './graph';
import { snap } from '../layout/guides';
import type { Guide } from '../layout/guides';
import { preferences } from '../session/page';
import { toModel } from './ports';

/** How near on the screen a line has to be to be snapped to. */
const REACH = 6;
/** Half the length of the bars at the ends of a gap, on the screen. */
const BAR = 4;

const NS = 'http://www.w3.org/2000/svg';

export class Dragging {
  /** The lines, in the drawing's own measure. */
  readonly root = document.createElementNS(NS, 'svg');
  private begun = new Map<string, Box>();
  private mouse: Point = { x: 0, y: 0 };
  private handled: unknown = null;
  /** Whether something has been moved since it was taken hold of. */
  private moved = false;
  private drift: Drift;
  private free = false;

  constructor(
    private graph: Graph,
    host: HTMLElement
  ) {
    this.root.setAttribute('class', 'wfnb-guides');
    this.root.setAttribute('aria-hidden', 'true');
    const { cy } = graph;
    cy.on('grabon', 'node', event => this.begin(event.position));
    cy.on('drag', 'node', event => this.follow(event));
    this.drift = new Drift(cy, host, at => this.put(toModel(cy, host, at)));
    cy.on('free', 'node', () => {
      this.drift.stop();
      this.root.replaceChildren();
    });
  }

  /** Whether something is being dragged. */
  get going(): boolean {
    return this.moved && this.graph.cy.nodes(':grabbed').nonempty();
  }

  /** Puts what is dragged back to where it was taken from. */
  restore(): void {
    if (!this.going) return;
    for (const element of this.graph.cy.nodes(':grabbed').toArray()) {
      const at = this.begun.get(this.graph.nodeId(element) ?? '');
      if (at) element.position({ x: at.x, y: at.y });
    }
    this.graph.forgetDragged();
  }

  private begin(mouse: Point): void {
    this.moved = false;
    this.mouse = { ...mouse };
    this.begun = new Map(
      [...this.graph.items.values()].map(({ id, x, y, w, h }) => [id, { x, y, w, h }])
    );
  }

  private follow(event: EventObject): void {
    // Each of the nodes that are dragged is told of the same move.
    if (event.originalEvent === this.handled) return;
    this.handled = event.originalEvent;
    const original = event.originalEvent as MouseEvent | undefined;
    // With Alt it is the other way round than what is preferred.
    this.free = (original?.altKey === true) === preferences.get().snap;
    if (original) this.drift.hold(original);
    this.put(event.position);
  }

  /** Puts what is dragged to where it goes with the mouse at a point of the drawing. */
  private put(mouse: Point): void {
    const { cy } = this.graph;
    const held = cy.nodes(':grabbed').toArray();
    const boxes = held.flatMap(one => this.begun.get(this.graph.nodeId(one) ?? '') ?? []);
    const all = hull(boxes);
    if (!all) return;
    this.moved = true;
    const by = { x: mouse.x - this.mouse.x, y: mouse.y - this.mouse.y };
    const moving = { ...all, x: all.x + by.x, y: all.y + by.y };
    const found = snap(moving, this.free ? [] : this.around(held), REACH / cy.zoom());
    for (const element of held) {
      const at = this.begun.get(this.graph.nodeId(element) ?? '');
      if (at) element.position({ x: at.x + by.x + found.dx, y: at.y + by.y + found.dy });
    }
    this.draw(found.guides);
  }

  /** What is in view and stays where it is. */
  private around(held: readonly NodeSingular[]): Box[] {
    const { items, cy } = this.graph;
    const moved = new Set<string>();
    for (const element of held) {
      const id = this.graph.nodeId(element);
      if (id === null) continue;
      moved.add(id);
      for (const inside of allInside(items, id)) moved.add(inside);
    }
    const view = visible(cy);
    return [...items.values()].filter(
      item => !moved.has(item.id) && !hasMembers(items, item) && overlap(item, view)
    );
  }

  private draw(guides: readonly Guide[]): void {
    const bar = BAR / this.graph.cy.zoom();
    this.root.replaceChildren(
      ...guides.map(guide => {
        const path = document.createElementNS(NS, 'path');
        path.setAttribute('class', `wfnb-guide wfnb-guide-${guide.kind}`);
        path.setAttribute('d', pathOf(guide, bar));
        return path;
      })
    );
  }
}

function pathOf({ kind, from, to }: Guide, bar: number): string {
  const line = `M${from.x} ${from.y}L${to.x} ${to.y}`;
  if (kind === 'line') return line;
  const [x, y] = from.y === to.y ? [0, bar] : [bar, 0];
  const ends = [from, to].map(at => `M${at.x - x} ${at.y - y}L${at.x + x} ${at.y + y}`);
  return line + ends.join('');
}
