/** What the keeper of a document tells its views that they only show: checks, activities, runs, versions. */
import { RunModel } from './run';
import { merge } from './runhistory';
import type { RunHistory } from './runhistory';
import { Store } from '../ground/store';
import type {
  ActivityInfo,
  Approvals,
  Checked,
  Compared,
  Frame,
  Halt,
  Halted,
  NodeValue,
  Report,
  RevisionRow,
  RunRow,
  Saving,
  Steering,
  Unfit,
  Unlike,
  WorkflowInfo
} from '../wire.gen';

/** What a view has to think about before it shows it. */
type Considered =
  | 'document'
  | 'edited'
  | 'elsewhere'
  | 'rejected'
  | 'checked'
  | 'proposal'
  | 'inside_status'
  | 'saving';

export class Told {
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
  /** What was done last, in words. */
  readonly deed = new Store<string | null>(null);
  /** What there is to say that is no failure. */
  readonly notice = new Store<string | null>(null);
  /** The newest run, live. */
  readonly live = new RunModel();
  /** The run in view at the event in focus. */
  readonly focus = new RunModel();
  /** The newest child run that the calls lead to which were entered. */
  readonly inside = new RunModel();

  /** Takes in what is shown as it comes. */
  protected hear(message: Exclude<Report, { type: Considered }>): void {
    switch (message.type) {
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

  /** What only a kernel knows, of which there is none any more. */
  protected forget(): void {
    this.checked.set(null);
    this.activities.set([]);
    this.workflows.set([]);
    this.approvals.set(null);
    this.steering.set({});
    this.halts.set([]);
    if (!this.live.head.get()?.lost) this.live.clear();
  }

  private halted({ run, halts = [] }: Halted): void {
    this.live.holdUp(halts.length ? run : null);
    this.halts.set(halts);
  }
}
