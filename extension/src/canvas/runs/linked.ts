/** Canvases and the charts of their page: what is selected in one is shown in the others. */
import { nodesOf } from '../document/document';
import { moment, pressed, selected } from '../session/page';
import type { Pressed, Selected } from '../session/page';
import type { ReplayDesk } from './replaydesk';
import { atTime, duringTime } from '../session/runhistory';
import type { Session } from '../session/session';
import type { Disposers } from '../ground/store';
import type { Surface } from '../surface/surface';
import { strings } from '../texts/strings';
import type { Workflow } from '../wire.gen';

const activityOf = (node: object): string =>
  'activity' in node && typeof node.activity === 'string' ? node.activity : '';

/** The nodes of a drawing that a press in a chart means. */
export function meant(press: Pressed, document: Workflow): string[] {
  if (press.workflow && press.workflow !== document.name) return [];
  const nodes = nodesOf(document).filter(node =>
    press.by === 'node' ? node.id === press.name : activityOf(node) === press.name
  );
  return press.by === 'run' || press.by === 'time' ? [] : nodes.map(node => node.id);
}

/** Links a drawing that is of no run in particular. */
export function linkDrawing(surface: Surface, session: Session, disposers: Disposers): void {
  disposers.add(
    tellSelected(surface, session, () => ''),
    pressed.on(press => {
      const nodes = press ? meant(press, session.document) : [];
      show(surface, nodes);
    })
  );
}

/** Links a run view: a press on a visit leads to it, one on another run opens that. */
export function linkRun(desk: ReplayDesk, disposers: Disposers): void {
  const { session, surface } = desk;
  const run = (): string => session.history.get()?.run ?? '';
  let shown = run();
  disposers.add(
    tellSelected(surface, session, run),
    session.history.on(() => {
      // The first run in view is nobody's choice.
      if (shown && run() !== shown) tell(surface, session, run(), 'run');
      shown = run();
    }),
    followTimes(desk),
    pressed.on(press => press && press.by !== 'time' && follow(desk, press))
  );
}

/** A time that is pressed in a chart is where the run is looked at; where it is looked at is shown in charts. */
function followTimes(desk: ReplayDesk): () => void {
  const { session, surface, player } = desk;
  /** What was pressed, until another event is looked at. */
  let pressedAt: { at: number; from: number; until: number } | undefined;
  const stops = [
    pressed.on(press => {
      const history = session.history.get();
      if (press?.by !== 'time' || !history || !concerns(press, history.run, session)) return;
      const { from = 0, until = from } = press;
      const at = atTime(history, from, until);
      if (at === undefined) {
        desk.notice.set(strings.notThen);
        return;
      }
      pressedAt = { at, from, until };
      desk.notice.set(null);
      player.stand(at);
      const nodes = duringTime(history, from, until);
      surface.select({ nodes, edges: [] });
      if (nodes[0] !== undefined) surface.view.reveal(nodes[0]);
    }),
    session.frame.on(frame => {
      const history = session.history.get();
      if (!frame || !history) return;
      if (frame.at !== pressedAt?.at) pressedAt = undefined;
      const ts = history.events[frame.at - 1]?.ts;
      const { from, until } = pressedAt ?? { from: ts, until: ts };
      const here = { run: history.run, workflow: session.document.name ?? '' };
      if (!player.live && from !== undefined && until !== undefined)
        moment.set({ ...here, from, until });
      else if (moment.get()?.run === here.run) moment.set(null);
    })
  ];
  return () => stops.forEach(stop => stop());
}

const concerns = ({ runs, workflow }: Pressed, run: string, session: Session): boolean =>
  (!runs.length || runs.includes(run)) && (!workflow || workflow === session.document.name);

function follow(desk: ReplayDesk, press: Pressed): void {
  const { session, surface } = desk;
  const history = session.history.get();
  if (press.by === 'run') {
    const known = session.runs.get().some(row => row.run === press.name);
    if (known && press.name !== history?.run) desk.open(press.name);
    return;
  }
  if (!history || (press.runs.length && !press.runs.includes(history.run))) return;
  const nodes = meant(press, session.document);
  const [node] = nodes;
  const row = history.tasks.find(
    row => row.node === node && row.visit === press.visit && row.attempt === press.attempt
  );
  if (row && node !== undefined) desk.go(row.last ?? row.first ?? 0, node);
  else show(surface, nodes);
}

function show(surface: Surface, nodes: string[]): void {
  const [first] = nodes;
  if (first === undefined) return;
  surface.select({ nodes, edges: [] });
  surface.view.reveal(first);
}

function tellSelected(surface: Surface, session: Session, run: () => string): () => void {
  return surface.selection.on(() => tell(surface, session, run()));
}

function tell(
  surface: Surface,
  session: Session,
  run: string,
  what: Selected['what'] = 'nodes'
): void {
  const { document } = session;
  const { nodes } = surface.selection.get();
  const chosen = nodesOf(document).filter(node => nodes.includes(node.id));
  selected.set({
    what,
    run,
    workflow: document.name ?? '',
    nodes,
    activities: chosen.map(activityOf).filter(name => name)
  });
}
