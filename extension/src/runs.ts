/**
 * Finds the runs for the side panel. A kernel that has a history open tells of it, live: those of the
 * sessions in the folder that is looked at are asked, without importing anything there. Where none
 * has one, the kernel of the workflow in front reads the folder's file; without such a kernel a small
 * one is started when a person asks for it, and shut down with the panel and the run views it serves.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { type Kernel, KernelMessage, ServerConnection } from '@jupyterlab/services';

import { mountRunView, Store, type RunsFound } from './canvas';
import type { Report, RunRow } from './canvas';
import { KernelLine } from './line';

const LIST = 'wfnb.runs';
const VIEW = 'wfnb.run';
const OPENED = "__import__('sys').modules.get('wfnb.engine.opened')";
/** Whether a kernel has a history open; it is not told to import anything for that. */
const HOLDS = `${OPENED} is not None and bool(${OPENED}.open_engines())`;
const GREETING = 'import wfnb.widgets.openruns as _wfnb_runs; del _wfnb_runs';
const NOWHERE = { runs: [], from: 'nowhere', looking: false, trouble: '' } as const;

const silent = (code: string, asked: Record<string, string> = {}) => ({
  code,
  silent: true,
  store_history: false,
  user_expressions: asked
});

/** The runs of one kernel. */
class Source {
  runs: readonly RunRow[] = [];
  trouble = '';
  /** Whether it has been asked and answered. */
  answered = false;
  private line: KernelLine | undefined;
  private asking = false;
  private due = true;

  constructor(
    readonly kernel: Kernel.IKernelConnection,
    private read: boolean,
    private changed: () => void
  ) {
    kernel.iopubMessage.connect(this.hear);
    kernel.statusChanged.connect(this.follow);
    void this.ask();
  }

  get told(): boolean {
    return this.line !== undefined;
  }

  dispose(): void {
    this.kernel.iopubMessage.disconnect(this.hear);
    this.kernel.statusChanged.disconnect(this.follow);
    this.line?.close();
    this.kernel.dispose();
  }

  private hear = (_: unknown, message: KernelMessage.IIOPubMessage): void => {
    // A cell runs, which what we ask is not: afterwards another history may be open.
    if (KernelMessage.isExecuteInputMsg(message)) this.due = true;
  };

  private follow = (_: unknown, status: Kernel.Status): void => {
    if (/restarting|terminating|dead/.test(status)) {
      this.line?.close();
      this.line = undefined;
      this.runs = [];
      this.due = true;
      this.changed();
    } else if (status === 'idle') void this.ask();
  };

  private async ask(): Promise<void> {
    if (!this.due || this.asking) return;
    this.due = false;
    this.asking = true;
    if (this.line) this.line.send({ type: 'hello' });
    else if (this.read || (await this.holds())) await this.connect();
    this.asking = false;
    this.answered = true;
    this.changed();
  }

  private async holds(): Promise<boolean> {
    const request = this.kernel.requestExecute(silent('', { holds: HOLDS }));
    const reply = await request.done.catch(() => null);
    if (reply?.content.status !== 'ok') return false;
    const { holds } = reply.content.user_expressions as Record<
      string,
      { data?: Record<string, string> }
    >;
    return holds?.data?.['text/plain'] === 'True';
  }

  private async connect(): Promise<void> {
    const reply = await this.kernel.requestExecute(silent(GREETING)).done.catch(() => null);
    if (reply?.content.status !== 'ok' || this.kernel.isDisposed) return;
    this.line = new KernelLine(this.kernel, LIST, this.read ? { read: true } : {});
    this.line.onMessage(message => this.take(message));
  }

  private take(message: Report): void {
    if (message.type === 'runs') this.runs = message.runs;
    this.trouble = message.type === 'failure' ? message.message : '';
    this.changed();
  }
}

/** Where a run can be looked at. */
interface Place {
  kernel: Kernel.IModel;
  read: boolean;
}

export class Histories {
  readonly found = new Store<RunsFound>({ ...NOWHERE, folder: '' });
  private sources = new Map<string, Source>();
  private reader: Source | undefined;
  /** The kernel that was started for reading, and how many views it has. */
  private own: { model: Kernel.IModel; views: number } | undefined;
  private shown = false;
  private folder = '';

  constructor(
    private app: JupyterFrontEnd,
    private browsed: () => string
  ) {
    const look = (): void => this.look();
    app.shell.currentChanged?.connect(look);
    app.serviceManager.sessions.runningChanged.connect(look);
    addEventListener('pagehide', () => this.abandon());
  }

  /** Looks at runs while there is somebody to show them to. */
  setShown(shown: boolean): void {
    this.shown = shown;
    if (shown) this.look();
    else this.drop();
  }

