/** What can be done with a run in view, whoever asks: keys, bars, tables, panels. */
import { nodesOf } from '../document/document';
import { HEATS, heatOf } from '../session/heat';
import type { HeatMode } from '../session/heat';
import { Player } from '../session/player';
import type { Session } from '../session/session';
import { Disposers, Store } from '../ground/store';
import { strings } from '../texts/strings';
import type { Surface } from '../surface/surface';
import type { ChildRow } from '../wire.gen';

export const TABS = ['graph', 'tasks', 'events', 'compare'] as const;
export type Tab = (typeof TABS)[number];

export class ReplayDesk {
  readonly player: Player;
  readonly tab = new Store<Tab>('graph');
  readonly heat = new Store<HeatMode>('off');
  /** Whether long times in which nothing was done are drawn shorter. */
  readonly compress = new Store(true);
  readonly dialog = new Store<'keys' | 'fork' | 'signal' | null>(null);
  readonly notice = new Store<string | null>(null);
  /** Puts the keyboard into the field for an event's number. */
  jump: () => void = () => undefined;
  /** Where each run was left; null is its end. */
  private left = new Map<string, number | null>();
  private disposers = new Disposers();

  constructor(
    readonly session: Session,
    readonly surface: Surface
  ) {
    this.player = new Player(session);
    const warm = (): void => this.warm();
    this.disposers.add(
      () => this.player.dispose(),
      this.heat.on(warm),
      session.frame.on(() => this.heat.get() !== 'off' && warm()),
      session.compared.on(compared => this.compared(compared !== null))
    );
  }

  dispose(): void {
    this.disposers.dispose();
  }

  /** Shows the run after an event, and the node that this is about. */
  go(at: number, node: string): void {
    this.player.pause();
    this.player.seek(at);
    if (!nodesOf(this.session.document).some(({ id }) => id === node)) return;
    this.surface.select({ nodes: [node], edges: [] });
    if (this.tab.get() === 'graph') this.surface.view.reveal(node);
  }

  /** Gives the keyboard to the drawing, or to the whole run view where the drawing is not in view. */
  focus(tab: Tab = this.tab.get()): void {
    const { host } = this.surface;
    const taker = tab === 'graph' ? host : host.closest<HTMLElement>('.wfnb-root');
    taker?.focus({ preventScroll: true });
  }

  /** Shows a tab; the keyboard must not be lost with what is hidden then, unless it is elsewhere (`stay`). */
  show(tab: Tab, stay = false): void {
    if (tab === 'compare' && !this.session.compared.get()) {
      this.notice.set(strings.compareChoose);
      return;
    }
    if (!stay) this.focus('tasks');
    this.tab.set(tab);
  }

  /** Shows a tab that a key asked for: on in its table, where it has one. */
  into(tab: Tab): void {
    this.show(tab);
    const root = this.surface.host.closest('.wfnb-root');
    // It is there with what is rendered next.
    setTimeout(() =>
      root?.querySelector<HTMLElement>('.wfnb-rows')?.focus({ preventScroll: true })
    );
  }

  visit(by: 1 | -1): void {
    const { nodes } = this.surface.selection.get();
    this.said(this.player.visit(by, nodes.length === 1 ? (nodes[0] ?? null) : null), 'noVisit');
  }

  failure(by: 1 | -1): void {
    this.said(this.player.failure(by), 'noFailure');
  }

  nextHeat(): void {
    const next = HEATS[(HEATS.indexOf(this.heat.get()) + 1) % HEATS.length];
    this.heat.set(next ?? 'off');
  }

  /** The child runs that a node had by now, the newest first. */
  childrenOf(node: string): ChildRow[] {
    const { at } = this.player;
    const rows = this.session.history.get()?.children ?? [];
    return rows.filter(row => row.node === node && (row.first ?? 0) <= at).reverse();
  }

  /** Opens the newest child of the selected node. */
  enter(): void {
    const [node] = this.surface.selection.get().nodes;
    const child = node === undefined ? undefined : this.childrenOf(node)[0];
    if (this.said(child !== undefined, 'noChild') && child) this.openChild(child.run);
  }

  /** Shows a child as it was at the moment in focus. */
  openChild(run: string): void {
    const time = this.session.focus.at;
    this.leaveFor(run);
    this.session.send({ type: 'open_run', run, ...(time !== null && { time }) });
  }

  /** Goes back to the run around this one, where it was left. */
  leave(): void {
    const parent = this.session.history.get()?.trail.at(-1);
    if (this.said(parent !== undefined, 'noParent') && parent) this.open(parent.run);
  }

  /** Shows another run, where it was left if it was in view before. */
  open(run: string, at: number | null = this.left.get(run) ?? null): void {
    this.leaveFor(run);
    this.session.send({ type: 'open_run', run, at });
  }

  /** Puts a run beside the one in view; none where empty. */
  compare(run: string): void {
    this.session.send({ type: 'compare', run });
  }

  private leaveFor(run: string): void {
    const { player, session } = this;
    const open = session.history.get()?.run;
    player.pause();
    if (open !== undefined) this.left.set(open, player.live ? null : player.at);
    this.surface.select({ nodes: [], edges: [] });
    if (run !== open && session.compared.get()) session.send({ type: 'compare', run: '' });
  }

  private compared(any: boolean): void {
    if (any) this.show('compare');
    else if (this.tab.get() === 'compare') this.show('graph');
  }

  private said(
    done: boolean,
    otherwise: 'noVisit' | 'noFailure' | 'noChild' | 'noParent'
  ): boolean {
    this.notice.set(done ? null : strings[otherwise]);
    return done;
  }

  private warm(): void {
    const history = this.session.history.get();
    const mode = this.heat.get();
    this.surface.setHeat(
      mode === 'off' || !history ? null : heatOf(mode, history, this.session.focus)
    );
  }
}
