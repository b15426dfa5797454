/** How a run stands, as a pill in the bar. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { STATE_ICONS } from '../look/icons';
import type { IconName } from '../look/icons';
import { Icon } from './parts';
import { isOver } from '../session/run';
import type { RunHead } from '../session/run';
import { strings } from '../texts/strings';
import { duration } from '../ground/time';
import type { RunState } from '../wire.gen';

const TONES: Record<RunState, string> = {
  running: 'run',
  paused: 'wait',
  waiting: 'wait',
  completed: 'ok',
  failed: 'bad',
  cancelled: 'dim'
};

/** The mark beside a run's state. */
export function runIcon(state: RunState): IconName {
  if (state === 'paused') return 'pause';
  return STATE_ICONS[state] ?? 'dot';
}

export const runTone = (state: RunState): string => TONES[state];

export function RunPill(props: {
  head: RunHead | null;
  /** Leads to what failed. */
  onFailed?: () => void;
  /** Shows the run; what of it is left to say is in its values. */
  onShow?: (() => void) | undefined;
}): JSX.Element | null {
  const { head, onFailed, onShow } = props;
  const [, tick] = useState(0);
  const going = head !== null && !isOver(head.state);
  useEffect(() => {
    if (!going) return;
    const timer = setInterval(() => tick(count => count + 1), 250);
    return () => clearInterval(timer);
  }, [going]);
  if (!head) return null;
  const ms = (head.ended ?? Date.now()) - head.started;
  const look = {
    class: `wfnb-pill wfnb-tone-${runTone(head.state)}`,
    title: head.error,
    'data-run-state': head.state
  };
  const content = (
    <>
      <Icon name={runIcon(head.state)} />
      {strings.runStates[head.state]}
      {head.started > 0 && <span class="wfnb-secondary">{duration(ms)}</span>}
    </>
  );
  const failed = head.state === 'failed' ? onFailed : undefined;
  const press = failed ?? onShow;
  if (!press) return <span {...look}>{content}</span>;
  const title = failed ? strings.showFailed(head.error) : strings.showRun;
  return (
    <button type="button" {...look} title={title} onClick={press}>
      {content}
    </button>
  );
}
