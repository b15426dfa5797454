import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { VERSION } from '../version';

type CanvasModule = typeof import('../widget');

/** The page's canvases by version of wfnb, each loaded at the first widget that needs it. */
type Registry = Map<string, () => Promise<CanvasModule>>;

/**
 * Lends the labextension's copy of the canvas to the widgets in notebook cells, so that the kernel
 * need not send one. wfnb/widgets/stub.js looks here first.
 */
export const cells: JupyterFrontEndPlugin<void> = {
  id: 'wfnb:cells',
  description: 'Gives the canvas to wfnb widgets in notebook cells.',
  autoStart: true,
  activate: () => {
    const page = globalThis as unknown as Record<symbol, Registry | undefined>;
    const registry = (page[Symbol.for('wfnb')] ??= new Map());
    registry.set(VERSION, () => import('../widget'));
  }
};
