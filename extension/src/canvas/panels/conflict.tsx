/** What to do where somebody else wrote the file of this drawing. */
import type { JSX } from 'preact';
import { useStore } from '../ground/hooks';
import { Button, Icon } from '../parts/parts';
import type { Session } from '../session/session';
import { strings } from '../texts/strings';

export function Conflict({ session }: { session: Session }): JSX.Element | null {
  const saving = useStore(session.saving);
  if (saving?.state !== 'conflict') return null;
  const clashes = saving.clashes ?? [];
  const unknown = clashes[0] === strings.conflictUnknown;
  const gone = clashes[0] === strings.allOfIt && !saving.theirs?.length;
  const choose = (choice: 'mine' | 'theirs' | 'merge'): void =>
    session.send({ type: 'resolve', choice });
  return (
    <section class="wfnb-conflict" role="alertdialog" aria-label={strings.conflict}>
      <header>
        <Icon name="alert" />
        <b>{saving.why || strings.conflict}</b>
      </header>
      {!gone && (
        <div class="wfnb-sides">
          <Side title={strings.conflictMine} lines={saving.mine ?? []} />
          <Side title={strings.conflictTheirs} lines={saving.theirs ?? []} />
        </div>
      )}
      <p class="wfnb-hint">
        {gone
          ? strings.goneHelp
          : unknown
            ? strings.conflictUnknown
            : `${clashes.length ? strings.conflictClash(clashes.join(', ')) : strings.conflictMergeable} ${strings.conflictKept}`}
      </p>
      <footer>
        <Button name="keep-mine" class={gone ? 'wfnb-primary' : ''} onClick={() => choose('mine')}>
          {gone ? strings.writeAnew : strings.keepMine}
        </Button>
        {!gone && (
          <Button name="take-theirs" onClick={() => choose('theirs')}>
            {strings.takeTheirs}
          </Button>
        )}
        {!gone && (
          <Button
            name="merge"
            class="wfnb-primary"
            disabled={clashes.length > 0}
            onClick={() => choose('merge')}
          >
            {strings.mergeBoth}
          </Button>
        )}
      </footer>
    </section>
  );
}

function Side({ title, lines }: { title: string; lines: readonly string[] }): JSX.Element {
  return (
    <div>
      <h3>{title}</h3>
      <ul class="wfnb-changes">
        {lines.map(line => (
          <li key={line} data-fate={fateOf(line)}>
            {line}
          </li>
        ))}
        {!lines.length && <li class="wfnb-dim">{strings.noChanges}</li>}
      </ul>
    </div>
  );
}

/** What a line of a comparison says by its sign; the sign itself is in the line, so colour is only a help. */
export function fateOf(line: string): string {
  const fates: Record<string, string> = {
    '+': 'added',
    '-': 'removed',
    '~': 'changed',
    '=': 'renamed',
    '→': 'moved'
  };
  return fates[line.charAt(0)] ?? 'other';
}
