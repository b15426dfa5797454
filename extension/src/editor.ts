/** The door for JupyterLab: the canvas on a document's text, with a kernel behind it to check and run. */
import type { ISessionContext } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';

import { LocalSession, mountDesigner, type Report, type TextHost, type Transport } from './canvas';

/** What wfnb/widgets/editor.py registers in a kernel that imports it. */
const TARGET = 'wfnb.document';
const GREETING = 'import wfnb.widgets.editor as _wfnb_editor; del _wfnb_editor';

/** ELK's worker as text, in a file of its own that is loaded when a layout is first asked for. */
async function elkSource(): Promise<string> {
  return (await import('./elk-worker.txt')).default;
}

function textOf({ model }: DocumentRegistry.Context): TextHost {
  return {
    get: () => model.toString(),
    set: text => model.fromString(text),
    onChange: listener => {
      model.contentChanged.connect(listener);
      return () => model.contentChanged.disconnect(listener);
    }
  };
}

/** One keeper and one line to a kernel a file, however many views it has. */
const keepers = new WeakMap<DocumentRegistry.Context, LocalSession>();

function keeperOf(context: DocumentRegistry.Context): LocalSession {
  const known = keepers.get(context);
  if (known) return known;
  const keeper = new LocalSession(textOf(context), () => PathExt.basename(context.path));
  const kernel = new DocumentKernel(context, keeper);
  keepers.set(context, keeper);
  context.disposed.connect(() => {
    kernel.dispose();
    keeper.dispose();
  });
  return keeper;
}

/** Shows a document; what it returns takes the view away. */
export function openEditor(host: HTMLElement, context: DocumentRegistry.Context): () => void {
  const mounted = mountDesigner(host, keeperOf(context).connect(), { elkSource, fill: true });
  return () => mounted.dispose();
}

/** Keeps a line from a document to the kernel of its session, through restarts and changes of kernel. */
class DocumentKernel {
  private comm: Kernel.IComm | undefined;
  private disposed = false;

  constructor(
    private context: DocumentRegistry.Context,
    private session: LocalSession
  ) {
    const { sessionContext } = context;
    sessionContext.kernelChanged.connect(this.changed);
    sessionContext.statusChanged.connect(this.follow);
    void this.start(sessionContext);
  }

  dispose(): void {
    this.disposed = true;
    const { sessionContext } = this.context;
    sessionContext.kernelChanged.disconnect(this.changed);
    sessionContext.statusChanged.disconnect(this.follow);
    this.detach('none');
  }

  private changed = (): void => void this.connect();

  private follow = (_: ISessionContext, status: Kernel.Status): void => {
    if (/restarting|terminating|dead/.test(status)) this.detach('unknown');
    else if (status === 'idle' && !this.comm) void this.connect();
  };

  private async start(sessionContext: ISessionContext): Promise<void> {
    sessionContext.kernelPreference = {
      ...sessionContext.kernelPreference,
      language: 'python',
      autoStartDefault: true,
      canStart: true,
      shouldStart: true
    };
    await sessionContext.initialize();
    if (!this.comm) await this.connect();
  }

  /** Opens the comm, unless another call has meanwhile. */
  private async connect(): Promise<void> {
    const kernel = this.context.sessionContext.session?.kernel;
    this.detach(kernel ? 'unknown' : 'none');
    if (!kernel) return;
    const greeting = { code: GREETING, silent: true, store_history: false };
    const { content } = await kernel.requestExecute(greeting).done;
    if (this.disposed || this.comm || kernel.isDisposed) return;
    if (content.status !== 'ok') {
      this.detach('none'); // a kernel without wfnb: drawing and saving go on
      return;
    }
    const comm = kernel.createComm(TARGET);
    this.comm = comm;
    comm.onClose = () => {
      if (this.comm === comm) this.detach('unknown');
    };
    comm.open({ path: PathExt.basename(this.context.path) });
    this.session.attach(transportOf(comm));
  }

  private detach(state: 'unknown' | 'none'): void {
    const { comm } = this;
    this.comm = undefined;
    this.session.attach(null, state);
    if (comm && !comm.isDisposed) comm.close();
  }
}

function transportOf(comm: Kernel.IComm): Transport {
  return {
    send: message => {
      // A message is data as the schema has it: JSON, though its type does not say so.
      if (!comm.isDisposed) comm.send(message as unknown as JSONObject);
    },
    onMessage: listener => {
      comm.onMsg = message => listener(message.content.data as unknown as Report);
      return () => (comm.onMsg = () => undefined);
    }
  };
}
