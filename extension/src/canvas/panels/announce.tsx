/** Tells a screen reader what happens: what is selected and done, how a run stands, what is wrong, what is saved. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { edgesOf, findNode, nodesOf } from '../document/document';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import type { Marks } from '../session/marks';
import type { Pulled } from '../surface/ports';
import type { RunModel } from '../session/run';
import type { Session } from '../session/session';
import { titleOf } from '../look/shapes';
import { edgeWords } from '../layout/spoken';
import { Store } from '../ground/store';
import { strings } from '../texts/strings';
import type { Selection } from '../surface/surface';
import type { Problem, Workflow } from '../wire.gen';

/** So long nothing may happen before the last of what happened is told: keys that are held say it once. */
const CALM = 350;
/** Two of the same one after the other are told twice, which takes a text that differs. */
const AGAIN = '\u00a0';

/** Where no edge is ever drawn. */
export const NEVER = new Store<Pulled | null>(null);

/** What stands unseen beside the drawing of `editor`, and is read as it changes. */
export function Spoken({ editor }: { editor: Editor }): JSX.Element {
  const { session, surface } = editor;
  const selection = useStore(surface.selection);
  const { document } = useStore(session.view);
  const pulled = useStore(surface.pulling?.pulled ?? NEVER);
  const id = session.client;
  useEffect(() => {
    surface.host.setAttribute('aria-describedby', `${id}-selected ${id}-keys`);
  }, []);
  return (
    <div class="wfnb-hidden">
      <p role="status" data-selection id={`${id}-selected`}>
        {selectionText(document, selection)}
      </p>
      <p role="status" data-announced="aim">
        {pulled?.byKey ? aimOf(document, pulled) : ''}
      </p>
      <Latest of={session.deed} name="edits" />
      <Latest of={session.notice} name="notice" />
      <Kept session={session} />
      <p hidden id={`${id}-keys`}>
        {strings.canvasHelp}
      </p>
    </div>
  );
}

/** The last text of a store, once no other has come for a while. */
export function Latest(props: { of: Store<string | null>; name: string }): JSX.Element {
  const [text, tell] = useState('');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = props.of.on(said => {
      if (!said) return;
      clearTimeout(timer);
      timer = setTimeout(() => tell(told => (told === said ? said + AGAIN : said)), CALM);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [props.of]);
  return (
    <p role="status" data-announced={props.name}>
      {text}
    </p>
  );
}

/** Whether the drawing is kept: that it is not, and that it is again; not each time that it is. */
function Kept({ session }: { session: Session }): JSX.Element {
  const saving = useStore(session.saving);
  const gone = useStore(session.gone);
  const state = saving?.state ?? 'saving';
  const troubled = useRef(false);
  if (state === 'unsaved' || state === 'conflict') troubled.current = true;
  const text =
    state === 'saved' ? strings.savedAgain : state === 'saving' ? '' : strings.savingStates[state];
  return (
    <p role="status" data-announced="saving">
      {gone ? strings.kernelGone : troubled.current ? text : ''}
    </p>
  );
}

/** What changed without anybody looking: how the run stands, what of it asks for attention, what is wrong. */
export function Announced(props: {
  run: RunModel;
  document: Workflow;
  problems: readonly Problem[] | null;
  marks: Marks;
}): JSX.Element {
  const { run, document, problems, marks } = props;
  const head = useStore(run.head);
  const asking = nodesOf(document).filter(({ id }) => {
    const { state } = run.node(id);
    return state === 'failed' || state === 'waiting' || marks.paused.has(id);
  });
  const stateOf = (id: string): string => {
    const times = marks.paused.get(id);
    return times ? strings.pausedInside(times) : strings.states[run.node(id).state];
  };
  const told = asking.slice(0, 3).map(node => `${titleOf(node)} ${stateOf(node.id)}`);
  return (
    <>
      <p role="status" data-announced="run">
        {head ? [strings.announceRun(strings.runStates[head.state]), ...told].join(', ') : ''}
      </p>
      <p role="status" data-announced="problems">
        {problems ? strings.problems(problems.length) : ''}
      </p>
    </>
  );
}

/** After which event of a run the drawing stands, once it rests there. */
export function Moment({ session }: { session: Session }): JSX.Element {
  const frame = useStore(session.frame);
  const [told, tell] = useState('');
  const hold = useRef<HTMLParagraphElement>(null);
  const { at = 0, total = 0, event } = frame ?? {};
  const words = [strings.atEvent(at, total), event?.type, event?.node];
  const text = frame && !frame.live ? words.filter(Boolean).join(', ') : '';
  useEffect(() => {
    // The slider that has the keyboard says it itself.
    if (hold.current?.closest('.wfnb-root')?.querySelector('.wfnb-slider:focus')) return;
    const timer = setTimeout(() => tell(text), CALM);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p role="status" data-announced="moment" ref={hold}>
      {told}
    </p>
  );
}

/** Between which nodes an edge would be that is on its way. */
export function aimOf(document: Workflow, { held, to, end }: Pulled): string {
  if (to === null) return '';
  const [from, into] = end === 'target' ? [held, to] : [to, held];
  return strings.aiming(nameOf(document, from), nameOf(document, into));
}

function selectionText(document: Workflow, { nodes, edges }: Selection): string {
  const [id] = nodes;
  const node = id === undefined ? undefined : findNode(document, id);
  if (nodes.length + edges.length > 1) return strings.selectedSome(nodes.length, edges.length);
  if (node) {
    const all = edgesOf(document);
    const [before, after] = [all.filter(e => e.target === id), all.filter(e => e.source === id)];
    const kind = strings.kinds[node.kind];
    return strings.selectedNode(titleOf(node), kind, before.length, after.length);
  }
  const edge = edgesOf(document)[edges[0] ?? -1];
  return edge ? edgeWords(edge, id => findNode(document, id)) : '';
}

function nameOf(document: Workflow, id: string): string {
  const node = findNode(document, id);
  return node ? titleOf(node) : id;
}
