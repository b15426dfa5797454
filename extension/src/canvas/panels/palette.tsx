/** What can be put on the canvas: node kinds and the activities that exist now. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addAt, landingAt } from '../editor/adding';
import { make } from '../ground/dom';
import { choiceOf, kindsFor } from '../document/choices';
import type { Choice } from '../document/choices';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { icon } from '../look/icons';
import { passable } from '../layout/inserting';
import { fit } from '../ground/match';
import { Icon } from '../parts/parts';
import { newNode } from '../document/rules';
import { shapeOf } from '../look/shapes';
import { strings } from '../texts/strings';

export function Palette(props: { editor: Editor; title: string; hint: string }): JSX.Element {
  const { editor } = props;
  const [wanted, setWanted] = useState('');
  const activities = useStore(editor.session.activities);
  useStore(editor.session.view);
  const fits = ({ title }: Choice): boolean => fit(title, wanted) !== null;
  const kinds = kindsFor(editor.document).filter(fits);
  const own = activities.map(activity => choiceOf('task', activity)).filter(fits);
  const first = kinds[0] ?? own[0];
  return (
    <nav class="wfnb-palette" aria-label={strings.palette}>
      <input
        class="wfnb-input"
        type="search"
        placeholder={strings.find}
        aria-label={strings.findHelp}
        value={wanted}
        onInput={event => setWanted(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key !== 'Enter' || !first || !wanted) return;
          addAt(editor, first);
          setWanted('');
        }}
      />
      {kinds.length > 0 && <h3>{strings.flow}</h3>}
      {kinds.map(choice => (
        <Entry choice={choice} editor={editor} key={choice.key} />
      ))}
      {(own.length > 0 || !wanted) && <h3>{props.title}</h3>}
      {own.map(choice => (
        <Entry choice={choice} editor={editor} key={choice.key} />
      ))}
      {!activities.length && !wanted && <p class="wfnb-hint">{props.hint}</p>}
      {wanted && !first && <p class="wfnb-hint">{strings.nothingFound}</p>}
    </nav>
  );
}

function Entry({ choice, editor }: { choice: Choice; editor: Editor }): JSX.Element {
  const add = (): void => void addAt(editor, choice);
  return (
    <button
      type="button"
      class="wfnb-entry"
      data-kind={choice.kind}
      data-activity={choice.activity || undefined}
      title={[choice.help, strings.addHint].filter(Boolean).join('\n')}
      onPointerDown={event => drag(event, choice, editor)}
      onDblClick={add}
      // Enter, Space and what a screen reader does to press it; a press of the mouse may begin a drag.
      onClick={event => event.detail === 0 && add()}
    >
      <i>
        <Icon name={choice.kind} />
      </i>
      {choice.activity ? (
        <span>
          <code>{choice.title}</code>
          <small>{choice.detail}</small>
        </span>
      ) : (
        <span>{choice.title}</span>
      )}
    </button>
  );
}

/** Carries a copy of the entry to the canvas; a press that hardly moves is a click. */
function drag(start: PointerEvent, choice: Choice, editor: Editor): void {
  if (start.button !== 0) return;
  const { host } = editor.surface;
  let ghost: HTMLElement | null = null;
  const over = (event: PointerEvent): boolean => {
    const box = host.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  };
  const landing = (event: PointerEvent): number | null =>
    passable(choice.kind)
      ? (landingAt(editor, editor.surface.view.toModel(event))?.index ?? null)
      : null;
  const move = (event: PointerEvent): void => {
    const far = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > 4;
    if (!ghost && far) {
      ghost = ghostOf(choice, editor);
      host.closest('.wfnb-root')?.append(ghost);
    }
    if (!ghost) return;
    const frame = ghost.offsetParent?.getBoundingClientRect();
    // `fixed` counts from a transformed ancestor if there is one, as in some notebook themes.
    ghost.style.left = `${event.clientX - (frame?.left ?? 0)}px`;
    ghost.style.top = `${event.clientY - (frame?.top ?? 0)}px`;
    ghost.style.opacity = over(event) ? '1' : '0.55';
    editor.surface.pointing?.light(over(event) ? landing(event) : null);
  };
  const done = new AbortController();
  const listening = { capture: true, signal: done.signal };
  const leave = (): void => {
    done.abort();
    ghost?.remove();
    editor.surface.pointing?.light(null);
  };
  const stop = (event: PointerEvent): void => {
    leave();
    if (!ghost || !over(event)) return;
    addAt(editor, choice, editor.surface.view.toModel(event));
    host.focus({ preventScroll: true });
  };
  const pressed = (event: KeyboardEvent): void => {
    if (!ghost || event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  };
  addEventListener('pointermove', move, listening);
  addEventListener('pointerup', stop, listening);
  addEventListener('pointercancel', leave, listening);
  addEventListener('keydown', pressed, listening);
}

/** What is carried is as large as what it will be: where it fits is seen before it is let go. */
function ghostOf(
  { kind, activity, title }: Choice,
  { document, session, surface }: Editor
): HTMLElement {
  const ghost = make('div', 'wfnb-ghost', icon(kind), title);
  const info = session.activities.get().find(({ name }) => name === activity);
  const { form, w, h } = shapeOf(newNode(document, kind, activity), info);
  if (form === 'card' || form === 'pill') {
    const zoom = surface.zoom.get();
    ghost.style.minWidth = `${w * zoom}px`;
    ghost.style.minHeight = `${h * zoom}px`;
  }
  return ghost;
}
