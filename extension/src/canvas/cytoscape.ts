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
