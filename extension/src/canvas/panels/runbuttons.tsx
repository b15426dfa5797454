/** The part of the bar that is about runs. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { give } from '../editor/commands';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { Button } from '../parts/parts';
import { isOver } from '../session/run';
import { RunPill } from '../parts/runpill';
import { strings } from '../texts/strings';
import { signalsOf } from '../document/triggers';
import { pauseElsewhere } from '../editor/steering';

/** Selects the node that the run failed at; an error of no node is said in words. */
function showFailed({ session, surface }: Editor): void {
  session.go([]);
  const id = session.live.failed();
  if (id !== null && surface.graph.items.has(id)) {
    surface.select({ nodes: [id], edges: [] });
    surface.view.center(id);
  } else {
    // With a second line it stays until it is read.
    session.failure.set(`${strings.runStates.failed}\n${session.live.head.get()?.error ?? ''}`);
  }
}

/** Lets a paused run go on, or one thing of it begin. */
function PausedButtons({ editor }: { editor: Editor }): JSX.Element {
  useStore(editor.session.halts);
  const elsewhere = pauseElsewhere(editor);
  const hold = useRef<HTMLSpanElement>(null);
  useLayoutEffect(
    () => () => {
      // The keyboard is not left to the page when the button that had it goes.
      if (hold.current?.matches(':focus-within'))
        editor.surface.host.focus({ preventScroll: true });
    },
    []
  );
  return (
    <span class="wfnb-paused" ref={hold}>
      {elsewhere && (
        <Button
          name="toPause"
          icon="call"
          title={strings.pausedIn(elsewhere.join(' › '))}
          onClick={() => give('toPause', editor)}
        />
      )}
      <Button
        name="step"
        icon="step"
        title={strings.commands.step}
        onClick={() => give('step', editor)}
      />
      <Button
        name="resume"
        icon="play"
        class="wfnb-primary"
        title={strings.commands.resume}
        onClick={() => give('resume', editor)}
      >
        {strings.goOn}
      </Button>
    </span>
  );
}

/** How the run in view stands, and what starts, stops and steps it. */
export function RunButtons(props: {
  editor: Editor;
  run: () => void;
  /** Asks for a signal to send to the run. */
  signal: () => void;
  /** Shows the run; absent where no run view is there. */
  show: (() => void) | undefined;
}): JSX.Element {
  const { session } = props.editor;
  const head = useStore(session.live.head);
  const kernel = useStore(session.kernel);
  const gone = useStore(session.gone);
  const view = useStore(session.view);
  const lost = gone || (head?.lost ?? false);
  const going = head !== null && !isOver(head.state) && !lost;
  return (
    <>
      {lost ? (
        <span class="wfnb-pill wfnb-tone-bad" data-run-state="gone" role="status">
          {gone ? strings.kernelGone : strings.kernelGoneRun}
        </span>
      ) : (
        <RunPill head={head} onFailed={() => showFailed(props.editor)} onShow={props.show} />
      )}
      {going && signalsOf(view.whole).length > 0 && (
        <Button name="signal" icon="signal" title={strings.sendSignal} onClick={props.signal} />
      )}
      {going && head.state === 'paused' && <PausedButtons editor={props.editor} />}
      {going ? (
        <Button
          name="cancel"
          icon="stop"
          class="wfnb-danger"
          onClick={() => session.send({ type: 'cancel' })}
        >
          {strings.cancel}
        </Button>
      ) : (
        <Button
          name="run"
          icon="play"
          class="wfnb-primary"
          disabled={view.unreadable !== '' || gone || kernel === 'none' || kernel === 'starting'}
          title={
            gone ? strings.kernelGone : kernel === 'none' ? strings.runNoKernel : strings.runHelp
          }
          onClick={props.run}
        >
          {strings.run}
        </Button>
      )}
    </>
  );
}
