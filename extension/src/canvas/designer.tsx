/** The designer: palette, drawing, inspector, problems and the bar, around one editor. */
import { render } from 'preact';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Editor } from './editor';
import { Asks } from './asks';
import { beGuest } from './guest';
import { useStore } from './hooks';
import { Inspector } from './inspector';
import { canvasKeys } from './keyboard';
import type { ElkSource } from './layout';
import { Outline } from './outline';
import { Palette } from './palette';
import { indexProblems } from './problemindex';
import { Problems } from './problems';
import { RunForm } from './runform';
import { RunView } from './runview';
import type { Session } from './session';
import { isEmpty } from './session';
import { Disposers, Store } from './store';
import { strings } from './strings';
import { Surface } from './surface';
import type { SurfaceActions } from './surface';
import { followTheme, takeTheme } from './theme';
import type { Colours } from './theme';
import type { Seen } from './viewport';
import type { Workflow } from './wire.gen';
import { Shortcuts } from './shortcuts';
import { SignalForm } from './signals';
import { Stage } from './stage';
import { StepPanel } from './steppanel';
import { Toast } from './toast';
import { Toolbar } from './toolbar';
import type { Mode } from './toolbar';
import { watchWidth } from './width';
import { RunPane } from './pane';

export interface DesignerOptions {
  /** Fill the host instead of a resizable cell. */
  fill?: boolean;
  /** Gives the source of ELK's worker; without it the built-in layout is used. */
  elkSource?: ElkSource;
  /** Whether the transport answers a run view too, which the bar then leads to. */
  runs?: boolean;
}

interface Panels {
  palette: boolean;
  inspector: boolean;
  problems: boolean;
}

/** One designer in `root`; everything it holds is let go by `dispose`. */
export class Designer {
  readonly editor: Editor;
  readonly session: Session;
  readonly surface: Surface;
  private disposers = new Disposers();
  private mode = new Store<Mode>('draw');
  private panels: Store<Panels>;
  private stage: HTMLElement;

  constructor(
    readonly root: HTMLElement,
    session: Session,
    private options: DesignerOptions
  ) {
    this.session = session;
    this.panels = new Store<Panels>({ palette: true, inspector: true, problems: false });
    this.stage = document.createElement('div');
    this.stage.className = 'wfnb-stage';
    const host = document.createElement('div');
    this.stage.append(host);
    this.surface = this.build(host, takeTheme(root));
    this.editor = new Editor(session, this.surface, options.elkSource);
    this.disposers.add(
      followTheme(root, colours => this.surface.setColours(colours)),
      () => this.surface.dispose()
    );
    this.connect();
    canvasKeys(root, host, this.editor, this.disposers);
    beGuest(root, this.disposers);
    watchWidth(root, this.disposers, () =>
      this.panels.set({ ...this.panels.get(), inspector: false })
    );
    render(<Frame designer={this} />, root);
    this.disposers.add(() => render(null, root));
  }

  dispose(): void {
    this.disposers.dispose();
    this.session.dispose();
  }

  private build(host: HTMLElement, colours: Colours): Surface {
    host.setAttribute('role', 'application');
    host.setAttribute('aria-label', strings.canvas);
    const actions: SurfaceActions = {
      refusal: (source, target) => this.editor.refusal(source, target),
      connect: (source, target) => this.editor.connect(source, target),
      moved: positions => this.editor.drop(positions),
      opened: id => {
        if (this.editor.structure.inside(id)) this.editor.structure.enter(id);
        else this.panels.set({ ...this.panels.get(), inspector: true });
      }
    };
    return new Surface(host, colours, actions, this.root);
  }

  private connect(): void {
    const { session, surface, disposers } = this;
    let shown = session.document;
    let inside = session.path;
    const left = new Map<string, Seen>();
    surface.setDocument(shown);
    surface.setRun(session.live);
    const show = (document: Workflow): void => {
      const { path } = session;
      if (String(path) === String(inside)) return surface.setDocument(document);
      left.set(String(inside), surface.view.seen());
      surface.enter(document, path.length < inside.length ? left.get(String(path)) : undefined);
      inside = path;
      surface.setRun(session.run);
      mark();
    };
    const mark = (): void => {
      const problems = session.checked.get()?.problems ?? [];
      surface.setProblems(indexProblems(problems, session.path, session.document));
    };
    disposers.add(
      session.view.on(view => {
        if (view.document === shown) return;
        // A counterexample is one of the drawing as it was.
        this.editor.stepper.leave();
        show((shown = view.document));
      }),
      this.editor.stepper.walk.on(walk => surface.setWalk(walk)),
      () => this.editor.stepper.leave(),
      session.activities.on(activities => surface.setActivities(activities)),
      session.checked.on(mark)
    );
    surface.setActivities(session.activities.get());
  }

