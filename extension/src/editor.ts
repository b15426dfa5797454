/** The door for JupyterLab: the canvas on a document's text, with a kernel behind it to check and run. */
import type { ISessionContext } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents, Kernel } from '@jupyterlab/services';

import { ContextFile } from './contextfile';
import { LocalSession, mountDesigner, Store, type TextHost } from './canvas';
import { KernelLine } from './line';

/** What wfnb/widgets/editor.py registers in a kernel that imports it. */
const TARGET = 'wfnb.document';
const GREETING = 'import wfnb.widgets.editor as _wfnb_editor; del _wfnb_editor';

/** ELK's worker as text, in a file of its own that is loaded when a layout is first asked for. */
async function elkSource(): Promise<string> {
  const found = await fetch(new URL('./elk-worker.bin', import.meta.url));
  if (!found.ok) throw new Error(`${found.url}: ${found.status}`);
  return found.text();
}

function textOf(context: DocumentRegistry.Context, contents: Contents.IManager): TextHost {
  const model = context.model as DocumentRegistry.ICodeModel;
  const dirty = new Store(model.dirty);
  model.stateChanged.connect(() => dirty.set(model.dirty));
  const file = new ContextFile(context, model, contents);
  return {
    dirty,
    file,
    get: () => model.toString(),
    set: text => replaceChanged(model, text),
    onChange: listener => {
      const hear = (): void => {
        if (!file.adopting) listener();
      };
      model.contentChanged.connect(hear);
      return () => model.contentChanged.disconnect(hear);
    }
  };
}

/**
 * Writes what differs, so that a text editor on the same file keeps its cursor. (Setting the text as a
 * whole would also leave the document as if it had not changed: not to be saved.)
 */
function replaceChanged({ sharedModel }: DocumentRegistry.ICodeModel, text: string): void {
  const old = sharedModel.getSource();
  if (text === old) return;
  const most = Math.min(old.length, text.length);
  let head = 0;
  while (head < most && old[head] === text[head]) head++;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === text.at(-1 - tail)) tail++;
  sharedModel.updateSource(head, old.length - tail, text.slice(head, text.length - tail));
}

/** One keeper and one line to a kernel a file, however many views it has. */
const keepers = new WeakMap<DocumentRegistry.Context, LocalSession>();

function keeperOf(context: DocumentRegistry.Context, contents: Contents.IManager): LocalSession {
  const known = keepers.get(context);
  if (known) return known;
  const text = textOf(context, contents);
  const keeper = new LocalSession(text, () => PathExt.basename(context.path));
  // Whoever saves this document (a key, a menu, a timer) is asked on the canvas where the file changed.
  context.save = () => keeper.save();
  const kernel = new DocumentKernel(context, keeper);
  keepers.set(context, keeper);
  context.disposed.connect(() => {
    kernel.dispose();
    keeper.dispose();
  });
  return keeper;
}

/** Shows a document; what it returns takes the view away. */
export function openEditor(
  host: HTMLElement,
  context: DocumentRegistry.Context,
  contents: Contents.IManager
): () => void {
  const keeper = keeperOf(context, contents);
  const mounted = mountDesigner(host, keeper.connect(), { elkSource, fill: true, runs: true });
  return () => mounted.dispose();
}

/** Keeps a line from a document to the kernel of its session, through restarts and changes of kernel. */
class DocumentKernel {
  private line: KernelLine | undefined;
  /** The kernel that was greeted last; greeting one again at each idle would never end. */
  private greeted: Kernel.IKernelConnection | undefined;
  private disposed = false;

  constructor(
    private context: DocumentRegistry.Context,
    private session: LocalSession
  ) {
    const { sessionContext } = context;
    sessionContext.kernelChanged.connect(this.changed);
    sessionContext.statusChanged.connect(this.follow);
    this.detach('starting');
    void sessionContext.ready.then(() => this.connect());
  }

  dispose(): void {
    this.disposed = true;
    const { sessionContext } = this.context;
    sessionContext.kernelChanged.disconnect(this.changed);
    sessionContext.statusChanged.disconnect(this.follow);
    this.detach('none');
  }

  private changed = (): void => {
    this.detach('starting');
    void this.connect();
  };

  private follow = (_: ISessionContext, status: Kernel.Status): void => {
    if (status === 'restarting') this.detach('starting');
    else if (/terminating|dead/.test(status)) this.detach('none');
    else if (status === 'idle') void this.connect();
  };

  private async connect(): Promise<void> {
    const { session, isReady } = this.context.sessionContext;
    const kernel = session?.kernel;
    if (!kernel) this.detach(isReady ? 'none' : 'starting');
    if (!kernel || this.greeted === kernel) return;
    this.greeted = kernel;
    const greeting = { code: GREETING, silent: true, store_history: false };
    const reply = await kernel.requestExecute(greeting).done.catch(() => null);
    // A kernel that was left meanwhile answers nothing; the next one has its own call.
    if (this.disposed || this.greeted !== kernel || !reply) return;
    if (reply.content.status !== 'ok') {
      this.session.attach(null, 'none'); // a kernel without wfnb: drawing and saving go on
      return;
    }
    this.line = new KernelLine(kernel, TARGET, { path: PathExt.basename(this.context.path) });
    this.session.attach(this.line);
  }

  private detach(state: 'starting' | 'none'): void {
    const { line } = this;
    this.line = undefined;
    this.greeted = undefined;
    this.session.attach(null, state);
    line?.close();
  }
}
