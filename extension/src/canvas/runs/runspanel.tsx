/** The runs of the histories around, as a side panel of JupyterLab shows them. */
import { render } from 'preact';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { beGuest } from '../editor/guest';
import { useStore } from '../ground/hooks';
import { Button, Icon } from '../parts/parts';
import { runIcon, runTone } from '../parts/runpill';
import { Disposers } from '../ground/store';
import type { Store } from '../ground/store';
import { strings } from '../texts/strings';
import { injectStyle } from '../look/style';
import { followTheme } from '../look/theme';
import { duration, moment } from '../ground/time';
import type { RunRow, RunState } from '../wire.gen';

/** What a panel knows of the runs. */
export interface RunsFound {
  runs: readonly RunRow[];
  /** Whether kernels that have histories open tell of them, or a file was read, or nothing is known. */
  from: 'kernels' | 'file' | 'nowhere';
  /** The folder that is looked at. */
  folder: string;
  looking: boolean;
  trouble: string;
}

export interface RunsActions {
  open(run: RunRow): void;
  /** Reads the history in the folder, of which no kernel tells. */
  read(): void;
}

const ORDER: readonly RunState[] = [
  'running',
  'paused',
  'waiting',
  'failed',
  'completed',
  'cancelled'
];

/** Puts the panel into `host`; the result takes it away. */
export function mountRunsPanel(
  host: HTMLElement,
  found: Store<RunsFound>,
  actions: RunsActions
): () => void {
  injectStyle(host);
  const root = document.createElement('div');
  root.className = 'wfnb-root wfnb-runspanel wfnb-fill';
  host.append(root);
  const disposers = new Disposers();
  disposers.add(followTheme(root, () => undefined));
  beGuest(root, disposers);
  render(<Panel found={found} actions={actions} />, root);
  return () => {
    disposers.dispose();
    render(null, root);
    root.remove();
  };
}

function fits(run: RunRow, wanted: string): boolean {
  const text = `${run.name} ${run.run} ${strings.runStates[run.state]}`.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

function Panel(props: { found: Store<RunsFound>; actions: RunsActions }): JSX.Element {
  const found = useStore(props.found);
  const [wanted, setWanted] = useState('');
  const runs = found.runs.filter(run => fits(run, wanted));
  return (
    <nav aria-label={strings.runs} aria-busy={found.looking}>
      <input
        class="wfnb-input"
        type="search"
        placeholder={strings.findRun}
        aria-label={strings.findRun}
        value={wanted}
        onInput={event => setWanted(event.currentTarget.value)}
      />
      <p class="wfnb-hint" role="status" data-from={found.from}>
        {strings.runsFrom[found.from]}
      </p>
      {found.trouble && (
        <p class="wfnb-hint" role="alert">
          {found.trouble}
        </p>
      )}
      {found.from === 'nowhere' && !found.looking && (
        <Button name="read-runs" onClick={() => props.actions.read()}>
          {strings.readRuns}
        </Button>
      )}
      {found.from !== 'nowhere' && !found.runs.length && <p>{strings.noRuns}</p>}
      {found.runs.length > 0 && !runs.length && <p>{strings.nothingFound}</p>}
      {ORDER.map(state => (
        <Group
          key={state}
          state={state}
          runs={runs.filter(run => run.state === state)}
          open={run => props.actions.open(run)}
        />
      ))}
    </nav>
  );
}

function Group(props: {
  state: RunState;
  runs: readonly RunRow[];
  open: (run: RunRow) => void;
}): JSX.Element | null {
  const { state, runs, open } = props;
  if (!runs.length) return null;
  return (
    <details open data-group={state}>
      <summary>
        <span class={`wfnb-tone wfnb-tone-${runTone(state)}`}>
          <Icon name={runIcon(state)} />
        </span>
        {strings.runStates[state]}
        <span class="wfnb-dim">{runs.length}</span>
      </summary>
      {runs.map(run => (
        <button
          type="button"
          key={run.run}
          class="wfnb-entry wfnb-runentry"
          data-run={run.run}
          data-run-state={state}
          title={`${run.name} · ${run.run}`}
          onClick={() => open(run)}
        >
          <span>
            {run.name}
            <small>{moment(run.started)}</small>
          </span>
          {run.ended != null && (
            <span class="wfnb-dim wfnb-end">{duration(run.ended - run.started)}</span>
          )}
        </button>
      ))}
    </details>
  );
}
