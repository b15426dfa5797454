/** A counterexample in words, with the buttons that walk through it. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { Button } from '../parts/parts';
import { isAtEnd, stepsOf } from '../session/stepper';
import type { Walk } from '../session/stepper';
import { strings } from '../texts/strings';

export function StepPanel({ editor, walk }: { editor: Editor; walk: Walk }): JSX.Element {
  const { stepper } = editor;
  const playing = useStore(stepper.playing);
  const list = useRef<HTMLOListElement>(null);
  const steps = stepsOf(walk);
  const end = isAtEnd(walk);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    // A button that can not be pressed any more loses the keyboard; the walk must not.
    const root = panel.current?.getRootNode() as Document | ShadowRoot | undefined;
    const { activeElement } = root ?? {};
    if (!activeElement || activeElement === document.body || !activeElement.isConnected) {
      panel.current?.focus({ preventScroll: true });
    }
    const current = list.current?.querySelector('[aria-current]');
    current?.scrollIntoView({ block: 'nearest' });
  }, [walk]);
  const said = walk.at === 0 ? strings.beforeFirings : (steps[walk.at - 1]?.text ?? '');
  const verdict = end ? strings.refutedHere(walk.property.name) : '';
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      class="wfnb-inspector wfnb-steps"
      aria-label={strings.counterexample}
      onKeyDown={event => {
        if (event.target instanceof HTMLButtonElement && event.key === ' ') return;
        if (stepper.key(event.key)) event.preventDefault();
      }}
    >
      <header>
        <b>{strings.counterexample}</b>
        <span class="wfnb-dim">{walk.property.name}</span>
        <Button
          icon="cross"
          class="wfnb-small"
          name="leave-steps"
          title={strings.leaveSteps}
          onClick={() => stepper.leave()}
        />
      </header>
      {walk.property.why && <p class="wfnb-hint">{walk.property.why}</p>}
      <div class="wfnb-rowline wfnb-stepbar" role="toolbar" aria-label={strings.counterexample}>
        <Button
          icon="first"
          name="step-first"
          title={strings.first}
          disabled={walk.at === 0}
          onClick={() => stepper.first()}
        />
        <Button
          icon="before"
          name="step-back"
          title={strings.stepBack}
          disabled={walk.at === 0}
          onClick={() => stepper.step(-1)}
        />
        <Button
          icon={playing ? 'pause' : 'play'}
          name="step-play"
          title={playing ? strings.pause : strings.playSteps}
          onClick={() => stepper.toggle()}
        />
        <Button
          icon="after"
          name="step-on"
          title={strings.stepOn}
          disabled={end}
          onClick={() => stepper.step(1)}
        />
        <Button
          icon="last"
          name="step-last"
          title={strings.last}
          disabled={end}
          onClick={() => stepper.last()}
        />
        <span class="wfnb-dim wfnb-end">{strings.stepOf(walk.at, steps.length)}</span>
      </div>
      <p class="wfnb-hidden" role="status" aria-live="polite" data-said>
        {[strings.stepOf(walk.at, steps.length), said, verdict].filter(Boolean).join('. ')}
      </p>
      <ol class="wfnb-firings" ref={list} start={0}>
        {[strings.beforeFirings, ...steps.map(step => step.text)].map((text, i) => (
          <li key={i} aria-current={i === walk.at ? 'step' : undefined}>
            <button
              type="button"
              class={`wfnb-firing ${i > walk.at ? 'wfnb-later' : ''}`}
              data-step={i}
              onClick={() => {
                stepper.pause();
                stepper.seek(i);
              }}
            >
              {text}
            </button>
          </li>
        ))}
      </ol>
      {end && (
        <p class="wfnb-trouble wfnb-verdict" data-refuted>
          {verdict}
        </p>
      )}
      <p class="wfnb-hint">{strings.stepKeys}</p>
    </aside>
  );
}
