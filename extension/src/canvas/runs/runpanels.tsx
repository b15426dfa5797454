/** The panels beside a run's graph: the list of runs, and what holds at the event in focus. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { edgesOf } from '../document/document';
import { useStore } from '../ground/hooks';
import { LastRun, useStatus } from '../inspector/run';
import { Button, Icon } from '../parts/parts';
import type { ReplayDesk } from './replaydesk';
import { StateMark } from './runtables';
import { strings } from '../texts/strings';
import { duration, moment } from '../ground/time';
import { runIcon, runTone } from '../parts/runpill';
import type { ChildRow, NodeChange, RunRow, ValueText } from '../wire.gen';

export function RunList({ desk }: { desk: ReplayDesk }): JSX.Element {
  const { session } = desk;
  // Runs inside others are found where those are.
  const runs = useStore(session.runs).filter(run => !run.run.includes('/'));
  const open = useStore(session.history)?.run;
  const { document } = useStore(session.view);
  return (
    <nav class="wfnb-palette wfnb-runlist" aria-label={strings.runs}>
      <h3>{strings.runs}</h3>
      {!runs.length && <p class="wfnb-hint">{strings.noRuns}</p>}
      {runs.map(run => (
        <RunEntry
          run={run}
          key={run.run}
          open={run.run === open}
          other={run.name !== document.name}
          choose={() => desk.open(run.run)}
        />
      ))}
      <CompareWith desk={desk} runs={runs.filter(run => run.run !== open)} />
    </nav>
  );
}

function CompareWith({ desk, runs }: { desk: ReplayDesk; runs: RunRow[] }): JSX.Element | null {
  const other = useStore(desk.session.compared)?.a ?? '';
  if (!runs.length) return null;
  return (
    <label class="wfnb-comparewith">
      <h3>{strings.compareWith}</h3>
      <select
        class="wfnb-button wfnb-select"
        data-action="compare"
        value={other}
        onChange={event => desk.compare(event.currentTarget.value)}
      >
        <option value="">{strings.compareNone}</option>
        {runs.map(run => (
          <option value={run.run} key={run.run}>
            {`${moment(run.started)} · ${strings.runStates[run.state].toLowerCase()}`}
          </option>
        ))}
      </select>
    </label>
  );
}

function RunEntry(props: {
  run: RunRow;
  open: boolean;
  other: boolean;
  choose: () => void;
}): JSX.Element {
  const { run } = props;
  const state = strings.runStates[run.state];
  const time = run.ended == null ? state.toLowerCase() : duration(run.ended - run.started);
  return (
    <button
      type="button"
      class={`wfnb-entry wfnb-runentry ${props.open ? 'wfnb-on' : ''}`}
      aria-current={props.open}
      data-run={run.run}
      data-run-state={run.state}
      title={`${run.name} · ${run.run} · ${state}`}
      onClick={props.choose}
    >
      <span class={`wfnb-tone wfnb-tone-${runTone(run.state)}`}>
        <Icon name={runIcon(run.state)} />
      </span>
      <span>
        {moment(run.started)}
        {props.other && <small>{run.name}</small>}
      </span>
      <span class="wfnb-hidden">{state}</span>
      <span class={`wfnb-dim wfnb-end ${run.ended == null ? 'wfnb-going' : ''}`}>{time}</span>
    </button>
  );
}

const MOST = 200;
/** Changes of nodes that are listed. */
const FEW = 8;

export function FocusPanel(props: { desk: ReplayDesk; close: () => void }): JSX.Element {
  const { desk } = props;
  const { session } = desk;
  const history = useStore(session.history);
  const { nodes } = useStore(desk.surface.selection);
  const frame = useStore(session.frame);
  const { document } = useStore(session.view);
  if (!frame) return <aside class="wfnb-inspector" aria-label={strings.values} />;
  const { event, moved = [] } = frame;
  const edges = edgesOf(document);
  const along = moved.flatMap(index => {
    const edge = edges[index];
    return edge ? [`${edge.source} → ${edge.target}`] : [];
  });
  return (
    <aside class="wfnb-inspector" aria-label={strings.values} data-at={frame.at}>
      <header>
        <b>{frame.at === 0 ? strings.beforeFirst : `${strings.afterEvent} ${frame.at}`}</b>
        <span class="wfnb-dim">{`${strings.of} ${frame.total}`}</span>
        <Button
          icon="cross"
          class="wfnb-small wfnb-close"
          name="close-values"
          title={strings.dismiss}
          onClick={props.close}
        />
      </header>
      <Standing desk={desk} node={nodes.length === 1 ? nodes[0] : undefined} />
      <h3>{strings.values}</h3>
      <Values values={frame.values ?? []} />
      {event && (
        <>
          <h3>{strings.thisEvent}</h3>
          <table class="wfnb-pairs wfnb-facts">
            <tbody>
              <Pair name={event.type} value={event.node ?? ''} />
              {event.detail && <Pair name={strings.columns.detail} value={event.detail} mono />}
              {along.slice(0, 6).map((text, i) => (
                <Pair name={i === 0 ? strings.movedAlong : ''} value={text} key={text} />
              ))}
              {along.length > 6 && <Pair name="" value={strings.more(along.length - 6)} />}
            </tbody>
          </table>
          <Changes changes={frame.changes ?? []} />
        </>
      )}
      <Inside desk={desk} node={nodes.length === 1 ? nodes[0] : event?.node} />
      <h3>{strings.fromHere}</h3>
      {history?.trail.length ? (
        <p class="wfnb-hint">{strings.childNoFork}</p>
      ) : (
        <Button icon="branch" name="fork" onClick={() => desk.dialog.set('fork')}>
          {strings.forkHere}
        </Button>
      )}
    </aside>
  );
}

