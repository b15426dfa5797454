/** Opens what lies over the drawing where it is meant. */
import type { Origin } from '../document/choices';
import { editable } from './command';
import type { Editor } from './editor';
import { bottom, right } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';
import { onRoot } from './overlay';
import type { Target } from '../surface/pointing';
import { pointAt } from '../look/path';
import type { Pull } from '../surface/ports';

/** Quick-add at a place on the page: there by itself, after a node, or in an edge. */
export function openAddAt(editor: Editor, event: MouseEvent, how: Omit<Origin, 'at'> = {}): void {
  const { surface, root } = editor;
  const origin: Origin = { at: surface.view.toModel(event), ...how };
  editor.overlay.set({ kind: 'add', origin, at: onRoot(root, event) });
}

/** A click on a port asks for what comes next; on an end of an edge it is one on that edge. */
export function clickedEnd(editor: Editor, { held, edge }: Pull, event: MouseEvent): void {
  editor.surface.select({ nodes: edge === null ? [held] : [], edges: edge === null ? [] : [edge] });
  if (!editable(editor)) return;
  if (edge === null) openAdd(editor);
  else if (event.detail > 1) openAddAt(editor, event, { into: edge });
}

/** Quick-add where the keyboard is: after the selected node, in the selected edge, or in the middle. */
export function openAdd(editor: Editor): void {
  const { nodes, edges } = editor.surface.selection.get();
  const [after] = nodes;
  const [into] = edges;
  const origin: Origin =
    nodes.length === 1 && after !== undefined && canLead(editor, after)
      ? { at: null, after }
      : edges.length === 1 && !nodes.length && into !== undefined
        ? { at: null, into }
        : { at: null };
  editor.overlay.set({ kind: 'add', origin, at: selectedPlace(editor) });
}

const canLead = ({ surface }: Editor, id: string): boolean => {
  const kind = surface.graph.items.get(id)?.node.kind;
  return kind !== undefined && kind !== 'end' && kind !== 'note';
};

/** The menu for what is under the mouse, which is selected, or for the selection. */
export function openMenu(editor: Editor, target: Target, event: MouseEvent | null): void {
  const { surface, root } = editor;
  if (event) {
    const { nodes, edges } = surface.selection.get();
    const node = target && 'node' in target ? target.node : null;
    const edge = target && 'edge' in target ? target.edge : null;
    const inside =
      (node !== null && nodes.includes(node)) || (edge !== null && edges.includes(edge));
    if (!inside) {
      surface.select({ nodes: node === null ? [] : [node], edges: edge === null ? [] : [edge] });
    }
  }
  editor.overlay.set({ kind: 'menu', at: event ? onRoot(root, event) : selectedPlace(editor) });
}

/** Beside what is selected, or in the middle of the view; from the left upper corner of the designer. */
function selectedPlace({ surface, root }: Editor): Point {
  const { graph, view, host } = surface;
  const { nodes, edges } = surface.selection.get();
  const item: Box | undefined = graph.items.get(nodes.at(-1) ?? '');
  const route = graph.lines[edges.at(-1) ?? -1]?.route;
  const on = item ? { x: right(item) + 8, y: bottom(item) + 8 } : route && pointAt(route, 0.5);
  const pan = graph.cy.pan();
  const zoom = graph.cy.zoom();
  const { x, y } = on ?? view.middle();
  const box = host.getBoundingClientRect();
  return onRoot(root, {
    clientX: box.left + x * zoom + pan.x,
    clientY: box.top + y * zoom + pan.y
  });
}
