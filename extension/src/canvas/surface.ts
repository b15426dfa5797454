/**
 * The drawing surface: cytoscape, the layers above it and the mouse, as one thing with a small surface.
 *
 * The designer and the run view both put one of these in their middle; what a gesture means is theirs.
 */
import { CardLayer } from './cards';
import { nodesOf } from './document';
import { make } from './dom';
import { Decor } from './decor';
import type { Repaint } from './decor';
import { Dragging } from './dragging';
import type { Fates } from './fates';
import { followPointer, focusOnPress, keepPlace, panning, wheel } from './gestures';
import type { Pointer } from './gestures';
import { EdgeCounts } from './edgecounts';
import { Graph } from './graph';
import { followSize } from './grip';
import type { Size } from './grip';
import type { Heat } from './heat';
import type { Item } from './items';
import { Minimap, Overview } from './overview';
import { FOLD_FROM } from './folding';
import { Picture } from './picture';
import type { Pull } from './ports';
import { Pointing } from './pointing';
import type { PointingActions } from './pointing';
import type { ProblemIndex } from './problemindex';
import { Pulling } from './pulling';
import type { RunModel } from './run';
import { setFontFamily } from './shapes';
import { Disposers, Store } from './store';
import type { Colours } from './theme';
import { isAtEnd, stepsOf } from './stepper';
import type { Walk } from './stepper';
import { Tokens, markedNodes } from './tokens';
import { Viewport } from './viewport';
import type { Seen } from './viewport';
import type { ActivityInfo, Steering, Workflow } from './wire.gen';
import type { EdgeSingular, NodeSingular } from 'cytoscape';
import { showTips } from './tip';

export interface Selection {
  nodes: string[];
  /** Indices into the document's edges. */
  edges: number[];
}

export const NOTHING: Selection = { nodes: [], edges: [] };

export interface SurfaceActions {
  /** Why an edge may not come to this node; empty if it may. Absent: the surface is read-only. */
  refusal?(pull: Pull, id: string): string;
  /** The edge came to this node. */
  pulled?(pull: Pull, id: string): void;
  /** The edge was let go where there is no node. */
  missed?(pull: Pull, event: MouseEvent): void;
  /** Nodes were dropped; `into` is the edge, by index, that one of them was dropped on. */
  moved?(positions: Record<string, [number, number]>, into: number | null): void;
  opened?(id: string): void;
  /** A note, as it was, is being made this large; `last` once it is let go. Without a size it stays so. */
  resized?(note: Item, size: Size | null, last: boolean): void;
  /** What else is asked for with the mouse. Absent: the surface only shows. */
  pointing?: Omit<PointingActions, 'lit'>;
}

export class Surface {
  readonly selection = new Store<Selection>(NOTHING);
  readonly zoom = new Store(1);
  readonly graph: Graph;
  readonly tokens: Tokens;
  readonly view: Viewport;
  /** Edges on their way; null on a surface that only shows. */
  readonly pulling: Pulling | null = null;
  readonly pointer: Pointer;
  private cards: CardLayer;
  private counts: EdgeCounts;
  private overview: Overview;
  private picture: Picture;
  private minimap: Minimap;
  readonly pointing: Pointing | null = null;
  private disposers = new Disposers();
  private document: Workflow = {};
  private decor: Decor;
  private dropping = false;
  private choosing = false;
  /** Whether someone has begun to draw: a drawing that moves by itself would leave the mouse behind. */
  private touched = false;

