/** What a person can do to the drawing, each as one undoable gesture. */
import { edgesOf, layoutOf, nodesOf, plainEdge } from './document';
import { hasMembers, insideOf, isFrame } from './frames';
import { overlap } from './geometry';
import type { Point } from './geometry';
import { clipOf, pasting } from './clip';
import { grouping, joining, ungrouping } from './grouping';
import { arrange } from './layout';
import { anchored, nestingWithin, ordered, orderedLinks, placesOf, samePlaces } from './keeping';
import type { Item } from './items';
import type { ElkSource } from './layout';
import { Store } from './store';
import { asksFor, leaving, newEdge, newNode, refusal } from './rules';
import type { Session } from './session';
import { shapeOf } from './shapes';
import { signalsOf } from './signals';
import { Stepper } from './stepper';
import { Structure } from './structure';
import { strings } from './strings';
import type { Surface } from './surface';
import type { Edge, Edit, Node, NodeKind, Workflow } from './wire.gen';

/** A layout that takes longer says that it is at work. */
const NOTICED = 300;
/** How often a layout is done again with its own result, until that stays as it is. */
const TURNS = 4;
/** Of so many nodes once must do. */
const MANY = 400;

export class Editor {
  /** The edge whose condition the inspector should ask for next. */
  ask: ((edge: number) => void) | null = null;
  /** Whether a layout has been at work for so long that someone may wonder. */
  readonly arranging = new Store(false);
  /** What there is to say that is no failure. */
  readonly notice = new Store<string | null>(null);
  /** Whether the list of keys is shown. */
  readonly keysShown = new Store(false);
  /** Walks through a counterexample; nothing can be changed meanwhile. */
  readonly stepper = new Stepper();
  /** Workflows inside this one. */
  readonly structure: Structure;
  private atLayout = false;

  constructor(
    readonly session: Session,
    readonly surface: Surface,
    private elk?: ElkSource
  ) {
    this.structure = new Structure(this);
  }