/** How the selected node stands by now, else the one that the run failed at: its traceback is found here. */
function Standing(props: { desk: ReplayDesk; node: string | undefined }): JSX.Element | null {
  const { run } = props.desk.session;
  const id = props.node ?? run.failed() ?? '';
  const status = useStatus(run, id);
  return status ? <LastRun title={id} {...{ status, run }} /> : null;
}

/** How nodes stand otherwise than before the event in focus. */
function Changes({ changes }: { changes: readonly NodeChange[] }): JSX.Element {
  return (
    <>
      <h3>{strings.changed}</h3>
      {!changes.length && <p class="wfnb-hint">{strings.nothingChanged}</p>}
      {changes.slice(0, FEW).map(({ node, before, after }) => (
        <div class="wfnb-change" key={node} data-changed={node}>
          <b>{node}</b>
          <StateMark state={before} />
          <span aria-hidden="true">→</span>
          <StateMark state={after} />
        </div>
      ))}
      {changes.length > FEW && <p class="wfnb-hint">{strings.more(changes.length - FEW)}</p>}
    </>
  );
}

/** The runs inside a node that had begun by now; a press opens one as it was then. */
function Inside(props: { desk: ReplayDesk; node: string | undefined }): JSX.Element | null {
  const { desk, node } = props;
  const children = node ? desk.childrenOf(node) : [];
  if (!node || !children.length) return null;
  return (
    <>
      <h3>{`${strings.inside} ${node}`}</h3>
      <div class="wfnb-childlist">
        {children.slice(0, MOST).map(child => (
          <ChildEntry key={child.run} desk={desk} child={child} />
        ))}
      </div>
    </>
  );
}

function ChildEntry({ desk, child }: { desk: ReplayDesk; child: ChildRow }): JSX.Element {
  const over = child.last != null && child.last <= desk.player.at;
  const state = over ? (child.state ?? 'running') : 'running';
  const { index = -1 } = child;
  return (
    <button
      type="button"
      class="wfnb-entry wfnb-runentry"
      data-child={child.run}
      title={`${child.run} · ${strings.enterInsideHelp}`}
      onClick={() => desk.openChild(child.run)}
    >
      <span class={`wfnb-tone wfnb-tone-${runTone(state)}`}>
        <Icon name={runIcon(state)} />
      </span>
      {index >= 0 ? strings.item(index) : child.node}
      <span class="wfnb-dim wfnb-end">{strings.runStates[state].toLowerCase()}</span>
    </button>
  );
}

function Pair(props: { name: string; value: string; mono?: boolean }): JSX.Element {
  return (
    <tr>
      <td>{props.name}</td>
      <td class={props.mono ? 'wfnb-mono' : ''}>{props.value}</td>
    </tr>
  );
}

function Values({ values }: { values: readonly ValueText[] }): JSX.Element {
  const [wanted, setWanted] = useState('');
  if (!values.length) return <p class="wfnb-hint">{strings.noValues}</p>;
  const fitting = values.filter(value => value.name.toLowerCase().includes(wanted.toLowerCase()));
  const sorted = [...fitting.filter(v => v.changed), ...fitting.filter(v => !v.changed)];
  return (
    <>
      {values.length > 24 && (
        <input
          class="wfnb-input"
          type="search"
          placeholder={strings.find}
          aria-label={strings.find}
          value={wanted}
          onInput={event => setWanted(event.currentTarget.value)}
        />
      )}
      <table class="wfnb-pairs">
        <tbody>
          {(values.length > 24 ? sorted : fitting).slice(0, MOST).map(value => (
            <tr
              key={value.name}
              class={value.changed ? 'wfnb-changed' : ''}
              data-value={value.name}
            >
              <td title={value.type}>{value.name}</td>
              <td class="wfnb-mono" title={value.text}>
                {value.before != null && <s class="wfnb-was">{value.before}</s>}
                {value.text}
                {value.changed && <b> {strings.new}</b>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {fitting.length > MOST && <p class="wfnb-hint">{strings.more(fitting.length - MOST)}</p>}
    </>
  );
}
