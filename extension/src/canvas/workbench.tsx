/** What a designer shows: the bar, the palette, the drawing, the inspector, the problems, and what lies over them. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Aim } from './panels/aim';
import { AlignBar } from './panels/alignbar';
import { Spoken } from './panels/announce';
import { edgesOf, nodesOf } from './document/document';
import { Asks } from './panels/asks';
import { Conflict } from './panels/conflict';
import type { Asked, Editor } from './editor/editor';
import { ForeignBar } from './panels/foreignbar';
import { useStore } from './ground/hooks';
import { Inspector } from './inspector/inspector';
import type { ElkSource } from './layout/layout';
import { Overlays } from './panels/overlays';
import { Outline } from './panels/outline';
import { Palette } from './panels/palette';
import { Problems } from './panels/problems';
import { Revisions } from './panels/revisions';
import { RunForm } from './panels/runform';
import { RunsTab } from './runs/runstab';
import { isEmpty } from './session/session';
import type { Session } from './session/session';
import type { Store } from './ground/store';
import { strings } from './texts/strings';
import type { Workflow } from './wire.gen';
import { SaveAs } from './panels/saveas';
import { Shortcuts } from './panels/shortcuts';
import { SignalForm } from './panels/signals';
import { SourcePane } from './panels/sourcepane';
import { Stage } from './parts/stage';
import { StepPanel } from './panels/steppanel';
import type { Surface } from './surface/surface';
import { Toast } from './parts/toast';
import { Toolbar } from './panels/toolbar';
import type { Mode } from './panels/toolbar';
import { VersionPane } from './panels/versionpane';

export interface DesignerOptions {
  /** Fill the host instead of a resizable cell. */
  fill?: boolean;
  /** Gives the source of ELK's worker; without it the built-in layout is used. */
  elkSource?: ElkSource;
  /** Whether the transport answers a run view too, which the bar then leads to. */
  runs?: boolean;
}

export interface Panels {
  palette: boolean;
  inspector: boolean;
  problems: boolean;
}

/** The designer, as what is shown of it sees it. */
export interface Bench {
  readonly root: HTMLElement;
  readonly editor: Editor;
  readonly session: Session;
  readonly surface: Surface;
  readonly mode: Store<Mode>;
  readonly panels: Store<Panels>;
  readonly stage: HTMLElement;
  readonly options: DesignerOptions;
  toggle(panel: keyof Panels): void;
  /** Closes the inspector where it lies over the drawing; whether it did. */
  uncover(): boolean;
  /** Opens the inspector and puts the keyboard into a field of it, the first where none is named. */
  inspect(field?: string): void;
}

/** What to do next, as long as nothing is connected. */
function Beginning({ document }: { document: Workflow }): JSX.Element | null {
  const nodes = nodesOf(document);
  if (!nodes.length || edgesOf(document).length) return null;
  const bare = nodes.every(({ kind }) => kind === 'start' || kind === 'end');
  return (
    <div class="wfnb-empty wfnb-beginning">{bare ? strings.firstNode : strings.firstEdge}</div>
  );
}

export function Workbench({ designer }: { designer: Bench }): JSX.Element {
  const { editor, session } = designer;
  const panels = useStore(designer.panels);
  const mode = useStore(designer.mode);
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
  const title = designer.options.fill ? strings.activitiesEditor : strings.activities;
  const [revisions, setRevisions] = useState(false);
  const saving = useStore(session.saving);
  useEffect(() => {
    editor.ask = edge => {
      designer.panels.set({ ...designer.panels.get(), inspector: true });
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
    return <RunsTab root={designer.root} outer={session} back={next => designer.mode.set(next)} />;
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
        modes={designer.options.runs ? ['draw', 'python', 'runs'] : ['draw', 'python']}
        setMode={next => designer.mode.set(next)}
      />
      {mode === 'python' ? (
        <SourcePane editor={editor} />
      ) : panels.palette ? (
        <Palette
          editor={editor}
          title={title}
          hint={designer.options.fill ? strings.noActivitiesEditor : strings.noActivities}
        />
      ) : (
        <span />
      )}
      <Stage element={designer.stage}>
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
        <ForeignBar editor={editor} />
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
      {revisions && saving?.state === 'apart' ? (
        <SaveAs {...{ session, saving }} close={() => setRevisions(false)} />
      ) : (
        revisions && <Revisions session={session} close={() => setRevisions(false)} />
      )}
      {signalling && (
        <SignalForm session={session} document={view.whole} close={() => setSignalling(false)} />
      )}
      {keysShown && <Shortcuts close={() => editor.keysShown.set(false)} />}
      {notice && !failure && <Toast calm text={notice} close={() => editor.notice.set(null)} />}
      {failure && <Toast text={failure} close={() => session.failure.set(null)} />}
    </>
  );
}
