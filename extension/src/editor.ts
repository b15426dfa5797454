/** The door for JupyterLab: the canvas on a document, whose text is what the canvas shows. */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import { mountDesigner, type Transport } from './placeholder';

/** ELK's worker as text, in a file of its own that is loaded when a layout is first asked for. */
async function elkSource(): Promise<string> {
  return (await import('./elk-worker.txt')).default;
}

/** Shows a document; what it returns takes the view away. */
export function openEditor(host: HTMLElement, context: DocumentRegistry.Context): () => void {
  const transport: Transport = {
    send: () => undefined,
    onMessage: listener => {
      const tell = () => listener({ text: context.model.toString() });
      context.model.contentChanged.connect(tell);
      tell();
      return () => context.model.contentChanged.disconnect(tell);
    }
  };
  return mountDesigner(host, transport, { elkSource });
}
