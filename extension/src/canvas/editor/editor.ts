/** What a person can do to the drawing, each as one undoable gesture. */
import { AutoLayout } from './autolayout';
import { edgeIndex, edgesOf, layoutOf, nodesOf, plainEdge } from '../document/document';
import { hasMembers, insideOf } from '../layout/frames';
import { healing, removing } from '../document/heal';
import { inserting, isLone, lineAt, passable, roomFor } from '../layout/inserting';
import { arranged, ownMovers } from '../layout/align';
import type { Arrangement } from '../layout/align';
import { grouping, joining, ungrouping } from '../layout/grouping';
import type { ElkSource } from '../layout/layout';
import type { Desk, Overlay } from './overlay';
import { give, own } from '../ground/own';
import { Store } from '../ground/store';
import type { Pull } from '../surface/ports';
import { asksFor, leaving, movedEdge, newEdge, refusal, refusalToMove } from '../document/rules';
import type { Session } from '../session/session';
import { Stepper } from '../session/stepper';
import { Structure } from './structure';
import { strings } from '../texts/strings';
import type { Surface } from '../surface/surface';
import { signalsOf } from '../document/triggers';
import type { Edge, Edit, Node, Workflow } from '../wire.gen';

/** An edge, by index, whose reason is asked for, and the node at which drawing goes on. */
export interface Asked {
  edge: number;
  then: string | undefined;
}

export class Editor {
  /** Lets the inspector ask for the reason of an edge. */
  ask: ((asked: Asked) => void) | null = null;
  /** Whether the list of keys is shown. */
  readonly keysShown = new Store(false);
  /** What lies over the drawing and has the keyboard. */
  readonly overlay = new Store<Overlay | null>(null);
  /** What the frame around the drawing can do; null while there is none. */
  desk: Desk | null = null;
  /** Walks through a counterexample; nothing can be changed meanwhile. */
  readonly stepper = new Stepper();
  /** The node that arrow keys came to last: from there they go on. */
  lead: string | null = null;
  /** Workflows inside this one. */
  readonly structure: Structure;
  private autoLayout: AutoLayout;

  constructor(
    readonly session: Session,
    readonly surface: Surface,
    /** What the whole designer lies in. */
    readonly root: HTMLElement,
    elk?: ElkSource
  ) {
    this.structure = new Structure(this);
    this.autoLayout = new AutoLayout(this, elk);
  }

  get document(): Workflow {
    return this.session.document;
  }

  /** Whether a layout has been at work for so long that someone may wonder. */
  get arranging(): Store<boolean> {
    return this.autoLayout.late;
  }

  /** What there is to say that is no failure. */
  get notice(): Store<string | null> {
    return this.session.notice;
  }

  /** Sends a gesture; one that changes the structure first pins what the automatic layout placed. */
  edit(label: string, edits: Edit[]): boolean {
    if (this.stepper.walk.get()) {
      this.notice.set(strings.leaveFirst);
      return false;
    }
    const structural = edits.some(edit => edit.op !== 'set_node' && edit.op !== 'set_workflow');
    const whole = edits.map(edit => this.spread(edit));
    return this.session.edit(label, structural ? [...this.pins(edits), ...whole] : whole);
  }

  /** What moves a folded group moves what is inside. */
  private spread(edit: Edit): Edit {
    if (edit.op !== 'move' || edit.whole) return edit;
    return { ...edit, positions: this.surface.graph.folding.spread(edit.positions) };
  }

  /** Takes over what was written as Python, as it is: nothing is pinned that the text does not say. */
  write(edits: Edit[]): boolean {
    if (this.stepper.walk.get() || this.session.scope.foreign) return false;
    return this.session.rewrite(strings.did.write, edits);
  }

  /** Why an edge on its way may not come to this node; empty if it may. */
  refusal(pull: Pull, id: string): string {
    if (this.session.view.get().readOnly) return strings.readOnly;
    if (this.stepper.walk.get()) return strings.leaveFirst;
    const { document } = this;
    const edge = pull.edge === null ? undefined : edgesOf(document)[pull.edge];
    if (edge) return refusalToMove(document, edge, pull.end, id);
    return pull.end === 'target'
      ? refusal(document, pull.held, id)
      : refusal(document, id, pull.held);
  }

