/** The door for JupyterLab: the canvas on a document, whose text is what the canvas shows. */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import { LocalSession, mountDesigner } from './canvas';

/** ELK's worker as text, in a file of its own that is loaded when a layout is first asked for. */
async function elkSource(): Promise<string> {
  return (await import('./elk-worker.txt')).default;
}

/** One keeper a file, however many views it has. */
const keepers = new WeakMap<DocumentRegistry.Context, LocalSession>();

function keeperOf(context: DocumentRegistry.Context): LocalSession {
  let keeper = keepers.get(context);
  if (!keeper) {
    const { model } = context;
    keeper = new LocalSession(
      {
        get: () => model.toString(),
        set: text => model.fromString(text),
        onChange: listener => {
          model.contentChanged.connect(listener);
          return () => model.contentChanged.disconnect(listener);
        }
      },
      () => context.path.split('/').at(-1) ?? ''
    );
    keepers.set(context, keeper);
    context.disposed.connect(() => keeper?.dispose());
  }
  return keeper;
}

/** Shows a document; what it returns takes the view away. */
export function openEditor(host: HTMLElement, context: DocumentRegistry.Context): () => void {
  const mounted = mountDesigner(host, keeperOf(context).connect(), { elkSource, fill: true });
  return () => mounted.dispose();
}
