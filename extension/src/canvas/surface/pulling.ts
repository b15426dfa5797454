/** Edges on their way, as the drawing shows them: what can take one lights up, and ends can be taken hold of. */
import type { EdgeSingular } from 'cytoscape';
import type { CardLayer } from './cards';
import type { Decor } from './decor';
import { EdgeEnds } from './ends';
import type { Graph } from './graph';
import { EdgeDrawing } from './ports';
import type { DrawingRules, Pull, Pulled } from './ports';
import { Store } from '../ground/store';
import type { Viewport } from './viewport';

/** What of a surface this needs. */
interface Drawn {
  host: HTMLElement;
  graph: Graph;
  cards: CardLayer;
  decor: Decor;
  view: Viewport;
  /** Paints the lines again. */
  repaint: () => void;
}

export class Pulling {
  /** The edge that is being drawn or moved; null while none is. */
  readonly pulled = new Store<Pulled | null>(null);
  private drawing: EdgeDrawing;
  private ends: EdgeEnds;
  /** The key of the edge under the mouse. */
  private over: string | null = null;
  /** The index of the edge that is selected alone. */
  private chosen: number | null = null;

  constructor(
    private drawn: Drawn,
    private rules: DrawingRules
  ) {
    const { host, graph, cards } = drawn;
    this.drawing = new EdgeDrawing(graph, host, rules);
    this.drawing.pulled.on(pulled => this.light(pulled));
    const begin = (pull: Pull, event: MouseEvent): void => {
      host.focus({ preventScroll: true });
      this.drawing.begin(pull, event);
    };
    cards.onPort = (id, event) => begin({ held: id, end: 'target', edge: null }, event);
    this.ends = new EdgeEnds(({ edge, index }, end, event) => {
      begin({ held: edge[end === 'source' ? 'target' : 'source'], end, edge: index }, event);
    });
    cards.root.append(this.ends.root);
    graph.cy.on('mouseover mouseout', 'edge', event => {
      this.over = event.type === 'mouseover' ? (event.target as EdgeSingular).id() : null;
      this.show();
    });
  }

  dispose(): void {
    this.drawing.dispose();
  }

  /** Lets the keyboard choose where an edge goes; false where nothing can take it. */
  begin(pull: Pull): boolean {
    return this.drawing.beginByKey(pull);
  }

  /** Shows the ends of this edge while the mouse is over no other. */
  choose(index: number | null): void {
    this.chosen = index;
    this.show();
  }

  /** Puts the handles where the edge under the mouse, else the chosen one, runs now. */
  show(): void {
    const { lines } = this.drawn.graph;
    const over = this.over === null ? undefined : lines.find(line => line.key === this.over);
    const chosen = this.chosen === null ? undefined : lines[this.chosen];
    const held = this.pulled.get() !== null || this.drawn.decor.marking !== null;
    this.ends.show(held ? null : (over ?? chosen ?? null));
  }

  private light(pulled: Pulled | null): void {
    const { host, graph, cards, decor, view, repaint } = this.drawn;
    const before = this.pulled.get();
    this.pulled.set(pulled);
    decor.aimed = pulled?.to ?? null;
    if ((before === null) !== (pulled === null)) {
      host.classList.toggle('wfnb-drawing', pulled !== null);
      graph.sketching = pulled !== null;
      // An edge whose end is on its way steps back.
      decor.leaving = pulled?.edge ?? null;
      repaint();
      decor.targets =
        pulled && new Set([...graph.items.keys()].filter(id => this.rules.allowed(pulled, id)));
      this.show();
    }
    if (pulled?.to != null) view.follow(pulled.to);
    cards.dress();
  }
}
