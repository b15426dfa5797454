/** The corner of a note, by which the mouse makes it larger and smaller. */
import type { Item } from '../layout/items';

export interface Size {
  w: number;
  h: number;
}

/** Sizes that hands make are round. */
const stepped = (size: number): number => 4 * Math.round(size / 4);

/**
 * Follows the mouse from the corner that was pressed, and tells each size; `last` when it is let go.
 * Escape, or the page losing the mouse, gives null: nothing changes.
 */
export function followSize(
  { w, h }: Item,
  zoom: number,
  from: MouseEvent,
  tell: (size: Size | null, last: boolean) => void
): void {
  from.preventDefault();
  from.stopPropagation();
  const sizeAt = (event: MouseEvent): Size => ({
    w: stepped(w + (event.clientX - from.clientX) / zoom),
    h: stepped(h + (event.clientY - from.clientY) / zoom)
  });
  const over = new AbortController();
  const end = (size: Size | null): void => {
    over.abort();
    tell(size, true);
  };
  const listening = { capture: true, signal: over.signal };
  addEventListener('mousemove', event => tell(sizeAt(event), false), listening);
  addEventListener('mouseup', event => end(sizeAt(event)), listening);
  addEventListener('blur', () => end(null), { signal: over.signal });
  addEventListener(
    'keydown',
    event => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      end(null);
    },
    listening
  );
}
