/** What the page around a designer sees of it: its commands, and how it stands. */
import { commandOf, give } from './commands';
import type { Editor } from './editor';
import { preferences } from '../session/page';
import type { Shown, Standing } from '../session/page';
import { tallyOf } from '../document/problemindex';
import type { Session } from '../session/session';
import type { Disposers } from '../ground/store';
import { Store } from '../ground/store';
import { strings } from '../texts/strings';

function problemsOf(session: Session): Pick<Standing, 'problems' | 'tone'> {
  const { text, tone } = tallyOf(session.checked.get()?.problems ?? null);
  return { problems: text, tone };
}

function savedOf(session: Session): string {
  const view = session.view.get();
  if (!view.ready) return strings.loading;
  if (view.readOnly) return strings.readOnly;
  if (view.waiting) return strings.saving;
  return session.dirty.get() ? strings.unsaved : strings.saved(view.saved);
}

function standingOf(session: Session): Standing {
  return { name: session.document.name ?? '', ...problemsOf(session), saved: savedOf(session) };
}

/** Shows an editor to the page; `disposers` ends what that listens to. */
export function presenceOf(root: HTMLElement, editor: Editor, disposers: Disposers): Shown {
  const { session, surface } = editor;
  const standing = new Store(standingOf(session));
  const heard: { on(listener: () => void): () => void }[] = [
    session.view,
    session.checked,
    session.dirty,
    session.kernel,
    session.steering,
    session.halts,
    session.live.head,
    session.inside.head,
    surface.selection,
    editor.stepper.walk
  ];
  const listeners = new Set<() => void>();
  let due = 0;
  const tell = (): void => {
    due = 0;
    standing.set(standingOf(session));
    for (const listener of [...listeners]) listener();
  };
  // A drag or a run changes much in one frame.
  const soon = (): void => void (due ||= requestAnimationFrame(tell));
  disposers.add(...heard.map(store => store.on(soon)), () => cancelAnimationFrame(due));
  const calm = (): void => void root.classList.toggle('wfnb-still', !preferences.get().animations);
  calm();
  disposers.add(preferences.on(calm));
  return {
    root,
    standing,
    can: id => commandOf(id).enabled(editor),
    isOn: id => commandOf(id).checked?.(editor),
    isListed: id => commandOf(id).keysOnly !== true,
    give: (id, chord) => {
      // First, so that what the command puts the keyboard into keeps it.
      if (!root.matches(':focus-within')) surface.host.focus({ preventScroll: true });
      return give(id, editor, chord);
    },
    onChange: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }
  };
}
