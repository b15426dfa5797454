/** The bar above the drawing. */
import type { JSX } from 'preact';
import { Crumbs } from './crumbs';
import { drawOn } from '../ground/dom';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { Button, Icon } from '../parts/parts';
import { strings } from '../texts/strings';
import { alongBar } from '../ground/rove';
import { isLoose, tallyOf } from '../document/problemindex';
import type { Workflow } from '../wire.gen';
import { RunButtons } from './runbuttons';

/** Buttons after which one is still at the drawing. */
const STAYING = ['undo', 'redo', 'layout', 'fit', 'zoom', 'palette', 'inspector', 'crumb']
  .map(name => `[data-action=${name}]`)
  .join();

export type Mode = 'draw' | 'python' | 'runs';

export interface ToolbarProps {
  editor: Editor;
  palette: boolean;
  inspector: boolean;
  /** Whether the list of problems is open. */
  problems: boolean;
  toggle: (panel: 'palette' | 'inspector' | 'problems') => void;
  mode: Mode;
  modes: readonly Mode[];
  setMode: (mode: Mode) => void;
  run: () => void;
  /** Shows the earlier versions. */
  revisions: () => void;
  /** Asks for a signal to send to the run. */
  signal: () => void;
}

export function Toolbar(props: ToolbarProps): JSX.Element {
  const { editor } = props;
  const { session, surface } = editor;
  const view = useStore(session.view);
  const zoom = useStore(surface.zoom);
  const walking = useStore(editor.stepper.walk) !== null;
  const percent = `${Math.round(zoom * 100)} %`;
  return (
    <div
      class="wfnb-toolbar"
      role="toolbar"
      aria-label={strings.toolbar}
      onKeyDown={alongBar}
      onClick={event => {
        if (event.target instanceof Element && event.target.closest(STAYING))
          drawOn(event, surface.host);
      }}
    >
      <Crumbs editor={editor} />
      <SavedState {...props} />
      <Button
        icon="undo"
        name="undo"
        disabled={view.undo === null || view.readOnly || walking}
        title={view.undo === null ? strings.undo : strings.undoWhat(view.undo)}
        onClick={() => session.send({ type: 'undo' })}
      />
      <Button
        icon="redo"
        name="redo"
        disabled={view.redo === null || view.readOnly || walking}
        title={view.redo === null ? strings.redo : strings.redoWhat(view.redo)}
        onClick={() => session.send({ type: 'redo' })}
      />
      <LayoutButton editor={editor} />
      <Button name="fit" title={strings.fitHelp} onClick={() => surface.view.fitOn()}>
        {strings.fit}
      </Button>
      <Button
        class="wfnb-plainbutton wfnb-secondary"
        name="zoom"
        title={strings.zoomHelp}
        onClick={() => surface.view.setZoom(1)}
      >
        {percent}
      </Button>
      <span class="wfnb-space" />
      <ProofPill {...props} />
      <ProblemPill {...props} />
      {props.mode === 'draw' && <PanelButtons {...props} />}
      <Button
        icon="keys"
        class="wfnb-secondary"
        name="keys"
        title={strings.keysHelp}
        onClick={() => editor.keysShown.set(true)}
      />
      <ModeSwitch {...props} />
      <RunButtons
        {...{ editor, run: props.run, signal: props.signal }}
        show={props.modes.includes('runs') ? () => props.setMode('runs') : undefined}
      />
    </div>
  );
}

/** What shows and hides the panels beside the drawing. */
function PanelButtons(props: ToolbarProps): JSX.Element {
  return (
    <>
      <Button
        icon="panel"
        name="palette"
        pressed={props.palette}
        title={strings.palette}
        onClick={() => props.toggle('palette')}
      />
      <Button
        icon="inspect"
        name="inspector"
        pressed={props.inspector}
        title={strings.inspector}
        onClick={() => props.toggle('inspector')}
      />
    </>
  );
}

/** The workflow's name; what does not fit is in its title. */
export function Heading({ document }: { document: Workflow }): JSX.Element {
  const { name = strings.workflow, description = '' } = document;
  return (
    <span class="wfnb-heading" title={`${name}\n${description}`.trim()}>
      {name}
    </span>
  );
}

function LayoutButton({ editor }: { editor: Editor }): JSX.Element {
  const { readOnly } = useStore(editor.session.view);
  const busy = useStore(editor.arranging);
  const walking = useStore(editor.stepper.walk) !== null;
  return (
    <button
      type="button"
      class={`wfnb-button ${busy ? 'wfnb-busy' : ''}`}
      data-action="layout"
      aria-disabled={readOnly || walking}
      aria-busy={busy}
      title={busy ? strings.layingOut : strings.layoutHelp}
      onClick={() => !readOnly && !walking && void editor.layout()}
    >
      {strings.layout}
    </button>
  );
}

