/** What a designer shows: the bar, the palette, the drawing, the inspector, the problems, and what lies over them. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Aim } from './aim';
import { AlignBar } from './alignbar';
import { Spoken } from './announce';
import { edgesOf, nodesOf } from './document';
import type { Asked } from './editor';
import { Asks } from './asks';
import { Conflict } from './conflict';
import { useStore } from './hooks';
import { Inspector } from './inspector';
import { Overlays } from './overlays';
import { Outline } from './outline';
import { Palette } from './palette';
import { Problems } from './problems';
import { Revisions } from './revisions';
import { RunForm } from './runform';
import { RunsTab } from './runstab';
import { isEmpty } from './session';
import { strings } from './strings';
import type { Workflow } from './wire.gen';
import { Shortcuts } from './shortcuts';
import { SignalForm } from './signals';
import { SourcePane } from './sourcepane';
import { Stage } from './stage';
import { StepPanel } from './steppanel';
import { Toast } from './toast';
import { Toolbar } from './toolbar';
import { VersionPane } from './versionpane';
import type { Designer, Panels } from './designer';

/** What to do next, as long as nothing is connected. */
function Beginning({ document }: { document: Workflow }): JSX.Element | null {
  const nodes = nodesOf(document);
  if (!nodes.length || edgesOf(document).length) return null;
  const bare = nodes.every(({ kind }) => kind === 'start' || kind === 'end');
  return (
    <div class="wfnb-empty wfnb-beginning">{bare ? strings.firstNode : strings.firstEdge}</div>
  );
}

export function Workbench({ designer }: { designer: Designer }): JSX.Element {
  const { editor, session } = designer;
  const inside = designer.inside();
  const panels = useStore(inside.panels);
  const mode = useStore(inside.mode);
  const [asked, ask] = useState<Asked | null>(null);
  /** The node to pause before where a run is asked for its inputs; null where none is. */
  const [asking, setAsking] = useState<string | null>(null);
  const view = useStore(session.view);
  const failure = useStore(session.failure);
  const notice = useStore(editor.notice);
  const unlike = useStore(session.unlike);
  const walk = useStore(editor.stepper.walk);
  const head = useStore(session.live.head);
  const keysShown = useStore(editor.keysShown);
  const [signalling, setSignalling] = useState(false);
  const toggle = (panel: keyof Panels): void => designer.toggle(panel);
  const title = inside.options.fill ? strings.activitiesEditor : strings.activities;
  const [revisions, setRevisions] = useState(false);
  useEffect(() => {
    editor.ask = edge => {
      inside.panels.set({ ...inside.panels.get(), inspector: true });
      ask(edge);
    };
    return designer.surface.selection.on(() => ask(null));
  }, [editor]);
  const start = (input: Record<string, unknown>, until: string): void => {
    setAsking(null);
    session.send({ type: 'run', input, ...(until && { until }) });
  };
  const run = (until = ''): void => {
    editor.stepper.leave();
    if (Object.keys(session.view.get().whole.inputs ?? {}).length) setAsking(until);
    else start({}, until);
  };
  useEffect(() => {
    editor.desk = {
      run,
      toggle: panel => designer.toggle(panel),
      inspect: at => designer.inspect(at),
      uncover: () => designer.uncover()
    };
  }, [editor]);
  const leave = (): void => {
    session.unlike.set(null);
    setRevisions(true);
  };
  if (unlike) return <VersionPane {...{ session, unlike }} close={leave} />;
  if (mode === 'runs') {
    return <RunsTab root={designer.root} outer={session} back={next => inside.mode.set(next)} />;
  }
  return (
    <>
      <Toolbar
        {...{ editor, toggle, mode }}
        run={() => run()}
        signal={() => setSignalling(true)}
        revisions={() => setRevisions(shown => !shown)}
        palette={panels.palette}
        inspector={panels.inspector}
        problems={panels.problems}
        modes={inside.options.runs ? ['draw', 'python', 'runs'] : ['draw', 'python']}
        setMode={next => inside.mode.set(next)}
      />
      {mode === 'python' ? (
        <SourcePane editor={editor} />
      ) : panels.palette ? (
        <Palette
          editor={editor}
          title={title}
          hint={inside.options.fill ? strings.noActivitiesEditor : strings.noActivities}
        />
      ) : (
        <span />
      )}
      <Stage element={inside.stage}>
        {view.unreadable && (
          <div class="wfnb-empty wfnb-unreadable" role="alert">
            <b>{strings.unreadable}</b>
            <p>{view.unreadable}</p>
          </div>
        )}
        {view.ready && !view.unreadable && isEmpty(view.document) && (
          <div class="wfnb-empty">{strings.emptyHint}</div>
        )}
        {view.ready && !view.readOnly && <Beginning document={view.whole} />}
        <AlignBar editor={editor} />
        <Aim editor={editor} />
        <Conflict session={session} />
        <Asks session={session} surface={designer.surface} run={head?.run} />
      </Stage>
      {walk ? (
        <StepPanel editor={editor} walk={walk} />
      ) : panels.inspector && mode === 'draw' ? (
        <Inspector editor={editor} asked={asked} />
      ) : (
        <span />
      )}
      <Problems editor={editor} open={panels.problems} toggle={() => toggle('problems')} />
      <Spoken editor={editor} />
      <Outline {...{ session, editor }} run={session.run} surface={designer.surface} />
      {asking !== null && (
        <RunForm
          document={view.whole}
          close={() => setAsking(null)}
          start={input => start(input, asking)}
        />
      )}
      <Overlays editor={editor} title={title} />
      {revisions && <Revisions session={session} close={() => setRevisions(false)} />}
      {signalling && (
        <SignalForm session={session} document={view.whole} close={() => setSignalling(false)} />
      )}
      {keysShown && <Shortcuts close={() => editor.keysShown.set(false)} />}
      {notice && !failure && <Toast calm text={notice} close={() => editor.notice.set(null)} />}
      {failure && <Toast text={failure} close={() => session.failure.set(null)} />}
    </>
  );
}