  constructor(
    readonly host: HTMLElement,
    private colours: Colours,
    private actions: SurfaceActions,
    /** Where a first press ends the time in which the view follows the drawing. */
    private root: HTMLElement = host
  ) {
    setFontFamily(colours.font);
    host.classList.add('wfnb-canvas');
    host.tabIndex = 0;
    const container = make('div', 'wfnb-cy');
    const editable = actions.refusal !== undefined;
    this.graph = new Graph(container, colours, actions.moved !== undefined);
    this.view = new Viewport(host, this.graph, () => this.focus());
    this.tokens = new Tokens(this.graph);
    this.decor = new Decor(
      this.graph,
      () => this.colours,
      editable,
      what => (what ? this.reported(what) : this.redress())
    );
    this.overview = new Overview(
      this.graph,
      this.decor.fill,
      this.decor.stroke,
      this.decor.sign,
      () => this.colours
    );
    this.picture = new Picture(this.graph, () => this.colours, this.decor.ink, this.overview.paint);
    this.cards = new CardLayer(this.graph, this.decor, () => this.colours, editable);
    this.counts = new EdgeCounts(this.graph, index => this.decor.mark(index));
    this.cards.root.append(this.counts.root, this.tokens.root);
    this.minimap = new Minimap(this.graph, this.graph.cy);
    const { picture, cards: shown, minimap } = this;
    // Below cytoscape, whose canvas shows what is only there for a moment.
    host.append(picture.canvas, container, shown.layer, minimap.canvas, minimap.button);
    this.pointer = followPointer(host, this.disposers);
    this.listen();
    const { cards, decor, graph, view } = this;
    if (editable) {
      this.pulling = new Pulling(
        { host, graph, cards, decor, view, repaint: () => this.repaint() },
        {
          allowed: (pull, id) => actions.refusal?.(pull, id) === '',
          done: (pull, id) => actions.pulled?.(pull, id),
          missed: (pull, event) => actions.missed?.(pull, event)
        }
      );
    }
    if (actions.moved) this.cards.root.append(new Dragging(this.graph).root);
    if (actions.pointing) {
      this.pointing = new Pointing(
        this.graph,
        host,
        { ...actions.pointing, lit: index => this.light(index) },
        this.disposers
      );
    }
  }

  setColours(colours: Colours): void {
    this.colours = colours;
    setFontFamily(colours.font);
    this.graph.setColours(colours);
    this.cards.recolour();
    this.cards.dress();
    this.minimap.invalidate();
    this.repaint();
  }

  setDocument(document: Workflow): void {
    // A large drawing opens with its groups folded.
    if (!this.graph.items.size && nodesOf(document).length >= FOLD_FROM) {
      this.graph.folding.foldAll(nodesOf(document));
    }
    this.document = document;
    this.graph.update(document);
    this.readSelection();
    this.view.settle(!this.touched);
    this.redress();
  }

  /** Shows another drawing, at the place where it was left or as a whole. */
  enter(document: Workflow, seen?: Seen): void {
    this.graph.update({ ...document, nodes: [], edges: [], layout: {} });
    this.graph.folding.folded.clear();
    this.document = document;
    this.graph.update(document);
    this.readSelection();
    if (seen) this.view.look(seen);
    else this.view.fit();
    this.redress();
  }

  /** Shows the map of the drawing, or hides it. */
  toggleMap(): void {
    this.minimap.toggle();
  }

  setActivities(activities: readonly ActivityInfo[]): void {
    this.graph.setActivities(activities);
    this.redress();
  }

  setProblems(problems: ProblemIndex): void {
    this.decor.problems = problems;
    this.redress();
  }

  /** Marks what runs that start here pause before, and what they are given. */
  setSteering({ breakpoints = [], pins = {} }: Omit<Steering, 'type'>): void {
    this.decor.breakpoints = new Set(breakpoints);
    this.decor.pins = new Set(Object.keys(pins));
    this.redress();
  }

  /** Shows the states of a run; null shows none. */
  setRun(run: RunModel | null): void {
    this.decor.setRun(run);
  }

  /** Lays a heat map over the drawing; null takes it away. */
  setHeat(heat: ReadonlyMap<string, Heat> | null): void {
    this.decor.heat = heat;
    this.redress();
  }

  /** Shows what became of everything since another version; null shows it as it is. */
  setFates(fates: Fates | null): void {
    this.decor.fates = fates;
    this.redress();
  }

  /** Marks the edges the event in focus moved tokens along. */
  setMoved(edges: readonly number[]): void {
    this.decor.moved = new Set(edges);
    this.repaint();
    this.tokens.show(edges);
  }

