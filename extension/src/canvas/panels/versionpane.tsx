/** An earlier version and the drawing as it is now on one drawing, which only shows what is different. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { FATES, LETTERS, fatesOf } from '../surface/fates';
import type { Fate } from '../surface/fates';
import { useStore } from '../ground/hooks';
import { Button } from '../parts/parts';
import type { Session } from '../session/session';
import { strings } from '../texts/strings';
import { Surface } from '../surface/surface';
import { followTheme, takeTheme } from '../look/theme';
import type { ChangeRow, Unlike } from '../wire.gen';

export function VersionPane(props: {
  session: Session;
  unlike: Unlike;
  close: () => void;
}): JSX.Element {
  const { session, unlike, close } = props;
  const { revision } = useStore(session.view);
  const [surface, setSurface] = useState<Surface | null>(null);
  const asked = useRef(revision);
  const back = useRef<HTMLElement>(null);
  useEffect(() => back.current?.querySelector('button')?.focus(), []);
  useEffect(() => {
    // Whoever draws meanwhile, the comparison is with what is drawn.
    if (asked.current !== revision) session.send({ type: 'compare_revision', id: unlike.id });
    asked.current = revision;
  }, [revision]);
  const { id, time, changes } = unlike;
  const restore = (): void => {
    session.send({ type: 'restore_revision', id });
    close();
  };
  return (
    <div
      class="wfnb-versions"
      role="region"
      aria-label={strings.comparedWith(new Date(time).toLocaleString())}
      onKeyDown={event => event.key === 'Escape' && close()}
    >
      <header class="wfnb-toolbar" ref={back}>
        <Button name="leave-comparison" class="wfnb-primary" onClick={close}>
          {strings.backToDrawing}
        </Button>
        <b class="wfnb-heading" title={strings.comparedHelp}>
          {strings.comparedWith(new Date(time).toLocaleString())}
        </b>
        <Legend unlike={unlike} />
        <span class="wfnb-space" />
        <Button name="restore" title={strings.restoreHelp} onClick={restore}>
          {strings.restoreThis}
        </Button>
      </header>
      <Both {...{ session, unlike, made: setSurface }} />
      <aside class="wfnb-inspector" aria-label={strings.differences}>
        <ul class="wfnb-changes" data-list="differences">
          {changes.map(row => (
            <Row key={row.text} row={row} surface={surface} />
          ))}
          {!changes.length && <li class="wfnb-dim">{strings.sameAsThen}</li>}
        </ul>
      </aside>
    </div>
  );
}

/** How much became what. */
function Legend({ unlike }: { unlike: Unlike }): JSX.Element {
  const fates = [...Object.values(unlike.nodes), ...Object.values(unlike.edges)];
  const count = (fate: Fate): number => fates.filter(one => one === fate).length;
  return (
    <span class="wfnb-legend">
      {FATES.filter(count).map(fate => (
        <span key={fate} data-fate={fate}>
          {`${LETTERS[fate]} ${count(fate)} ${strings.fates[fate]}`}
        </span>
      ))}
    </span>
  );
}

function Row({ row, surface }: { row: ChangeRow; surface: Surface | null }): JSX.Element {
  const { text, fate, node = '', edge = null } = row;
  const show = (): void => {
    if (!surface) return;
    surface.select({ nodes: node ? [node] : [], edges: edge === null ? [] : [edge] });
    if (node) surface.view.reveal(node);
    else if (edge !== null) surface.view.revealLine(edge);
  };
  return (
    <li data-fate={fate}>
      {node || edge !== null ? (
        <button type="button" class="wfnb-link" title={strings.showNode} onClick={show}>
          {text}
        </button>
      ) : (
        text
      )}
    </li>
  );
}

/** The drawing of both, which lives for as long as it is shown. */
function Both(props: {
  session: Session;
  unlike: Unlike;
  made: (surface: Surface) => void;
}): JSX.Element {
  const { session, unlike, made } = props;
  const hold = useRef<HTMLDivElement>(null);
  const surface = useRef<Surface | null>(null);
  useEffect(() => {
    const root = hold.current?.closest<HTMLElement>('.wfnb-root');
    if (!hold.current || !root) return;
    const host = document.createElement('div');
    host.setAttribute('role', 'group');
    host.setAttribute('aria-label', strings.canvas);
    hold.current.append(host);
    const shown = new Surface(host, takeTheme(root), {});
    shown.setActivities(session.activities.get());
    const stop = followTheme(root, colours => shown.setColours(colours));
    surface.current = shown;
    made(shown);
    return () => {
      stop();
      shown.dispose();
      host.remove();
    };
  }, []);
  useEffect(() => {
    surface.current?.setDocument(unlike.document);
    surface.current?.setFates(fatesOf(unlike));
  }, [unlike]);
  return <div class="wfnb-stage" ref={hold} />;
}