export function ModeSwitch(props: {
  mode: Mode;
  modes: readonly Mode[];
  setMode: (mode: Mode) => void;
}): JSX.Element {
  return (
    <span class="wfnb-segments" role="group" aria-label={strings.modes}>
      {props.modes.map(mode => (
        <button
          type="button"
          class="wfnb-segment"
          key={mode}
          data-mode={mode}
          aria-pressed={props.mode === mode}
          onClick={() => props.setMode(mode)}
        >
          {strings[mode]}
        </button>
      ))}
    </span>
  );
}

/** Where the drawing is kept and whether all of it is; of a file that follows it, with its earlier versions. */
function SavedState(props: ToolbarProps): JSX.Element {
  const { session } = props.editor;
  const view = useStore(session.view);
  const dirty = useStore(session.dirty);
  const saving = useStore(session.saving);
  const gone = useStore(session.gone);
  const revision = strings.revision(view.revision);
  if (saving && view.ready && !gone) {
    const state = view.waiting && saving.state !== 'apart' ? 'saving' : saving.state;
    const text = state === 'saved' ? strings.saved(view.saved) : strings.savingStates[state];
    const [why = ''] = (saving.why ?? '').split('\n');
    const wrong = state === 'unsaved' || state === 'conflict' || state === 'apart';
    const help = state === 'apart' ? strings.saveAsHelp : strings.revisionsHelp;
    return (
      <button
        type="button"
        class={`wfnb-state wfnb-savedstate wfnb-saved-${state}`}
        data-action="revisions"
        data-saving={state}
        title={`${saving.why ?? ''}\n${text} · ${revision}\n${help}`.trim()}
        onClick={props.revisions}
      >
        {wrong && <Icon name="alert" />}
        {wrong ? (
          <span>{state === 'unsaved' ? `${text}: ${why}` : text}</span>
        ) : (
          <Parts parts={[...text.split(' · '), revision]} />
        )}
      </button>
    );
  }
  const parts = !view.ready
    ? [strings.loading]
    : view.readOnly
      ? [gone && view.waiting ? strings.unsent(view.waiting) : strings.readOnly]
      : view.waiting
        ? [strings.saving]
        : [dirty ? strings.unsaved : strings.saved(view.saved), revision];
  return (
    <span class="wfnb-state wfnb-optional" title={parts.join(' · ')}>
      <Parts parts={parts} />
    </span>
  );
}

/** Words of which those that find no room are left out, the last first: half a word says nothing. */
export function Parts({ parts }: { parts: readonly string[] }): JSX.Element {
  return (
    <span class="wfnb-parts">
      {parts.map((part, i) => (
        <span key={i}>{i ? ` · ${part}` : part}</span>
      ))}
    </span>
  );
}

function ProofPill(props: ToolbarProps): JSX.Element | null {
  const checked = useStore(props.editor.session.checked);
  const sound = checked?.properties?.find(property => property.name === 'sound');
  // Of a sketch that is not connected yet there is nothing to prove.
  if (!checked || !sound || checked.problems.some(isLoose)) return null;
  const looks = {
    proved: ['ok', 'check', strings.sound],
    refuted: ['bad', 'cross', strings.unsound],
    unknown: ['dim', 'dot', strings.unproved]
  } as const;
  const [tone, icon, text] = looks[sound.verdict];
  return (
    <button
      type="button"
      class={`wfnb-pill wfnb-secondary wfnb-tone-${tone}`}
      title={sound.why || strings.showProblems}
      data-action="properties"
      data-verdict={sound.verdict}
      aria-expanded={props.problems}
      onClick={() => props.toggle('problems')}
    >
      <Icon name={icon} />
      {text}
    </button>
  );
}

const TALLY_ICONS = { ok: 'check', warn: 'alert', bad: 'alert', dim: 'dot' } as const;

function ProblemPill(props: ToolbarProps): JSX.Element {
  const checked = useStore(props.editor.session.checked);
  const { text, tone } = tallyOf(checked?.problems ?? null);
  return (
    <button
      type="button"
      class={`wfnb-pill wfnb-tone-${tone}`}
      data-action="problems"
      title={strings.showProblems}
      aria-expanded={props.problems}
      onClick={() => props.toggle('problems')}
    >
      <Icon name={TALLY_ICONS[tone]} />
      {text}
    </button>
  );
}
