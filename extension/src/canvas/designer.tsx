/** The designer: one editor and what surrounds it, alive in an element of the page. */
import { render } from 'preact';
import { bringInto } from './ground/dom';
import { Editor } from './editor/editor';
import { beGuest } from './editor/guest';
import { editable } from './editor/command';
import { canvasKeys } from './editor/keyboard';
import { clickedEnd, openAddAt, openMenu } from './editor/opening';
import { linkDrawing } from './runs/linked';
import { marksOf } from './session/marks';
import { enter } from './session/page';
import { indexProblems } from './document/problemindex';
import { presenceOf } from './editor/presence';
import { keepKeyboard } from './editor/panes';
import { resizeNote } from './editor/resizing';
import type { RunModel } from './session/run';
import { keyOf } from './document/scope';
import type { Session } from './session/session';
import { Disposers, Store } from './ground/store';
import { strings } from './texts/strings';
import { Surface } from './surface/surface';
import type { SurfaceActions } from './surface/surface';
import { followTheme, takeTheme } from './look/theme';
import type { Colours } from './look/theme';
import { Travellers } from './surface/travellers';
import type { Seen } from './surface/viewport';
import type { Workflow } from './wire.gen';
import type { Mode } from './panels/toolbar';
import { watchWidth } from './ground/width';
import { Workbench } from './workbench';
import type { Bench, DesignerOptions, Panels } from './workbench';

/** One designer in `root`; everything it holds is let go by `dispose`. */
export class Designer implements Bench {
  readonly editor: Editor;
  readonly session: Session;
  readonly surface: Surface;
  private disposers = new Disposers();
  readonly mode = new Store<Mode>('draw');
  readonly panels: Store<Panels>;
  readonly stage: HTMLElement;
  /** Whether the inspector is wanted where it lies over the drawing. */
  private over = false;

  constructor(
    readonly root: HTMLElement,
    session: Session,
    readonly options: DesignerOptions
  ) {
    this.session = session;
    this.panels = new Store<Panels>({ palette: true, inspector: true, problems: false });
    this.stage = document.createElement('div');
    this.stage.className = 'wfnb-stage';
    const host = document.createElement('div');
    this.stage.append(host);
    this.surface = this.build(host, takeTheme(root));
    this.editor = new Editor(session, this.surface, root, options.elkSource);
    this.disposers.add(
      followTheme(root, colours => this.surface.setColours(colours)),
      () => this.surface.dispose()
    );
    this.connect();
    canvasKeys(
      root,
      host,
      this.editor,
      this.disposers,
      () => this.mode.get() !== 'runs' && !session.unlike.get()
    );
    this.disposers.add(enter(presenceOf(root, this.editor, this.disposers)));
    beGuest(root, this.disposers);
    keepKeyboard(root, host, this.disposers);
    linkDrawing(this.surface, session, this.disposers);
    watchWidth(root, this.disposers, () => {
      // Who types in the inspector goes on, and so does who had it open there before.
      const typing = root.querySelector('.wfnb-inspector:focus-within') !== null;
      this.panels.set({ ...this.panels.get(), inspector: typing || this.over });
    });
    this.disposers.add(
      this.panels.on(({ inspector }) => {
        if (root.matches('.wfnb-tight')) this.over = inspector;
      })
    );
    render(<Workbench designer={this} />, root);
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
      refusal: (pull, id) => this.editor.refusal(pull, id),
      pulled: (pull, id) => this.editor.pulled(pull, id),
      moved: (positions, into) => this.editor.drop(positions, into),
      resized: (note, size, last) =>
        editable(this.editor) && resizeNote(this.editor, note, size, last),
      missed: ({ held, edge }, event) =>
        edge === null && openAddAt(this.editor, event, { after: held, drawn: true }),
      clicked: (pull, event) => clickedEnd(this.editor, pull, event),
      pointing: {
        opened: (event, into) => editable(this.editor) && openAddAt(this.editor, event, { into }),
        menu: (target, event) => openMenu(this.editor, target, event),
        landing: id => this.editor.landing(id)
      },
      opened: id => {
        if (this.editor.structure.inside(id)) this.editor.structure.enter(id);
        else this.inspect();
      },
      openedEdge: () => this.inspect()
    };
    // cytoscape asks once, when it is made, whether it lies in a shadow root, as marimo's cells do.
    const shadowed = this.root.getRootNode() instanceof ShadowRoot;
    if (shadowed) this.root.append(this.stage);
    const surface = new Surface(host, colours, actions, this.root);
    if (shadowed) this.stage.remove();
    return surface;
  }

  private connect(): void {
    const { session, surface, disposers } = this;
    let shown = session.document;
    let inside = session.scope;
    let depth = session.view.get().crumbs.length;
    const left = new Map<string, Seen>();
    surface.setDocument(shown);
    const travellers = new Travellers(surface.graph);
    surface.tokens.root.after(travellers.root);
    const follow = (run: RunModel): void => {
      surface.setRun(run);
      travellers.follow(run);
    };
    follow(session.live);
    const show = (document: Workflow): void => {
      const { scope } = session;
      const { length } = session.view.get().crumbs;
      if (keyOf(scope) === keyOf(inside)) return surface.setDocument(document);
      left.set(keyOf(inside), surface.view.seen());
      surface.enter(document, length < depth ? left.get(keyOf(scope)) : undefined);
      [inside, depth] = [scope, length];
      follow(session.run);
      mark();
      steer();
    };
    const steer = (): void => {
      const { view, steering, halts } = session;
      surface.setMarks(marksOf(view.get(), steering.get(), halts.get()));
    };
    const mark = (): void => {
      const problems = session.checked.get()?.problems ?? [];
      surface.setProblems(indexProblems(problems, session.view.get(), session.scope));
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
      () => travellers.dispose(),
      session.steering.on(steer),
      session.halts.on(steer),
      session.activities.on(activities => surface.setActivities(activities)),
      session.checked.on(mark)
    );
    surface.setActivities(session.activities.get());
    steer();
  }

  toggle(panel: keyof Panels): void {
    const panels = this.panels.get();
    this.panels.set({ ...panels, [panel]: !panels[panel] });
  }

  /** Closes the inspector where it lies over the drawing; whether it did. */
  uncover(): boolean {
    const panels = this.panels.get();
    const over = this.root.matches('.wfnb-tight') && this.mode.get() === 'draw';
    if (!over || !panels.inspector) return false;
    this.panels.set({ ...panels, inspector: false });
    return true;
  }

  /** Opens the inspector and puts the keyboard into a field of it, the first where none is named. */
  inspect(field?: string): void {
    this.panels.set({ ...this.panels.get(), inspector: true });
    const wanted = field === undefined ? FIRST_FIELD : `[data-field="${CSS.escape(field)}"]`;
    const seek = (tries: number): void => {
      const found = this.root.querySelector<HTMLElement>(`.wfnb-inspector ${wanted}`);
      if (found) {
        found.focus({ preventScroll: true });
        bringInto(found.closest('.wfnb-inspector'), found);
        if (found instanceof HTMLInputElement) found.select();
      } else if (tries > 0) requestAnimationFrame(() => seek(tries - 1));
    };
    // What is selected has its form with the next frame.
    requestAnimationFrame(() => seek(FRAMES));
  }
}

const FIRST_FIELD = ':is(input, select, textarea):not(:disabled)';
/** How long a form may take to appear. */
const FRAMES = 10;
