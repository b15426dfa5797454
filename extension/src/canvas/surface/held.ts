/**
 * What the mouse holds of cytoscape's own gestures: nodes that are dragged, a box that is drawn.
 *
 * Escape gives either up, other keys wait until it is let go, and what nobody holds any more (the button came
 * up where no page was told of it) is let go where it was.
 */
import type { NodeSingular } from 'cytoscape';
import type { Dragging } from './dragging';
import type { Graph } from './graph';
import type { Selection } from './selecting';
import type { Disposers, Store } from '../ground/store';

/** What of a surface this needs. */
interface Held {
  host: HTMLElement;
  graph: Graph;
  selection: Store<Selection>;
  select(selection: Selection): void;
}

/** Follows each press on the drawing until the button comes up; `dragging` is null where nothing can be moved. */
export function followHeld(surface: Held, dragging: Dragging | null, disposers: Disposers): void {
  const { host, graph, selection } = surface;
  const { cy } = graph;
  let over = new AbortController();
  let before: Selection | null = null;
  cy.on('boxstart', () => (before = selection.get()));
  cy.on('dragfreeon', 'node', event => {
    // What was dragged is what the next key is meant for.
    const id = graph.nodeId(event.target as NodeSingular);
    if (id !== null && !selection.get().nodes.includes(id)) {
      surface.select({ nodes: [id], edges: [] });
    }
  });
  const giveUp = (letGo: () => void): void => {
    const chosen = before ?? selection.get();
    dragging?.restore();
    letGo();
    surface.select(chosen);
  };
  disposers.listen(
    host,
    'mousedown',
    event => {
      over.abort();
      before = null;
      if (event.button !== 0 || !cy.container()?.contains(event.target as Node)) return;
      over = new AbortController();
      follow(over, event, () => before !== null || dragging?.going === true, giveUp);
    },
    true
  );
  disposers.add(() => over.abort());
}

function follow(
  over: AbortController,
  start: MouseEvent,
  going: () => boolean,
  giveUp: (letGo: () => void) => void
): void {
  let last = start;
  const listening = { capture: true, signal: over.signal };
  const letGo = (): void => {
    over.abort();
    const { clientX, clientY } = last;
    dispatchEvent(new MouseEvent('mouseup', { button: 0, clientX, clientY }));
  };
  const moved = (event: MouseEvent): void => {
    if (event.buttons & 1) last = event;
    else letGo();
  };
  const pressed = (event: KeyboardEvent): void => {
    if (!going() || /^(Control|Shift|Alt|Meta|F\d+)$/.test(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') giveUp(letGo);
  };
  addEventListener('mousemove', moved, listening);
  addEventListener('keydown', pressed, listening);
  addEventListener('mouseup', event => event.button === 0 && over.abort(), listening);
}