  /** What the frame needs and nobody else. */
  inside(): Inside {
    const { mode, panels, stage, options } = this;
    return { mode, panels, stage, options };
  }
}

interface Inside {
  mode: Store<Mode>;
  panels: Store<Panels>;
  stage: HTMLElement;
  options: DesignerOptions;
}

function Frame({ designer }: { designer: Designer }): JSX.Element {
  const { editor, session } = designer;
  const inside = designer.inside();
  const panels = useStore(inside.panels);
  const mode = useStore(inside.mode);
  const [asked, ask] = useState<number | null>(null);
  const [asking, setAsking] = useState(false);
  const view = useStore(session.view);
  const failure = useStore(session.failure);
  const notice = useStore(editor.notice);
  const walk = useStore(editor.stepper.walk);
  const head = useStore(session.live.head);
  const keysShown = useStore(editor.keysShown);
  const [signalling, setSignalling] = useState(false);
  const toggle = (panel: keyof Panels): void =>
    inside.panels.set({ ...panels, [panel]: !panels[panel] });
  useEffect(() => {
    editor.ask = edge => {
      inside.panels.set({ ...inside.panels.get(), inspector: true });
      ask(edge);
    };
    return designer.surface.selection.on(() => ask(null));
  }, [editor]);
  const start = (input: Record<string, unknown>): void => {
    setAsking(false);
    session.send({ type: 'run', input });
  };
  const run = (): void => {
    editor.stepper.leave();
    if (Object.keys(view.whole.inputs ?? {}).length) setAsking(true);
    else start({});
  };
  if (mode === 'runs') {
    return <Runs designer={designer} back={() => inside.mode.set('draw')} />;
  }
  return (
    <>
      <Toolbar
        {...{ editor, toggle, mode, run }}
        signal={() => setSignalling(true)}
        palette={panels.palette}
        inspector={panels.inspector}
        setMode={inside.options.runs ? next => inside.mode.set(next) : null}
      />
      {panels.palette ? (
        <Palette
          editor={editor}
          title={inside.options.fill ? strings.activitiesEditor : strings.activities}
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
        <Asks session={session} surface={designer.surface} run={head?.run} />
      </Stage>
      {walk ? (
        <StepPanel editor={editor} walk={walk} />
      ) : panels.inspector ? (
        <Inspector editor={editor} asked={asked} />
      ) : (
        <span />
      )}
      <Problems editor={editor} open={panels.problems} toggle={() => toggle('problems')} />
      <Outline session={session} run={session.run} surface={designer.surface} />
      {asking && <RunForm document={view.whole} close={() => setAsking(false)} start={start} />}
      {signalling && (
        <SignalForm session={session} document={view.whole} close={() => setSignalling(false)} />
      )}
      {keysShown && (
        <Shortcuts
          close={() => {
            editor.keysShown.set(false);
            designer.surface.host.focus({ preventScroll: true });
          }}
        />
      )}
      {notice && !failure && <Toast calm text={notice} close={() => editor.notice.set(null)} />}
      {failure && <Toast text={failure} close={() => session.failure.set(null)} />}
    </>
  );
}

/** The run view in the designer's place; it asks for the newest run and follows it. */
function Runs({ designer, back }: { designer: Designer; back: () => void }): JSX.Element | null {
  const { session } = designer;
  const [pane, setPane] = useState<RunPane | null>(null);
  useEffect(() => {
    session.go([]); // a run is shown as a whole
    const made = new RunPane(designer.root, session);
    setPane(made);
    session.send({ type: 'seek', at: null });
    return () => made.dispose();
  }, [designer]);
  return pane && <RunView session={session} pane={pane} back={back} />;
}
