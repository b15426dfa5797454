/** What a surface asks of whoever put it there. */
import type { Size } from './grip';
import type { Item } from '../layout/items';
import type { PointingActions } from './pointing';
import type { Pull } from './ports';

export interface SurfaceActions {
  /** Why an edge may not come to this node; empty if it may. Absent: the surface is read-only. */
  refusal?(pull: Pull, id: string): string;
  /** The edge came to this node. */
  pulled?(pull: Pull, id: string): void;
  /** The edge was let go where there is no node. */
  missed?(pull: Pull, event: MouseEvent): void;
  /** A port, or the end of an edge, was clicked. */
  clicked?(pull: Pull, event: MouseEvent): void;
  /** Nodes were dropped; `into` is the edge, by index, that one of them was dropped on. */
  moved?(positions: Record<string, [number, number]>, into: number | null): void;
  opened?(id: string): void;
  /** What stands on an edge was double-clicked. */
  openedEdge?(): void;
  /** A note, as it was, is being made this large; `last` once it is let go. Without a size it stays so. */
  resized?(note: Item, size: Size | null, last: boolean): void;
  /** What else is asked for with the mouse. Absent: the surface only shows. */
  pointing?: Omit<PointingActions, 'lit'>;
}