  /** Shows where a counterexample has its tokens; null shows none. While one is shown nothing can be dragged. */
  setWalk(walk: Walk | null): void {
    const step = walk && stepsOf(walk)[walk.at - 1];
    this.decor.marking = walk && {
      nodes: new Set(markedNodes(walk, this.graph)),
      edges: new Set(step?.marked_edges),
      bad: isAtEnd(walk)
    };
    this.graph.cy.autoungrabify(walk !== null || !this.actions.moved);
    this.host.classList.toggle('wfnb-walking', walk !== null);
    this.tokens.lay(walk);
    this.redress();
    const [node] = step?.nodes ?? [];
    if (node !== undefined) this.view.reveal(node);
  }

  /** Folds groups, or unfolds them. */
  fold(ids: readonly string[], folded: boolean): void {
    for (const id of ids) {
      if (folded) this.graph.folding.folded.add(id);
      else this.graph.folding.folded.delete(id);
    }
    this.refold();
  }

  private refold(): void {
    this.graph.update(this.document);
    this.readSelection();
    this.redress();
  }

  /** Unfolds whatever hides what is to be shown. */
  private unhide({ nodes, edges }: Selection): void {
    if (nodes.length + edges.length !== 1) return;
    const edge = edges.map(index => this.graph.lines[index]?.edge)[0];
    const ids = edge ? [edge.source, edge.target] : nodes;
    const hidden = ids.map(id => this.graph.folding.reveal(this.document, id));
    if (hidden.some(Boolean)) this.refold();
  }

  select(selection: Selection): void {
    const { cy } = this.graph;
    this.unhide(selection);
    cy.batch(() => {
      cy.elements(':selected').unselect();
      for (const id of selection.nodes) this.graph.element(id).select();
      for (const index of selection.edges) {
        const line = this.graph.lines[index];
        if (line) this.graph.edgeElement(line).select();
      }
    });
    this.readSelection();
  }

  dispose(): void {
    this.decor.dispose();
    this.tokens.dispose();
    this.minimap.dispose();
    this.disposers.dispose();
    this.pulling?.dispose();
    this.graph.dispose();
  }

  private listen(): void {
    const { cy } = this.graph;
    const { host, disposers, actions } = this;
    wheel(host, cy, disposers);
    panning(host, cy, disposers);
    focusOnPress(host, disposers);
    keepPlace(host, cy, disposers);
    cy.on('render', () => this.sync());
    cy.on('select unselect', () => {
      // One gesture tells of every element in turn.
      if (!this.choosing) queueMicrotask(() => this.readSelection());
      this.choosing = true;
    });
    cy.on('mouseover', 'node', event =>
      this.hover(this.graph.nodeId(event.target as NodeSingular))
    );
    cy.on('mouseout', 'node', () => this.hover(null));
    cy.on('mouseover mouseout', 'edge', event => {
      this.decor.over = event.type === 'mouseover' ? (event.target as EdgeSingular).id() : null;
      this.repaint();
    });
    cy.on('dbltap', 'node', event => {
      const id = this.graph.nodeId(event.target as NodeSingular);
      if (id !== null && this.graph.items.get(id)?.folded) this.fold([id], false);
      else if (id !== null) this.actions.opened?.(id);
    });
    cy.on('dragfree', 'node', () => {
      // One gesture frees every selected node in turn.
      if (!this.dropping) queueMicrotask(() => this.dropped());
      this.dropping = true;
    });
    showTips(host, this.graph, this.decor.telling, disposers);
    this.cards.onFold = (id, event) => {
      event.stopPropagation();
      host.focus({ preventScroll: true });
      this.fold([id], !this.graph.folding.folded.has(id));
    };
    this.cards.onGrip = (id, event) => {
      const item = this.graph.items.get(id);
      host.focus({ preventScroll: true });
      this.select({ nodes: [id], edges: [] });
      if (item) followSize(item, cy.zoom(), event, (...size) => actions.resized?.(item, ...size));
    };
    this.cards.onChip = (line, event) => {
      event.stopPropagation();
      host.focus({ preventScroll: true });
      const { nodes, edges } = this.selection.get();
      const more = event.shiftKey || event.ctrlKey || event.metaKey;
      if (!more) this.select({ nodes: [], edges: [line.index] });
      else if (edges.includes(line.index)) {
        this.select({ nodes, edges: edges.filter(index => index !== line.index) });
      } else this.select({ nodes, edges: [...edges, line.index] });
    };
    const observer = new ResizeObserver(() => this.view.resized(!this.touched));
    observer.observe(host);
    disposers.add(() => observer.disconnect());
    if (!this.actions.refusal) return;
    const touch = (): void => void (this.touched = true);
    for (const type of ['pointerdown', 'keydown'] as const) {
      disposers.listen(this.root, type, touch, {
        capture: true,
        once: true
      });
    }
  }

