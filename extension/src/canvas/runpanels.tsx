/** The panels beside a run's graph: the list of runs, and what holds at the event in focus. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { edgesOf } from './document';
import { useStore } from './hooks';
import { Button, Icon } from './parts';
import type { Session } from './session';
import { strings } from './strings';
import { duration, moment } from './time';
import { runIcon, runTone } from './runpill';
import type { RunRow, ValueText } from './wire.gen';

export function RunList({ session }: { session: Session }): JSX.Element {
  const runs = useStore(session.runs);
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
          choose={() => session.send({ type: 'open_run', run: run.run })}
        />
      ))}
    </nav>
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
      <span class={`wfnb-dim wfnb-end ${run.ended == null ? 'wfnb-going' : ''}`}>{time}</span>
    </button>
  );
}

const MOST = 200;

export function FocusPanel(props: { session: Session; close: () => void }): JSX.Element {
  const { session } = props;
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
        </>
      )}
    </aside>
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