  /** Reads the file of the folder, by a kernel of its own where none is at hand. */
  async read(): Promise<void> {
    const { kernels, kernelspecs } = this.app.serviceManager;
    const model = this.documentKernel();
    if (!model && !this.own) {
      this.tell(true);
      await kernelspecs.ready;
      const options = { name: kernelspecs.specs?.default ?? 'python3', path: this.folder };
      const started = await kernels.startNew(options, { handleComms: false });
      this.own = { model: started.model, views: 0 };
      started.dispose();
    }
    const wanted = model ?? this.own?.model;
    if (!wanted || !this.shown) {
      this.letGo();
      return;
    }
    this.reader?.dispose();
    this.reader = new Source(this.connectTo(wanted), true, () => this.tell());
    this.tell(true);
  }

  /** Shows a run in `host`; the result takes it away. */
  open(run: RunRow, host: HTMLElement): () => void {
    const place = this.placeOf(run);
    if (!place) return () => undefined;
    const own = place.kernel.id === this.own?.model.id ? this.own : undefined;
    if (own) own.views++;
    const kernel = this.connectTo(place.kernel);
    let stop = (): void => undefined;
    void kernel.requestExecute(silent(GREETING)).done.then(() => {
      if (kernel.isDisposed) return;
      const line = new KernelLine(kernel, VIEW, { run: run.run, read: place.read });
      const mounted = mountRunView(host, line, { fill: true });
      stop = () => {
        mounted.dispose();
        line.close();
      };
    });
    return () => {
      stop();
      kernel.dispose();
      if (own) own.views--;
      this.letGo();
    };
  }

  private placeOf(run: RunRow): Place | undefined {
    const has = (source: Source): boolean => source.runs.some(one => one.run === run.run);
    const source = [...this.sources.values()].find(has);
    if (source) return { kernel: source.kernel.model, read: false };
    return this.reader && { kernel: this.reader.kernel.model, read: true };
  }

  private connectTo(model: Kernel.IModel): Kernel.IKernelConnection {
    return this.app.serviceManager.kernels.connectTo({ model, handleComms: false });
  }

  private context(): DocumentRegistry.Context | undefined {
    const widget = this.app.shell.currentWidget as { context?: DocumentRegistry.Context } | null;
    return widget?.context;
  }

  /** The kernel of the workflow in front. */
  private documentKernel(): Kernel.IModel | undefined {
    const context = this.context();
    const kernel = context?.sessionContext.session?.kernel;
    return context?.path.endsWith('.wf.json') && kernel ? kernel.model : undefined;
  }

  private look(): void {
    if (!this.shown) return;
    const path = this.context()?.path;
    const folder = path === undefined ? this.browsed() : PathExt.dirname(path);
    if (folder !== this.folder) this.drop();
    this.folder = folder;
    const wanted = new Map<string, Kernel.IModel>();
    for (const { path: at, kernel } of this.app.serviceManager.sessions.running()) {
      if (kernel && PathExt.dirname(at) === folder) wanted.set(kernel.id, kernel);
    }
    for (const [id, source] of this.sources) {
      if (wanted.has(id)) continue;
      source.dispose();
      this.sources.delete(id);
    }
    for (const [id, model] of wanted) {
      if (this.sources.has(id)) continue;
      this.sources.set(id, new Source(this.connectTo(model), false, () => this.tell()));
    }
    this.tell();
  }

  private tell(starting = false): void {
    const sources = [...this.sources.values()];
    const told = sources.filter(source => source.told);
    const waiting = starting || sources.some(source => !source.answered);
    // What kernels tell is newer than what was read, unless that is of another history.
    if (!told.length && !waiting && !this.reader && this.documentKernel()) return void this.read();
    if (told.length && this.reader) {
      this.reader.dispose();
      this.reader = undefined;
      this.letGo();
    }
    const reader = this.reader?.told ? this.reader : undefined;
    const runs = new Map(
      [...told, ...(reader ? [reader] : [])].flatMap(one => one.runs.map(run => [run.run, run]))
    );
    this.found.set({
      runs: [...runs.values()].sort((a, b) => b.started - a.started),
      from: told.length ? 'kernels' : reader ? 'file' : 'nowhere',
      folder: this.folder,
      looking: waiting || (this.reader !== undefined && !this.reader.answered),
      trouble: this.reader?.trouble ?? ''
    });
  }

  private drop(): void {
    for (const source of this.sources.values()) source.dispose();
    this.sources.clear();
    this.reader?.dispose();
    this.reader = undefined;
    this.letGo();
    this.found.set({ ...NOWHERE, folder: this.folder });
  }

  /** Shuts the reading kernel down once nobody reads. */
  private letGo(): void {
    const { own } = this;
    if (!own || own.views > 0 || this.reader?.kernel.id === own.model.id) return;
    this.own = undefined;
    void this.app.serviceManager.kernels.shutdown(own.model.id).catch(() => undefined);
  }

  /** The page goes: nothing but a request that outlives it can still end the kernel. */
  private abandon(): void {
    if (!this.own) return;
    const { serverSettings } = this.app.serviceManager;
    const url = `${serverSettings.baseUrl}api/kernels/${this.own.model.id}`;
    const ending = { method: 'DELETE', keepalive: true };
    void ServerConnection.makeRequest(url, ending, serverSettings).catch(() => undefined);
  }
}
