/** What a run has to say of the node or edge under the mouse; the inspector says the same to the keyboard. */
import type { Core, EdgeSingular, NodeSingular } from 'cytoscape';
import { make } from '../ground/dom';
import type { Graph } from './graph';
import type { Disposers } from '../ground/store';

/** Rest of the mouse before it is shown. */
const REST = 250;

export interface Telling {
  node(id: string): readonly string[];
  edge(index: number): readonly string[];
}

export function showTips(
  host: HTMLElement,
  graph: Graph,
  telling: Telling,
  disposers: Disposers
): void {
  const { cy } = graph;
  const box = make('div', 'wfnb-tip');
  box.hidden = true;
  box.setAttribute('role', 'tooltip');
  host.append(box);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hide = (): void => {
    clearTimeout(timer);
    box.hidden = true;
  };
  const soon = (lines: () => readonly string[], at: () => { x: number; y: number }): void => {
    hide();
    timer = setTimeout(() => {
      const told = lines();
      if (!told.length) return;
      box.replaceChildren(...told.map((line, i) => make(i ? 'span' : 'b', '', line)));
      box.hidden = false;
      place(box, host, at());
    }, REST);
  };
  cy.on('mouseover', 'node', event => {
    const element = event.target as NodeSingular;
    const id = graph.nodeId(element);
    if (id !== null)
      soon(
        () => telling.node(id),
        () => under(cy, element)
      );
  });
  cy.on('mouseover', 'edge', event => {
    const element = event.target as EdgeSingular;
    const line = graph.lines.find(one => one.ends && graph.edgeElement(one).same(element));
    if (line)
      soon(
        () => telling.edge(line.index),
        () => event.renderedPosition
      );
  });
  cy.on('mouseout', 'node, edge', hide);
  cy.on('viewport grab tapstart', hide);
  disposers.listen(host, 'keydown', hide);
  disposers.add(hide);
}

function under(cy: Core, element: NodeSingular): { x: number; y: number } {
  const { x1, y2 } = element.renderedBoundingBox({ includeLabels: false, includeOverlays: false });
  return { x: x1, y: y2 + 18 * cy.zoom() };
}

/** Below the point, inside of the drawing. */
function place(box: HTMLElement, host: HTMLElement, { x, y }: { x: number; y: number }): void {
  const left = Math.max(6, Math.min(x, host.clientWidth - box.offsetWidth - 6));
  const top = Math.max(6, Math.min(y + 6, host.clientHeight - box.offsetHeight - 6));
  box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}
