/**
 * The drawing for those who do not see it: a list of nodes and edges with their state and problems,
 * visually hidden, that mirrors what is drawn and selects what is activated.
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { edgesOf, findNode, nodesOf } from './document';
import { useStore } from './hooks';
import type { RunModel } from './run';
import type { Session } from './session';
import { titleOf } from './shapes';
import { strings } from './strings';
import type { Surface } from './surface';
import type { Workflow } from './wire.gen';

/** Beyond this a list nobody can walk would only slow the page down. */
const MOST = 400;
const PAUSE = 500;

export function Outline(props: { session: Session; run: RunModel; surface: Surface }): JSX.Element {
  const { session, run, surface } = props;
  const { document } = useStore(session.view);
  const head = useStore(run.head);
  useCalm(run);
  const select = (nodes: string[], edges: number[]): void => {
    surface.select({ nodes, edges });
    const [id] = nodes;
    if (id !== undefined) surface.view.center(id);
  };
  return (
    <section class="wfnb-hidden" aria-label={strings.outline}>
      <p role="status">{head ? strings.announceRun(strings.runStates[head.state]) : ''}</p>
      <ul aria-label={strings.nodesTitle} data-outline="nodes">
        {nodesOf(document)
          .slice(0, MOST)
          .map(node => (
            <li key={node.id} data-node={node.id} data-state={run.node(node.id).state}>
              <button type="button" tabIndex={-1} onClick={() => select([node.id], [])}>
                {`${titleOf(node)}, ${strings.kinds[node.kind]}, ${strings.states[run.node(node.id).state]}`}
              </button>
            </li>
          ))}
      </ul>
      <ul aria-label={strings.edgesTitle} data-outline="edges">
        {edgesOf(document)
          .slice(0, MOST)
          .map((edge, i) => (
            <li key={i} data-source={edge.source} data-target={edge.target}>
              <button type="button" tabIndex={-1} onClick={() => select([], [i])}>
                {strings.outlineEdge(
                  name(document, edge.source),
                  name(document, edge.target),
                  edge.otherwise ? strings.otherwise : (edge.when ?? '')
                )}
              </button>
            </li>
          ))}
      </ul>
    </section>
  );
}

function name(document: Workflow, id: string): string {
  const node = findNode(document, id);
  return node ? titleOf(node) : id;
}

/** Renders at most twice a second while a run reports. */
function useCalm(run: RunModel): void {
  const [, render] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = run.onChange(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        render(count => count + 1);
      }, PAUSE);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [run]);
}
