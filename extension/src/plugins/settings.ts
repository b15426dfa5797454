import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { preferences, type Preferences } from '../canvas/session/page';

const PLUGIN = 'wfnb:settings';

/** Hands JupyterLab's settings on to the canvas. */
export const settings: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: 'The settings of the workflow designer.',
  autoStart: true,
  optional: [ISettingRegistry],
  activate: async (_: JupyterFrontEnd, registry: ISettingRegistry | null) => {
    const own = await registry?.load(PLUGIN);
    if (!own) return;
    const take = (): void => {
      preferences.set({
        snap: own.composite['snap'] as boolean,
        zoom: own.composite['zoom'] as Preferences['zoom'],
        animations: own.composite['animations'] as boolean
      });
    };
    own.changed.connect(take);
    take();
  }
};
