/** A run: its graph at any of its events, its tables, its time line. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Asks } from './asks';
import { useStore } from './hooks';
import { Outline } from './outline';
import type { RunPane } from './pane';
import { Button } from './parts';
import { Player, SPEEDS } from './player';
import { FocusPanel, RunList } from './runpanels';
import { RunPill } from './runpill';
import { EventTable, TaskTable } from './runtables';
import type { Session } from './session';
import { SignalForm, signalsOf } from './signals';
import { Stage } from './stage';
import { strings } from './strings';
import { duration, moment } from './time';
import { Timeline } from './timeline';
import { Toast } from './toast';
import { Heading, ModeSwitch } from './toolbar';
import type { Mode } from './toolbar';
import { whenTight } from './width';
import type { RunRow } from './wire.gen';

const TABS = ['graph', 'tasks', 'events'] as const;
type Tab = (typeof TABS)[number];

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
  const [player] = useState(() => new Player(session));
  const [tab, setTab] = useState<Tab>('graph');
  const [panels, setPanels] = useState<Panels>({ runs: true, values: true });
  const toggle = (panel: keyof Panels): void =>
    setPanels(now => ({ ...now, [panel]: !now[panel] }));
  const history = useStore(session.history);
  const failure = useStore(session.failure);
  const view = useStore(session.view);
  const [signalling, setSignalling] = useState(false);
  const ask = (): void => setSignalling(true);
  useStore(session.frame);
  useEffect(() => () => player.dispose(), [player]);
  useEffect(() => whenTight(pane.root, () => setPanels({ runs: false, values: false })), [pane]);
  const go = (at: number, node: string): void => {
    player.pause();
    player.seek(at);
    if (!node) return;
    pane.surface.select({ nodes: [node], edges: [] });
    if (tab === 'graph') pane.surface.view.reveal(node);
  };
  return (
    <>
      <RunBar {...{ session, player, tab, setTab, back, panels, toggle }} signal={ask} />
      {panels.runs && <RunList session={session} />}
      <div class="wfnb-stage">
        <Stage element={pane.stage} hidden={tab !== 'graph'}>
          {player.live && <Asks session={session} surface={pane.surface} run={history?.run} />}
        </Stage>
        {history && tab === 'tasks' && <TaskTable history={history} at={player.at} seek={go} />}
        {history && tab === 'events' && <EventTable history={history} at={player.at} seek={go} />}
      </div>
      {panels.values && <FocusPanel session={session} close={() => toggle('values')} />}
      <footer class="wfnb-footer wfnb-runfooter">
        {history ? (
          <Timeline {...{ session, history, player }} choose={go} />
        ) : (
          <p class="wfnb-hint wfnb-line">{strings.noRunOpen}</p>
        )}
      </footer>
      <Outline session={session} run={session.focus} surface={pane.surface} />
      {signalling && (
        <SignalForm session={session} document={view.document} close={() => setSignalling(false)} />
      )}
      {failure && <Toast text={failure} close={() => session.failure.set(null)} />}
    </>
  );
}

function RunBar(props: {
  session: Session;
  player: Player;
  tab: Tab;
  setTab: (tab: Tab) => void;
  panels: Panels;
  toggle: (panel: keyof Panels) => void;
  back?: ((mode: Mode) => void) | undefined;
  signal: () => void;
}): JSX.Element {
  const { session, player, tab } = props;
  const { document } = useStore(session.view);
  const runs = useStore(session.runs);
  const open = useStore(session.history)?.run;
  const playing = useStore(player.playing);
  const speed = useStore(player.speed);
  const row = runs.find(run => run.run === open);
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
      <Heading document={document} />
      {row && <RunFacts row={row} />}
      <Button icon="first" name="first" title={strings.first} onClick={() => player.seek(0)} />
      <Button
        icon={playing ? 'pause' : 'play'}
        name="play"
        title={playing ? strings.pause : strings.play}
        onClick={() => player.toggle()}
      />
      <Button icon="last" name="last" title={strings.last} onClick={() => player.seek(null)} />
      <select
        class="wfnb-button wfnb-select"
        aria-label={strings.speed}
        title={strings.speed}
        value={speed}
        onChange={event => player.speed.set(Number(event.currentTarget.value))}
      >
        {SPEEDS.map(value => (
          <option value={value} key={value}>{`${value}×`}</option>
        ))}
      </select>
      <span class="wfnb-space" />
      {row && <RunPill head={{ ...row, ended: row.ended ?? null, error: '' }} />}
      <span class="wfnb-segments" role="tablist">
        {TABS.map(name => (
          <button
            type="button"
            role="tab"
            class="wfnb-segment"
            key={name}
            data-tab={name}
            aria-selected={tab === name}
            onClick={() => props.setTab(name)}
          >
            {strings[name]}
          </button>
        ))}
      </span>
      <Button
        icon="inspect"
        name="values"
        pressed={props.panels.values}
        title={strings.values}
        onClick={() => props.toggle('values')}
      />
      {props.back && (
        <ModeSwitch mode="runs" modes={['draw', 'python', 'runs']} setMode={props.back} />
      )}
      {going && signalsOf(document).length > 0 && (
        <Button name="signal" icon="signal" title={strings.sendSignal} onClick={props.signal} />
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

function RunFacts({ row }: { row: RunRow }): JSX.Element {
  const parts = [strings.runShort(row.run), strings.started(moment(row.started))];
  if (row.ended != null) parts.push(duration(row.ended - row.started));
  const text = parts.join(' · ');
  return (
    <span class="wfnb-state" title={text}>
      {text}
    </span>
  );
}
