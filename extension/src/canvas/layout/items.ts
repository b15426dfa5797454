/** What is drawn: a card for each node, a line and perhaps a chip for each edge. */
import type { Box } from '../ground/geometry';
import type { IconName } from '../look/icons';
import type { Route } from '../look/path';
import type { Link, Place } from './route';
import type { Shape } from '../look/shapes';
import type { Stroke } from '../document/triggers';
import type { Edge, Node } from '../wire.gen';

export interface Chip extends Box {
  text: string;
  kind: 'guard' | 'otherwise' | 'missing' | 'trigger';
  icon: IconName | null;
}

export interface Item extends Place {
  node: Node;
  shape: Shape;
  /** How many nodes a folded group stands for; 0 for all else. */
  folded: number;
}

export interface Line {
  edge: Edge;
  index: number;
  /** What is seen of its ends: a folded group stands for what is inside; null where it is not drawn itself. */
  ends: Link | null;
  /** cytoscape's id of the edge; stays while the edge only changes its guard. */
  key: string;
  stroke: Stroke;
  route: Route | null;
  chip: Chip | null;
}
