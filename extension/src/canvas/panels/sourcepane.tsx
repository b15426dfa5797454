/** The Python beside the drawing: a plain text area over its own coloured copy. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Editor } from '../editor/editor';
import { runsOf } from '../ground/highlight';
import { useStore } from '../ground/hooks';
import { Button, Icon } from '../parts/parts';
import { SourceText } from '../session/source';
import type { SourceState } from '../session/source';
import { strings } from '../texts/strings';

export function SourcePane({ editor }: { editor: Editor }): JSX.Element | null {
  const [source, setSource] = useState<SourceText | null>(null);
  useEffect(() => {
    const made = new SourceText(editor.session, edits => editor.write(edits));
    setSource(made);
    return () => made.dispose();
  }, [editor]);
  return source && <Pane editor={editor} source={source} />;
}

function Pane({ editor, source }: { editor: Editor; source: SourceText }): JSX.Element {
  const state = useStore(source.state);
  const kernel = useStore(editor.session.kernel);
  const view = useStore(editor.session.view);
  const walking = useStore(editor.stepper.walk) !== null;
  const away = kernel === 'none' || kernel === 'starting';
  const keys = (event: KeyboardEvent): void => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || (key !== 'z' && key !== 'y')) return;
    // What is typed and not yet drawn is the text area's to take back; all else is the drawing's.
    if (state.ahead) return;
    event.preventDefault();
    editor.session.send({ type: key === 'y' || event.shiftKey ? 'redo' : 'undo' });
  };
  return (
    <section class="wfnb-source" aria-label={strings.python}>
      <div class="wfnb-code">
        <Copy state={state} />
        <Area
          text={state.text}
          readOnly={view.readOnly || away || walking}
          invalid={state.problem !== null}
          explained={`${editor.session.client}-source`}
          onType={text => source.type(text)}
          onKeys={keys}
        />
      </div>
      <Footing
        id={`${editor.session.client}-source`}
        {...{ state, away, source }}
        shown={view.readOnly}
      />
    </section>
  );
}

function Copy({ state }: { state: SourceState }): JSX.Element {
  const { text, problem } = state;
  const lines = useMemo(
    () =>
      runsOf(text, problem && { column: 0, end: 1, ...problem }).map((runs, index) => (
        <div class={problem?.line === index + 1 ? 'wfnb-codeline wfnb-wrongline' : 'wfnb-codeline'}>
          {runs.map(run => (
            <span class={`wfnb-tok-${run.tone} ${run.wrong ? 'wfnb-wrong' : ''}`}>{run.text}</span>
          ))}
          {'\n'}
        </div>
      )),
    [text, problem]
  );
  return (
    <pre class="wfnb-codecopy" aria-hidden="true">
      {lines}
    </pre>
  );
}

function Area(props: {
  text: string;
  readOnly: boolean;
  invalid: boolean;
  /** The id of what says how it stands. */
  explained: string;
  onType: (text: string) => void;
  onKeys: (event: KeyboardEvent) => void;
}): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null);
  const typed = useRef(false);
  // Set by hand: the caret stays where it was when the text is written anew around it.
  useLayoutEffect(() => {
    const { current } = area;
    if (!current || current.value === props.text) return;
    const { selectionStart, selectionEnd } = current;
    current.value = props.text;
    if (current.ownerDocument.activeElement === current)
      current.setSelectionRange(selectionStart, selectionEnd);
  }, [props.text]);
  // The browser shows where the caret is before there is room for a line that was begun.
  useLayoutEffect(() => {
    if (typed.current && area.current) showLine(area.current);
    typed.current = false;
  }, [props.text]);
  return (
    <textarea
      ref={area}
      class="wfnb-codearea"
      aria-label={strings.python}
      aria-invalid={props.invalid}
      aria-describedby={props.explained}
      data-field="python"
      spellcheck={false}
      autocomplete="off"
      autocapitalize="off"
      wrap="off"
      readOnly={props.readOnly}
      onInput={event => {
        typed.current = true;
        props.onType(event.currentTarget.value);
      }}
      onKeyDown={props.onKeys}
    />
  );
}

/** Scrolls by as little as brings the line of the caret into view. */
function showLine(area: HTMLTextAreaElement): void {
  const index = area.value.slice(0, area.selectionEnd).split('\n').length - 1;
  const pane = area.closest('.wfnb-code');
  const line = pane?.querySelectorAll('.wfnb-codeline')[index];
  if (!pane || !line) return;
  const [around, own] = [pane.getBoundingClientRect(), line.getBoundingClientRect()];
  pane.scrollTop += Math.max(0, own.bottom - around.bottom + 10);
  pane.scrollTop += Math.min(0, own.top - around.top);
}

function Footing(props: {
  id: string;
  state: SourceState;
  away: boolean;
  source: SourceText;
  /** Whether nothing can be changed. */
  shown: boolean;
}): JSX.Element {
  const { problem, ahead, behind } = props.state;
  const [what, cure = ''] = (problem?.message ?? '').split('\n');
  return (
    <div class="wfnb-codefoot" id={props.id} role="status" data-problem={problem?.line}>
      {props.away ? (
        <span class="wfnb-dim">{strings.pythonNoKernel}</span>
      ) : problem ? (
        <>
          <span class="wfnb-severity-error">
            <Icon name="alert" />
            <b>{what}</b>
          </span>
          <span class="wfnb-dim">{cure}</span>
        </>
      ) : (
        <span class="wfnb-dim">
          {ahead ? strings.pythonReading : props.shown ? strings.readOnly : strings.pythonHelp}
        </span>
      )}
      {ahead && behind && (
        <Button
          name="take-drawing"
          title={strings.takeDrawingHelp}
          onClick={() => props.source.takeDrawing()}
        >
          {strings.takeDrawing}
        </Button>
      )}
    </div>
  );
}
