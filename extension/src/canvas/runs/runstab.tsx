/** The run view in the designer's place: a conversation of its own, so that the drawing stays as it is drawn. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { RunPane } from './pane';
import { RunView } from './runview';
import { Session } from '../session/session';
import type { Transport } from '../session/session';
import type { Mode } from '../panels/toolbar';
import type { Report } from '../wire.gen';

/** Carries the run view's messages inside those of the designer. */
function within(outer: Session): Transport {
  return {
    kernel: outer.kernel,
    gone: outer.gone,
    send: message => outer.send({ type: 'for_runs', message: { ...message } }),
    onMessage: listener =>
      outer.onReport(report => {
        if (report.type === 'from_runs') listener(report.message as unknown as Report);
      })
  };
}

export function RunsTab(props: {
  root: HTMLElement;
  outer: Session;
  back: (mode: Mode) => void;
}): JSX.Element | null {
  const { root, outer } = props;
  const [made, setMade] = useState<{ session: Session; pane: RunPane } | null>(null);
  useEffect(() => {
    const session = new Session(within(outer));
    const pane = new RunPane(root, session);
    setMade({ session, pane });
    return () => {
      pane.dispose();
      session.dispose();
      outer.send({ type: 'for_runs' });
    };
  }, [outer]);
  return made && <RunView session={made.session} pane={made.pane} back={props.back} />;
}
