/** The keys of the designer, in a list that a key brings up. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { shownChords } from '../ground/chords';
import { COMMANDS } from '../editor/commands';
import type { Section } from '../editor/command';
import { keysOf } from '../editor/keymap';
import { Button } from '../parts/parts';
import { strings } from '../texts/strings';

const SECTIONS = Object.keys(strings.commandSections) as Section[];

export function Shortcuts({ close }: { close: () => void }): JSX.Element {
  const hold = useRef<HTMLDivElement>(null);
  useEffect(() => hold.current?.querySelector('button')?.focus(), []);
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' || event.key === '?') close();
  };
  return (
    <div
      ref={hold}
      class="wfnb-popover wfnb-shortcuts"
      role="dialog"
      aria-label={strings.keysTitle}
      onKeyDown={keys}
    >
      <header>
        <h3>{strings.keysTitle}</h3>
        <Button icon="cross" class="wfnb-small" title={strings.closeKeys} onClick={close} />
      </header>
      <p class="wfnb-hint">{strings.keysWhere}</p>
      {SECTIONS.map(section => (
        <Rows
          key={section}
          title={strings.commandSections[section]}
          rows={COMMANDS.filter(one => one.section === section)
            .map(({ id }) => [shownChords(keysOf(id)), strings.commands[id]] as const)
            .filter(([keys]) => keys.length > 0)}
        />
      ))}
      <Rows title={strings.gesturesTitle} rows={strings.gestures} />
    </div>
  );
}

function Rows(props: {
  title: string;
  rows: readonly (readonly [readonly string[], string])[];
}): JSX.Element {
  return (
    <>
      <h4>{props.title}</h4>
      <dl>
        {props.rows.map(([pressed, what]) => (
          <div key={what}>
            <dt>
              {pressed.map(key => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
