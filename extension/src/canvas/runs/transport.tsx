/** What moves through a run: event by event, visit by visit, from failure to failure, or by itself. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { HEATS } from '../session/heat';
import type { HeatMode } from '../session/heat';
import { useStore } from '../ground/hooks';
import type { IconName } from '../look/icons';
import { Button } from '../parts/parts';
import { SPEEDS } from '../session/player';
import type { ReplayDesk } from './replaydesk';
import { strings } from '../texts/strings';

export function Transport({ desk }: { desk: ReplayDesk }): JSX.Element {
  const { player, session } = desk;
  const playing = useStore(player.playing);
  const speed = useStore(player.speed);
  const heat = useStore(desk.heat);
  const compress = useStore(desk.compress);
  useStore(session.frame);
  useStore(session.runs);
  useStore(player.wanted);
  const one = (name: string, icon: IconName, title: string, onClick: () => void): JSX.Element => (
    <Button {...{ name, icon, title, onClick }} class="wfnb-small" />
  );
  const { runKeys } = strings;
  return (
    <div class="wfnb-transport" role="group" aria-label={strings.transport}>
      {one('first', 'first', `${runKeys.first} (Home)`, () => player.step(-Infinity))}
      {one('visit-back', 'visitBack', `${runKeys.visitBack} (Shift+←)`, () => desk.visit(-1))}
      {one('back', 'back', `${runKeys.stepBack} (←)`, () => player.step(-1))}
      {one('play', playing ? 'pause' : 'play', `${runKeys.play} (Space)`, () => player.toggle())}
      {one('on', 'step', `${runKeys.stepOn} (→)`, () => player.step(1))}
      {one('visit-on', 'visitOn', `${runKeys.visitOn} (Shift+→)`, () => desk.visit(1))}
      {one('last', 'last', `${runKeys.last} (End)`, () => player.toEnd())}
      {one('error', 'nextError', `${runKeys.errorOn} (E)`, () => desk.failure(1))}
      <select
        class="wfnb-button wfnb-select"
        aria-label={strings.speed}
        title={`${strings.speed} (, .)`}
        value={speed}
        onChange={event => player.speed.set(Number(event.currentTarget.value))}
      >
        {SPEEDS.map(value => (
          <option value={value} key={value}>{`${value}×`}</option>
        ))}
      </select>
      <Jump desk={desk} />
      <span class="wfnb-space" />
      <Button
        class="wfnb-small"
        icon="gap"
        name="idle"
        pressed={compress}
        title={`${runKeys.idle} (I)`}
        onClick={() => desk.compress.set(!compress)}
      />
      <select
        class="wfnb-button wfnb-select"
        aria-label={strings.heatTitle}
        title={`${runKeys.heat} (H)`}
        data-action="heat"
        value={heat}
        onChange={event => desk.heat.set(event.currentTarget.value as HeatMode)}
      >
        {HEATS.map(mode => (
          <option value={mode} key={mode}>
            {strings.heats[mode]}
          </option>
        ))}
      </select>
      {player.going && (
        <button
          type="button"
          class={`wfnb-button wfnb-livemark ${player.live ? 'wfnb-on' : ''}`}
          title={strings.liveHelp}
          aria-pressed={player.live}
          data-action="live"
          onClick={() => player.toEnd()}
        >
          {strings.liveMark}
        </button>
      )}
    </div>
  );
}

/** The number of the event in focus; another one that is typed leads there. */
function Jump({ desk }: { desk: ReplayDesk }): JSX.Element {
  const { player } = desk;
  const field = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState<string | null>(null);
  useEffect(() => {
    desk.jump = () => field.current?.select();
    return () => (desk.jump = () => undefined);
  }, [desk]);
  const commit = (): void => {
    // What stands there, not the draft: Enter may come before the page has rendered what was typed.
    const text = field.current?.value.trim() ?? '';
    setDraft(null);
    if (/^\d+$/.test(text) && Number(text) !== player.at) player.stand(Number(text));
  };
  return (
    <label class="wfnb-jump">
      {strings.jumpTo}
      <input
        ref={field}
        class="wfnb-input"
        inputMode="numeric"
        autocomplete="off"
        data-action="jump"
        value={draft ?? player.at}
        onInput={event => setDraft(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={event => {
          if (event.key === 'Escape') setDraft(null);
          else if (event.key !== 'Enter') return;
          else commit();
          desk.focus();
        }}
      />
      <span class="wfnb-dim">{strings.ofEvents(player.total)}</span>
    </label>
  );
}
