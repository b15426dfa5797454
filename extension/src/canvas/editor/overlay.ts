/** What can lie over the drawing, one thing at a time. */
import type { Origin } from '../document/choices';
import type { Point } from '../ground/geometry';

export type Overlay =
  | { kind: 'add'; origin: Origin; at: Point }
  | { kind: 'menu'; at: Point }
  | { kind: 'find' }
  | { kind: 'commands' }
  | { kind: 'pin'; node: string };

/** What only the frame around the drawing can do. */
export interface Desk {
  /** Runs the drawing, and asks for its inputs first where it has some; `until` is a node to pause before. */
  run(until?: string): void;
  /** Opens the inspector and puts the keyboard into one of its fields, the first where none is named. */
  inspect(field?: string): void;
  toggle(panel: 'palette' | 'inspector' | 'problems'): void;
  /** Closes the inspector where it lies over the drawing; whether it did. */
  uncover(): boolean;
}

/** Where a point of the drawing is on the page's part that `root` covers. */
export function onRoot(root: HTMLElement, client: { clientX: number; clientY: number }): Point {
  const box = root.getBoundingClientRect();
  return { x: client.clientX - box.left, y: client.clientY - box.top };
}
