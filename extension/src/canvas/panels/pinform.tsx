/** Asks for the result that a task gives in the place of its activity. */
import type { JSX } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { pathTo } from '../session/marks';
import { Button } from '../parts/parts';
import { useOutside } from '../parts/picker';
import { strings } from '../texts/strings';

/** Whether Enter would end a text, and not a line of it. */
function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function PinForm(props: {
  editor: Editor;
  node: string;
  close: () => void;
  leave: () => void;
}): JSX.Element {
  const { editor, node, close, leave } = props;
  const { session } = editor;
  const path = pathTo(session.view.get().crumbs, node) ?? node;
  const { pins = {} } = useStore(session.steering);
  const known = useStore(session.value);
  const [draft, setDraft] = useState<string | null>(null);
  const [trouble, setTrouble] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  useEffect(() => {
    // What the last run gave is the likeliest, and only the kernel has all of it.
    if (!Object.hasOwn(pins, path)) session.send({ type: 'value_of', node: path });
  }, []);
  useLayoutEffect(
    () => form.current?.querySelector('textarea')?.focus({ preventScroll: true }),
    []
  );
  useOutside(form, leave);
  const last = known?.node === path ? (known.json ?? '') : '';
  const text = draft ?? (Object.hasOwn(pins, path) ? JSON.stringify(pins[path], null, 1) : last);
  const submit = (event: Event): void => {
    event.preventDefault();
    try {
      session.send({ type: 'pin', node: path, value: text.trim() ? JSON.parse(text) : null });
      close();
    } catch (error) {
      setTrouble(`${strings.jsonNeeded}\n${error instanceof Error ? error.message : ''}`.trim());
    }
  };
  return (
    <form
      ref={form}
      class="wfnb-popover wfnb-pinform"
      aria-label={strings.pinTitle(node)}
      onSubmit={submit}
      onKeyDown={event => {
        if (event.key === 'Escape') leave();
        else if (event.key === 'Enter' && !event.shiftKey && (event.ctrlKey || isWhole(text)))
          submit(event);
      }}
    >
      <h3>{strings.pinTitle(node)}</h3>
      <p class="wfnb-hint" id={id}>
        {strings.pinHelp}
      </p>
      <textarea
        class="wfnb-input wfnb-fx"
        rows={5}
        spellcheck={false}
        aria-label={strings.brings}
        aria-invalid={trouble !== ''}
        aria-describedby={trouble ? `${id}-wrong` : id}
        data-field="pin"
        value={text}
        onInput={event => {
          setDraft(event.currentTarget.value);
          setTrouble('');
        }}
      />
      {trouble && (
        <span class="wfnb-trouble" id={`${id}-wrong`} role="alert">
          {trouble}
        </span>
      )}
      <footer>
        {path in pins && (
          <Button
            name="unpin"
            onClick={() => {
              session.send({ type: 'unpin', node: path });
              close();
            }}
          >
            {strings.commands.unpin}
          </Button>
        )}
        <Button onClick={leave}>{strings.dismiss}</Button>
        <button type="submit" class="wfnb-button wfnb-primary" data-action="pin">
          {strings.pinIt}
        </button>
      </footer>
    </form>
  );
}
