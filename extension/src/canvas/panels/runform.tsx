/** Asks for the inputs a workflow declares before it runs. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { own } from '../ground/own';
import { Button } from '../parts/parts';
import { strings } from '../texts/strings';
import { valueOf } from '../document/values';
import type { Workflow } from '../wire.gen';

/** The texts typed last, by workflow name; they live as long as the page. */
const remembered = new Map<string, Record<string, string>>();

export function RunForm(props: {
  document: Workflow;
  close: () => void;
  start: (input: Record<string, unknown>) => void;
}): JSX.Element {
  const { document, close, start } = props;
  const name = document.name ?? '';
  const inputs = Object.entries(document.inputs ?? {});
  const [texts, setTexts] = useState<Record<string, string>>(remembered.get(name) ?? {});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    remembered.set(name, texts);
    const given = inputs.map(([key, type]) => [key, valueOf(own(texts, key) ?? '', type)] as const);
    start(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  };
  return (
    <form
      ref={form}
      class="wfnb-popover"
      onSubmit={submit}
      aria-label={strings.inputsTitle}
      onKeyDown={event => event.key === 'Escape' && close()}
    >
      <h3>{strings.inputsTitle}</h3>
      {inputs.map(([key, type]) => (
        <label class="wfnb-field" key={key}>
          <span class="wfnb-caption">
            {key}
            <span class="wfnb-type">{type}</span>
          </span>
          <input
            class="wfnb-input"
            data-input={key}
            value={own(texts, key) ?? ''}
            onFocus={event => event.currentTarget.select()}
            onInput={event => setTexts({ ...texts, [key]: event.currentTarget.value })}
          />
        </label>
      ))}
      <footer>
        <Button onClick={close}>{strings.cancel}</Button>
        <button type="submit" class="wfnb-button wfnb-primary" data-action="start-run">
          {strings.start}
        </button>
      </footer>
    </form>
  );
}
