/**
 * One view's side of the conversation with whoever keeps the document.
 *
 * The keeper (the kernel, or LocalSession in the document editor) is the authority. A gesture is
 * applied at once to what this view shows and waits in `pending` until the keeper's broadcast says
 * where it came in the common order; what the view shows is always confirmed + pending, so all views
 * of one document end up equal.
 */
import { applyAll, nodesOf } from './document';
import { quietened } from './problemindex';
import { RunModel } from './run';
import { merge } from './runhistory';
import type { RunHistory } from './runhistory';
import { changedBy, crumbsTo, innerOf, pathOf, standing, withKnown, within } from './scope';
import type { Crumb } from './scope';
import { onLeaving } from './stash';
import { Store } from './store';
import { strings } from './strings';
import { isMade, putUnsent, takeUnsent } from './unsent';
import type {
  ActivityInfo,
  Approvals,
  Checked,
  Compared,
  DocumentState,
  Edit,
  Edited,
  Frame,
  Halt,
  Halted,
  NodeValue,
  InsideStatus,
  Proposal,
  Report,
  Request,
  Restructure,
  RevisionRow,
  RunRow,
  Steering,
  Saving,
  Unfit,
  Unlike,
  Workflow,
  WorkflowInfo
} from './wire.gen';

export type { RunHistory } from './runhistory';

export interface Transport {
  /** Where the host knows whether there is a kernel, the session follows it. */
  kernel?: Store<KernelState>;
  /** Whether the host has yet to save what is drawn. */
  dirty?: Store<boolean>;
  /** True once nobody is left to answer. */
  gone?: Store<boolean>;
  send(message: Request): void;
  onMessage(listener: (message: Report) => void): () => void;
}

export interface View {
  /** The workflow in view: the whole document, or one inside it. */
  document: Workflow;
  /** The whole document. */
  whole: Workflow;
  /** The calls that were entered, the outermost first. */
  crumbs: readonly Crumb[];
  revision: number;
  undo: string | null;
  redo: string | null;
  readOnly: boolean;
  saved: string;
  /** Why the document can not be shown; empty if it can. */
  unreadable: string;
  /** Gestures that the keeper has not confirmed yet. */
  waiting: number;
  /** Whether the keeper has sent a document at all. */
  ready: boolean;
}

interface Gesture {
  id: number;
  label: string;
  edits: Edit[];
}

const EMPTY: Workflow = { wfnb: 1, name: 'workflow' };
const PATIENCE = 4000;
const LONGEST_PATIENCE = 60_000;
let views = 0;

/** Whether a kernel that checks and runs is there; `unknown` where the transport does not say. */
export type KernelState = 'unknown' | 'starting' | 'connected' | 'none';

