/** How the selected node stands in the run that is shown. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { shareOf } from '../surface/dressing';
import type { RunModel } from '../session/run';
import { strings } from '../texts/strings';
import { duration } from '../ground/time';
import type { NodeStatus } from '../wire.gen';

const TICK = 250;

/** A node's status, followed while the run goes on; undefined where it took no part. */
export function useStatus(run: RunModel, id: string): NodeStatus | undefined {
  const [, tick] = useState(0);
  const again = (): void => tick(count => count + 1);
  useEffect(
    () =>
      run.onChange(change => {
        if (!change || change.nodes.has(id)) again();
      }),
    [run, id]
  );
  const status = run.nodes.get(id);
  const going = status?.state === 'running' && status.ended == null && run.at === null;
  useEffect(() => {
    if (!going) return;
    const timer = setInterval(again, TICK);
    return () => clearInterval(timer);
  }, [going]);
  return status?.state === 'idle' ? undefined : status;
}

/** `paused`: how often the run is paused inside of what the node runs; `title`: what it is called. */
export function LastRun(props: {
  status: NodeStatus;
  run: RunModel;
  paused?: number | undefined;
  title?: string;
}): JSX.Element {
  const { state, attempt = 1, visits = 1, started, ended, value, error, traceback } = props.status;
  const { note = '' } = props.status;
  const { paused, title = strings.lastRun } = props;
  const share = shareOf(props.status);
  const facts = [paused ? strings.pausedInside(paused) : strings.states[state]];
  if (share !== null) facts.push(strings.shareDone(share));
  if (visits > 1) facts.push(strings.visits(visits));
  if (attempt > 1) facts.push(strings.attempts(attempt));
  if (started != null && state !== 'ready') {
    facts.push(duration((ended ?? props.run.now()) - started));
  }
  return (
    <section class="wfnb-lastrun" data-state={state} aria-label={title}>
      <h3>{title}</h3>
      <p>{facts.join(' · ')}</p>
      {share !== null && <progress value={share} aria-label={strings.progress} />}
      {note && <p class="wfnb-dim">{note}</p>}
      {error && state !== 'completed' && <p class="wfnb-trouble">{error}</p>}
      {traceback && (
        <pre class="wfnb-text" tabIndex={0} role="group" aria-label={strings.traceback}>
          {traceback}
        </pre>
      )}
      {value && state === 'completed' && (
        <pre class="wfnb-text" tabIndex={0} role="group" aria-label={strings.brings}>
          {value}
        </pre>
      )}
    </section>
  );
}
