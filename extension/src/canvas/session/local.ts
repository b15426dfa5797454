/**
 * The keeper of a document that is a file's text: what the kernel is for a cell, in the page.
 *
 * The text is the document of record. Every view of the file talks to one LocalSession as it would to
 * a kernel; a kernel, while there is one, gets the text to check and run, and its reports are passed
 * on. Without one, drawing, undo and saving work all the same.
 */
import { BLANK, applyAll } from '../document/document';
import { equal } from '../ground/equal';
import { Filing } from './filing';
import type { FileHost } from './filing';
import type { KernelState, Transport } from './session';
import { Store } from '../ground/store';
import { strings } from '../texts/strings';
import { TextError, decode, encode } from '../document/text';
import { editsTo } from '../document/textedits';
import { UndoStack } from '../document/undostack';
import type { Apply } from '../document/undostack';
import type { Edit, EditRequest, Report, Request, Workflow } from '../wire.gen';

/** Where the text lives. */
export interface TextHost {
  get(): string;
  set(text: string): void;
  /** Whether the text differs from the file's. */
  dirty?: Store<boolean>;
  /** The file, where it is to follow the text. */
  file?: FileHost;
  /** Calls back whenever the text changed, whoever changed it. */
  onChange(listener: () => void): () => void;
}

/** Rest after an edit before the kernel gets the text. */
const REST = 150;

export class LocalSession {
  readonly kernelState = new Store<KernelState>('none');
  private document: Workflow = BLANK;
  private written: string;
  private trouble = '';
  private revision = 0;
  private stack = new UndoStack();
  private listeners = new Set<(message: Report) => void>();
  private kernel: Transport | null = null;
  private stopKernel: () => void = () => undefined;
  private stopText: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The newest report of each kind that a late view needs too. */
  private latest = new Map<Report['type'], Report>();
  private filing: Filing | null = null;

  constructor(
    private host: TextHost,
    private saved: () => string
  ) {
    this.written = '';
    this.read();
    this.stopText = host.onChange(() => this.read());
    if (host.file) this.follow(host.file);
  }

  /** Writes the text to its file; at once, and not only when it is due. */
  save(): Promise<void> {
    return this.filing?.save() ?? Promise.resolve();
  }

  private follow(file: FileHost): void {
    const filing = new Filing(file, {
      text: () => this.written,
      trouble: () => this.trouble,
      take: (text, label) => this.take(text, label),
      put: () => this.host.set(this.written),
      tell: state => this.tell(state),
      ask: message => {
        this.sendText();
        this.kernel?.send(message);
        return this.kernel !== null;
      },
      fail: message => this.tell({ type: 'failure', message })
    });
    this.filing = filing;
    this.host.dirty?.on(dirty => {
      if (!dirty) filing.clean();
    });
    filing.recover();
  }

  /** Makes the drawing that a text says, as a gesture that can be taken back. */
  private take(text: string, label: string): boolean {
    try {
      // Whatever is wrong with it is thrown here.
      const edits = editsTo(text, this.document);
      if (this.trouble) {
        this.host.set(text);
        this.read();
        return true;
      }
      if (!edits) {
        this.written = text;
        this.host.set(text);
        return true;
      }
      this.edit({ type: 'edit', client: '', id: 0, label, edits });
      return true;
    } catch {
      return false;
    }
  }

