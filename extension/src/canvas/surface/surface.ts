/**
 * The drawing surface: cytoscape, the layers above it and the mouse, as one thing with a small surface.
 *
 * The designer and the run view both put one of these in their middle; what a gesture means is theirs.
 */
import type { SurfaceActions } from './actions';
import { nodesOf } from '../document/document';
import { make } from '../ground/dom';
import { Decor } from './decor';
import { Dragging } from './dragging';
import { followDrops } from './drops';
import type { Fates } from './fates';
import { followPointer, focusOnPress, keepPlace, panning, wheel } from './gestures';
import type { Pointer } from './gestures';
import { Graph } from './graph';
import type { Heat } from '../session/heat';
import { followHeld } from './held';
import type { Item } from '../layout/items';
import type { Marks } from '../session/marks';
import { Layers } from './layers';
import { FOLD_FROM } from '../layout/folding';
import { Pointing, onDoubleClick } from './pointing';
import { answerPresses } from './presses';
import type { ProblemIndex } from '../document/problemindex';
import { Pulling } from './pulling';
import type { RunModel } from '../session/run';
import { NOTHING, Selecting } from './selecting';
import type { Selection } from './selecting';
import { setFontFamily } from '../look/shapes';
import { Disposers, Store } from '../ground/store';
import type { Colours } from '../look/theme';
import { isAtEnd, stepsOf } from '../session/stepper';
import type { Walk } from '../session/stepper';
import { Tokens, markedNodes } from './tokens';
import { Viewport } from './viewport';
import type { Seen } from './viewport';
import type { ActivityInfo, Workflow } from '../wire.gen';
import type { EdgeSingular, NodeSingular } from 'cytoscape';
import { showTips } from './tip';

export { NOTHING } from './selecting';
export type { Selection } from './selecting';
export type { SurfaceActions } from './actions';

export class Surface {
  readonly selection = new Store<Selection>(NOTHING);
  readonly zoom = new Store(1);
  readonly graph: Graph;
  readonly tokens: Tokens;
  readonly view: Viewport;
  /** Edges on their way; null on a surface that only shows. */
  readonly pulling: Pulling | null = null;
  readonly pointer: Pointer;
  private layers: Layers;
  readonly pointing: Pointing | null = null;
  private disposers = new Disposers();
  private document: Workflow = {};
  private decor: Decor;
  private selecting: Selecting;
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
      what => (what ? this.layers.reported(what) : this.redress())
    );
    this.layers = new Layers(
      host,
      this.graph,
      this.decor,
      () => this.colours,
      editable,
      () => {
        this.pulling?.show();
        this.zoom.set(this.graph.cy.zoom());
      }
    );
    this.layers.cards.root.append(this.tokens.root);
    this.layers.lay(container);
    this.pointer = followPointer(host, this.disposers);
    this.selecting = new Selecting(this.graph, this.selection, selection => this.chosen(selection));
    this.listen();
    const { decor, graph, view } = this;
    const { cards } = this.layers;
    if (editable) {
      this.pulling = new Pulling(
        { host, graph, cards, decor, view, repaint: () => this.repaint() },
        {
          allowed: (pull, id) => actions.refusal?.(pull, id) === '',
          done: (pull, id) => actions.pulled?.(pull, id),
          missed: (pull, event) => actions.missed?.(pull, event),
          clicked: (pull, event) => actions.clicked?.(pull, event)
        }
      );
    }
    const dragging = actions.moved ? new Dragging(this.graph, host) : null;
    if (dragging) cards.root.append(dragging.root);
    followHeld(this, dragging, this.disposers);
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
    this.layers.recolour();
  }

  setDocument(document: Workflow): void {
    // A large drawing opens with its groups folded.
    if (!this.graph.items.size && nodesOf(document).length >= FOLD_FROM) {
      this.graph.folding.foldAll(nodesOf(document));
    }
    this.document = document;
    this.graph.update(document);
    this.selecting.read();
    this.view.settle(!this.touched);
    this.redress();
  }

  /** Shows another drawing, at the place where it was left or as a whole. */
  enter(document: Workflow, seen?: Seen): void {
    this.graph.update({ ...document, nodes: [], edges: [], layout: {} });
    this.graph.folding.folded.clear();
    this.document = document;
    this.graph.update(document);
    this.selecting.read();
    if (seen) this.view.look(seen);
    else this.view.fit();
    this.redress();
  }

  /** Shows the map of the drawing, or hides it. */
  toggleMap(): void {
    this.layers.minimap.toggle();
  }

  setActivities(activities: readonly ActivityInfo[]): void {
    this.graph.setActivities(activities);
    this.redress();
  }

  setProblems(problems: ProblemIndex): void {
    this.decor.problems = problems;
    this.redress();
  }

  /** Marks what runs that start here pause before, what they are given, and where one is paused. */
  setMarks(marks: Marks): void {
    this.decor.marks = marks;
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
    this.selecting.read();
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
    this.unhide(selection);
    this.selecting.put(selection);
  }

  dispose(): void {
    this.decor.dispose();
    this.tokens.dispose();
    this.layers.minimap.dispose();
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
    cy.on('render', () => this.layers.sync());
    cy.on('mouseover', 'node', event =>
      this.hover(this.graph.nodeId(event.target as NodeSingular))
    );
    cy.on('mouseout', 'node', () => this.hover(null));
    cy.on('mouseover mouseout', 'edge', event => {
      this.decor.over = event.type === 'mouseover' ? (event.target as EdgeSingular).id() : null;
      this.repaint();
    });
    onDoubleClick(this.graph, host, disposers, (target, event) => {
      if (!target) return actions.pointing?.opened(event, undefined);
      if ('edge' in target) return actions.pointing?.opened(event, target.edge);
      if (this.graph.items.get(target.node)?.folded) this.fold([target.node], false);
      else actions.opened?.(target.node);
    });
    showTips(host, this.graph, this.decor.telling, disposers);
    answerPresses(this.layers.cards, this, actions);
    followDrops(
      this.graph,
      () => this.pointing?.take() ?? null,
      (positions, into) => actions.moved?.(positions, into)
    );
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

  private repaint(): void {
    this.layers.repaint();
  }

  private redress(): void {
    this.layers.redress();
  }

  private chosen(selection: Selection): void {
    const { nodes, edges } = selection;
    this.decor.selected = new Set(nodes);
    this.decor.selectedEdges = new Set(edges);
    this.repaint();
    this.selection.set(selection);
    this.pulling?.choose(nodes.length === 0 && edges.length === 1 ? (edges[0] ?? null) : null);
    this.layers.cards.dress();
  }

  private hover(id: string | null): void {
    const before = this.decor.hovered;
    this.decor.hovered = id;
    this.host.classList.toggle('wfnb-over', id !== null);
    this.layers.cards.dress([before, id].filter(one => one !== null));
  }
}
