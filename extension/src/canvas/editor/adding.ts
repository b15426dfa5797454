/** New nodes, put where someone wants them and connected as they want it. */
import type { Choice, Origin } from '../document/choices';
import { edgesOf, findNode } from '../document/document';
import type { Editor } from './editor';
import { isFrame } from '../layout/frames';
import { contains, overlap, right } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';
import { GAP, inserting, lineAt, passable, roomFor } from '../layout/inserting';
import type { Item, Line } from '../layout/items';
import { asksFor, freeId, leaving, newEdge, newNode, refusal } from '../document/rules';
import { shapeOf } from '../look/shapes';
import { strings } from '../texts/strings';
import { isCompletion, needsTrigger } from '../document/triggers';
import type { ActivityInfo, Edge, Edit, Node, Workflow } from '../wire.gen';

/** How near an edge has to be, in pixels of the page, to take in what is dropped. */
const REACH = 16;

/** The edge that would take in what is dropped at a point; null where there is none or something lies there. */
export function landingAt(editor: Editor, point: Point): Line | null {
  const { graph, zoom } = editor.surface;
  const taken = [...graph.items.values()].some(item => !isFrame(item) && contains(item, point));
  return taken ? null : lineAt(graph.lines, point, REACH / zoom.get());
}

/** What `choice` may follow here: an edge that is drawn must be allowed to end in it. */
export function suits(editor: Editor, choice: Choice, origin: Origin): boolean {
  const { document } = editor;
  if (origin.into !== undefined) return passable(choice.kind);
  if (origin.after === undefined) return true;
  const node = newNode(document, choice.kind, choice.activity);
  const more = { ...document, nodes: [...(document.nodes ?? []), node] };
  return refusal(more, origin.after, node.id) === '' || !!passing(document, origin, node);
}

/** Whether the first value that an activity needs is of the kind that comes to it. */
export function takes(activity: ActivityInfo, source: ActivityInfo | undefined): boolean {
  const needed = (activity.parameters ?? []).find(one => one.required !== false);
  return !!source?.returns && needed?.type === source.returns;
}

/** The edge that goes on from `after`, where a node that comes after it has to be put into that. */
function passing(document: Workflow, { after, drawn }: Origin, node: Node): Edge | undefined {
  const source = after === undefined ? undefined : findNode(document, after);
  if (!source || drawn || !passable(node.kind)) return undefined;
  if (source.kind === 'choice' || source.kind === 'fork' || needsTrigger(source.kind)) {
    return undefined;
  }
  return leaving(document, source.id).find(({ edge }) => isCompletion(edge))?.edge;
}

/** Adds what was chosen, at a place if one is given; an edge that lies there takes it in. */
export function addAt(editor: Editor, choice: Choice, at: Point | null = null): string | null {
  const into = at && passable(choice.kind) ? landingAt(editor, at)?.index : undefined;
  return addNode(editor, choice, { at, into });
}

/** Adds a node under a free name made of `name`, or of what it is; gives its id, null if it may not be. */
export function addNode(editor: Editor, choice: Choice, origin: Origin, name = ''): string | null {
  const { document } = editor;
  const plain = newNode(document, choice.kind, choice.activity);
  const named: Node = name ? { ...plain, id: freeId(document, name) } : plain;
  const node = reading(editor, named, origin);
  const edge =
    origin.into === undefined ? passing(document, origin, node) : edgesOf(document)[origin.into];
  const made = edge ? intoEdge(editor, node, edge, origin.at) : beside(editor, node, origin);
  const { view } = editor.surface;
  const whole = view.isWhole();
  if (!editor.edit(strings.did.add(node.id), made.edits)) return null;
  editor.surface.select({ nodes: [node.id], edges: [] });
  // What had to make room for it is not lost sight of.
  if (edge && whole && !view.isWhole()) view.fit();
  view.reveal(node.id);
  if (made.edge && asksFor(editor.document, made.edge)) editor.askFor(made.edge, node.id);
  return node.id;
}

/** The node with what comes before it as its argument, where it needs but one and the types say that it fits. */
function reading(editor: Editor, node: Node, origin: Origin): Node {
  const { document, session } = editor;
  const into = origin.into === undefined ? undefined : edgesOf(document)[origin.into];
  const source = findNode(document, into?.source ?? origin.after ?? '');
  if (node.kind !== 'task' || source?.kind !== 'task') return node;
  const known = (name: string): ActivityInfo | undefined =>
    session.activities.get().find(one => one.name === name);
  const activity = known(node.activity);
  const [needed, ...more] = (activity?.parameters ?? []).filter(one => one.required !== false);
  if (!activity || !needed || more.length || !takes(activity, known(source.activity))) return node;
  return { ...node, arguments: { [needed.name]: `=${source.id}` } };
}

interface Made {
  edits: Edit[];
  /** The edge that leads to it, where that is new. */
  edge?: Edge;
}

function intoEdge(editor: Editor, node: Node, edge: Edge, wanted: Point | null): Made {
  const { document, surface } = editor;
  const { items } = surface.graph;
  const size = shapeOf(node);
  const source = items.get(edge.source);
  const at = wanted ?? { x: source ? right(source) + GAP + size.w / 2 : 0, y: source?.y ?? 0 };
  const room = roomFor(document, items, edge, { ...at, w: size.w, h: size.h });
  const moved: Edit[] = Object.keys(room.moved).length
    ? [{ op: 'move', positions: room.moved }]
    : [];
  const position = rounded(room.at);
  const added: Edit = { op: 'add_node', node, position };
  const whole = { ...document, nodes: [...(document.nodes ?? []), node] };
  const members = editor.joining({ [node.id]: position }, node);
  return { edits: [...moved, added, ...inserting(whole, edge, node), ...members] };
}

function beside(editor: Editor, node: Node, { at, after }: Origin): Made {
  const { document, surface } = editor;
  const size = shapeOf(node);
  const source = after === undefined ? undefined : surface.graph.items.get(after);
  const wanted = at ?? (source ? { x: right(source) + GAP + size.w / 2, y: source.y } : null);
  const point =
    at && !covers(editor, node, at) ? at : freeSpot(editor, size, wanted ?? surface.view.middle());
  const position = rounded(point);
  const edits: Edit[] = [{ op: 'add_node', node, position }];
  const edge = after === undefined ? undefined : newEdge(document, after, node.id);
  if (edge) edits.push({ op: 'add_edge', edge });
  // Where a place was found for it, nobody put it into the frame that happens to lie there.
  if (wanted) edits.push(...editor.joining({ [node.id]: position }, node));
  return edge ? { edits, edge } : { edits };
}

/** Whether one would lie upon another there, and hide it; notes lie under what they are about. */
const covers = ({ surface }: Editor, { kind }: Node, at: Point): boolean =>
  kind !== 'note' &&
  kind !== 'group' &&
  [...surface.graph.items.values()].some(
    item => !isFrame(item) && item.node.kind !== 'note' && contains(item, at)
  );

const rounded = ({ x, y }: Point): [number, number] => [Math.round(x), Math.round(y)];

/** The first place from `from` downwards where nothing lies. */
function freeSpot(editor: Editor, size: { w: number; h: number }, from: Point): Point {
  const spot: Box = { ...from, w: size.w, h: size.h };
  const items: Item[] = [...editor.surface.graph.items.values()].filter(item => !isFrame(item));
  for (let tries = 0; tries < 60 && items.some(item => overlap(item, spot, 20)); tries++) {
    spot.y += 40;
  }
  return spot;
}
