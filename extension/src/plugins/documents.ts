import {
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
  ILayoutRestorer
} from '@jupyterlab/application';
import {
  ICommandPalette,
  ISessionContextDialogs,
  Toolbar,
  WidgetTracker
} from '@jupyterlab/apputils';
import { ABCWidgetFactory, type DocumentRegistry, DocumentWidget } from '@jupyterlab/docregistry';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import type { Contents } from '@jupyterlab/services';
import { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import icon from '../../style/workflow.svg';

const FACTORY = 'Workflow';
const FILE_TYPE = 'wfnb-workflow';
const SUFFIX = '.wf.json';
/** A start and an end, to draw between. */
const EMPTY = `{
  "wfnb": 1,
  "name": "workflow",
  "nodes": [
    {"kind": "start", "id": "start"},
    {"kind": "end", "id": "end"}
  ],
  "layout": {
    "start": [80.0, 200.0],
    "end": [640.0, 200.0]
  }
}
`;

export const workflowIcon = new LabIcon({ name: 'wfnb:workflow', svgstr: icon });

type Context = DocumentRegistry.Context;

/** Opens a workflow; the editor itself is loaded with the first one. */
class WorkflowFactory extends ABCWidgetFactory<DocumentWidget> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions<DocumentWidget>,
    private dialogs: ISessionContextDialogs | null,
    private contents: Contents.IManager
  ) {
    super(options);
  }

  protected createNewWidget(context: Context): DocumentWidget {
    const content = new Widget();
    content.addClass('wfnb-document');
    void context.ready.then(async () => {
      const { openEditor } = await import('../editor');
      if (!content.isDisposed)
        content.disposed.connect(openEditor(content.node, context, this.contents));
    });
    const widget = new DocumentWidget({ content, context });
    widget.title.icon = workflowIcon;
    // Which kernel checks and runs it is a person's choice: a notebook's has its activities.
    const { sessionContext } = context;
    /* eslint-disable @typescript-eslint/no-deprecated -- only this namespace makes kernel items */
    widget.toolbar.addItem(
      'kernel',
      Toolbar.createKernelNameItem(sessionContext, this.dialogs ?? undefined)
    );
    widget.toolbar.addItem('status', Toolbar.createKernelStatusItem(sessionContext));
    /* eslint-enable @typescript-eslint/no-deprecated */
    return widget;
  }
}

/** Makes `*.wf.json` a kind of document: its editor, its icon, and a way to begin one. */
export const documents: JupyterFrontEndPlugin<void> = {
  id: 'wfnb:documents',
  description: 'Opens workflows in the designer.',
  autoStart: true,
  optional: [
    ILayoutRestorer,
    ILauncher,
    ICommandPalette,
    IDefaultFileBrowser,
    ISessionContextDialogs
  ],
  activate: (
    app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    files: IDefaultFileBrowser | null,
    dialogs: ISessionContextDialogs | null
  ) => {
    app.docRegistry.addFileType({
      name: FILE_TYPE,
      displayName: 'Workflow',
      extensions: [SUFFIX],
      mimeTypes: ['application/json'],
      fileFormat: 'text',
      contentType: 'file',
      icon: workflowIcon
    });
    const factory = new WorkflowFactory(
      {
        name: FACTORY,
        modelName: 'text',
        fileTypes: [FILE_TYPE],
        defaultFor: [FILE_TYPE],
        // A kernel of its own from the start; a person may choose another, such as a notebook's, which
        // is why closing the document shuts none down.
        preferKernel: true,
        canStartKernel: true,
        autoStartDefault: true,
        shutdownOnClose: false
      },
      dialogs,
      app.serviceManager.contents
    );
    app.docRegistry.addWidgetFactory(factory);

    const tracker = new WidgetTracker<DocumentWidget>({ namespace: 'wfnb-documents' });
    factory.widgetCreated.connect((_, widget) => {
      widget.context.pathChanged.connect(() => void tracker.save(widget));
      void tracker.add(widget);
    });
    void restorer?.restore(tracker, {
      command: 'docmanager:open',
      args: widget => ({ path: widget.context.path, factory: FACTORY }),
      name: widget => widget.context.path
    });

    const command = 'wfnb:new-workflow';
    app.commands.addCommand(command, {
      label: args => (args.isPalette ? 'New Workflow' : 'Workflow'),
      caption: 'Draw a new workflow',
      icon: args => (args.isPalette ? undefined : workflowIcon),
      execute: async args => {
        const path = typeof args.cwd === 'string' ? args.cwd : (files?.model.path ?? '');
        const contents = app.serviceManager.contents;
        const untitled = await contents.newUntitled({ path, type: 'file', ext: SUFFIX });
        await contents.save(untitled.path, { type: 'file', format: 'text', content: EMPTY });
        const opened: unknown = await app.commands.execute('docmanager:open', {
          path: untitled.path,
          factory: FACTORY
        });
        return opened;
      }
    });
    launcher?.add({ command, category: 'Other', rank: 1 });
    palette?.addItem({ command, category: 'wfnb', args: { isPalette: true } });
  }
};
