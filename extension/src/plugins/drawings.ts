import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { type IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Panel, Widget } from '@lumino/widgets';

const DRAWING = 'application/vnd.wfnb.drawing+json';
const WIDGET = 'application/vnd.jupyter.widget-view+json';
const SVG = 'image/svg+xml';

interface Drawing {
  model_id: string;
  svg: string;
}

/**
 * Shows the live canvas where its kernel is, and its last picture where it is not. While the canvas
 * lives, its picture is kept in the output, so that a saved notebook shows the drawing as it was.
 */
class DrawingRenderer extends Panel implements IRenderMime.IRenderer {
  private picture = document.createElement('img');
  private live: Widget | undefined;
  private shown = '';
  private watch = new MutationObserver(() => this.choose());

  constructor(private rendermime: IRenderMimeRegistry) {
    super();
    this.addClass('wfnb-drawing');
    const frame = new Widget();
    this.picture.alt = 'A drawing of the workflow';
    frame.node.append(this.picture);
    this.addWidget(frame);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const drawing = model.data[DRAWING] as unknown as Drawing;
    this.picture.src = `data:${SVG};charset=utf-8,${encodeURIComponent(drawing.svg)}`;
    // A picture can do no harm; what a notebook of unknown origin would run can.
    if (!model.trusted || drawing.model_id === this.shown) return;
    this.shown = drawing.model_id;
    this.live?.dispose();
    const live = this.rendermime.createRenderer(WIDGET);
    this.live = live;
    this.addWidget(live);
    this.watch.disconnect();
    this.watch.observe(live.node, { childList: true });
    live.node.addEventListener('wfnb-drawn', event =>
      keep(model, (event as CustomEvent<() => string>).detail())
    );
    const view = { model_id: drawing.model_id, version_major: 2, version_minor: 0 };
    await live.renderModel(new MimeModel({ trusted: true, data: { [WIDGET]: view } }));
    this.choose();
  }

  override dispose(): void {
    this.watch.disconnect();
    super.dispose();
  }

  /** A widget that was found has an element; one that was not has left a line of text at most. */
  private choose(): void {
    const alive = (this.live?.node.childElementCount ?? 0) > 0;
    this.live?.setHidden(!alive);
    this.picture.hidden = alive;
  }
}

function keep(model: IRenderMime.IMimeModel, svg: string): void {
  const drawing = model.data[DRAWING] as unknown as Drawing;
  if (drawing.svg === svg) return;
  const data: ReadonlyPartialJSONObject = {
    ...model.data,
    [DRAWING]: { ...drawing, svg },
    [SVG]: svg
  };
  model.setData({ data });
}

function addTo({ content: { rendermime } }: NotebookPanel): void {
  rendermime.addFactory(
    { safe: true, mimeTypes: [DRAWING], createRenderer: () => new DrawingRenderer(rendermime) },
    -10 // before the bare widget and the bare picture
  );
}

/** Renders what a wfnb widget puts out, in every notebook. */
export const drawings: JupyterFrontEndPlugin<void> = {
  id: 'wfnb:drawings',
  description: 'Shows workflows in notebooks, with a picture where there is no kernel.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_: JupyterFrontEnd, notebooks: INotebookTracker) => {
    notebooks.forEach(addTo);
    notebooks.widgetAdded.connect((_, panel) => addTo(panel));
  }
};
