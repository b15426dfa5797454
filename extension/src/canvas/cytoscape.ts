/** cytoscape with edgehandles, registered once per page, and what the library's types leave out. */
import cytoscape from 'cytoscape';
import type { Core } from 'cytoscape';
import edgehandles from 'cytoscape-edgehandles';
import type { Box } from './geometry';

let registered = false;

/** Both doors may load this module; registering twice would log a warning. */
export function engine(): typeof cytoscape {
  if (!registered) {
    registered = true;
    cytoscape.use(edgehandles);
  }
  return cytoscape;
}

/** The part of the drawing that can be seen. */
export function visible(cy: Core): Box {
  const { x1, y1, w, h } = cy.extent();
  return { x: x1 + w / 2, y: y1 + h / 2, w, h };
}

/**
 * Keeps the size that cytoscape knows while its place has none. JupyterLab hides the whole page while it
 * changes its theme; a drawing that took this for its size would be blank, and a cell out of view is not
 * told when the page comes back.
 */
export function keepSize(cy: Core, container: HTMLElement): void {
  const resize = cy.resize.bind(cy);
  cy.resize = () => (container.clientWidth && container.clientHeight ? resize() : cy);
}
