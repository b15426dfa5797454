import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Panel, Widget } from '@lumino/widgets';

const DRAWING = 'application/vnd.wfnb.drawing+json';
const WIDGET = 'application/vnd.jupyter.widget-view+json';
const SVG = 'image/svg+xml';

interface Drawing {
  model_id: string;
}

/**
 * Shows the live canvas where its kernel is, and its last picture where it is not. While the canvas
 * lives, its picture is kept in the output, so that a saved notebook shows the drawing as it was.
 */
class DrawingRenderer extends Panel implements IRenderMime.IRenderer {
  private picture = document.createElement('img');
  private model: IRenderMime.IMimeModel | undefined;
  private live: IRenderMime.IRenderer | undefined;
  private shown = '';
  private watch = new MutationObserver(() => this.choose());

  constructor(private notebooks: INotebookTracker) {
    super();
    this.addClass('wfnb-drawing-output');
    const frame = new Widget();
    this.picture.alt = 'A drawing of the workflow';
    frame.node.append(this.picture);
    this.addWidget(frame);
    this.node.addEventListener('wfnb-drawn', event => {
      if (this.model) keep(this.model, (event as CustomEvent<() => string>).detail());
    });
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.model = model;
    const svg = pictureOf(model);
    this.picture.src = `data:${SVG};charset=utf-8,${encodeURIComponent(svg)}`;
    await this.enliven();
  }

  override dispose(): void {
    this.watch.disconnect();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    void this.enliven();
  }

  /**
   * Puts the live canvas beside the picture. Only the notebook's own registry makes widgets of its
   * kernel, and which notebook that is shows when this output is in the page.
   */
  private async enliven(): Promise<void> {
    const panel = this.notebooks.find(({ node }) => node.contains(this.node));
    await panel?.context.ready;
    // A picture can do no harm; what a notebook of unknown origin would run can.
    if (!panel || !this.model?.trusted || this.isDisposed) return;
    const { model_id } = drawingOf(this.model);
    if (model_id === this.shown) return;
    this.shown = model_id;
    this.live?.dispose();
    this.live = panel.content.rendermime.createRenderer(WIDGET);
    this.live.hide();
    this.addWidget(this.live);
    this.listen(true);
    const data = { [WIDGET]: { model_id, version_major: 2, version_minor: 0 } };
    await this.live.renderModel(new MimeModel({ trusted: true, data }));
    this.choose();
  }

  /**
   * The picture makes room once the canvas stands: a widget that is still looked for, or whose module
   * is still on its way, has elements too, but nothing to see. A graph of ipycytoscape measures its
   * place when it is attached, right after it is found here: it must be shown by then.
   */
  private choose(): void {
    const alive = this.live?.node.querySelector('.wfnb-root, .custom-widget') != null;
    if (alive === this.picture.hidden) return;
    this.live?.setHidden(!alive);
    this.picture.hidden = alive;
    this.listen(!alive);
  }

  /** Everywhere while the canvas is awaited; after that a busy canvas would call all the time. */
  private listen(everywhere: boolean): void {
    this.watch.disconnect();
    if (this.live) this.watch.observe(this.live.node, { childList: true, subtree: everywhere });
  }
}

function drawingOf(model: IRenderMime.IMimeModel): Drawing {
  return model.data[DRAWING] as unknown as Drawing;
}

/** The picture that the output carries; notebooks keep long texts as lists of lines. */
function pictureOf(model: IRenderMime.IMimeModel): string {
  const svg = model.data[SVG] as string | string[] | undefined;
  return Array.isArray(svg) ? svg.join('') : (svg ?? '');
}

function keep(model: IRenderMime.IMimeModel, svg: string): void {
  if (pictureOf(model) === svg) return;
  const data: ReadonlyPartialJSONObject = { ...model.data, [SVG]: svg };
  model.setData({ data });
}

/** Renders what a wfnb widget puts out, in every notebook. */
export const drawings: JupyterFrontEndPlugin<void> = {
  id: 'wfnb:drawings',
  description: 'Shows workflows in notebooks, with a picture where there is no kernel.',
  autoStart: true,
  requires: [IRenderMimeRegistry, INotebookTracker],
  activate: (_: JupyterFrontEnd, registry: IRenderMimeRegistry, notebooks: INotebookTracker) => {
    registry.addFactory(
      { safe: true, mimeTypes: [DRAWING], createRenderer: () => new DrawingRenderer(notebooks) },
      -20 // before the bare widget, at -10, and the bare picture
    );
  }
};
