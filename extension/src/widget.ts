/**
 * The door for a notebook cell: an anywidget-style ES module that mounts the canvas on a widget's
 * element and lets the widget's comm carry its messages.
 */
import { mountDesigner, mountRunView, Store, strings, type Report, type Transport } from './canvas';
import { fetchFile, isFileMessage, type MessageListener, type WidgetModel } from './files';

interface WidgetTransport extends Transport {
  gone: Store<boolean>;
  dispose(): void;
}

/**
 * A comm ends with its kernel, and no restart brings it back. Which of these says so first depends on
 * how the kernel went: a comm that refuses to send, the model, or the connection to the kernel.
 */
function transportOf(model: WidgetModel): WidgetTransport {
  const gone = new Store(false);
  const lose = (): void => gone.set(true);
  const status = (_: unknown, now: string): void => {
    if (/restarting|terminating|dead/.test(now)) lose();
  };
  const kernel = model.widget_manager?.kernel;
  model.on('comm_live_update', lose);
  kernel?.statusChanged.connect(status);
  kernel?.disposed.connect(lose);
  return {
    gone,
    dispose: () => {
      model.off('comm_live_update', lose);
      kernel?.statusChanged.disconnect(status);
      kernel?.disposed.disconnect(lose);
    },
    send: message => {
      try {
        model.send(message);
      } catch {
        lose();
      }
    },
    onMessage: listener => {
      const hear: MessageListener = content => {
        if (!isFileMessage(content)) listener(content as Report);
      };
      model.on('msg:custom', hear);
      return () => model.off('msg:custom', hear);
    }
  };
}

/** Draws one view of a widget; what it returns takes the view away. */
function render({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  const transport = transportOf(model);
  const elkSource = (): Promise<string> => fetchFile(model, 'elk-worker.js');
  const mounted =
    model.get('view') === 'run'
      ? mountRunView(el, transport)
      : mountDesigner(el, transport, { elkSource, runs: true });
  const dispose = (): void => {
    transport.dispose();
    mounted.dispose();
  };
  if (!transport.gone.get()) return dispose;
  // Gone before it was shown: nothing to draw, and the picture in the output stays in its place.
  dispose();
  el.textContent = strings.kernelGone;
  return () => undefined;
}

export default { render };
