/**
 * What changes on the drawing without the document changing: selection, hover, problems, a run's states.
 *
 * A run may report a thousand changes a second; they are collected and painted at most ten times a
 * second (pace.ts), and only where something changed.
 */
import type { Dresser, Dressing } from './cards';
import type { EdgeMark } from './edgecounts';
import {
  foldedDressing,
  pausedDressing,
  runDressing,
  runTip,
  stateColour,
  takenOf
} from './dressing';
import { LETTERS, fateColour, fateStroke, insideFate } from './fates';
import type { Fate, Fates } from './fates';
import type { Graph } from './graph';
import type { Heat } from '../session/heat';
import type { Item, Line } from '../layout/items';
import { NO_MARKS, marksAt } from '../session/marks';
import type { Marks } from '../session/marks';
import type { Ink } from './picture';
import { Pace } from '../ground/pace';
import { noProblems } from '../document/problemindex';
import type { Found, ProblemIndex } from '../document/problemindex';
import type { Change, RunModel } from '../session/run';
import { strings } from '../texts/strings';
import type { Colours } from '../look/theme';
import type { Telling } from './tip';
import type { Node, NodeState } from '../wire.gen';

const FLUSH = 100;
/** So many moving marks at once tell nobody anything. */
const MANY = 12;

const SIGNS: Readonly<Record<NodeState, string>> = {
  idle: '',
  ready: '◦',
  running: '●',
  waiting: '◷',
  retrying: '↻',
  completed: '✓',
  failed: '✕',
  cancelled: '⊘'
};

/** What to paint again: these nodes, whether an edge's count changed, and whether lines look different. */
export interface Repaint {
  nodes: Set<string>;
  counts: boolean;
  lines: boolean;
}

export class Decor implements Dresser {
  problems: ProblemIndex = noProblems;
  selected = new Set<string>();
  selectedEdges = new Set<number>();
  hovered: string | null = null;
  marks: Marks = NO_MARKS;
  /** The edges, by index, that the event in focus moved tokens along. */
  moved = new Set<number>();
  /** The edge under the mouse, by its key. */
  over: string | null = null;
  /** The edge, by index, that takes in what is dragged; and the one whose end is on its way. */
  landing: number | null = null;
  leaving: number | null = null;
  /** What could take the edge that is being drawn; null while none is. */
  targets: Set<string> | null = null;
  /** The node that an edge led by the keyboard would go to. */
  aimed: string | null = null;
  /** What a counterexample has tokens in, and whether that is what refutes; null while none is walked through. */
  marking: { nodes: Set<string>; edges: Set<number>; bad: boolean } | null = null;
  /** How hot each node is; null where that is not shown. */
  heat: ReadonlyMap<string, Heat> | null = null;
  /** What became of what is drawn since another version; null where that is not shown. */
  fates: Fates | null = null;
  private run: RunModel | null = null;
  private stopRun: () => void = () => undefined;
  private dirty: Change | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pace = new Pace(FLUSH);
  /** The edges that lines say were taken. */
  private taken = new Set<number>();

  constructor(
    private graph: Graph,
    private colours: () => Colours,
    /** Whether problems are shown while a run is. */
    private editable: boolean,
    /** Paints again; null is everything. */
    private paint: (what: Repaint | null) => void
  ) {}

  dispose(): void {
    clearTimeout(this.timer);
    this.stopRun();
  }

  /** Shows the states of a run; null shows none. */
  setRun(run: RunModel | null): void {
    this.stopRun();
    this.run = run;
    this.stopRun = run?.onChange(change => this.later(change)) ?? (() => undefined);
    this.later(null);
  }

