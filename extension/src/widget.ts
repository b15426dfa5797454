/**
 * The door for a notebook cell: an anywidget-style ES module that mounts the canvas on a widget's
 * element and lets the widget's comm carry its messages.
 */
import { mountDesigner, mountRunView, type Report, type Transport } from './canvas';
import { fetchFile, isFileMessage, type MessageListener, type WidgetModel } from './files';

function transportOf(model: WidgetModel): Transport {
  return {
    send: message => model.send(message),
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
      : mountDesigner(el, transport, { elkSource });
  return () => mounted.dispose();
}

export default { render };