  /** Ends an edge on its way at this node: a new one, or one that is there. */
  pulled(pull: Pull, id: string): void {
    const reason = this.refusal(pull, id);
    if (reason) return this.session.failure.set(reason);
    const edge = pull.edge === null ? undefined : edgesOf(this.document)[pull.edge];
    if (!edge || pull.edge === null) {
      if (pull.end === 'target') this.connect(pull.held, id);
      else this.connect(id, pull.held);
    } else if (edge[pull.end] !== id) {
      const to = movedEdge(this.document, edge, pull.end, id);
      const label = strings.did.moveEdge(to.source, to.target);
      if (this.edit(label, [{ op: 'set_edge', edge: plainEdge(edge), to }]))
        if (asksFor(this.document, to)) this.askFor(to);
    }
  }

  connect(source: string, target: string): void {
    const reason = this.refusal({ held: source, end: 'target', edge: null }, target);
    if (reason) return this.session.failure.set(reason);
    const edge = newEdge(this.document, source, target);
    if (!this.edit(strings.did.connect(source, target), [{ op: 'add_edge', edge }])) return;
    if (asksFor(this.document, edge)) this.askFor(edge);
  }

  /** Selects an edge, and lets the inspector ask for its reason; what is drawn goes on at the node `then`. */
  askFor(edge: Edge, then?: string): void {
    const index = edgeIndex(this.document, edge);
    this.surface.select({ nodes: [], edges: [index] });
    this.ask?.({ edge: index, then });
  }

  move(positions: Record<string, [number, number]>): void {
    const label = strings.did.move(Object.keys(positions).length);
    this.edit(label, [{ op: 'move', positions }]);
  }

  /**
   * Nodes that were dropped somewhere: what lies in a frame by then belongs to it. A lone node that was
   * dropped on an edge (by index) is put into it.
   */
  drop(positions: Record<string, [number, number]>, into: number | null = null): void {
    const [id = ''] = Object.keys(positions);
    const item = this.surface.graph.items.get(id);
    const edge = into === null ? undefined : edgesOf(this.document)[into];
    if (!edge || !item) {
      const label = strings.did.move(Object.keys(positions).length);
      this.edit(label, [{ op: 'move', positions }, ...this.joining(positions)]);
      return;
    }
    const { at, moved } = roomFor(this.document, this.surface.graph.items, edge, item);
    const place: [number, number] = [Math.round(at.x), Math.round(at.y)];
    this.edit(strings.did.insert(id), [
      { op: 'move', positions: { ...moved, [id]: place } },
      ...inserting(this.document, edge, item.node),
      ...this.joining({ [id]: place })
    ]);
  }

  /** The edge that would take in a node that is dragged by itself, if it were dropped now. */
  landing(id: string): number | null {
    const item = this.surface.graph.items.get(id);
    if (!item || !passable(item.node.kind) || !isLone(this.document, id)) return null;
    const { graph, zoom } = this.surface;
    return lineAt(graph.lines, item, item.h / 2 / Math.max(1, zoom.get()))?.index ?? null;
  }

  nudge(dx: number, dy: number): void {
    const { items } = this.surface.graph;
    const positions: Record<string, [number, number]> = {};
    for (const chosen of this.surface.selection.get().nodes) {
      const frame = items.get(chosen);
      const whole = frame && hasMembers(items, frame) ? insideOf(items, chosen) : [chosen];
      for (const id of whole) {
        const item = items.get(id);
        if (item) give(positions, id, [Math.round(item.x + dx), Math.round(item.y + dy)]);
      }
    }
    if (Object.keys(positions).length) this.move(positions);
  }

  /** Deletes what is selected, or these, with the edges that touch it; whether anything went. */
  remove({ nodes, edges } = this.surface.selection.get(), label?: string): boolean {
    const edits = removing(this.document, this.surface.graph.folding.whole(nodes), edges);
    return this.edit(label ?? strings.did.remove(nodes.length || edits.length), edits);
  }

