/** What wfnb adds to JupyterLab and Notebook. Plugins load what they show only when it is shown. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { cells } from './plugins/cells';
import { charts } from './plugins/charts';
import { commands } from './plugins/commands';
import { documents } from './plugins/documents';
import { drawings } from './plugins/drawings';
import { runs } from './plugins/runs';
import { settings } from './plugins/settings';
import { status } from './plugins/status';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  cells,
  charts,
  commands,
  documents,
  drawings,
  runs,
  settings,
  status
];

export default plugins;
