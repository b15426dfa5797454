/** Wheel, pan and focus: what the mouse does on the canvas beyond cytoscape's own gestures. */
import type { Core } from 'cytoscape';
import type { Disposers } from '../ground/store';

/** Zooms around a point of the host, in its pixels. */
export function zoomAround(cy: Core, factor: number, x: number, y: number): void {
  const level = Math.min(cy.maxZoom(), Math.max(cy.minZoom(), cy.zoom() * factor));
  cy.zoom({ level, renderedPosition: { x, y } });
}

/** Whether the canvas, and not one of the panels, has the keyboard. */
export const hasFocus = (host: HTMLElement): boolean => {
  const root = host.getRootNode() as Document | ShadowRoot;
  return root.activeElement === host;
};

/** Ctrl+wheel zooms; a plain wheel scrolls the page, or pans once the canvas is focused. */
export function wheel(host: HTMLElement, cy: Core, disposers: Disposers): void {
  disposers.listen(
    host,
    'wheel',
    event => {
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const [dx, dy] = [event.deltaX * lines, event.deltaY * lines];
      if (event.ctrlKey || event.metaKey) {
        const box = host.getBoundingClientRect();
        const step = Math.max(-80, Math.min(80, dy));
        zoomAround(cy, Math.exp(-step / 240), event.clientX - box.left, event.clientY - box.top);
      } else if (hasFocus(host)) {
        cy.panBy(event.shiftKey && dx === 0 ? { x: -dy, y: 0 } : { x: -dx, y: -dy });
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    // Before cytoscape, which has a listener of its own on the element inside.
    { passive: false, capture: true }
  );
}

/** Middle-drag and space-drag pan, whatever is under the mouse. */
export function panning(host: HTMLElement, cy: Core, disposers: Disposers): void {
  let space = false;
  const hold = (down: boolean): void => {
    space = down;
    host.classList.toggle('wfnb-grab', down);
  };
  disposers.listen(host, 'keydown', event => {
    if (event.key !== ' ' || event.target !== host) return;
    event.preventDefault();
    hold(true);
  });
  disposers.listen(host, 'keyup', event => event.key === ' ' && hold(false));
  disposers.listen(host, 'blur', () => hold(false));
  disposers.listen(
    host,
    'mousedown',
    event => {
      if (event.button !== 1 && !(space && event.button === 0)) return;
      event.preventDefault();
      event.stopPropagation();
      dragPan(cy, event);
    },
    true
  );
}

function dragPan(cy: Core, start: MouseEvent): void {
  let { clientX, clientY } = start;
  const move = (event: MouseEvent): void => {
    // The button came up where no page was told of it.
    if (!event.buttons) return stop();
    cy.panBy({ x: event.clientX - clientX, y: event.clientY - clientY });
    ({ clientX, clientY } = event);
  };
  const stop = (): void => {
    removeEventListener('mousemove', move, true);
    removeEventListener('mouseup', stop, true);
  };
  addEventListener('mousemove', move, true);
  addEventListener('mouseup', stop, true);
}

/**
 * cytoscape remembers where on the page it is until something scrolls, but a notebook also moves its
 * cells without a scroll, when one above grows. Without this the mouse then points beside the nodes.
 */
export function keepPlace(host: HTMLElement, cy: Core, disposers: Disposers): void {
  let [left, top] = [NaN, NaN];
  const look = (): void => {
    const place = host.getBoundingClientRect();
    if (place.left === left && place.top === top) return;
    [left, top] = [place.left, place.top];
    cy.resize();
  };
  for (const type of ['mousemove', 'mousedown', 'touchstart', 'wheel'] as const) {
    disposers.listen(host, type, look, { capture: true, passive: true });
  }
}

/** Where on the page the mouse is, while it is over the canvas. */
export interface Pointer {
  /** Its place; null while it is elsewhere. */
  at: { clientX: number; clientY: number } | null;
  /** Whether it moved since the last time this was set to false. */
  moved: boolean;
}

export function followPointer(host: HTMLElement, disposers: Disposers): Pointer {
  const pointer: Pointer = { at: null, moved: false };
  disposers.listen(
    host,
    'mousemove',
    ({ clientX, clientY }) => {
      pointer.moved ||= pointer.at?.clientX !== clientX || pointer.at.clientY !== clientY;
      pointer.at = { clientX, clientY };
    },
    // Cytoscape keeps moves to itself.
    true
  );
  disposers.listen(host, 'mouseleave', ({ relatedTarget: to }) => {
    // What is chosen in the menu is meant for the place where it was opened.
    if (!(to instanceof Element && to.closest('[role="menu"]'))) pointer.at = null;
  });
  return pointer;
}

/** Cytoscape takes the focus away at each press; what was pressed is the canvas, so give it the keyboard. */
export function focusOnPress(host: HTMLElement, disposers: Disposers): void {
  disposers.listen(host, 'mousedown', event => {
    if (event.target instanceof Element && !event.target.closest('button, input')) {
      host.focus({ preventScroll: true });
    }
  });
}