  card(item: Item): Dressing {
    const classes: string[] = [];
    if (this.selected.has(item.id)) classes.push('wfnb-selected');
    if (this.hovered === item.id) classes.push('wfnb-hovered');
    if (isDisabled(item.node)) classes.push('wfnb-off');
    if (this.targets) classes.push(this.targets.has(item.id) ? 'wfnb-can' : 'wfnb-cannot');
    if (this.aimed === item.id) classes.push('wfnb-aimed');
    const inside = this.graph.folding.within(item.id);
    const found = this.editable ? this.found(item.id, inside) : undefined;
    if (found) classes.push(`wfnb-has-${found.severity}`);
    if (this.marking?.nodes.has(item.id)) {
      classes.push(this.marking.bad ? 'wfnb-marked wfnb-bad' : 'wfnb-marked');
    }
    const run = this.marking ? null : this.run;
    const { state, foot, share } = inside.length
      ? foldedDressing(inside, run)
      : pausedDressing(runDressing(item, run), this.marks.paused.get(item.id));
    if (share !== null) classes.push('wfnb-has-share');
    const problem = found?.severity ?? '';
    const fate = this.fateOf(item.id, inside);
    if (fate) classes.push(`wfnb-fate wfnb-fate-${fate}`);
    const flags = fate ?? this.flags(item, inside);
    const heat = this.heat?.get(item.id);
    if (this.heat) classes.push(`wfnb-heat wfnb-heat-${heat?.level ?? 0}`);
    return {
      classes: classes.join(' '),
      state,
      foot: this.heat ? (heat?.text ?? '') : foot,
      problem,
      title: found?.text ?? '',
      flags,
      share
    };
  }

  /** What the run in view says of a node and of an edge, a line each; the first is its name. */
  readonly telling: Telling = {
    node: id => {
      const item = this.graph.items.get(id);
      return item && this.run && !this.marking ? runTip(item, this.run) : [];
    },
    edge: index => {
      const line = this.graph.lines[index];
      const count = this.run?.edges.get(index) ?? 0;
      if (!line || !count || this.marking) return [];
      return [`${line.edge.source} → ${line.edge.target}`, strings.takenTimes(count)];
    }
  };

  private fateOf(id: string, inside: readonly string[]): Fate | undefined {
    return this.fates?.nodes.get(id) ?? (this.fates ? insideFate(this.fates, inside) : undefined);
  }

  /** What is set on a node, by the icons that say so. */
  private flags({ id, node }: Item, inside: readonly string[]): string {
    return [...marksAt(this.marks, id, inside), ...(isDisabled(node) ? ['barred'] : [])].join(' ');
  }

  /** What is wrong with a node; with a folded group, the worst of what is inside. */
  private found(id: string, inside: readonly string[]): Found | undefined {
    let worst = this.problems.nodes.get(id);
    for (const one of inside) {
      const found = this.problems.nodes.get(one);
      if (found && (!worst || found.severity === 'error')) worst = found;
    }
    return worst;
  }

  /** The node that asks for attention first. */
  worst(): string | null {
    const failed = this.run?.failed() ?? null;
    if (failed !== null || !this.editable) return failed;
    for (const [id, { severity }] of this.problems.nodes) if (severity === 'error') return id;
    return null;
  }

  /** How often an edge was taken, where that is worth telling: more than once, or at all in a heat map. */
  private count(index: number): number {
    const count = this.marking ? 0 : (this.run?.edges.get(index) ?? 0);
    return count > (this.heat ? 0 : 1) ? count : 0;
  }

  chip(line: Line): string {
    const severity = this.problems.edges.get(line.index)?.severity;
    const selected = this.selectedEdges.has(line.index) ? 'wfnb-selected' : '';
    return severity ? `wfnb-has-${severity} ${selected}` : selected;
  }

  trouble(line: Line): Found | undefined {
    return this.editable && !this.marking ? this.problems.edges.get(line.index) : undefined;
  }

  /** The colour of a node that is too small for a card. */
  fill = (item: Item): string => {
    const { note, card } = this.colours();
    return this.stateColour(item, item.form === 'note' ? note : card);
  };

  /** What tells a node's state, or what became of it, where its colour alone would; empty where there is none. */
  sign = (item: Item): string => {
    const fate = this.fates?.nodes.get(item.id);
    return fate ? LETTERS[fate] : SIGNS[this.stateOf(item)];
  };

  /** The colour of a node on the map. */
  dot = (item: Item): string => this.stateColour(item, this.colours().edge);

  stroke = (item: Item): string => {
    const { brand, bad, warn, noteline, edge } = this.colours();
    if (this.selected.has(item.id)) return brand;
    const severity = this.problems.nodes.get(item.id)?.severity;
    if (severity === 'error') return bad;
    if (severity === 'warning') return warn;
    return item.form === 'note' ? noteline : edge;
  };

