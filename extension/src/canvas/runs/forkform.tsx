/** Asks for the value that a fork begins with. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { findNode, nodesOf } from '../document/document';
import { useStore } from '../ground/hooks';
import { Button } from '../parts/parts';
import type { ReplayDesk } from './replaydesk';
import { strings } from '../texts/strings';
import type { NodeKind } from '../wire.gen';

const INPUT = 'input.';
/** What can be given a value: with one at this event it gets another, a task without one is pinned to it. */
const GIVING: ReadonlySet<NodeKind> = new Set(['task', 'approval', 'map', 'call', 'wait']);

export function ForkForm({ desk, close }: { desk: ReplayDesk; close: () => void }): JSX.Element {
  const { session, player, surface } = desk;
  const frame = useStore(session.frame);
  const { document } = useStore(session.view);
  const known = useStore(session.value);
  const failure = useStore(session.failure);
  const there = (frame?.values ?? []).map(value => value.name).filter(name => name !== 'output');
  const tasks = nodesOf(document).filter(node => node.kind === 'task' && !there.includes(node.id));
  const names = [
    ...there.filter(name => name.startsWith(INPUT) || GIVING.has(kindOf(name))),
    ...tasks.map(task => task.id)
  ];
  function kindOf(id: string): NodeKind {
    return findNode(document, id)?.kind ?? 'note';
  }
  const [selected] = surface.selection.get().nodes;
  const [name, setName] = useState(
    () =>
      names.find(one => one === selected) ?? there.filter(one => names.includes(one)).at(-1) ?? ''
  );
  const [draft, setDraft] = useState<string | null>(null);
  const [trouble, setTrouble] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const [at] = useState(player.at);
  // The right end of a run that is over is no place to go on from; the kernel then finds the best one.
  const [over] = useState(() => player.at >= player.total && !player.going);
  useEffect(() => {
    setDraft(null);
    setTrouble('');
    if (name) session.send({ type: 'value_of', node: name });
  }, [name]);
  useEffect(() => {
    session.failure.set(null);
    form.current?.querySelector('select')?.focus();
    const run = session.history.get()?.run;
    return session.history.on(history => history?.run !== run && close());
  }, []);
  const text = draft ?? (known !== null && known.node === name ? (known.json ?? '') : '');
  const submit = (event: Event): void => {
    event.preventDefault();
    session.failure.set(null);
    try {
      const value: unknown = name ? JSON.parse(text) : null;
      const given = name.startsWith(INPUT) ? { inputs: { [name.slice(INPUT.length)]: value } } : {};
      const values = name && !name.startsWith(INPUT) ? { values: { [name]: value } } : {};
      session.send({ type: 'fork', ...(over ? {} : { at }), ...given, ...values });
    } catch (error) {
      setTrouble(`${strings.jsonNeeded}\n${error instanceof Error ? error.message : ''}`.trim());
    }
  };
  const wrong = trouble || failure;
  return (
    <form
      ref={form}
      class="wfnb-popover wfnb-pinform"
      aria-label={strings.forkTitle(at)}
      onSubmit={submit}
      onKeyDown={event => {
        if (event.key === 'Escape') close();
        else if (event.key === 'Enter' && event.ctrlKey) submit(event);
      }}
    >
      <h3>{strings.forkTitle(at)}</h3>
      <p class="wfnb-hint">{strings.forkHelp}</p>
      <label class="wfnb-field">
        <span class="wfnb-caption">{strings.forkValue}</span>
        <select
          class="wfnb-input"
          data-fork="name"
          value={name}
          onChange={event => setName(event.currentTarget.value)}
        >
          <option value="">{strings.forkAsIs}</option>
          {names.map(one => (
            <option value={one} key={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      {name && (
        <textarea
          class="wfnb-input wfnb-fx"
          rows={4}
          spellcheck={false}
          placeholder="JSON"
          aria-label={strings.asJson}
          aria-invalid={!!wrong}
          data-fork="value"
          value={text}
          onInput={event => {
            setDraft(event.currentTarget.value);
            setTrouble('');
            session.failure.set(null);
          }}
        />
      )}
      {wrong && (
        <span class="wfnb-trouble" role="alert">
          {wrong}
        </span>
      )}
      <footer>
        <Button onClick={close}>{strings.dismiss}</Button>
        <button type="submit" class="wfnb-button wfnb-primary" data-action="fork-now">
          {strings.forkNow}
        </button>
      </footer>
    </form>
  );
}
