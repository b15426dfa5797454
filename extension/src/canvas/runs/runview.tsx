/** A run: its graph at any of its events, its tables, its time line. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Asks } from '../panels/asks';
import { Latest, Moment } from '../panels/announce';
import { ComparePane } from './comparepane';
import { ForkForm } from './forkform';
import { useStore } from '../ground/hooks';
import { linkRun } from './linked';
import { Outline } from '../panels/outline';
import type { RunPane } from './pane';
import { Button } from '../parts/parts';
import { ReplayDesk, TABS } from './replaydesk';
import { RunCrumbs } from './runcrumbs';
import { RunKeyList, runKeys } from './runkeys';
import { FocusPanel, RunList } from './runpanels';
import { RunPill } from '../parts/runpill';
import { EventTable, TaskTable } from './runtables';
import type { Session } from '../session/session';
import { SignalForm } from '../panels/signals';
import { signalsOf } from '../document/triggers';
import { Stage } from '../parts/stage';
import { Disposers } from '../ground/store';
import { strings } from '../texts/strings';
import { duration, moment } from '../ground/time';
import { Timeline } from './timeline';
import { Toast } from '../parts/toast';
import { ModeSwitch, Parts } from '../panels/toolbar';
import type { Mode } from '../panels/toolbar';
import { Transport } from './transport';
import { whenTight } from '../ground/width';
import type { RunRow } from '../wire.gen';

interface Panels {
  runs: boolean;
  values: boolean;
}

export interface RunViewProps {
  session: Session;
  pane: RunPane;
  /** Leads back to the drawing, where there is one. */
  back?: ((mode: Mode) => void) | undefined;
}

export function RunView({ session, pane, back }: RunViewProps): JSX.Element {
  const [desk] = useState(() => new ReplayDesk(session, pane.surface));
  const [panels, setPanels] = useState<Panels>({ runs: true, values: true });
  const toggle = (panel: keyof Panels): void =>
    setPanels(now => ({ ...now, [panel]: !now[panel] }));
  const { player } = desk;
  const tab = useStore(desk.tab);
  const history = useStore(session.history);
  const { nodes } = useStore(pane.surface.selection);
  useStore(session.frame);
  useEffect(() => {
    const disposers = new Disposers();
    runKeys(pane.root, desk, disposers);
    linkRun(desk, disposers);
    disposers.add(() => desk.dispose());
    pane.opened = () => desk.enter();
    return () => disposers.dispose();
  }, [desk]);
  useEffect(() => whenTight(pane.root, () => setPanels({ runs: false, values: false })), [pane]);
  const go = (at: number, node: string): void => desk.go(at, node);
  return (
    <>
      <RunBar {...{ desk, back, panels, toggle }} />
      {panels.runs && <RunList desk={desk} />}
      <div class="wfnb-stage" role="tabpanel" aria-label={strings[tab]}>
        <Stage element={pane.stage} hidden={tab !== 'graph'}>
          {player.live && <Asks session={session} surface={pane.surface} run={history?.run} />}
        </Stage>
        {history && tab === 'tasks' && (
          <TaskTable {...{ history, nodes }} at={player.at} seek={go} />
        )}
        {history && tab === 'events' && (
          <EventTable {...{ history, nodes }} at={player.at} seek={go} />
        )}
        {tab === 'compare' && <ComparePane desk={desk} />}
      </div>
      {panels.values && <FocusPanel desk={desk} close={() => toggle('values')} />}
      <footer class="wfnb-footer wfnb-runfooter">
        {history ? (
          <>
            <Transport desk={desk} />
            <Timeline {...{ desk, history }} choose={go} />
          </>
        ) : (
          <p class="wfnb-hint wfnb-line">{strings.noRunOpen}</p>
        )}
      </footer>
      <Outline session={session} run={session.focus} surface={pane.surface} />
      <Dialogs desk={desk} />
    </>
  );
}

