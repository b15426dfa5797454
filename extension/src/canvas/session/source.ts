/**
 * The drawing as Python, in step with the canvas: what is typed becomes one gesture as soon as it means
 * a drawing, and what is drawn is written anew. The kernel reads and writes the Python; nothing of it
 * is ever run.
 */
import { equal } from '../ground/equal';
import type { Session } from './session';
import { Disposers, Store } from '../ground/store';
import type { Edit, Report, SourceProblem, Workflow } from '../wire.gen';

/** Rest after a key press before the text is read. */
const REST = 250;

export interface SourceState {
  text: string;
  /** Why the text is no drawing. */
  problem: SourceProblem | null;
  /** Whether something was typed that the drawing does not have. */
  ahead: boolean;
  /** Whether the drawing changed meanwhile, which the text does not have. */
  behind: boolean;
}

export class SourceText {
  readonly state = new Store<SourceState>({ text: '', problem: null, ahead: false, behind: false });
  private shown: Workflow | null = null;
  private drawing = false;
  private count = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private disposers = new Disposers();

  constructor(
    private session: Session,
    private edit: (edits: Edit[]) => boolean
  ) {
    this.disposers.add(
      session.onReport(message => this.receive(message)),
      session.view.on(() => this.follow()),
      session.kernel.on(state => state === 'connected' && !this.state.get().ahead && this.ask())
    );
    this.ask();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.disposers.dispose();
  }

  type(text: string): void {
    this.show({ text, ahead: true });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), REST);
  }

  /** Gives up what was typed for the drawing as it is. */
  takeDrawing(): void {
    clearTimeout(this.timer);
    this.show({ ahead: false });
    this.ask();
  }

  private show(changes: Partial<SourceState>): void {
    this.state.set({ ...this.state.get(), ...changes });
  }

  /** Asks behind whatever gesture is just being made: the keeper answers in order. */
  private ask(): void {
    this.shown = this.session.document;
    queueMicrotask(() => this.send());
  }

  private send(): void {
    if (this.state.get().ahead) return;
    const { client, scope } = this.session;
    this.session.send({ type: 'ask_source', client, id: ++this.count, foreign: scope.foreign });
  }

  private read(): void {
    const { text } = this.state.get();
    this.session.send({ type: 'draw_source', client: this.session.client, id: ++this.count, text });
  }

  private follow(): void {
    const { document, ready } = this.session.view.get();
    if (!ready || this.drawing || (this.shown && equal(document, this.shown))) return;
    if (this.state.get().ahead) {
      this.shown = document;
      this.show({ behind: true });
    } else this.ask();
  }

  private receive(message: Report): void {
    if (message.type !== 'source' && message.type !== 'drawn') return;
    // What was asked before the last key press is out of date.
    if (message.client !== this.session.client || message.id !== this.count) return;
    if (message.type === 'source') {
      if (this.state.get().ahead) return;
      this.show({ text: message.text, problem: null, behind: false });
    } else if (message.problem) this.show({ problem: message.problem });
    else this.draw(message.edits ?? []);
  }

  private draw(edits: Edit[]): void {
    this.show({ problem: null, ahead: false, behind: false });
    if (!edits.length) {
      this.shown = this.session.document;
      return;
    }
    // The text that was typed stays as it is: what is drawn now is what it says.
    this.drawing = true;
    const done = this.edit(edits);
    this.drawing = false;
    this.shown = this.session.document;
    if (!done) this.show({ ahead: true });
  }
}
