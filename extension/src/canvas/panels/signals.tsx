/** Sends a signal to the run in view. */
import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { own } from '../ground/own';
import { Button } from '../parts/parts';
import type { Session } from '../session/session';
import { strings } from '../texts/strings';
import { signalsOf } from '../document/triggers';
import type { Workflow } from '../wire.gen';

export function SignalForm(props: {
  session: Session;
  document: Workflow;
  close: () => void;
}): JSX.Element {
  const names = signalsOf(props.document);
  const [name, setName] = useState(names[0] ?? '');
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const list = useId();
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!name.trim()) return setWrong(strings.nameEmpty);
    try {
      const value: unknown = text.trim() ? JSON.parse(text) : null;
      props.session.send({ type: 'signal', name: name.trim(), value });
      props.close();
    } catch {
      setWrong(strings.jsonNeeded);
    }
  };
  return (
    <form
      ref={form}
      class="wfnb-popover"
      onSubmit={submit}
      aria-label={strings.sendSignal}
      onKeyDown={event => event.key === 'Escape' && props.close()}
    >
      <h3>{strings.sendSignal}</h3>
      <label class="wfnb-field">
        <span class="wfnb-caption">{strings.signal}</span>
        <input
          class="wfnb-input"
          data-signal="name"
          list={list}
          autocomplete="off"
          value={name}
          onInput={event => setName(event.currentTarget.value)}
        />
        <datalist id={list}>
          {names.map(one => (
            <option value={one} key={one} />
          ))}
        </datalist>
      </label>
      <label class="wfnb-field">
        <span class="wfnb-caption">
          {strings.brings}
          <span class="wfnb-type">{own(props.document.signals, name)?.type ?? 'any'}</span>
        </span>
        <input
          class="wfnb-input wfnb-fx"
          data-signal="value"
          placeholder="JSON"
          autocomplete="off"
          value={text}
          aria-invalid={wrong !== ''}
          aria-describedby={wrong ? `${list}-wrong` : undefined}
          onInput={event => {
            setWrong('');
            setText(event.currentTarget.value);
          }}
        />
        {wrong && (
          <span class="wfnb-trouble" id={`${list}-wrong`} role="alert">
            {wrong}
          </span>
        )}
      </label>
      <footer>
        <Button onClick={props.close}>{strings.cancel}</Button>
        <button type="submit" class="wfnb-button wfnb-primary" data-action="send-signal">
          {strings.send}
        </button>
      </footer>
    </form>
  );
}