  /** How a line is painted: what is said of it last counts. */
  ink = (line: Line): Ink => {
    const { index } = line;
    const colours = this.colours();
    const severity = this.problems.edges.get(index)?.severity;
    const fate = this.fates?.edges.get(index);
    if (fate) {
      const width = this.selectedEdges.has(index) ? 4 : 3;
      return {
        colour: fateColour(fate, colours),
        width,
        alpha: 1,
        lit: true,
        stroke: fateStroke(fate)
      };
    }
    let [colour, width, lit] = [colours.edge, 1.5, true];
    if (this.selectedEdges.has(index)) [colour, width] = [colours.brand, 2.5];
    else if (this.landing === index) [colour, width] = [colours.brand, 5];
    else if (severity === 'error') [colour, width] = [colours.bad, 2];
    else if (severity === 'warning') [colour, width] = [colours.warn, 2];
    else if (severity === 'advice') [colour, width] = [colours.dim, 2];
    else if (this.moved.has(index)) [colour, width] = [colours.run, 3];
    else if (this.marking?.edges.has(index)) {
      [colour, width] = [this.marking.bad ? colours.bad : colours.run, 3];
    } else if (!this.marking && takenOf(line, this.run) > 0) [colour, width] = [colours.ok, 2.5];
    else lit = false;
    if (this.over === line.key) width = 2.5;
    return { colour, width, alpha: this.leaving === index ? 0.25 : 1, lit };
  };

  /** Whether so much runs that nothing of it moves by itself. */
  get crowded(): boolean {
    return (this.run?.active().size ?? 0) > MANY;
  }

  /** What is said where an edge begins. */
  mark(index: number): EdgeMark | null {
    const fate = this.fates?.edges.get(index);
    if (fate) return { text: LETTERS[fate], title: strings.fates[fate], look: `wfnb-fate-${fate}` };
    const count = this.count(index);
    return count ? { text: `×${count}`, title: strings.takenTimes(count), look: '' } : null;
  }

  private stateColour(item: Item, idle: string): string {
    const fate = this.fates?.nodes.get(item.id);
    if (fate) return fateColour(fate, this.colours());
    const state = this.stateOf(item);
    return state === 'idle' ? idle : stateColour(state, this.colours());
  }

  private stateOf({ id }: Item): NodeState {
    const inside = this.graph.folding.within(id);
    if (inside.length) return foldedDressing(inside, this.run).state;
    return this.run?.node(id).state ?? 'idle';
  }

  private later(change: Change): void {
    this.dirty = this.dirty === undefined || !change ? change : joined(this.dirty, change);
    // Another moment of a run, which somebody waits for, comes as soon as the page can show it.
    if (!change) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    this.timer ??= setTimeout(() => this.flush(), this.pace.wait(change ? FLUSH : 0));
  }

  private flush(): void {
    this.timer = undefined;
    const change = this.dirty ?? null;
    this.dirty = undefined;
    const nodes = new Set([...(change?.nodes ?? [])].map(id => this.graph.folding.shown(id)));
    const [counts, lines] = [change !== null && change.edges.size > 0, this.relined(change)];
    this.pace.paint(() => this.paint(change && { nodes, counts, lines }));
    // Seconds go on while something runs.
    if (this.run?.ticking()) this.later({ nodes: this.run.active(), edges: new Set() });
  }

  /** Whether lines look different after a change: that an edge was taken once more is not seen on its line. */
  private relined(change: Change): boolean {
    const now = this.run?.edges;
    const before = this.taken.size;
    if (!change) this.taken.clear();
    for (const index of change?.edges ?? now?.keys() ?? []) {
      if (now?.get(index)) this.taken.add(index);
    }
    return !change || this.taken.size !== before;
  }
}

const isDisabled = (node: Node): boolean => node.kind === 'task' && node.disabled === true;

function joined(a: Change, b: Change): Change {
  if (!a || !b) return null;
  return { nodes: new Set([...a.nodes, ...b.nodes]), edges: new Set([...a.edges, ...b.edges]) };
}
