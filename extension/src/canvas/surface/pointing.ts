/** What the mouse asks for beside selecting and dragging: a new node, the menu, a node dragged onto an edge. */
import type { NodeSingular } from 'cytoscape';
import { isFrame } from '../layout/frames';
import { contains } from '../ground/geometry';
import type { Graph } from './graph';
import { lineAt } from '../layout/inserting';
import { toModel } from './ports';
import type { Disposers } from '../ground/store';

/** How near an edge the menu is meant for it, in pixels of the page. */
const NEAR = 8;

export type Target = { node: string } | { edge: number } | null;

export interface PointingActions {
  /** A double click where nothing is, or on an edge, given by its index. */
  opened(event: MouseEvent, edge: number | undefined): void;
  /** The menu is asked for, with the mouse here or, where it is null, by a key. */
  menu(target: Target, event: MouseEvent | null): void;
  /** The edge, by index, that takes in what is dragged lights up; null: none does any more. */
  lit(index: number | null): void;
  /** The edge, by index, that would take in a node which is dragged by itself. */
  landing(id: string): number | null;
}

/** Listens on a drawing that can be changed. */
export class Pointing {
  /** The edge that takes in what is dragged, if it is dropped now. */
  private lit: number | null = null;

  constructor(
    private graph: Graph,
    private host: HTMLElement,
    private actions: PointingActions,
    disposers: Disposers
  ) {
    const { cy } = graph;
    cy.on('drag', 'node', event => {
      const id = graph.nodeId(event.target as NodeSingular);
      const alone = cy.nodes(':grabbed').length === 1;
      this.light(id !== null && alone ? actions.landing(id) : null);
    });
    disposers.listen(host, 'contextmenu', event => this.asked(event));
  }

  /** Lights the edge up that would take something in; null lights none. */
  light(index: number | null): void {
    if (index === this.lit) return;
    this.lit = index;
    this.actions.lit(index);
    this.host.classList.toggle('wfnb-landing', index !== null);
  }

  /** The edge that is lit; none is any more. */
  take(): number | null {
    const { lit } = this;
    this.light(null);
    return lit;
  }

  private asked(event: MouseEvent): void {
    // The browser's own menu is never out of reach.
    if (event.shiftKey && event.button === 2) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.button === 2 || event.ctrlKey)
      this.actions.menu(under(this.graph, this.host, event), event);
    else this.actions.menu(null, null);
  }
}

/** What the mouse is on. */
function under(graph: Graph, host: HTMLElement, event: MouseEvent): Target {
  const point = toModel(graph.cy, host, event);
  const items = [...graph.items.values()];
  const card = items.find(item => !isFrame(item) && contains(item, point));
  if (card) return { node: card.id };
  const chip = graph.lines.find(line => line.chip && contains(line.chip, point));
  const line = chip ?? lineAt(graph.lines, point, NEAR / graph.cy.zoom());
  if (line) return { edge: line.index };
  const frame = items.reverse().find(item => isFrame(item) && contains(item, point));
  return frame ? { node: frame.id } : null;
}

/**
 * Hears double clicks on the drawing itself, not on what lies over it. The browser knows what one is:
 * cytoscape.js takes two quick clicks for one wherever they are, and allows less time than people need.
 */
export function onDoubleClick(
  graph: Graph,
  host: HTMLElement,
  disposers: Disposers,
  opened: (target: Target, event: MouseEvent) => void
): void {
  disposers.listen(host, 'dblclick', event => {
    const inside = event.target instanceof Node && graph.cy.container()?.contains(event.target);
    if (inside) opened(under(graph, host, event), event);
  });
  graph.cy.on('dbltap', ({ target, originalEvent }) => {
    if (originalEvent instanceof MouseEvent) return;
    const id = target === graph.cy ? null : graph.nodeId(target as NodeSingular);
    if (target === graph.cy || id !== null)
      opened(id === null ? null : { node: id }, originalEvent);
  });
}
