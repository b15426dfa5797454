import {
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
  ILayoutRestorer
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { Widget } from '@lumino/widgets';

import type { RunRow } from '../canvas';
import { strings } from '../canvas/texts/strings';
import type { Histories } from '../runs';
import { workflowIcon } from './documents';

const ID = 'wfnb-runs';
const COMMAND = 'wfnb:show-runs';

/** The list of runs at the side; what finds and draws them is loaded when it is first shown. */
class RunsPanel extends Widget {
  private histories: Promise<Histories> | undefined;

  constructor(
    private app: JupyterFrontEnd,
    private browsed: () => string
  ) {
    super();
    this.id = ID;
    this.addClass('wfnb-runs');
    this.title.icon = workflowIcon;
    this.title.caption = strings.runsTitle;
  }

  protected override onAfterShow(): void {
    this.histories ??= this.load();
    void this.histories.then(histories => histories.setShown(this.isVisible));
  }

  protected override onAfterHide(): void {
    void this.histories?.then(histories => histories.setShown(this.isVisible));
  }

  private async load(): Promise<Histories> {
    const [{ Histories }, { mountRunsPanel }] = await Promise.all([
      import('../runs'),
      import('../canvas')
    ]);
    const histories = new Histories(this.app, this.browsed);
    const stop = mountRunsPanel(this.node, histories.found, {
      open: run => this.open(histories, run),
      read: () => void histories.read()
    });
    this.disposed.connect(stop);
    return histories;
  }

  /** Opens a run in the main area, or shows it again. */
  private open(histories: Histories, run: RunRow): void {
    const { shell } = this.app;
    const id = `wfnb-run-${run.run}`;
    for (const widget of shell.widgets('main')) if (widget.id === id) return shell.activateById(id);
    const content = new Widget();
    content.addClass('wfnb-document');
    const page = new MainAreaWidget({ content });
    page.id = id;
    page.title.label = strings.runTitle(run.name, strings.runShort(run.run));
    page.title.icon = workflowIcon;
    page.title.closable = true;
    shell.add(page, 'main');
    shell.activateById(id);
    content.disposed.connect(histories.open(run, content.node));
  }
}

/** A side panel of runs. */
export const runs: JupyterFrontEndPlugin<void> = {
  id: 'wfnb:runs',
  description: 'Lists the runs of workflows at the side, and opens them.',
  autoStart: true,
  optional: [ILayoutRestorer, ICommandPalette, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    files: IDefaultFileBrowser | null
  ) => {
    const panel = new RunsPanel(app, () => files?.model.path ?? '');
    app.shell.add(panel, 'left', { rank: 600 });
    restorer?.add(panel, ID);
    app.commands.addCommand(COMMAND, {
      label: strings.runsTitle,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => app.shell.activateById(ID)
    });
    palette?.addItem({ command: COMMAND, category: strings.designer });
  }
};
