/** Where the run in view comes from: the runs around it, and the one that it was forked from. */
import type { JSX } from 'preact';
import { Icon } from '../parts/parts';
import type { ReplayDesk } from './replaydesk';
import type { RunHistory } from '../session/runhistory';
import { strings } from '../texts/strings';
import { Heading } from '../panels/toolbar';
import type { Workflow } from '../wire.gen';

export function RunCrumbs(props: {
  desk: ReplayDesk;
  document: Workflow;
  history: RunHistory | null;
}): JSX.Element {
  const { desk, document, history } = props;
  const { name = strings.workflow } = document;
  const trail = history?.trail ?? [];
  return (
    <>
      {trail.length ? (
        <nav class="wfnb-heading wfnb-crumbs" aria-label={strings.aroundRun}>
          {trail.map((crumb, depth) => (
            <>
              <button
                type="button"
                class="wfnb-crumb"
                data-depth={depth}
                title={strings.backToRun(crumb.name)}
                onClick={() => desk.open(crumb.run)}
              >
                {crumb.name}
              </button>
              <span aria-hidden="true">›</span>
            </>
          ))}
          <b aria-current="page" title={history?.run}>
            {lastOf(history?.run ?? '') || name}
          </b>
        </nav>
      ) : (
        <Heading document={document} />
      )}
      {history?.origin && (
        <button
          type="button"
          class="wfnb-crumb wfnb-origin"
          data-action="origin"
          title={strings.forkedHelp}
          onClick={() => desk.open(history.origin, history.originAt)}
        >
          <Icon name="branch" />
          {strings.forkedFrom(strings.runShort(history.origin), history.originAt)}
        </button>
      )}
    </>
  );
}

/** `call[3]` of `run/call[3]`. */
const lastOf = (run: string): string => run.slice(run.lastIndexOf('/') + 1);
