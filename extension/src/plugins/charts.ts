import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Panel } from '@lumino/widgets';

import { moment, pressed, selected } from '../canvas/session/page';
import type { Moment, Pressed, Selected } from '../canvas/session/page';
import { isDark } from '../canvas/look/theme';
import { dragTimes, fit } from './chartview';
import type { Datum, View } from './chartview';

/** As wfnb/history/linking.py writes it, beside the chart itself. */
const CHART = 'application/vnd.wfnb.chart+json';
const VEGA = 'application/vnd.vegalite.v5+json';
const PICKED = 'picked';
const MOMENT = 'moment';
const INK = 'ink';
/** Of texts: 6 to 1 on white, 8 to 1 on JupyterLab's dark ground. */
const INKS = { light: '#5c6066', dark: '#aab0b8' };

interface Link {
  /** What its marks are of; none: it is linked with nothing. */
  by: Pressed['by'] | 'none';
  /** The field of a mark that names what it is of, or has its time. */
  field: string;
  runs: string[];
  workflow: string;
}

interface Spec {
  datasets?: Record<string, Datum[]>;
  params?: { name: string }[];
}

/**
 * A chart that JupyterLab's own renderer draws, in the page's colours and width, and linked with the canvases
 * of the page. That renderer gives its view to nobody, so it is taken; where there is none any more, the
 * chart is drawn as it came.
 */
class LinkedChart extends Panel implements IRenderMime.IRenderer {
  private inner: IRenderMime.IRenderer;
  private view: View | undefined;
  private link: Link | undefined;
  private params: ReadonlySet<string> = new Set();
  private names: ReadonlySet<string> = new Set();
  private stops: (() => void)[] = [];

  constructor(registry: IRenderMimeRegistry) {
    super();
    this.addClass('wfnb-chart');
    this.inner = registry.createRenderer(VEGA);
    this.addWidget(this.inner);
    const resized = new ResizeObserver(() => this.view && fit(this.view, this.node));
    resized.observe(this.node);
    const themed = new MutationObserver(() => this.colour());
    themed.observe(document.body, { attributeFilter: ['data-jp-theme-light'] });
    this.stops = [
      () => resized.disconnect(),
      () => themed.disconnect(),
      selected.on(now => this.pick(now)),
      moment.on(now => this.time(now))
    ];
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    await this.inner.renderModel(model);
    const { _result } = this.inner as { _result?: { view?: View } };
    const view = _result?.view;
    if (this.isDisposed || !view || view === this.view) return;
    const spec = model.data[VEGA] as unknown as Spec;
    const link = model.data[CHART] as unknown as Link;
    this.view = view;
    this.link = link;
    this.params = new Set(spec.params?.map(({ name }) => name));
    this.names = namesIn(spec, link.field);
    this.colour();
    fit(view, this.node);
    if (link.by === 'time') this.follow(view, link);
    else if (link.by !== 'none') this.listen(view, link);
    this.pick(selected.get());
    this.time(moment.get());
  }

  override dispose(): void {
    for (const stop of this.stops.splice(0)) stop();
    super.dispose();
  }

  /** What is pressed in a chart of nodes, activities or runs. */
  private listen(view: View, link: Link): void {
    view.addEventListener('mousemove', (_, item) =>
      this.toggleClass('wfnb-chart-over', nameOf(item, link) !== '')
    );
    view.addEventListener('click', (_, item) => this.press(link, item?.datum));
  }

  /** Which times are pressed, or dragged over, in a chart over time. */
  private follow(view: View, { runs, workflow }: Link): void {
    this.addClass('wfnb-chart-times');
    const canvas = this.node.querySelector<HTMLElement>('canvas, svg');
    if (!canvas) return;
    const draw = (span: [number, number]): void => this.over(span);
    const done = (span: [number, number] | null): void => {
      if (!span) return moment.set(null);
      const [from, until] = span;
      moment.set({ run: runs.length === 1 ? (runs[0] ?? '') : '', workflow, from, until });
      pressed.set({ by: 'time', name: '', from, until, runs, workflow });
    };
    this.stops.push(dragTimes(view, canvas, draw, done));
  }

  private press(link: Link, datum: Datum | undefined): void {
    const name = nameOf({ datum }, link);
    if (!name) return this.choose([]);
    const { by, runs, workflow } = link;
    if (by === 'none') return;
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
    if (!link || !now || link.by === 'time' || link.by === 'none') return;
    if ((link.by === 'run') !== (now.what === 'run') || !concerns(link, now)) return;
    const found = { node: now.nodes, activity: now.activities, run: [now.run] }[link.by];
    this.choose(found.filter(name => this.names.has(name)));
  }

  /** Shows which time is looked at elsewhere. */
  private time(now: Moment | null): void {
    const { link } = this;
    if (link?.by !== 'time' || (now && !concerns(link, now))) return;
    this.over(now && [now.from, now.until]);
  }

  private over(span: [number, number] | null): void {
    this.mark(MOMENT, span);
    this.node.dataset['moment'] = span ? span.map(Math.round).join(' ') : '';
  }

  private choose(names: string[]): void {
    this.mark(PICKED, names);
    this.node.dataset['picked'] = names.join(' ');
  }

  private colour(): void {
    this.mark(INK, INKS[isDark() ? 'dark' : 'light']);
  }

  private mark(name: string, value: unknown): void {
    // A notebook may have charts of a time before they had it.
    if (!this.params.has(name)) return;
    void this.view?.signal(name, value).runAsync();
  }
}

/** Whether something is of a run and a workflow that a chart shows. */
function concerns(link: Link, now: { run: string; workflow: string }): boolean {
  const { by, runs, workflow } = link;
  const run = by === 'run' || !now.run || !runs.length || runs.includes(now.run);
  return run && (!workflow || !now.workflow || workflow === now.workflow);
}

const nameOf = (item: { datum?: Datum | undefined } | null | undefined, link: Link): string => {
  const name = item?.datum?.[link.field];
  return typeof name === 'string' ? name : '';
};

/** What the marks of a chart are of. */
function namesIn({ datasets = {} }: Spec, field: string): Set<string> {
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
