/** cytoscape with edgehandles, registered once per page, and what the library's types leave out. */
import cytoscape from 'cytoscape';
import type { Core, SingularElementReturnValue } from 'cytoscape';
import edgehandles from 'cytoscape-edgehandles';
import type { Box } from '../ground/geometry';

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
  cy.resize = () => {
    if (!container.clientWidth || !container.clientHeight) return cy;
    resize();
    // cytoscape measures when it is asked next: by then its place may have no size any more.
    cy.width();
    return cy;
  };
}

/** What of cytoscape's renderer is changed here; the library names none of it. */
interface Renderer {
  render(options?: { forcedContext?: unknown }): void;
  drawLayeredElements(
    pen: unknown,
    elements: SingularElementReturnValue[],
    ...rest: unknown[]
  ): void;
  drawCachedElements(
    pen: unknown,
    elements: SingularElementReturnValue[],
    ...rest: unknown[]
  ): void;
  data: { canvasNeedsRedraw: boolean[] };
  /** A box that is being drawn: its corners, and whether it is. */
  selection: number[];
  prevPxRatio?: number;
  getPixelRatio(): number;
}

/**
 * Leaves to cytoscape what is there only for a moment: the selection box and, while `sketching` says that one
 * is drawn, an edge on its way. All else is painted here (picture.ts, cards.ts) in a fraction of the time.
 */
export function paintOnly(
  cy: Core,
  isOurs: (id: string) => boolean,
  sketching: () => boolean
): void {
  const renderer = (cy as unknown as { renderer(): Renderer }).renderer();
  const render = renderer.render.bind(renderer);
  const draw = renderer.drawCachedElements.bind(renderer);
  renderer.drawCachedElements = renderer.drawLayeredElements = (pen, elements, ...rest) =>
    draw(
      pen,
      elements.filter(element => !isOurs(element.id())),
      ...rest
    );
  let before = true;
  renderer.render = options => {
    const now = sketching() || renderer.selection[4] === 1;
    const resized = renderer.prevPxRatio !== renderer.getPixelRatio();
    if (now || before || resized) {
      if (before && !now) renderer.data.canvasNeedsRedraw.fill(true);
      render(options);
    } else cy.emit('render');
    cy.container()?.classList.toggle('wfnb-still', !now);
    before = now;
  };
}
