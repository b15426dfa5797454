/** What a press does on what lies over the drawing and takes the mouse: a group's fold, a note's corner, a chip. */
import type { SurfaceActions } from './actions';
import type { CardLayer } from './cards';
import { followSize } from './grip';
import type { Graph } from './graph';
import type { Selection } from './selecting';
import type { Store } from '../ground/store';

/** What of a surface this needs. */
interface Pressed {
  readonly host: HTMLElement;
  readonly graph: Graph;
  readonly selection: Store<Selection>;
  fold(ids: readonly string[], folded: boolean): void;
  select(selection: Selection): void;
}

export function answerPresses(
  cards: CardLayer,
  surface: Pressed,
  actions: Pick<SurfaceActions, 'resized' | 'openedEdge'>
): void {
  const { graph, host } = surface;
  cards.onFold = (id, event) => {
    event.stopPropagation();
    host.focus({ preventScroll: true });
    surface.fold([id], !graph.folding.folded.has(id));
  };
  cards.onGrip = (id, event) => {
    const item = graph.items.get(id);
    host.focus({ preventScroll: true });
    surface.select({ nodes: [id], edges: [] });
    if (item) {
      followSize(item, graph.cy.zoom(), event, (...size) => actions.resized?.(item, ...size));
    }
  };
  cards.onChip = (line, event) => {
    event.stopPropagation();
    host.focus({ preventScroll: true });
    const { nodes, edges } = surface.selection.get();
    const more = event.shiftKey || event.ctrlKey || event.metaKey;
    if (!more) surface.select({ nodes: [], edges: [line.index] });
    else if (edges.includes(line.index)) {
      surface.select({ nodes, edges: edges.filter(index => index !== line.index) });
    } else surface.select({ nodes, edges: [...edges, line.index] });
    if (event.detail > 1 && !more) actions.openedEdge?.();
  };
}
