/** How the run in view stands: what the kernel's status messages add up to. */
import { equal } from '../ground/equal';
import { Store } from '../ground/store';
import type { NodeState, NodeStatus, RunState, RunStatus } from '../wire.gen';

export interface RunHead {
  run: string;
  state: RunState;
  started: number;
  ended: number | null;
  error: string;
  /** Whether the kernel that it ran in is gone: it will not go on. */
  lost?: boolean;
}

/** States in which time goes on. */
const ACTIVE: ReadonlySet<NodeState> = new Set(['running', 'retrying', 'waiting']);

/** Whether a run in this state has ended. */
export const isOver = (state: RunState): boolean =>
  state === 'completed' || state === 'failed' || state === 'cancelled';

const IDLE: NodeStatus = { state: 'idle' };

/** What changed since the last time; null means everything may have. */
export type Change = { nodes: Set<string>; edges: Set<number> } | null;

export class RunModel {
  readonly head = new Store<RunHead | null>(null);
  readonly nodes = new Map<string, NodeStatus>();
  readonly edges = new Map<number, number>();
  private listeners = new Set<(change: Change) => void>();
  /** The run that is paused inside what it calls: that it waits for a person then, it does not say itself. */
  private heldUp: string | null = null;
  private last: Pick<RunStatus, 'run' | 'state'> | null = null;

  node(id: string): NodeStatus {
    return this.nodes.get(id) ?? IDLE;
  }

  /** The time of the event in focus, in milliseconds; null is the present. */
  at: number | null = null;

  now(): number {
    return this.at ?? Date.now();
  }

  /** The nodes whose time goes on. */
  active(): Set<string> {
    const active = new Set<string>();
    for (const [id, { state, ended }] of this.nodes) {
      if (ACTIVE.has(state) && ended == null) active.add(id);
    }
    return active;
  }

  /** Whether time passes in what is shown: the run goes on and its end is in view. */
  ticking(): boolean {
    const { state, ended } = this.head.get() ?? {};
    const going = ended == null && (state === 'running' || state === 'waiting');
    return this.at === null && going && this.active().size > 0;
  }

  /** The node that failed last. */
  failed(): string | null {
    let last: string | null = null;
    for (const [id, { state, ended }] of this.nodes) {
      if (state !== 'failed') continue;
      if (last === null || (ended ?? 0) > (this.node(last).ended ?? 0)) last = id;
    }
    return last;
  }

  onChange(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  apply(status: RunStatus): void {
    this.last = { run: status.run, state: status.state };
    // Time goes on with the next thing that is heard.
    if (this.head.get()?.lost) this.at = null;
    const whole = status.full === true || status.run !== this.head.get()?.run;
    if (whole) {
      this.nodes.clear();
      this.edges.clear();
    }
    const nodes = Object.entries(status.nodes ?? {});
    const edges = Object.entries(status.edges ?? {});
    for (const [id, node] of nodes) this.nodes.set(id, node);
    for (const [index, count] of edges) this.edges.set(Number(index), count);
    const head = {
      run: status.run,
      state: this.stateOf(status),
      started: status.started ?? 0,
      ended: status.ended ?? null,
      error: status.error ?? ''
    };
    // A status a twentieth of a second must not draw anew whoever only shows the run's.
    if (!equal(head, this.head.get())) this.head.set(head);
    this.tell(
      whole
        ? null
        : { nodes: new Set(nodes.map(n => n[0])), edges: new Set(edges.map(e => Number(e[0]))) }
    );
  }

  /** Says which run is paused inside its calls, if any is. */
  holdUp(run: string | null): void {
    this.heldUp = run;
    const head = this.head.get();
    if (head && this.last && head.state !== this.stateOf(this.last)) {
      this.head.set({ ...head, state: this.stateOf(this.last) });
    }
  }

  private stateOf({ run, state }: Pick<RunStatus, 'run' | 'state'>): RunState {
    const on = state === 'running' || state === 'waiting';
    return on && run === this.heldUp ? 'paused' : state;
  }

  /** Stops the clock of a run that nobody is left to report on. */
  freeze(): void {
    const head = this.head.get();
    if (head?.ended !== null || head.lost) return;
    this.at ??= Date.now();
    this.head.set({ ...head, lost: true });
    this.tell(null);
  }

  clear(): void {
    this.nodes.clear();
    this.edges.clear();
    this.head.set(null);
    this.last = null;
    this.tell(null);
  }

  private tell(change: Change): void {
    for (const listener of [...this.listeners]) listener(change);
  }
}