  private sync(): void {
    const { cy } = this.graph;
    this.graph.routeMoved();
    const plain = this.overview.decide(cy.zoom());
    this.host.classList.toggle('wfnb-plain', plain);
    if (plain) this.cards.hide();
    this.picture.sync(cy, plain);
    this.counts.sync(this.cards.sync(cy, !plain));
    this.pulling?.show();
    this.minimap.sync(this.colours, this.decor.dot);
    this.zoom.set(cy.zoom());
  }

  /** What a view too small for the drawing shows: the worst problem, what failed, or where it begins. */
  private focus(): Item | undefined {
    const { items } = this.graph;
    const item = items.get(this.decor.worst() ?? '');
    return item ?? [...items.values()].find(({ node }) => node.kind === 'start');
  }

  private light(index: number | null): void {
    this.decor.landing = index;
    this.repaint();
  }

  /** Shows the lines as they are now. */
  private repaint(): void {
    this.picture.invalidate();
    this.sync();
  }

  private redress(): void {
    this.host.classList.toggle('wfnb-calm', this.decor.crowded);
    this.cards.dress();
    this.counts.invalidate();
    this.minimap.invalidate();
    this.repaint();
  }

  /** Shows what a run told, and paints nothing that looks as before. */
  private reported({ nodes, counts, lines }: Repaint): void {
    this.host.classList.toggle('wfnb-calm', this.decor.crowded);
    this.cards.dress(nodes);
    if (counts) this.counts.invalidate();
    if (lines || this.overview.plain) this.picture.invalidate();
    this.minimap.outdate(() => this.sync());
    this.sync();
  }

  private readSelection(): void {
    this.choosing = false;
    const { cy } = this.graph;
    if (cy.destroyed()) return;
    const nodes: string[] = [];
    for (const element of cy.nodes(':selected').toArray()) {
      const id = this.graph.nodeId(element);
      if (id !== null) nodes.push(id);
    }
    const edges: number[] = [];
    for (const line of this.graph.lines) {
      if (line.ends && this.graph.edgeElement(line).selected()) edges.push(line.index);
    }
    const before = this.selection.get();
    if (String(nodes) === String(before.nodes) && String(edges) === String(before.edges)) return;
    this.decor.selected = new Set(nodes);
    this.decor.selectedEdges = new Set(edges);
    this.repaint();
    this.selection.set({ nodes, edges });
    this.pulling?.choose(nodes.length === 0 && edges.length === 1 ? (edges[0] ?? null) : null);
    this.cards.dress();
  }

  private hover(id: string | null): void {
    const before = this.decor.hovered;
    this.decor.hovered = id;
    this.host.classList.toggle('wfnb-over', id !== null);
    this.cards.dress([before, id].filter(one => one !== null));
  }

  private dropped(): void {
    this.dropping = false;
    const positions: Record<string, [number, number]> = {};
    for (const item of this.graph.items.values()) {
      if (!this.graph.wasDragged(item.id)) continue;
      positions[item.id] = [Math.round(item.x), Math.round(item.y)];
    }
    const into = this.pointing?.take() ?? null;
    this.graph.routeAll();
    if (Object.keys(positions).length) this.actions.moved?.(positions, into);
  }
}
