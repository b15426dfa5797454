/** Keeps a drawing in a document of its own, where the file that it came from is not written. */
import type { JSX } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../parts/parts';
import type { Session } from '../session/session';
import { strings } from '../texts/strings';
import type { Saving } from '../wire.gen';

export function SaveAs(props: {
  session: Session;
  saving: Saving;
  close: () => void;
}): JSX.Element {
  const { why = '', beside = '' } = props.saving;
  const [name, setName] = useState(beside);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const [what, cure = ''] = why.split('\n');
  useLayoutEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    props.session.send({ type: 'save_as', name: name.trim() });
    props.close();
  };
  return (
    <form
      ref={form}
      class="wfnb-popover wfnb-saveas"
      onSubmit={submit}
      aria-label={strings.saveAs}
      aria-describedby={`${id}-why`}
      onKeyDown={event => event.key === 'Escape' && props.close()}
    >
      <h3>{strings.saveAs}</h3>
      <p id={`${id}-why`}>
        {what}
        <br />
        <span class="wfnb-dim">{cure}</span>
      </p>
      <label class="wfnb-field">
        <span class="wfnb-caption">{strings.saveAsName}</span>
        <input
          class="wfnb-input"
          data-field="save-as"
          autocomplete="off"
          value={name}
          onInput={event => setName(event.currentTarget.value)}
        />
      </label>
      <footer>
        <Button onClick={props.close}>{strings.cancel}</Button>
        <button type="submit" class="wfnb-button wfnb-primary" data-action="save-as">
          {strings.save}
        </button>
      </footer>
    </form>
  );
}
