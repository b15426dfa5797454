/** What a person can do to the drawing, each as one undoable gesture. */
import { withRoom } from './chips';
import { edgesOf, findNode, layoutOf, nodesOf, plainEdge } from './document';
import { overlap } from './geometry';
import type { Point } from './geometry';
import { arrange } from './layout';
import type { ElkSource } from './layout';
import { Store } from './store';
import { freeId, leaving, newEdge, newNode, refusal } from './rules';
import { renameInEdge, renameInNode } from './rename';
import type { Session } from './session';
import { shapeOf } from './shapes';
import { strings } from './strings';
import type { Surface } from './surface';
import type { Edge, Edit, Node, NodeKind, Workflow } from './wire.gen';

/** What is put on the clipboard: readable as text, and recognised when it comes back. */
interface Clip {
  wfnb: 1;
  nodes: Node[];
  edges: Edge[];
  layout: Record<string, [number, number]>;
}

const STEP = 24;

/** A layout that takes longer says that it is at work. */
const NOTICED = 300;

export class Editor {
  /** The edge whose condition the inspector should ask for next. */
  ask: ((edge: number) => void) | null = null;
  /** Whether a layout has been at work for so long that someone may wonder. */
  readonly arranging = new Store(false);
  /** What there is to say that is no failure. */
  readonly notice = new Store<string | null>(null);
  private atLayout = false;

  constructor(
    readonly session: Session,
    readonly surface: Surface,
    private elk?: ElkSource
  ) {}

  get document(): Workflow {
    return this.session.document;
  }

  /** Sends a gesture; one that changes the structure first pins what the automatic layout placed. */
  edit(label: string, edits: Edit[]): boolean {
    const structural = edits.some(edit => edit.op !== 'set_node' && edit.op !== 'set_workflow');
    return this.session.edit(label, structural ? [...this.pins(edits), ...edits] : edits);
  }

  add(kind: NodeKind, activity = '', at?: Point): string | null {
    const node = newNode(this.document, kind, activity);
    const size = shapeOf(node);
    const point = at ?? this.freeSpot(size);
    const position: [number, number] = [Math.round(point.x), Math.round(point.y)];
    if (!this.edit(strings.did.add(node.id), [{ op: 'add_node', node, position }])) return null;
    this.surface.select({ nodes: [node.id], edges: [] });
    return node.id;
  }

  refusal(source: string, target: string): string {
    if (this.session.view.get().readOnly) return strings.readOnly;
    return refusal(this.document, source, target);
  }

  connect(source: string, target: string): void {
    const reason = this.refusal(source, target);
    if (reason) return this.session.failure.set(reason);
    const edge = newEdge(source, target);
    this.edit(strings.did.connect(source, target), [{ op: 'add_edge', edge }]);
    if (findNode(this.document, source)?.kind !== 'choice') return;
    const index = edgesOf(this.document).length - 1;
    this.surface.select({ nodes: [], edges: [index] });
    this.ask?.(index);
  }

  move(positions: Record<string, [number, number]>): void {
    const label = strings.did.move(Object.keys(positions).length);
    this.edit(label, [{ op: 'move', positions }]);
  }

  nudge(dx: number, dy: number): void {
    const positions: Record<string, [number, number]> = {};
    for (const id of this.surface.selection.get().nodes) {
      const item = this.surface.graph.items.get(id);
      if (item) positions[id] = [Math.round(item.x + dx), Math.round(item.y + dy)];
    }
    if (Object.keys(positions).length) this.move(positions);
  }

