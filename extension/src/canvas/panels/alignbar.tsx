/** A small bar over the drawing that puts what is selected in line. */
import type { JSX } from 'preact';
import { ALIGNMENTS, SPREADS, leastOf, ownMovers } from '../layout/align';
import type { Arrangement } from '../layout/align';
import { drawOn } from '../ground/dom';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { Button } from '../parts/parts';
import { strings } from '../texts/strings';

/** There while two nodes or more are selected and can be moved. */
export function AlignBar({ editor }: { editor: Editor }): JSX.Element | null {
  const { nodes } = useStore(editor.surface.selection);
  const { readOnly } = useStore(editor.session.view);
  const walking = useStore(editor.stepper.walk) !== null;
  const count = ownMovers(editor.surface.graph.items, nodes).length;
  if (readOnly || walking || count < 2) return null;
  const button = (how: Arrangement): JSX.Element => (
    <Button
      key={how}
      icon={how}
      name={how}
      title={strings.commands[how]}
      disabled={count < leastOf(how)}
      onClick={() => editor.arrangeSelected(how)}
    />
  );
  return (
    <div
      class="wfnb-alignbar"
      role="toolbar"
      aria-label={strings.alignbar}
      onClick={event => drawOn(event, editor.surface.host)}
    >
      {ALIGNMENTS.slice(0, 3).map(button)}
      <i />
      {ALIGNMENTS.slice(3).map(button)}
      <i />
      {SPREADS.map(button)}
    </div>
  );
}
