/**
 * One view's side of the conversation with whoever keeps the document.
 *
 * The keeper (the kernel, or LocalSession in the document editor) is the authority. A gesture is
 * applied at once to what this view shows and waits in `pending` until the keeper's broadcast says
 * where it came in the common order; what the view shows is always confirmed + pending, so all views
 * of one document end up equal.
 */
import type { KernelState, Transport } from './channel';
import { BLANK, applyAll, nodesOf } from '../document/document';
import { Pending } from './pending';
import type { Gesture } from './pending';
import { quietened } from '../document/problemindex';
import type { RunModel } from './run';
import {
  DOCUMENT,
  changedBy,
  crumbsTo,
  keyOf,
  scopeOf,
  withKnown,
  within
} from '../document/scope';
import type { Crumb, Scope } from '../document/scope';
import { onLeaving } from '../ground/stash';
import { Store } from '../ground/store';
import { strings } from '../texts/strings';
import { Told } from './told';
import { isMade, leftUnsent, putUnsent } from './unsent';
import { NOTHING_YET, callsOf, placed } from '../document/view';
import type { View } from '../document/view';
import type {
  DocumentState,
  Edit,
  Edited,
  InsideStatus,
  Proposal,
  Report,
  Request,
  Restructure,
  Workflow
} from '../wire.gen';

export type { KernelState, Transport } from './channel';
export type { RunHistory } from './runhistory';
export type { View } from '../document/view';

const PATIENCE = 4000;
const LONGEST_PATIENCE = 60_000;
let views = 0;

