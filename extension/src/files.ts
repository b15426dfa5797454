/**
 * Files that the kernel gives to the page: the built parts in wfnb/static, gzipped, each asked for by
 * name over a widget's own comm. wfnb/widgets/module.py is the other side.
 */

/** The part of a widget's model that a cell's view uses, as anywidget gives it. */
export interface WidgetModel {
  get(trait: string): unknown;
  send(content: object): void;
  on(event: 'msg:custom', callback: MessageListener): void;
  off(event: 'msg:custom', callback: MessageListener): void;
  /** What @jupyter-widgets/base tells when it takes the model's comm away. */
  on(event: 'comm_live_update', callback: () => void): void;
  off(event: 'comm_live_update', callback: () => void): void;
  /** JupyterLab's own manager knows its kernel; other hosts' need not. */
  widget_manager?: { kernel?: KernelConnection | null };
}

/** The part of a JupyterLab kernel connection that says whether there is one. */
interface KernelConnection {
  statusChanged: Signal<string>;
  disposed: Signal<unknown>;
}

interface Signal<T> {
  connect(slot: (sender: unknown, argument: T) => void): void;
  disconnect(slot: (sender: unknown, argument: T) => void): void;
}

export type MessageListener = (content: object, buffers: readonly DataView<ArrayBuffer>[]) => void;

interface FileMessage {
  wfnb: 'file';
  name: string;
  error?: string;
}

/** Tells a message about a file from one that belongs to the canvas. */
export function isFileMessage(content: object): content is FileMessage {
  return 'wfnb' in content && content.wfnb === 'file';
}

/** Asks the kernel for a file and gives its text. */
export async function fetchFile(model: WidgetModel, name: string): Promise<string> {
  const packed = await new Promise<DataView<ArrayBuffer>>((resolve, reject) => {
    const take: MessageListener = (content, buffers) => {
      if (!isFileMessage(content) || content.name !== name) return;
      model.off('msg:custom', take);
      const [buffer] = buffers;
      if (buffer) resolve(buffer);
      else reject(new Error(content.error ?? `the kernel sent '${name}' without its bytes`));
    };
    model.on('msg:custom', take);
    model.send({ wfnb: 'file', name });
  });
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(plain).text();
}
