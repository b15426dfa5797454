/** Earlier versions of the file, to look at and to go back to. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { fateOf } from './conflict';
import { useStore } from '../ground/hooks';
import { Button } from '../parts/parts';
import type { Session } from '../session/session';
import { strings } from '../texts/strings';

const SHOWN = 4;

export function Revisions({
  session,
  close
}: {
  session: Session;
  close: () => void;
}): JSX.Element {
  const revisions = useStore(session.revisions);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    session.send({ type: 'list_revisions' });
    panel.current?.focus();
  }, [session]);
  return (
    <section
      ref={panel}
      class="wfnb-popover wfnb-revisions"
      role="dialog"
      tabIndex={-1}
      aria-label={strings.revisions}
      onKeyDown={event => event.key === 'Escape' && close()}
    >
      <header>
        <h3>{strings.revisions}</h3>
        <Button icon="cross" class="wfnb-small" title={strings.dismiss} onClick={close} />
      </header>
      <ol>
        {(revisions ?? []).map(({ id, time, changes = [] }, index) => (
          <li key={id} data-revision={id}>
            <time dateTime={new Date(time).toISOString()}>{new Date(time).toLocaleString()}</time>
            {index === 0 ? (
              <span class="wfnb-dim">{strings.newest}</span>
            ) : (
              <span class="wfnb-buttons">
                <Button
                  name="compare-revision"
                  title={strings.compareHelp}
                  onClick={() => session.send({ type: 'compare_revision', id })}
                >
                  {strings.compareRevision}
                </Button>
                <Button
                  name="restore"
                  title={strings.restoreHelp}
                  onClick={() => session.send({ type: 'restore_revision', id })}
                >
                  {strings.restore}
                </Button>
              </span>
            )}
            <ul class="wfnb-changes">
              {changes.slice(0, SHOWN).map(line => (
                <li key={line} data-fate={fateOf(line)} title={line}>
                  {line}
                </li>
              ))}
              {changes.length > SHOWN && (
                <li class="wfnb-dim">{strings.more(changes.length - SHOWN)}</li>
              )}
            </ul>
          </li>
        ))}
      </ol>
      {revisions?.length === 0 && <p class="wfnb-hint">{strings.noRevisions}</p>}
    </section>
  );
}
