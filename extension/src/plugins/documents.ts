import {
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
  ILayoutRestorer
} from '@jupyterlab/application';
import {
  ICommandPalette,
  ISessionContextDialogs,
  IToolbarWidgetRegistry,
  Toolbar,
  WidgetTracker,
  createToolbarFactory
} from '@jupyterlab/apputils';
import { ABCWidgetFactory, type DocumentRegistry, DocumentWidget } from '@jupyterlab/docregistry';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import type { Contents } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import icon from '../../style/workflow.svg';
import { strings } from '../canvas/texts/strings';

const PLUGIN = 'wfnb:documents';
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

/** Where the editor is; it gives the keyboard on to the drawing. */
class Content extends Widget {
  constructor() {
    super();
    this.addClass('wfnb-document');
  }

  protected override onActivateRequest(): void {
    const { activeElement } = document;
    if (activeElement !== this.node && this.node.contains(activeElement)) return;
    this.node.querySelector<HTMLElement>('.wfnb-canvas')?.focus({ preventScroll: true });
  }
}

/** Opens a workflow; the editor itself is loaded with the first one. */
class WorkflowFactory extends ABCWidgetFactory<DocumentWidget> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions<DocumentWidget>,
    private contents: Contents.IManager
  ) {
    super(options);
  }

  protected createNewWidget(context: Context): DocumentWidget {
    const content = new Content();
    void context.ready.then(async () => {
      const { openEditor } = await import('../editor');
      if (content.isDisposed) return;
      content.disposed.connect(openEditor(content.node, context, this.contents));
      if (document.activeElement === content.node) content.activate();
    });
    const widget = new DocumentWidget({ content, context });
    widget.title.icon = workflowIcon;
    return widget;
  }
}

/** What its toolbar can have beside commands. Which kernel checks and runs it is a person's choice: a notebook's has its activities. */
function addToolbarItems(
  registry: IToolbarWidgetRegistry,
  dialogs: ISessionContextDialogs | null
): void {
  /* eslint-disable @typescript-eslint/no-deprecated -- only this namespace makes kernel items */
  registry.addFactory<DocumentWidget>(FACTORY, 'kernelName', ({ context }) =>
    Toolbar.createKernelNameItem(context.sessionContext, dialogs ?? undefined)
  );
  registry.addFactory<DocumentWidget>(FACTORY, 'kernelStatus', ({ context }) =>
    Toolbar.createKernelStatusItem(context.sessionContext)
  );
  /* eslint-enable @typescript-eslint/no-deprecated */
}

/** Makes `*.wf.json` a kind of document: its editor, its icon, and a way to begin one. */
export const documents: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: 'Opens workflows in the designer.',
  autoStart: true,
  optional: [
    ILayoutRestorer,
    ILauncher,
    ICommandPalette,
    IDefaultFileBrowser,
    ISessionContextDialogs,
    IToolbarWidgetRegistry,
    ISettingRegistry,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    files: IDefaultFileBrowser | null,
    dialogs: ISessionContextDialogs | null,
    toolbars: IToolbarWidgetRegistry | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    app.docRegistry.addFileType({
      name: FILE_TYPE,
      displayName: strings.fileType,
      extensions: [SUFFIX],
      mimeTypes: ['application/json'],
      fileFormat: 'text',
      contentType: 'file',
      icon: workflowIcon
    });
    if (toolbars) addToolbarItems(toolbars, dialogs);
    const words = translator ?? nullTranslator;
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
        shutdownOnClose: false,
        ...(toolbars &&
          settings && {
            toolbarFactory: createToolbarFactory(toolbars, settings, FACTORY, PLUGIN, words)
          })
      },
      app.serviceManager.contents
    );
    app.docRegistry.addWidgetFactory(factory);
    // A button asks once whether it can be pressed, which for saving is before the file is known.
    const known = (): void => app.commands.notifyCommandChanged('docmanager:save');
    app.shell.currentChanged?.connect(known);

    const tracker = new WidgetTracker<DocumentWidget>({ namespace: 'wfnb-documents' });
    factory.widgetCreated.connect((_, widget) => {
      widget.context.pathChanged.connect(() => void tracker.save(widget));
      widget.context.fileChanged.connect(known);
      void widget.context.ready.then(known);
      void tracker.add(widget);
    });
    void restorer?.restore(tracker, {
      command: 'docmanager:open',
      args: widget => ({ path: widget.context.path, factory: FACTORY }),
      name: widget => widget.context.path
    });

    const command = 'wfnb:new-workflow';
    app.commands.addCommand(command, {
      label: args => (args.isPalette ? strings.newWorkflow : strings.fileType),
      caption: strings.newCaption,
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
    palette?.addItem({ command, category: strings.designer, args: { isPalette: true } });
  }
};
