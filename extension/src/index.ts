/** What wfnb adds to JupyterLab and Notebook. Plugins load what they show only when it is shown. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { cells } from './plugins/cells';
import { documents } from './plugins/documents';
import { drawings } from './plugins/drawings';

const plugins: JupyterFrontEndPlugin<unknown>[] = [cells, documents, drawings];

export default plugins;