/** What lies over the run view for a while; closed, the keyboard is where it was before (panes.ts). */
function Dialogs({ desk }: { desk: ReplayDesk }): JSX.Element {
  const { session } = desk;
  const { document } = useStore(session.view);
  const dialog = useStore(desk.dialog);
  const failure = useStore(session.failure);
  const notice = useStore(desk.notice);
  const close = (): void => desk.dialog.set(null);
  return (
    <>
      {dialog === 'keys' && <RunKeyList close={close} />}
      {dialog === 'fork' && <ForkForm desk={desk} close={close} />}
      {dialog === 'signal' && <SignalForm {...{ session, document, close }} />}
      <div class="wfnb-hidden">
        <Latest of={desk.notice} name="notice" />
        <Moment session={session} />
      </div>
      {notice && !failure && <Toast calm text={notice} close={() => desk.notice.set(null)} />}
      {failure && dialog !== 'fork' && (
        <Toast text={failure} close={() => session.failure.set(null)} />
      )}
    </>
  );
}

function RunBar(props: {
  desk: ReplayDesk;
  panels: Panels;
  toggle: (panel: keyof Panels) => void;
  back?: ((mode: Mode) => void) | undefined;
}): JSX.Element {
  const { desk } = props;
  const { session } = desk;
  const { document } = useStore(session.view);
  const runs = useStore(session.runs);
  const history = useStore(session.history);
  const row = runs.find(run => run.run === history?.run);
  const going = row !== undefined && row.ended == null;
  return (
    <div class="wfnb-toolbar wfnb-runbar" role="toolbar" aria-label={strings.toolbar}>
      <Button
        icon="panel"
        name="runlist"
        pressed={props.panels.runs}
        title={strings.runs}
        onClick={() => props.toggle('runs')}
      />
      <RunCrumbs {...{ desk, document, history }} />
      {row && <RunFacts row={row} />}
      <span class="wfnb-space" />
      {row && <RunPill head={{ ...row, ended: row.ended ?? null, error: '' }} />}
      <Tabs desk={desk} />
      <Button
        icon="inspect"
        name="values"
        pressed={props.panels.values}
        title={strings.values}
        onClick={() => props.toggle('values')}
      />
      <Button
        icon="keys"
        name="keys"
        title={`${strings.runKeysTitle} (?)`}
        onClick={() => desk.dialog.set('keys')}
      />
      {props.back && (
        <ModeSwitch mode="runs" modes={['draw', 'python', 'runs']} setMode={props.back} />
      )}
      {going && signalsOf(document).length > 0 && (
        <Button
          name="signal"
          icon="signal"
          title={strings.sendSignal}
          onClick={() => desk.dialog.set('signal')}
        />
      )}
      {going && (
        <Button
          icon="stop"
          class="wfnb-danger"
          name="cancel"
          onClick={() => session.send({ type: 'cancel' })}
        >
          {strings.cancel}
        </Button>
      )}
    </div>
  );
}

function Tabs({ desk }: { desk: ReplayDesk }): JSX.Element {
  const tab = useStore(desk.tab);
  const compared = useStore(desk.session.compared);
  return (
    <span
      class="wfnb-segments"
      role="tablist"
      aria-label={strings.modes}
      onKeyDown={event => walkTabs(event)}
    >
      {TABS.filter(name => name !== 'compare' || compared).map(name => (
        <button
          type="button"
          role="tab"
          class="wfnb-segment"
          key={name}
          data-tab={name}
          aria-selected={tab === name}
          tabIndex={tab === name ? 0 : -1}
          // Who came by keyboard goes on from here.
          onClick={event => desk.show(name, event.detail === 0)}
        >
          {strings[name]}
        </button>
      ))}
    </span>
  );
}

/** Arrows go from tab to tab and open each, Home and End the first and the last. */
function walkTabs(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')];
  const at = tabs.findIndex(tab => tab.matches(':focus'));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (at < 0 || to === undefined || event.shiftKey) return;
  const tab = tabs.at(to % tabs.length);
  tab?.click();
  tab?.focus();
  event.preventDefault();
  event.stopPropagation();
}

function RunFacts({ row }: { row: RunRow }): JSX.Element {
  const parts = [strings.runShort(row.run), strings.started(moment(row.started))];
  if (row.ended != null) parts.push(duration(row.ended - row.started));
  return (
    <span class="wfnb-state" title={parts.join(' · ')}>
      <Parts parts={parts} />
    </span>
  );
}