export class Session {
  readonly client = `view-${(++views).toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  readonly view = new Store<View>({
    document: EMPTY,
    whole: EMPTY,
    crumbs: [],
    revision: 0,
    undo: null,
    redo: null,
    readOnly: false,
    saved: '',
    unreadable: '',
    waiting: 0,
    ready: false
  });
  readonly checked = new Store<Checked | null>(null);
  readonly activities = new Store<ActivityInfo[]>([]);
  readonly workflows = new Store<WorkflowInfo[]>([]);
  /** What expressions can call. */
  readonly functions = new Store<readonly string[]>([]);
  readonly runs = new Store<RunRow[]>([]);
  readonly frame = new Store<Frame | null>(null);
  readonly history = new Store<RunHistory | null>(null);
  /** Another run beside the one in view. */
  readonly compared = new Store<Compared | null>(null);
  /** What the newest run, or the one in view, asks of people. */
  readonly approvals = new Store<Approvals | null>(null);
  /** Why the last answer was not taken. */
  readonly unfit = new Store<Unfit | null>(null);
  /** Where the newest run is paused inside its calls and maps. */
  readonly halts = new Store<readonly Halt[]>([]);
  /** The breakpoints and pins that are set. */
  readonly steering = new Store<Omit<Steering, 'type'>>({});
  /** The value that was asked for last. */
  readonly value = new Store<NodeValue | null>(null);
  /** How the file stands against the drawing, where there is a file. */
  readonly saving = new Store<Saving | null>(null);
  readonly revisions = new Store<RevisionRow[] | null>(null);
  /** An earlier version beside the drawing; null while none is compared. */
  readonly unlike = new Store<Unlike | null>(null);
  readonly failure = new Store<string | null>(null);
  /** What there is to say that is no failure. */
  readonly notice = new Store<string | null>(null);
  readonly kernel = new Store<KernelState>('unknown');
  /** Whether the keeper is gone: what is shown stays, and nothing can be changed any more. */
  readonly gone = new Store(false);
  readonly dirty: Store<boolean>;
  /** The newest run, live. */
  readonly live = new RunModel();
  /** The run in view at the event in focus. */
  readonly focus = new RunModel();
  /** The newest child run that the calls lead to which were entered. */
  readonly inside = new RunModel();
  /** What a restructuring that was asked for makes, to be selected. */
  restructured: (nodes: readonly string[]) => void = () => undefined;

  private confirmed: Workflow = EMPTY;
  private pending: Gesture[] = [];
  private counter = 0;
  /** How a gesture is called that the kernel was asked for. */
  private wish = '';
  /** Whether undo was asked for: what it changes is then shown. */
  private following = false;
  /** Gestures below this were handled before the document that was asked for; null when none was. */
  private asked: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What tells the file that the document is kept in from all others; empty if there is none. */
  private file = '';
  private stop: () => void;

  constructor(private transport: Transport) {
    this.dirty = transport.dirty ?? new Store(false);
    const stopMessages = transport.onMessage(message => this.receive(message));
    const stopKernel = transport.kernel?.on(state => this.kernelChanged(state));
    const stopGone = transport.gone?.on(gone => gone && this.lose());
    const stopLeaving = onLeaving(() => this.stash());
    this.stop = () => {
      stopLeaving();
      stopMessages();
      stopKernel?.();
      stopGone?.();
    };
    this.kernel.set(transport.kernel?.get() ?? 'unknown');
    this.hello();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.stop();
  }

  get document(): Workflow {
    return this.view.get().document;
  }

  /** Where the workflow in view is kept in the document. */
  get path(): readonly string[] {
    return pathOf(this.view.get().crumbs);
  }

  /** The workflow in view with what calls and maps in it can name. */
  get known(): Workflow {
    return withKnown(this.view.get().whole, this.path);
  }

  /** Calls back with every message of the keeper, for what only some panel needs. */
  onReport(listener: (message: Report) => void): () => void {
    return this.transport.onMessage(listener);
  }

  send(message: Request): void {
    if (message.type === 'undo' || message.type === 'redo') this.following = true;
    if (!this.gone.get()) this.transport.send(message);
  }

  /** The run whose states stand on the drawing in view. */
  get run(): RunModel {
    return this.view.get().crumbs.length ? this.inside : this.live;
  }

  /** Shows the workflow that these calls lead to. */
  go(crumbs: readonly Crumb[]): void {
    this.place(this.view.get().whole, {}, crumbs);
  }

  /** Asks the kernel for a gesture that only it can make up. */
  ask(what: Restructure['what'], label: string, nodes: string[], name = 'part'): void {
    if (this.view.get().readOnly) return;
    this.wish = label;
    const { revision } = this.view.get();
    const { client } = this;
    this.send({ type: 'restructure', client, revision, what, nodes, path: [...this.path], name });
  }

  /** Makes one gesture; false if it does not fit the document or the document is read-only. */
  edit(label: string, edits: Edit[]): boolean {
    if (edits.length === 0 || this.view.get().readOnly) return false;
    return this.gesture(label, within(this.path, edits));
  }

  /** As `edit`, of the whole document and not of the workflow in view. */
  rewrite(label: string, edits: Edit[]): boolean {
    return edits.length > 0 && !this.view.get().readOnly && this.gesture(label, edits);
  }

  private gesture(label: string, edits: Edit[]): boolean {
    try {
      const { document } = applyAll(this.view.get().whole, edits);
      const id = ++this.counter;
      const gesture = { id, label, edits };
      this.pending.push(gesture);
      this.place(document, { waiting: this.pending.length });
      this.post(gesture);
      if (this.pending.length === 1) this.watch(); // none is left where the keeper was gone
      return true;
    } catch (error) {
      this.failure.set(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  private post(gesture: Gesture): void {
    this.send({ type: 'edit', client: this.client, ...gesture });
  }

  private stash(): void {
    putUnsent(
      this.file,
      this.pending.map(gesture => ({ client: this.client, ...gesture }))
    );
  }

  private hello(): void {
    this.asked = this.counter + 1;
    this.send({ type: 'hello' });
    this.watch();
  }

  /** The keeper answers in order: whatever came before an answered gesture is answered too. */
  private settled(id: number): void {
    this.pending = this.pending.filter(gesture => gesture.id > id);
  }

  /** A busy page loses messages. What stays unanswered is asked for again, less and less often. */
  private watch(patience = PATIENCE): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.asked === null && this.pending.length === 0) return;
      this.hello();
      this.watch(Math.min(2 * patience, LONGEST_PATIENCE));
    }, patience);
  }

  /**
   * Without a kernel nothing is checked and no activity is known any more; a run that it was in the
   * middle of stands still.
   */
  private kernelChanged(state: KernelState): void {
    this.kernel.set(state);
    const calls = this.view.get().crumbs.map(({ node }) => node);
    if (state === 'connected' && calls.length) this.send({ type: 'inside', calls });
    if (state !== 'connected') this.live.freeze();
    if (state !== 'none') return;
    this.checked.set(null);
    this.activities.set([]);
    this.workflows.set([]);
    this.approvals.set(null);
    this.steering.set({});
    this.halts.set([]);
    if (!this.live.head.get()?.lost) this.live.clear();
  }

  /**
   * The keeper is gone. What it never confirmed stays in view; the next view of the same file makes it
   * again, since nobody knows whether it came there.
   */
  private lose(): void {
    if (this.gone.get()) return;
    clearTimeout(this.timer);
    this.asked = null;
    this.gone.set(true);
    this.stash();
    const { length } = this.pending;
    if (length) this.failure.set(strings.notReceived(length, this.file !== ''));
    this.live.freeze();
    this.focus.freeze();
    this.rebase({ readOnly: true });
  }

  /** Someone answers after all. */
  private recover(): void {
    this.transport.gone?.set(false);
    this.gone.set(false);
    this.hello();
  }

  /** Shows a document: as far inside as these calls still lead. */
  private place(
    whole: Workflow,
    changes: Partial<View>,
    wanted: readonly Crumb[] = this.view.get().crumbs
  ): void {
    const before = this.view.get();
    const crumbs = standing(whole, wanted);
    const document = innerOf(whole, pathOf(crumbs)) ?? whole;
    this.view.set({ ...before, ...changes, whole, document, crumbs });
    const calls = crumbs.map(({ node }) => node);
    if (String(calls) === String(before.crumbs.map(({ node }) => node))) return;
    this.inside.clear();
    if (this.kernel.get() !== 'none') this.send({ type: 'inside', calls });
  }

  private receive(message: Report): void {
    if (this.gone.get()) this.recover();
    switch (message.type) {
      case 'document':
        return this.replace(message);
      case 'edited':
        return this.edited(message);
      case 'rejected':
        if (message.client !== this.client) return;
        this.settled(message.id);
        this.failure.set(message.message);
        return this.hello();
      case 'checked':
        return this.checked.set({
          ...message,
          problems: quietened(message.problems, this.view.get().whole)
        });
      case 'proposal':
        return this.proposed(message);
      case 'inside_status':
        return this.insideStatus(message);
      case 'activities':
        this.workflows.set(message.workflows ?? []);
        this.functions.set(message.functions ?? []);
        return this.activities.set(message.activities);
      case 'status':
        this.live.apply(message);
        if (this.frame.get()?.live !== false) this.focus.apply(message);
        return;
      case 'frame':
        // In the past, time stands still at the event in focus.
        this.focus.at = message.live ? null : (message.event?.ts ?? message.status.started ?? 0);
        this.focus.apply(message.status);
        if (message.live) this.live.apply(message.status);
        return this.frame.set(message);
      case 'history':
        return this.history.set(merge(this.history.get(), message));
      case 'runs':
        return this.runs.set(message.runs);
      case 'compared':
        return this.compared.set(message.a ? message : null);
      case 'approvals':
        this.unfit.set(null);
        return this.approvals.set(message);
      case 'halted':
        return this.halted(message);
      case 'saving':
        // What was saved may be a version more to go back to.
        if (message.state === 'saved' && this.revisions.get())
          this.send({ type: 'list_revisions' });
        return this.saving.set(message);
      case 'revisions':
        return this.revisions.set(message.revisions);
      case 'unlike':
        return this.unlike.set(message);
      case 'from_runs':
      case 'source':
      case 'drawn':
      case 'looked_at':
        return; // whoever asked hears them
      case 'unfit':
        return this.unfit.set(message);
      case 'steering':
        return this.steering.set(message);
      case 'value':
        return this.value.set(message);
      case 'failure':
        return this.failure.set(message.message);
    }
  }

  private proposed({ client, revision, edits, nodes }: Proposal): void {
    if (client !== this.client) return;
    // Made for another document than there is now, it would take back what was drawn since.
    if (revision !== this.view.get().revision || this.pending.length) {
      this.failure.set(strings.changedMeanwhile);
    } else if (this.gesture(this.wish, edits)) this.restructured(nodes);
  }

  private insideStatus({ calls, status }: InsideStatus): void {
    const entered = this.view.get().crumbs.map(({ node }) => node);
    if (String(entered) !== String(calls)) return;
    if (status) this.inside.apply(status);
    else this.inside.clear();
  }

  private halted({ run, halts = [] }: Halted): void {
    this.live.holdUp(halts.length ? run : null);
    this.halts.set(halts);
  }

  private replace(message: DocumentState): void {
    const { asked } = this;
    const heard = message.heard && (message.heard[this.client] ?? 0);
    this.pending = this.pending.filter(({ id }) => id > (heard ?? (asked ?? 0) - 1));
    this.asked = null;
    this.confirmed = message.document;
    this.file = message.file ?? '';
    if (message.unreadable) this.checked.set(null);
    this.rebase({
      revision: message.revision,
      undo: message.undo ?? null,
      redo: message.redo ?? null,
      readOnly: message.read_only ?? false,
      saved: message.saved ?? '',
      unreadable: message.unreadable ?? '',
      ready: true
    });
    // What was made before the question and is not heard was lost on the way.
    if (heard !== null && heard !== undefined)
      for (const gesture of this.pending) if (gesture.id < (asked ?? 0)) this.post(gesture);
    this.resume(message.heard ?? {});
  }

  /** Makes again what other views of this file made and nobody answered. */
  private resume(heard: Record<string, number>): void {
    const left = takeUnsent(this.file).filter(
      ({ client, id }) => client !== this.client && id > (heard[client] ?? 0)
    );
    if (!left.length) return;
    const missing = left.filter(({ label, edits }) => !this.gesture(label, edits));
    const lost = missing.filter(({ edits }) => !isMade(this.view.get().whole, edits)).length;
    this.failure.set(lost ? strings.notMadeAgain(lost) : null);
    const made = left.length - missing.length;
    if (made) this.notice.set(strings.madeAgain(made));
  }

  private edited(message: Edited): void {
    const { revision } = this.view.get();
    if (this.asked !== null || message.revision <= revision) return;
    if (message.revision !== revision + 1) return this.hello();
    try {
      this.confirmed = applyAll(this.confirmed, message.edits).document;
    } catch {
      return this.hello();
    }
    if (message.client === this.client) this.settled(message.id ?? 0);
    const { undo = null, redo = null } = message;
    this.rebase({ revision: message.revision, undo, redo });
    if (message.client || !this.following) return;
    this.following = false;
    const path = changedBy(message.edits);
    if (String(path) !== String(this.path)) this.go(crumbsTo(this.view.get().whole, path));
  }

  /** Puts what is still pending on top of what is confirmed; what no longer fits is left to the keeper's answer. */
  private rebase(changes: Partial<View>): void {
    let document = this.confirmed;
    for (const gesture of this.pending) {
      try {
        document = applyAll(document, gesture.edits).document;
      } catch {
        continue;
      }
    }
    this.place(document, { ...changes, waiting: this.pending.length });
  }
}

/** Whether anything is drawn yet. */
export const isEmpty = (document: Workflow): boolean => nodesOf(document).length === 0;