  /** One view's line to this keeper. */
  connect(): Transport {
    return {
      kernel: this.kernelState,
      ...(this.host.dirty && { dirty: this.host.dirty }),
      // Later, as every other transport does: an answer must not arrive inside the question.
      send: message => queueMicrotask(() => this.receive(message)),
      onMessage: listener => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      }
    };
  }

  /** Puts a kernel behind this document; null takes it away. */
  attach(kernel: Transport | null, state: KernelState = kernel ? 'connected' : 'none'): void {
    this.stopKernel();
    this.kernel = kernel;
    this.latest.clear();
    this.kernelState.set(state);
    this.stopKernel = kernel?.onMessage(message => this.relay(message)) ?? (() => undefined);
    this.sendText();
    kernel?.send({ type: 'hello' });
    if (kernel) this.filing?.greet();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.filing?.dispose();
    this.stopKernel();
    this.stopText();
    this.listeners.clear();
  }

  private tell(message: Report): void {
    for (const listener of [...this.listeners]) listener(message);
  }

  private receive(message: Request): void {
    switch (message.type) {
      case 'hello':
        this.tellDocument();
        if (this.filing) this.tell(this.filing.state);
        for (const report of this.latest.values()) this.tell(report);
        return;
      case 'edit':
        return this.edit(message);
      case 'undo':
        return this.step(apply => this.stack.undo(apply));
      case 'redo':
        return this.step(apply => this.stack.redo(apply));
      case 'restructure':
      case 'run':
      case 'run_from':
        // What runs must be what is drawn.
        this.sendText();
        return this.forward(message);
      case 'ask_source':
      case 'draw_source':
      case 'look_at':
        // Only a kernel knows Python, and it must know the drawing that is meant.
        this.sendText();
        return this.kernel?.send(message);
      case 'cancel':
      case 'approve':
      case 'signal':
      case 'seek':
      case 'open_run':
      case 'steer':
      case 'retry':
      case 'breakpoints':
      case 'pin':
      case 'unpin':
      case 'value_of':
      case 'fork':
      case 'compare':
        return this.forward(message);
      case 'inside':
      case 'for_runs':
        return this.kernel?.send(message);
      case 'resolve':
        return void this.filing?.resolve(message.choice);
      case 'list_revisions':
        if (this.kernel) return this.kernel.send(message);
        return this.tell({ type: 'revisions', revisions: [] });
      case 'restore_revision':
      case 'compare_revision':
        this.sendText();
        return this.forward(message);
      case 'save_as': // a file of JupyterLab's is written
      case 'text':
      case 'kept':
      case 'collision':
        return; // only this side has that to tell
    }
  }

  private forward(message: Request): void {
    if (this.kernel) this.kernel.send(message);
    else this.tell({ type: 'failure', message: strings.noKernel });
  }

  private edit({ client, id, label, edits }: EditRequest): void {
    try {
      const inverse = this.apply(edits);
      this.stack.push(label, inverse);
      this.changed(edits, client, id);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.tell({ type: 'rejected', client, id, message: text });
    }
  }

  private step(move: (apply: Apply) => Edit[] | null): void {
    try {
      const edits = move(changed => this.apply(changed));
      if (edits) this.changed(edits);
    } catch {
      // The text was changed elsewhere meanwhile: what does not fit any more is gone.
      this.tellDocument();
    }
  }

  private apply(edits: Edit[]): Edit[] {
    if (this.trouble) throw new TextError(this.trouble);
    const { document, inverse } = applyAll(this.document, edits);
    this.document = document;
    return inverse;
  }

  private changed(edits: Edit[], client = '', id = 0): void {
    this.revision++;
    this.tell({
      type: 'edited',
      revision: this.revision,
      edits,
      client,
      id,
      ...this.stack.labels()
    });
    this.written = encode(this.document);
    this.host.set(this.written);
    this.sendSoon();
    this.filing?.changed();
  }

  private tellDocument(): void {
    this.tell({
      type: 'document',
      document: this.document,
      revision: this.revision,
      read_only: this.trouble !== '',
      saved: this.saved(),
      unreadable: this.trouble,
      ...this.stack.labels()
    });
  }

  /** Takes over a text that was changed elsewhere: by hand, by another program, by going back. */
  private read(): void {
    const text = this.host.get();
    if (text === this.written) return;
    this.written = text;
    const before = this.document;
    try {
      this.document = text.trim() ? decode(text) : BLANK;
      this.trouble = '';
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
    if (!this.trouble && equal(before, this.document) && this.revision > 0)
      return this.filing?.changed();
    this.revision++;
    this.stack.clear();
    this.tellDocument();
    this.sendSoon();
    this.filing?.changed();
  }

  private sendSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sendText(), REST);
  }

  private sendText(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.kernel || this.trouble) return;
    this.kernel.send({ type: 'text', text: this.written, revision: this.revision });
  }

  /** Passes on what the kernel reports; the document itself is ours to tell. */
  private relay(message: Report): void {
    switch (message.type) {
      case 'document':
        // Only the kernel knows what every field may hold.
        if (!message.unreadable || this.timer !== undefined) return;
        this.trouble = message.unreadable;
        this.revision++;
        return this.tellDocument();
      case 'edited': {
        // Its copy changed where it was asked for a version or for a merge: that is a gesture here.
        const { edits, undo } = message;
        if (edits.length) this.edit({ type: 'edit', client: '', id: 0, label: undo ?? '', edits });
        return this.filing?.merged();
      }
      case 'rejected':
        return;
      case 'saving':
        return this.filing?.compared(message);
      case 'checked':
        if (this.trouble) return;
        this.latest.set(message.type, message);
        return this.tell(message);
      case 'activities':
      case 'elsewhere':
      case 'runs':
      case 'history':
      case 'frame':
      case 'approvals':
      case 'halted':
      case 'steering':
        this.latest.set(message.type, message);
        return this.tell(message);
      case 'status':
        if (message.full) this.latest.set(message.type, message);
        return this.tell(message);
      case 'revisions':
      case 'unlike':
      case 'proposal':
      case 'inside_status':
      case 'unfit':
      case 'value':
      case 'failure':
      case 'source':
      case 'drawn':
      case 'compared':
      case 'from_runs':
      case 'looked_at':
        return this.tell(message);
    }
  }
}
