import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { strings } from '../canvas/texts/strings';
import { currentDesigner, followDesigner } from './commands';

/** What the check says of the current designer, and whether it is saved; a press shows the problems. */
class StandingItem extends Widget {
  readonly shownChanged = new Signal<this, void>(this);
  private button = document.createElement('button');

  constructor(private app: JupyterFrontEnd) {
    super();
    this.addClass('wfnb-standing');
    this.button.type = 'button';
    this.button.title = strings.showProblems;
    this.button.addEventListener('click', () => {
      currentDesigner(app)?.give('problems', '');
    });
    this.node.append(this.button);
    followDesigner(app, () => this.write());
  }

  get isShown(): boolean {
    return currentDesigner(this.app) !== undefined;
  }

  private write(): void {
    const standing = currentDesigner(this.app)?.standing.get();
    this.button.dataset['tone'] = standing?.tone ?? '';
    this.button.textContent = standing ? `${standing.problems} · ${standing.saved}` : '';
    this.shownChanged.emit();
  }
}

/** An item of the status bar for the designer in front. */
export const status: JupyterFrontEndPlugin<void> = {
  id: 'wfnb:status',
  description: 'Says in the status bar how the current workflow stands.',
  autoStart: true,
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, bar: IStatusBar | null) => {
    if (!bar) return;
    const item = new StandingItem(app);
    bar.registerStatusItem('wfnb:status', {
      item,
      align: 'left',
      rank: 3,
      isActive: () => item.isShown,
      activeStateChanged: item.shownChanged
    });
  }
};
