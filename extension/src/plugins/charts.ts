import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Panel } from '@lumino/widgets';

import { pressed, selected } from '../canvas/page';
import type { Pressed, Selected } from '../canvas/page';

/** As wfnb/history/linking.py writes it, beside the chart itself. */
const CHART = 'application/vnd.wfnb.chart+json';
const VEGA = 'application/vnd.vegalite.v5+json';
const PICKED = 'picked';

interface Link {
  by: Pressed['by'];
  /** The field of a mark that names what it is of. */
  field: string;
  runs: string[];
  workflow: string;
}

type Datum = Record<string, unknown>;

/** What of Vega's view is used here. */
interface View {
  addEventListener(
    type: 'click' | 'mousemove',
    handler: (event: unknown, item?: { datum?: Datum } | null) => void
  ): unknown;
  signal(name: string, value: unknown): View;
  runAsync(): Promise<unknown>;
}

/**
 * A chart that JupyterLab's own renderer draws, linked with the canvases of the page. That renderer gives its
 * view to nobody, so it is taken; where there is none any more, the chart is drawn and not linked.
 */
class LinkedChart extends Panel implements IRenderMime.IRenderer {
  private inner: IRenderMime.IRenderer;
  private view: View | undefined;
  private stop = selected.on(now => this.pick(now));
  private link: Link | undefined;
  private names: ReadonlySet<string> = new Set();

  constructor(registry: IRenderMimeRegistry) {
    super();
    this.addClass('wfnb-chart');
    this.inner = registry.createRenderer(VEGA);
    this.addWidget(this.inner);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    await this.inner.renderModel(model);
    const { _result } = this.inner as { _result?: { view?: View } };
    const view = _result?.view;
    if (this.isDisposed || !view || view === this.view) return;
    this.view = view;
    const link = model.data[CHART] as unknown as Link;
    this.link = link;
    this.names = namesIn(model.data[VEGA], link.field);
    view.addEventListener('mousemove', (_, item) =>
      this.toggleClass('wfnb-chart-over', nameOf(item, link) !== '')
    );
    view.addEventListener('click', (_, item) => this.press(link, item?.datum));
    this.pick(selected.get());
  }

  override dispose(): void {
    this.stop();
    super.dispose();
  }

  private press(link: Link, datum: Datum | undefined): void {
    const name = nameOf({ datum }, link);
    if (!name) return this.mark([]);
    const { by, runs, workflow } = link;
    const [visit, attempt] = [datum?.['visit'], datum?.['attempt']].map(each =>
      typeof each === 'number' ? each : undefined
    );
    selected.set({
      what: by === 'run' ? 'run' : 'nodes',
      run: by === 'run' ? name : (runs[0] ?? ''),
      workflow,
      nodes: by === 'node' ? [name] : [],
      activities: by === 'activity' ? [name] : []
    });
    pressed.set({ by, name, visit, attempt, runs, workflow });
  }

  /** Shows what is selected elsewhere, if this chart has it. */
  private pick(now: Selected | null): void {
    const { link } = this;
    if (!link || !now || !concerns(link, now)) return;
    const found = { node: now.nodes, activity: now.activities, run: [now.run] }[link.by];
    this.mark(found.filter(name => this.names.has(name)));
  }

  private mark(names: string[]): void {
    void this.view?.signal(PICKED, names).runAsync();
    this.node.dataset['picked'] = names.join(' ');
  }
}

function concerns({ by, runs, workflow }: Link, now: Selected): boolean {
  if ((by === 'run') !== (now.what === 'run')) return false;
  const run = by === 'run' || !now.run || !runs.length || runs.includes(now.run);
  return run && (!workflow || !now.workflow || workflow === now.workflow);
}

const nameOf = (item: { datum?: Datum | undefined } | null | undefined, link: Link): string => {
  const name = item?.datum?.[link.field];
  return typeof name === 'string' ? name : '';
};

/** What the marks of a chart are of. */
function namesIn(spec: unknown, field: string): Set<string> {
  const { datasets = {} } = spec as { datasets?: Record<string, Datum[]> };
  const found = new Set<string>();
  for (const row of Object.values(datasets).flat()) {
    const name = row[field];
    if (typeof name === 'string') found.add(name);
  }
  return found;
}

/** Draws the charts of wfnb, in every notebook. */
export const charts: JupyterFrontEndPlugin<void> = {
  id: 'wfnb:charts',
  description: 'Links charts with the drawings on the page.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  activate: (_: JupyterFrontEnd, registry: IRenderMimeRegistry) => {
    registry.addFactory(
      { safe: true, mimeTypes: [CHART], createRenderer: () => new LinkedChart(registry) },
      -20 // before the bare chart
    );
  }
};
