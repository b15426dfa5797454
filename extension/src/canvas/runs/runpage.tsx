/** The run view as a page of its own (mountRunView). */
import { render } from 'preact';
import { beGuest } from '../editor/guest';
import { RunPane } from './pane';
import { RunView } from './runview';
import type { Session } from '../session/session';
import { Disposers } from '../ground/store';
import { watchWidth } from '../ground/width';

export class RunPage {
  readonly pane: RunPane;
  private disposers = new Disposers();

  constructor(
    root: HTMLElement,
    readonly session: Session
  ) {
    this.pane = new RunPane(root, session);
    beGuest(root, this.disposers);
    watchWidth(root, this.disposers);
    render(<RunView session={session} pane={this.pane} />, root);
    this.disposers.add(
      () => this.pane.dispose(),
      () => render(null, root)
    );
  }

  dispose(): void {
    this.disposers.dispose();
    this.session.dispose();
  }
}
