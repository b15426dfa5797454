/** What is in view where that does not belong to the document: where it is kept, and how to change it. */
import type { JSX } from 'preact';
import { commandOf } from '../editor/commands';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { Button, Icon } from '../parts/parts';
import { scopeOf } from '../document/scope';
import { strings } from '../texts/strings';

export function ForeignBar({ editor }: { editor: Editor }): JSX.Element | null {
  const { crumbs, elsewhere } = useStore(editor.session.view);
  const { foreign } = scopeOf(crumbs);
  if (!foreign) return null;
  const { file = '' } = elsewhere[foreign] ?? {};
  const outermost = editor.structure.foreign();
  return (
    <section class="wfnb-foreign" aria-label={strings.readOnly}>
      <Icon name="lock" />
      <p role="status">
        <b>{file ? strings.filedElsewhere(file) : strings.definedElsewhere(foreign)}</b>{' '}
        <span>{file ? strings.filedCure(file) : strings.definedCure(foreign)}</span>
      </p>
      {outermost?.foreign === foreign && (
        <Button
          name="embed"
          title={strings.embedHelp}
          disabled={!commandOf('embed').enabled(editor)}
          onClick={() => editor.structure.embed()}
        >
          {strings.embed}
        </Button>
      )}
    </section>
  );
}
