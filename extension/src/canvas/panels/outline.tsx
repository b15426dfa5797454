/**
 * The drawing as lists of nodes, edges and problems, with what can be done with each: for those who do
 * not see it, and shown while it has the keyboard. What is selected here is selected in the drawing.
 */
import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Announced } from './announce';
import { chordOf } from '../ground/chords';
import { commandOn } from '../editor/keymap';
import { shareOf } from '../surface/dressing';
import { edgesOf, nodesOf } from '../document/document';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { jump } from '../editor/jump';
import { marksAt, marksOf } from '../session/marks';
import type { Marks } from '../session/marks';
import { Pace } from '../ground/pace';
import { isAt, sorted } from '../document/problemindex';
import type { RunModel } from '../session/run';
import type { Session } from '../session/session';
import { titleOf } from '../look/shapes';
import { edgeWords } from '../layout/spoken';
import { strings } from '../texts/strings';
import type { Surface } from '../surface/surface';
import type { Edge, Node, Problem } from '../wire.gen';

/** Beyond this a list nobody can walk would only slow the page down. */
const MOST = 400;
const PAUSE = 500;
/** What is selected in the drawing is marked (useSelected). */
const LINE = { type: 'button', tabIndex: -1, 'aria-current': false } as const;

export function Outline(props: {
  session: Session;
  run: RunModel;
  surface: Surface;
  /** What gives commands, where the drawing can be changed. */
  editor?: Editor;
}): JSX.Element {
  const { session, surface, run } = props;
  const view = useStore(session.view);
  const { document } = view;
  const checked = useStore(session.checked);
  const marks = marksOf(view, useStore(session.steering), useStore(session.halts));
  const problems = sorted(checked?.problems ?? []);
  const here = problems.filter(problem => isAt(problem, session.scope));
  const hold = useRef<HTMLElement>(null);
  useCalm(run);
  useSelected(hold, surface);
  const nodes = new Map(nodesOf(document).map(node => [node.id, node]));
  const select = (nodes: string[], edges: number[]): void => {
    surface.select({ nodes, edges });
    const [id] = nodes;
    if (id !== undefined) surface.view.center(id);
  };
  return (
    <section
      ref={hold}
      class="wfnb-outline"
      aria-label={strings.outline}
      onKeyDown={event => hold.current && keys(event, hold.current, surface, props.editor)}
    >
      <Announced {...{ run, document, marks }} problems={checked && problems} />
      <p class="wfnb-hint">{strings.outlineHelp}</p>
      <h3>{strings.nodesTitle}</h3>
      <ul aria-label={strings.nodesTitle} data-outline="nodes">
        {nodesOf(document)
          .slice(0, MOST)
          .map(node => (
            <li key={node.id} data-node={node.id} data-state={run.node(node.id).state}>
              <button {...LINE} onClick={() => select([node.id], [])}>
                {nodeText(node, run, here, marks)}
              </button>
            </li>
          ))}
      </ul>
      <Rest count={nodesOf(document).length} />
      <h3>{strings.edgesTitle}</h3>
      <ul aria-label={strings.edgesTitle} data-outline="edges">
        {edgesOf(document)
          .slice(0, MOST)
          .map((edge, i) => (
            <li key={i} data-source={edge.source} data-target={edge.target}>
              <button {...LINE} onClick={() => select([], [i])}>
                {edgeText(edge, i, id => nodes.get(id), run, here)}
              </button>
            </li>
          ))}
      </ul>
      <Rest count={edgesOf(document).length} />
      {problems.length > 0 && <h3>{strings.problemsTitle}</h3>}
      <ul aria-label={strings.problemsTitle} data-outline="problems" hidden={!problems.length}>
        {problems.slice(0, MOST).map((problem, i) => (
          <li key={i} data-code={problem.code}>
            <button type="button" tabIndex={-1} onClick={() => jump(problem, { session, surface })}>
              {problemText(problem)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Says that a list goes on, and how to come to the rest. */
function Rest({ count }: { count: number }): JSX.Element | null {
  return count > MOST ? <p class="wfnb-hint">{strings.outlineRest(count - MOST)}</p> : null;
}

function nodeText(node: Node, run: RunModel, problems: readonly Problem[], marks: Marks): string {
  const status = run.node(node.id);
  const { attempt = 1, visits = 1, value = '', error = '' } = status;
  const share = shareOf(status);
  const own = problems.filter(({ nodes = [] }) => nodes.includes(node.id));
  return [
    titleOf(node),
    strings.kinds[node.kind],
    strings.states[status.state],
    share === null ? '' : strings.shareDone(share),
    visits > 1 ? strings.visits(visits) : '',
    attempt > 1 ? strings.attempts(attempt) : '',
    status.state === 'failed' ? error : value,
    ...marksAt(marks, node.id).map(mark => strings.flags[mark]),
    ...own.map(problemText)
  ]
    .filter(Boolean)
    .join(', ');
}

function edgeText(
  edge: Edge,
  index: number,
  find: (id: string) => Node | undefined,
  run: RunModel,
  problems: readonly Problem[]
): string {
  const taken = run.edges.get(index) ?? 0;
  const own = problems.filter(({ edges = [] }) => edges.includes(index));
  return [edgeWords(edge, find), taken ? strings.takenTimes(taken) : '', ...own.map(problemText)]
    .filter(Boolean)
    .join(', ');
}

const problemText = ({ severity, message }: Problem): string =>
  `${strings.severities[severity]}: ${message}`;

/** Arrows walk through the lists; what else is a command of the designer is given for the line that has the keyboard. */
function keys(
  event: KeyboardEvent,
  hold: HTMLElement,
  { host }: Surface,
  editor: Editor | undefined
): void {
  const lines = [...hold.querySelectorAll<HTMLElement>('li button')];
  const at = lines.findIndex(line => line.matches(':focus'));
  const to = {
    ArrowDown: Math.min(at + 1, lines.length - 1),
    ArrowUp: Math.max(at - 1, 0),
    Home: 0,
    End: lines.length - 1
  }[event.key];
  if (at < 0) return;
  const chord = chordOf(event);
  const pressed = commandOn(chord);
  const command = pressed?.command;
  if (to !== undefined && chord === event.key) lines[to]?.focus();
  else if (chord === 'Escape') host.focus({ preventScroll: true });
  else if (event.key === ' ' || !editor || !command || command.native || command.anywhere) return;
  else {
    lines[at]?.click();
    if (command.id === 'delete' || command.id === 'heal') lines[at > 0 ? at - 1 : 1]?.focus();
    else if (command.id === 'drawEdge') host.focus({ preventScroll: true });
    // What was clicked is selected with the next turn.
    setTimeout(() => command.enabled(editor) && command.run(editor, pressed.meant));
  }
  event.preventDefault();
  event.stopPropagation();
}

/** Marks the lines of what is selected, without rendering all of them for it. */
function useSelected(hold: RefObject<HTMLElement>, { selection }: Surface): void {
  const mark = (): void => {
    const { nodes, edges } = selection.get();
    const [chosen, lines] = [new Set(nodes), new Set(edges)];
    const put = (list: string, on: (line: HTMLElement, index: number) => boolean): void => {
      const found = hold.current?.querySelectorAll<HTMLElement>(`[data-outline=${list}]>li`);
      found?.forEach((line, i) =>
        line.firstElementChild?.setAttribute('aria-current', `${on(line, i)}`)
      );
    };
    put('nodes', line => chosen.has(line.dataset['node'] ?? ''));
    put('edges', (_, i) => lines.has(i));
  };
  useEffect(mark);
  useEffect(() => selection.on(mark), [selection]);
}

/** Renders at most twice a second while a run reports. */
function useCalm(run: RunModel): void {
  const [, render] = useState(0);
  useEffect(() => {
    const pace = new Pace(PAUSE);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = run.onChange(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        pace.paint(() => render(count => count + 1));
      }, pace.wait());
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [run]);
}
