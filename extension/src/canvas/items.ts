/** What is drawn: a card for each node, a line and perhaps a chip for each edge. */
import type { Box } from './geometry';
import type { Route } from './path';
import type { Place } from './route';
import type { Shape } from './shapes';
import type { Edge, Node } from './wire.gen';

export interface Chip extends Box {
  text: string;
  kind: 'guard' | 'otherwise' | 'missing';
}

export interface Item extends Place {
  node: Node;
  shape: Shape;
}

export interface Line {
  edge: Edge;
  index: number;
  /** cytoscape's id of the edge; stays while the edge only changes its guard. */
  key: string;
  route: Route | null;
  chip: Chip | null;
}
