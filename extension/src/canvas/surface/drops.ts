/** Nodes that are let go after they were dragged: one gesture, wherever cytoscape tells of each of them. */
import type { Graph } from './graph';
import { give } from '../ground/own';

/** `take` gives the edge, by index, that lies under them. */
export function followDrops(
  graph: Graph,
  take: () => number | null,
  moved: (positions: Record<string, [number, number]>, into: number | null) => void
): void {
  let dropping = false;
  const dropped = (): void => {
    dropping = false;
    const positions: Record<string, [number, number]> = {};
    for (const item of graph.items.values()) {
      if (!graph.wasDragged(item.id)) continue;
      give(positions, item.id, [Math.round(item.x), Math.round(item.y)]);
    }
    const into = take();
    graph.routeAll();
    if (Object.keys(positions).length) moved(positions, into);
  };
  graph.cy.on('dragfree', 'node', () => {
    // One gesture frees every selected node in turn.
    if (!dropping) queueMicrotask(dropped);
    dropping = true;
  });
}
