/**
 * Automatic layout: ELK's layered algorithm, in a worker, loaded when it is first needed.
 *
 * The canvas does not know where the worker's source is (a labextension's file, or the kernel), so the
 * host gives it as a function; without one, or when the worker can not start, the built-in layered
 * layout takes its place. Neither a CDN nor a second file beside the bundle is ever assumed.
 */
import type { ELK as Elk, ElkNode } from 'elkjs/lib/elk-api';
import type { Point } from '../ground/geometry';
import { acyclic, layered } from './layered';
import type { Sized } from './layered';

/** Gives the source text of elkjs's `elk-worker.min.js`. */
export type ElkSource = () => Promise<string>;

export interface LayoutLink {
  source: string;
  target: string;
  /** Width to keep free for what stands on the edge. */
  room?: number;
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '70',
  'elk.spacing.nodeNode': '36',
  'elk.layered.spacing.edgeNodeBetweenLayers': '24',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.spacing.componentComponent': '60'
};

/** Above so many nodes and links together quality gives way to time. */
const LARGE = 600;
const QUICK = {
  'elk.layered.thoroughness': '1',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.crossingMinimization.greedySwitch.type': 'OFF',
  // Of ELK's lines none is drawn (route.ts): what leaves a hub by a port each, in right angles, costs most of the time.
  'elk.layered.mergeEdges': 'true',
  'elk.edgeRouting': 'POLYLINE'
};

const NESTED = { 'elk.hierarchyHandling': 'INCLUDE_CHILDREN' };
/** The room that a frame keeps around what is inside (frames.ts). */
const FRAME = { 'elk.padding': '[top=38,left=22,bottom=28,right=22]' };

/** ELK, and a promise that fails when its worker does: pages may forbid workers, and ELK then waits for ever. */
interface Engine {
  elk: Elk;
  broken: Promise<never>;
}

let engine: Promise<Engine> | null = null;
/** Whether this page has no worker, whoever asks again. */
let refused = false;

function start(source: ElkSource): Promise<Engine> {
  engine ??= (async () => {
    const [{ default: ELK }, text] = await Promise.all([import('elkjs/lib/elk-api'), source()]);
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    let fail: (reason: Error) => void = () => undefined;
    const broken = new Promise<never>((_, reject) => (fail = reject));
    broken.catch(() => (refused = true));
    const workerFactory = (address?: string): Worker => {
      const worker = new Worker(address ?? url);
      worker.addEventListener('error', ({ message }) => fail(new Error(message || 'no worker')));
      return worker;
    };
    return { elk: new ELK({ workerUrl: url, workerFactory }), broken };
  })();
  engine.catch(() => (engine = null));
  return engine;
}

/** The members of each group by its id; a group may be a member of another. */
export type Nesting = ReadonlyMap<string, readonly string[]>;

/** A position for each node. */
export async function arrange(
  nodes: readonly Sized[],
  links: readonly LayoutLink[],
  source?: ElkSource,
  nesting: Nesting = new Map()
): Promise<Map<string, Point>> {
  if (source && !refused) {
    try {
      const { elk, broken } = await start(source);
      return await Promise.race([withElk(elk, nodes, links, nesting), broken]);
    } catch (error) {
      console.warn('wfnb: the layout worker could not start, using the built-in layout', error);
    }
  }
  return layered(nodes, links);
}

async function withElk(
  elk: Elk,
  nodes: readonly Sized[],
  links: readonly LayoutLink[],
  nesting: Nesting
): Promise<Map<string, Point>> {
  // ELK ids share one space: positions keep user ids away from ELK's own names.
  const index = new Map(nodes.map((node, i) => [node.id, `n${i}`]));
  [...nesting.keys()].forEach((id, i) => index.set(id, `g${i}`));
  const options = nodes.length + links.length > LARGE ? { ...OPTIONS, ...QUICK } : OPTIONS;
  const graph: ElkNode = {
    id: 'root',
    layoutOptions: nesting.size ? { ...options, ...NESTED } : options,
    children: nested(nodes, nesting, index),
    edges: []
  };
  // ELK would turn other edges around than those which go back in the flow of the run.
  const forward = new Set(acyclic(nodes, links).map(([a, b]) => JSON.stringify([a, b])));
  graph.edges = links
    .filter(
      ({ source, target }) => nesting.has(source) || forward.has(JSON.stringify([source, target]))
    )
    .map((link, i) => ({
      id: `e${i}`,
      sources: [index.get(link.source) ?? ''],
      targets: [index.get(link.target) ?? ''],
      labels: link.room ? [{ text: ' ', width: link.room, height: 18 }] : []
    }));
  const placed = new Map<string, Point>();
  collect(await elk.layout(graph), 0, 0, placed);
  const points = nodes.map((node, i): [string, Point] => [node.id, placed.get(`n${i}`) ?? ORIGIN]);
  return new Map(points);
}

const ORIGIN: Point = { x: 0, y: 0 };

/** The nodes as ELK's children: those of a group inside it, with room for its frame. */
function nested(nodes: readonly Sized[], nesting: Nesting, index: Map<string, string>): ElkNode[] {
  const made = new Map<string, ElkNode>();
  for (const node of nodes) {
    made.set(node.id, { id: index.get(node.id) ?? '', width: node.w, height: node.h });
  }
  const groups = [...nesting.keys()].map((id): [string, ElkNode] => [
    id,
    { id: index.get(id) ?? '', children: [], layoutOptions: FRAME }
  ]);
  for (const [id, group] of groups) made.set(id, group);
  const inside = new Set<string>();
  for (const [id, group] of groups) {
    for (const member of nesting.get(id) ?? []) {
      const child = made.get(member);
      // What is in two groups, or in itself, stays where it was found first.
      if (!child || inside.has(member) || holds(nesting, member, id)) continue;
      inside.add(member);
      group.children?.push(child);
    }
  }
  return [...made].filter(([id]) => !inside.has(id)).map(([, node]) => node);
}

/** Whether a group is another, or lies around it. */
function holds(nesting: Nesting, outer: string, inner: string, depth = 0): boolean {
  if (outer === inner || depth > nesting.size) return true;
  return (nesting.get(outer) ?? []).some(id => holds(nesting, id, inner, depth + 1));
}

/** Middles of all nodes; what is inside another counts from its corner. */
function collect(node: ElkNode, x: number, y: number, found: Map<string, Point>): void {
  for (const child of node.children ?? []) {
    const [left, top] = [x + (child.x ?? 0), y + (child.y ?? 0)];
    const middle = {
      x: Math.round(left + (child.width ?? 0) / 2),
      y: Math.round(top + (child.height ?? 0) / 2)
    };
    found.set(child.id, middle);
    collect(child, left, top, found);
  }
}
