/**
 * Automatic layout: ELK's layered algorithm, in a worker, loaded when it is first needed.
 *
 * The canvas does not know where the worker's source is (a labextension's file, or the kernel), so the
 * host gives it as a function; without one, or when the worker can not start, the built-in layered
 * layout takes its place. Neither a CDN nor a second file beside the bundle is ever assumed.
 */
import type { ELK as Elk, ElkNode } from 'elkjs/lib/elk-api';
import type { Point } from './geometry';
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

/** Above this many nodes quality gives way to time. */
const LARGE = 400;
const QUICK = {
  'elk.layered.thoroughness': '1',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.crossingMinimization.greedySwitch.type': 'OFF'
};

let engine: Promise<Elk> | null = null;

function start(source: ElkSource): Promise<Elk> {
  engine ??= (async () => {
    const [{ default: ELK }, text] = await Promise.all([import('elkjs/lib/elk-api'), source()]);
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    return new ELK({ workerUrl: url, workerFactory: address => new Worker(address ?? url) });
  })();
  engine.catch(() => (engine = null));
  return engine;
}

/** A position for each node. */
export async function arrange(
  nodes: readonly Sized[],
  links: readonly LayoutLink[],
  source?: ElkSource
): Promise<Map<string, Point>> {
  if (source) {
    try {
      return await withElk(await start(source), nodes, links);
    } catch (error) {
      console.warn('wfnb: the layout worker could not start, using the built-in layout', error);
    }
  }
  return layered(nodes, links);
}

async function withElk(
  elk: Elk,
  nodes: readonly Sized[],
  links: readonly LayoutLink[]
): Promise<Map<string, Point>> {
  const graph: ElkNode = {
    id: 'root',
    layoutOptions: nodes.length > LARGE ? { ...OPTIONS, ...QUICK } : OPTIONS,
    // ELK ids share one space: positions keep user ids away from ELK's own names.
    children: nodes.map((node, i) => ({ id: `n${i}`, width: node.w, height: node.h })),
    edges: []
  };
  const index = new Map(nodes.map((node, i) => [node.id, `n${i}`]));
  // ELK would turn other edges around than those which go back in the flow of the run.
  const forward = new Set(acyclic(nodes, links).map(([a, b]) => JSON.stringify([a, b])));
  graph.edges = links
    .filter(link => forward.has(JSON.stringify([link.source, link.target])))
    .map((link, i) => ({
      id: `e${i}`,
      sources: [index.get(link.source) ?? ''],
      targets: [index.get(link.target) ?? ''],
      labels: link.room ? [{ text: ' ', width: link.room, height: 18 }] : []
    }));
  const placed = await elk.layout(graph);
  return new Map(
    (placed.children ?? []).map((child, i): [string, Point] => [
      nodes[i]?.id ?? '',
      {
        x: Math.round((child.x ?? 0) + (child.width ?? 0) / 2),
        y: Math.round((child.y ?? 0) + (child.height ?? 0) / 2)
      }
    ])
  );
}
