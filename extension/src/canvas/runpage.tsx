/** The run view as a page of its own (mountRunView). */
import { render } from 'preact';
import { ownKeys } from './gestures';
import { isOurs } from './keyboard';
import { RunView } from './runview';
import type { Session } from './session';
import { Disposers } from './store';
import { Surface } from './surface';
import { followTheme, takeTheme } from './theme';

export class RunPage {
  readonly surface: Surface;
  private disposers = new Disposers();

  constructor(
    root: HTMLElement,
    readonly session: Session
  ) {
    const host = document.createElement('div');
    this.surface = new Surface(host, takeTheme(root), {});
    this.disposers.add(
      followTheme(root, colours => this.surface.setColours(colours)),
      () => this.surface.dispose()
    );
    ownKeys(root, isOurs, this.disposers);
    render(<RunView session={session} />, root);
    this.disposers.add(() => render(null, root));
  }

  dispose(): void {
    this.disposers.dispose();
    this.session.dispose();
  }
}
