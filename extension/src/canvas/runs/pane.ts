/** The graph of a run: a surface that only shows, kept equal to the session's run in focus. */
import { goRound, keepKeyboard } from '../editor/panes';
import type { Session } from '../session/session';
import { Disposers } from '../ground/store';
import { strings } from '../texts/strings';
import { Surface } from '../surface/surface';
import { followTheme, takeTheme } from '../look/theme';

export class RunPane {
  readonly stage = document.createElement('div');
  readonly surface: Surface;
  /** A node was opened, by a double press. */
  opened: () => void = () => undefined;
  private disposers = new Disposers();

  constructor(
    readonly root: HTMLElement,
    session: Session
  ) {
    this.stage.className = 'wfnb-stage';
    const host = document.createElement('div');
    host.setAttribute('role', 'application');
    host.setAttribute('aria-label', strings.canvas);
    host.setAttribute('aria-description', strings.runCanvasHelp);
    this.stage.append(host);
    this.surface = new Surface(host, takeTheme(root), {
      opened: id => {
        this.surface.select({ nodes: [id], edges: [] });
        this.opened();
      }
    });
    const { surface, disposers } = this;
    let shown = session.document;
    surface.setDocument(shown);
    surface.setActivities(session.activities.get());
    surface.setRun(session.focus);
    disposers.add(
      followTheme(root, colours => surface.setColours(colours)),
      session.view.on(view => {
        if (view.document === shown) return;
        // Another workflow is seen as a whole; a run that has migrated stays where it was.
        if (view.document.name === shown.name) surface.setDocument(view.document);
        else surface.enter(view.document);
        shown = view.document;
      }),
      session.activities.on(activities => surface.setActivities(activities)),
      session.frame.on(frame => surface.setMoved(frame?.moved ?? [])),
      () => surface.dispose()
    );
    this.keys(host);
    keepKeyboard(root, host, disposers);
  }

  dispose(): void {
    this.disposers.dispose();
  }

  private keys(host: HTMLElement): void {
    this.disposers.listen(this.root, 'keydown', event => {
      if (event.key !== 'F6' || event.defaultPrevented) return;
      goRound(this.root, event.shiftKey);
      event.preventDefault();
    });
    this.disposers.listen(host, 'keydown', event => {
      if (event.target !== host || event.ctrlKey || event.metaKey) return;
      const { surface } = this;
      if (event.key === 'f' || event.key === 'F') surface.view.fitOn();
      else if (event.key === '+') surface.view.setZoom(surface.zoom.get() * 1.2);
      else if (event.key === '-') surface.view.setZoom(surface.zoom.get() / 1.2);
      else return;
      event.preventDefault();
    });
  }
}
