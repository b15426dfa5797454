/** The canvas: what the cell's widget and JupyterLab's plugins mount. Nothing here knows JupyterLab. */
import { Designer } from './designer';
import type { DesignerOptions } from './workbench';
import { whenPlaced } from './ground/dom';
import { RunPage } from './runs/runpage';
import { Session } from './session/session';
import type { Transport } from './session/session';
import { strings } from './texts/strings';
import { injectStyle } from './look/style';
import { drawingOf } from './surface/svg';

export type { DesignerOptions } from './workbench';

export interface RunViewOptions {
  /** Fill the host instead of a resizable cell. */
  fill?: boolean;
}

export type { FileHost } from './session/filing';
export type { ElkSource } from './layout/layout';
export { mountRunsPanel } from './runs/runspanel';
export type { RunsFound } from './runs/runspanel';
export { LocalSession } from './session/local';
export type { TextHost } from './session/local';
export type { KernelState, Transport } from './session/session';
export { encode as encodeText, decode as decodeText } from './document/text';
export { Store } from './ground/store';
export { strings };
export type * from './wire.gen';

export interface Mounted {
  dispose(): void;
  /** A static picture of the drawing, for saved notebooks and export. */
  svg(): string;
}

function prepare(host: HTMLElement, name: string, label: string, fill: boolean): HTMLElement {
  injectStyle(host);
  // Which may be a shadow root that it is not in yet.
  whenPlaced(host, () => injectStyle(host));
  // A section: headers and footers in it are none of the page.
  const root = document.createElement('section');
  root.className = `wfnb-root wfnb-${name} ${fill ? 'wfnb-fill' : 'wfnb-cell'}`;
  root.setAttribute('aria-label', label);
  host.append(root);
  return root;
}

/** Puts a designer into `host`; `transport` leads to whoever keeps the document. */
export function mountDesigner(
  host: HTMLElement,
  transport: Transport,
  options: DesignerOptions = {}
): Mounted {
  const root = prepare(host, 'designer', strings.designer, options.fill ?? false);
  const designer = new Designer(root, new Session(transport), options);
  const svg = (): string =>
    drawingOf(designer.surface.graph, designer.session.live, designer.session.document.name);
  const stop = announce(root, designer.session, svg);
  return {
    dispose: () => {
      stop();
      designer.dispose();
      root.remove();
    },
    svg
  };
}

/** Puts a run view into `host`; `transport` leads to the history. */
export function mountRunView(
  host: HTMLElement,
  transport: Transport,
  options: RunViewOptions = {}
): Mounted {
  const root = prepare(host, 'runview', strings.runView, options.fill ?? false);
  const shown = new RunPage(root, new Session(transport));
  const svg = (): string =>
    drawingOf(shown.pane.surface.graph, shown.session.focus, shown.session.document.name);
  const stop = announce(root, shown.session, svg);
  return {
    dispose: () => {
      stop();
      shown.dispose();
      root.remove();
    },
    svg
  };
}

const CALM = 800;

/**
 * Tells the page around the canvas that the drawing changed: a bubbling `wfnb-drawn` event whose
 * detail gives the picture. Whoever saves pictures (the notebook's renderer) need not know the canvas.
 * What was there at the beginning is no change: opening a notebook does not make it differ.
 */
function announce(root: HTMLElement, session: Session, svg: () => string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let known: string | null = null;
  const look = (): void => {
    const { ready, revision } = session.view.get();
    const head = session.live.head.get();
    if (!ready) return;
    const now = `${revision} ${head?.run ?? ''} ${head?.state ?? ''} ${session.gone.get()}`;
    const first = known === null;
    if (now === known) return;
    known = now;
    if (first) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const event = new CustomEvent('wfnb-drawn', { bubbles: true, composed: true, detail: svg });
      root.dispatchEvent(event);
    }, CALM);
  };
  const stops = [session.view.on(look), session.live.head.on(look), session.gone.on(look)];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