export class Session extends Told {
  readonly client = `view-${(++views).toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  readonly view = new Store<View>(NOTHING_YET);
  readonly kernel = new Store<KernelState>('unknown');
  /** Whether the keeper is gone: what is shown stays, and nothing can be changed any more. */
  readonly gone = new Store(false);
  readonly dirty: Store<boolean>;
  /** What a restructuring that was asked for makes, to be selected. */
  restructured: (nodes: readonly string[]) => void = () => undefined;

  private confirmed: Workflow = BLANK;
  private pending = new Pending();
  /** How a gesture is called that the kernel was asked for. */
  private wish = '';
  /** Whether undo or redo was asked for and not answered: what it changes is then shown. */
  following = false;
  /** Gestures below this were handled before the document that was asked for; null when none was. */
  private asked: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private locked = false;
  /** What tells the file that the document is kept in from all others; empty if there is none. */
  private file = '';
  private stop: () => void;

  constructor(private transport: Transport) {
    super();
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

  /** Where the workflow in view is kept. */
  get scope(): Scope {
    return scopeOf(this.view.get().crumbs);
  }

  /** Where that is in the document, or in the foreign workflow in view. */
  get path(): readonly string[] {
    return this.scope.path;
  }

  /** The workflow in view with what calls and maps in it can name. */
  get known(): Workflow {
    return withKnown(this.view.get(), this.scope);
  }

  /** Whether the document can be changed: what is in view may be kept elsewhere. */
  get closed(): boolean {
    return this.locked;
  }

  /** Calls back with every message of the keeper, for what only some panel needs. */
  onReport(listener: (message: Report) => void): () => void {
    return this.transport.onMessage(listener);
  }

  send(message: Request): void {
    if (message.type === 'undo' || message.type === 'redo') {
      this.following = true;
      const label = this.view.get()[message.type];
      if (label !== null) this.deed.set(strings.deeds[message.type](label));
    }
    if (!this.gone.get()) this.transport.send(message);
  }

  /** The run whose states stand on the drawing in view. */
  get run(): RunModel {
    return this.view.get().crumbs.length ? this.inside : this.live;
  }

  /** Shows the workflow that these calls lead to. */
  go(crumbs: readonly Crumb[]): void {
    this.place({}, crumbs);
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
    return edits.length > 0 && !this.locked && this.gesture(label, edits);
  }

  private gesture(label: string, edits: Edit[]): boolean {
    try {
      const { document } = applyAll(this.view.get().whole, edits);
      const gesture = this.pending.add(label, edits);
      this.place({ whole: document, waiting: this.pending.length });
      this.post(gesture);
      this.deed.set(strings.deeds.edit(label));
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
    putUnsent(this.file, this.pending.of(this.client));
  }

  private hello(): void {
    this.asked = this.pending.next;
    this.send({ type: 'hello' });
    this.watch();
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
    const calls = callsOf(this.view.get());
    if (state === 'connected' && calls.length) this.send({ type: 'inside', calls });
    if (state !== 'connected') this.live.freeze();
    if (state !== 'none') return;
    this.forget();
    this.place({ elsewhere: {} });
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
    this.locked = true;
    this.rebase({});
  }

  /** Someone answers after all. */
  private recover(): void {
    this.transport.gone?.set(false);
    this.gone.set(false);
    this.hello();
  }

  /** Shows what has changed, as far inside as these calls still lead. */
  private place(changes: Partial<View>, wanted: readonly Crumb[] = this.view.get().crumbs): void {
    const before = callsOf(this.view.get());
    this.view.set(placed({ ...this.view.get(), ...changes }, wanted, this.locked));
    const calls = callsOf(this.view.get());
    if (String(calls) === String(before)) return;
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
        this.pending.settled(message.id);
        this.failure.set(message.message);
        return this.hello();
      case 'checked':
        return this.checked.set({
          ...message,
          problems: quietened(message.problems, this.view.get())
        });
      case 'elsewhere':
        return this.place({ elsewhere: message.workflows ?? {} });
      case 'proposal':
        return this.proposed(message);
      case 'inside_status':
        return this.insideStatus(message);
      case 'saving':
        // What was saved may be a version more to go back to.
        if (message.state === 'saved' && this.revisions.get())
          this.send({ type: 'list_revisions' });
        return this.saving.set(message);
      default:
        return this.hear(message);
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
    if (String(callsOf(this.view.get())) !== String(calls)) return;
    if (status) this.inside.apply(status);
    else this.inside.clear();
  }

  private replace(message: DocumentState): void {
    const { asked } = this;
    const heard = message.heard && (message.heard[this.client] ?? 0);
    this.pending.settled(heard ?? (asked ?? 0) - 1);
    this.asked = null;
    this.confirmed = message.document;
    this.file = message.file ?? '';
    if (message.unreadable) this.checked.set(null);
    this.locked = message.read_only ?? false;
    this.rebase({
      revision: message.revision,
      undo: message.undo ?? null,
      redo: message.redo ?? null,
      saved: message.saved ?? '',
      unreadable: message.unreadable ?? '',
      ready: true
    });
    // What was made before the question and is not heard was lost on the way.
    if (heard !== null && heard !== undefined)
      for (const gesture of this.pending.before(asked ?? 0)) this.post(gesture);
    this.resume(message.heard ?? {});
  }

  /** Makes again what other views of this file made and nobody answered. */
  private resume(heard: Record<string, number>): void {
    const left = leftUnsent(this.file, this.client, heard);
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
    if (message.client === this.client) this.pending.settled(message.id ?? 0);
    const { undo = null, redo = null } = message;
    this.rebase({ revision: message.revision, undo, redo });
    if (message.client || !this.following) return;
    this.following = false;
    const changed = { ...DOCUMENT, path: changedBy(message.edits) };
    if (keyOf(changed) !== keyOf(this.scope)) this.go(crumbsTo(this.view.get(), changed));
  }

  /** Puts what is still pending on top of what is confirmed; what no longer fits is left to the keeper's answer. */
  private rebase(changes: Partial<View>): void {
    const whole = this.pending.on(this.confirmed);
    this.place({ ...changes, whole, waiting: this.pending.length });
  }
}

/** Whether anything is drawn yet. */
export const isEmpty = (document: Workflow): boolean => nodesOf(document).length === 0;