  get document(): Workflow {
    return this.session.document;
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

  add(kind: NodeKind, activity = '', at?: Point): string | null {
    const node = newNode(this.document, kind, activity);
    const size = shapeOf(node);
    const point = at ?? this.freeSpot(size);
    const position: [number, number] = [Math.round(point.x), Math.round(point.y)];
    const joined = at ? this.joining({ [node.id]: position }, node) : [];
    const edits: Edit[] = [{ op: 'add_node', node, position }, ...joined];
    if (!this.edit(strings.did.add(node.id), edits)) return null;
    this.surface.select({ nodes: [node.id], edges: [] });
    return node.id;
  }

  refusal(source: string, target: string): string {
    if (this.session.view.get().readOnly) return strings.readOnly;
    if (this.stepper.walk.get()) return strings.leaveFirst;
    return refusal(this.document, source, target);
  }

  connect(source: string, target: string): void {
    const reason = this.refusal(source, target);
    if (reason) return this.session.failure.set(reason);
    const edge = newEdge(this.document, source, target);
    if (!this.edit(strings.did.connect(source, target), [{ op: 'add_edge', edge }])) return;
    if (!asksFor(this.document, edge)) return;
    const index = edgesOf(this.document).length - 1;
    this.surface.select({ nodes: [], edges: [index] });
    this.ask?.(index);
  }

  move(positions: Record<string, [number, number]>): void {
    const label = strings.did.move(Object.keys(positions).length);
    this.edit(label, [{ op: 'move', positions }]);
  }

  /** Nodes that were dropped somewhere: what lies in a frame by then belongs to it. */
  drop(positions: Record<string, [number, number]>): void {
    const label = strings.did.move(Object.keys(positions).length);
    this.edit(label, [{ op: 'move', positions }, ...this.joining(positions)]);
  }

  nudge(dx: number, dy: number): void {
    const { items } = this.surface.graph;
    const positions: Record<string, [number, number]> = {};
    for (const chosen of this.surface.selection.get().nodes) {
      const frame = items.get(chosen);
      const whole = frame && hasMembers(items, frame) ? insideOf(items, chosen) : [chosen];
      for (const id of whole) {
        const item = items.get(id);
        if (item) positions[id] = [Math.round(item.x + dx), Math.round(item.y + dy)];
      }
    }
    if (Object.keys(positions).length) this.move(positions);
  }

  remove(): void {
    const { nodes: chosenNodes, edges } = this.surface.selection.get();
    const nodes = this.surface.graph.folding.whole(chosenNodes);
    const gone = new Set(nodes);
    const chosen = new Set(edges);
    const removed = edgesOf(this.document).filter(
      (edge, i) => chosen.has(i) || gone.has(edge.source) || gone.has(edge.target)
    );
    const edits: Edit[] = [
      ...removed.map((edge): Edit => ({ op: 'remove_edge', edge: plainEdge(edge) })),
      ...nodes.map((id): Edit => ({ op: 'remove_node', id }))
    ];
    if (edits.length) this.edit(strings.did.remove(nodes.length || edits.length), edits);
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
  private joining(positions: Record<string, [number, number]>, added?: Node): Edit[] {
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

  async layout(): Promise<void> {
    if (this.atLayout) return;
    const late = setTimeout(() => this.arranging.set(true), NOTICED);
    this.atLayout = true;
    try {
      await this.arrange();
    } finally {
      this.atLayout = false;
      clearTimeout(late);
      this.arranging.set(false);
    }
  }

  private async arrange(): Promise<void> {
    const { document, surface } = this;
    const seen = surface.view.place();
    const all = surface.graph.items;
    const { items, part } = this.toArrange();
    const nesting = nestingWithin(all, items);
    const links = surface.graph.links(edgesOf(document));
    let positions = placesOf(items);
    for (let turn = 0; turn < (items.length > MANY ? 1 : TURNS); turn++) {
      const sized = ordered(items, positions).map(({ id, h, shape }) => ({ id, w: shape.room, h }));
      const placed = await arrange(sized, orderedLinks(sized, links), this.elk, nesting);
      const next = anchored(placed, placesOf(items), part);
      const settled = samePlaces(next, positions);
      positions = next;
      if (settled) break;
    }
    if (this.document !== document) return;
    const before = layoutOf(document);
    const ends = Object.entries(positions);
    const same = ends.every(([id, at]) => {
      const item = all.get(id);
      return String(item?.folded ? [item.x, item.y] : before[id]) === String(at);
    });
    const looked = surface.view.place() !== seen;
    if (same) this.notice.set(strings.layoutSame);
    else this.edit(strings.did.layout, [{ op: 'move', positions }]);
    // Who looked elsewhere meanwhile, or laid out a part, stays there.
    if (!looked && !part) surface.view.fit();
  }

  /** What a layout is about: what is selected, if that is more than one node, else everything. */
  private toArrange(): { items: Item[]; part: boolean } {
    const { items } = this.surface.graph;
    const free = [...items.values()].filter(
      item => item.form !== 'note' && !hasMembers(items, item)
    );
    const chosen = this.surface.selection.get().nodes;
    const ids = new Set(chosen.flatMap(id => [id, ...insideOf(items, id)]));
    const some = free.filter(({ id }) => ids.has(id));
    return some.length > 1 && some.length < free.length
      ? { items: some, part: true }
      : { items: free, part: false };
  }

  /** The selection as text; empty if no node is selected. */
  copy(): string {
    const { items, folding } = this.surface.graph;
    return clipOf(this.document, items, folding.whole(this.surface.selection.get().nodes));
  }

  /** Adds what `copy` gave, under free names; text of any other kind is left alone. */
  paste(text: string): void {
    const pasted = pasting(this.document, text);
    if (!pasted || !this.edit(strings.did.paste(pasted.ids.length), pasted.edits)) return;
    this.surface.select({ nodes: pasted.ids, edges: [] });
  }

  hasStart(): boolean {
    return nodesOf(this.document).some(node => node.kind === 'start');
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
      if (!item || item.folded || touched.has(id) || placed[id]) continue;
      positions[id] = [Math.round(item.x), Math.round(item.y)];
    }
    return Object.keys(positions).length ? [{ op: 'move', positions }] : [];
  }

  private freeSpot(size: { w: number; h: number }): Point {
    const spot = { ...this.surface.view.middle(), ...size };
    const items = [...this.surface.graph.items.values()].filter(item => !isFrame(item));
    for (let tries = 0; tries < 60 && items.some(item => overlap(item, spot, 20)); tries++) {
      spot.y += 40;
    }
    return spot;
  }
}