  remove(): void {
    const { nodes, edges } = this.surface.selection.get();
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

  setNode(id: string, node: Node): boolean {
    const renamed = node.id !== id;
    const label = renamed ? strings.did.rename(id, node.id) : strings.did.change(id);
    if (!this.edit(label, [{ op: 'set_node', id, node }])) return false;
    if (renamed) this.surface.select({ nodes: [node.id], edges: [] });
    return true;
  }

  setEdge(edge: Edge, to: Edge): void {
    const edits: Edit[] = [];
    if (to.otherwise) {
      // Only one edge of a choice can be the one for everything else.
      for (const { edge: other } of leaving(this.document, edge.source)) {
        if (!other.otherwise || other.target === edge.target) continue;
        const bare = { source: other.source, target: other.target };
        edits.push({ op: 'set_edge', edge: plainEdge(other), to: bare });
      }
    }
    edits.push({ op: 'set_edge', edge: plainEdge(edge), to: plainEdge(to) });
    this.edit(strings.did.guard, edits);
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
    const items = [...surface.graph.items.values()].filter(item => item.form !== 'note');
    const links = withRoom(edgesOf(document), surface.graph.items);
    const sized = items.map(({ id, h, shape }) => ({ id, w: shape.room, h }));
    const placed = await arrange(sized, links, this.elk);
    if (this.document !== document) return;
    const positions: Record<string, [number, number]> = {};
    for (const item of items) {
      const point = placed.get(item.id);
      if (point) positions[item.id] = [point.x, point.y];
    }
    const before = layoutOf(document);
    const same = Object.entries(positions).every(([id, at]) => String(before[id]) === String(at));
    const looked = surface.view.place() !== seen;
    if (same) this.notice.set(strings.layoutSame);
    else this.session.edit(strings.did.layout, [{ op: 'move', positions }]);
    // Who looked elsewhere meanwhile stays there.
    if (!looked) surface.view.fit();
  }

  /** The selection as text; empty if no node is selected. */
  copy(): string {
    const chosen = new Set(this.surface.selection.get().nodes);
    const nodes = nodesOf(this.document).filter(node => chosen.has(node.id));
    if (!nodes.length) return '';
    const edges = edgesOf(this.document).filter(e => chosen.has(e.source) && chosen.has(e.target));
    const layout: Record<string, [number, number]> = {};
    for (const { id } of nodes) {
      const item = this.surface.graph.items.get(id);
      if (item) layout[id] = [Math.round(item.x), Math.round(item.y)];
    }
    const clip: Clip = { wfnb: 1, nodes, edges, layout };
    return JSON.stringify(clip, null, 1);
  }

  /** Adds what `copy` gave, under free names; text of any other kind is left alone. */
  paste(text: string): void {
    const clip = readClip(text);
    if (!clip) return;
    const edits: Edit[] = [];
    const names = new Map<string, string>();
    let document = this.document;
    const kept = clip.nodes.filter(n => n.kind !== 'start' || !this.hasStart());
    for (const node of kept) {
      const id = freeId(document, node.id);
      names.set(node.id, id);
      const [x, y] = clip.layout[node.id] ?? [0, 0];
      const position: [number, number] = [x + STEP, y + STEP];
      const copy = [...names].reduce((n, [from, to]) => renameInNode(n, from, to), { ...node, id });
      edits.push({ op: 'add_node', node: { ...copy, id }, position });
      document = { ...document, nodes: [...nodesOf(document), { ...node, id }] };
    }
    for (const edge of clip.edges) {
      if (!names.has(edge.source) || !names.has(edge.target)) continue;
      const renamed = [...names].reduce((e, [from, to]) => renameInEdge(e, from, to), edge);
      edits.push({ op: 'add_edge', edge: renamed });
    }
    if (!this.edit(strings.did.paste(kept.length), edits)) return;
    this.surface.select({ nodes: [...names.values()], edges: [] });
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
      if (!item || touched.has(id) || placed[id]) continue;
      positions[id] = [Math.round(item.x), Math.round(item.y)];
    }
    return Object.keys(positions).length ? [{ op: 'move', positions }] : [];
  }

  private freeSpot(size: { w: number; h: number }): Point {
    const spot = { ...this.surface.view.middle(), ...size };
    const items = [...this.surface.graph.items.values()];
    for (let tries = 0; tries < 60 && items.some(item => overlap(item, spot, 20)); tries++) {
      spot.y += 40;
    }
    return spot;
  }
}

function readClip(text: string): Clip | null {
  try {
    const value = JSON.parse(text) as Partial<Clip> | null;
    if (value?.wfnb !== 1 || !Array.isArray(value.nodes)) return null;
    return { wfnb: 1, nodes: value.nodes, edges: value.edges ?? [], layout: value.layout ?? {} };
  } catch {
    return null;
  }
}