  /** Takes what is selected away; what led to it leads to what followed, where that may be. */
  heal(): void {
    const { nodes, edges } = this.surface.selection.get();
    const { edits, lost } = healing(this.document, nodes, edges);
    if (!edits.length) return;
    if (!this.edit(strings.did.heal(nodes.length || edits.length), edits)) return;
    if (lost) this.notice.set(strings.notHealed(lost));
  }

  /** Puts the selected nodes into a new group, and selects that. */
  group(): void {
    const made = grouping(this.document, this.surface.selection.get().nodes);
    if (!made) return this.notice.set(strings.nothingToGroup);
    if (!this.edit(strings.did.group(made.count), made.edits)) return;
    this.surface.select({ nodes: [made.id], edges: [] });
  }

  /** Takes the selected groups away; what is inside stays, and is selected. */
  ungroup(): void {
    const groups = this.surface.selection.get().nodes;
    const { items } = this.surface.graph;
    const inside = groups.flatMap(id => insideOf(items, id));
    const edits = ungrouping(this.document, groups);
    if (!edits.length || !this.edit(strings.did.ungroup, edits)) return;
    this.surface.select({ nodes: inside, edges: [] });
  }

  /** What makes nodes at these places members of the frames that they lie in. */
  joining(positions: Record<string, [number, number]>, added?: Node): Edit[] {
    return joining(this.document, this.surface.graph.items, positions, added);
  }

  setNode(id: string, node: Node): boolean {
    const renamed = node.id !== id;
    const label = renamed ? strings.did.rename(id, node.id) : strings.did.change(id);
    if (!this.edit(label, [{ op: 'set_node', id, node }])) return false;
    if (renamed) this.surface.select({ nodes: [node.id], edges: [] });
    return true;
  }

  setEdge(edge: Edge, to: Edge, label = strings.did.guard): void {
    const edits: Edit[] = [];
    if (to.otherwise) {
      // Only one edge of a choice can be the one for everything else.
      for (const { edge: other } of leaving(this.document, edge.source)) {
        if (!other.otherwise || other.target === edge.target) continue;
        const { otherwise: _otherwise, ...bare } = plainEdge(other);
        edits.push({ op: 'set_edge', edge: plainEdge(other), to: bare });
      }
    }
    edits.push({ op: 'set_edge', edge: plainEdge(edge), to: plainEdge(to) });
    this.edit(label, edits);
  }

  /** Every signal that the document names. */
  signals(): string[] {
    return signalsOf(this.document);
  }

  /** Lets a choice try an edge one place earlier (-1) or later (+1). */
  reorder(edge: Edge, by: -1 | 1): void {
    const list = leaving(this.document, edge.source);
    const at = list.findIndex(({ edge: other }) => other === edge);
    const neighbour = list[at + by];
    if (at < 0 || !neighbour) return;
    const plain = plainEdge(edge);
    this.edit(strings.did.reorder, [
      { op: 'set_edge', edge: plain, to: plain, at: neighbour.index }
    ]);
  }

  selectAll(): void {
    this.surface.select({
      nodes: nodesOf(this.document).map(node => node.id),
      edges: edgesOf(this.document).map((_, i) => i)
    });
  }

  layout(): Promise<void> {
    return this.autoLayout.run();
  }

  /** Puts the selected nodes in line, or spreads them. */
  arrangeSelected(how: Arrangement): void {
    const { nodes } = this.surface.selection.get();
    const { items } = this.surface.graph;
    const positions = arranged(items, nodes, how);
    if (!Object.keys(positions).length) return this.notice.set(strings.inLineAlready);
    const label = strings.did.arrange(strings.commands[how], ownMovers(items, nodes).length);
    this.edit(label, [{ op: 'move', positions }]);
  }

  private pins(edits: readonly Edit[]): Edit[] {
    const { automatic, items } = this.surface.graph;
    const touched = new Set(
      edits.flatMap(edit => (edit.op === 'move' ? Object.keys(edit.positions) : []))
    );
    const placed = layoutOf(this.document);
    const positions: Record<string, [number, number]> = {};
    for (const id of automatic.keys()) {
      const item = items.get(id);
      if (!item || item.folded || touched.has(id) || own(placed, id)) continue;
      give(positions, id, [Math.round(item.x), Math.round(item.y)]);
    }
    return Object.keys(positions).length ? [{ op: 'move', positions }] : [];
  }
}
