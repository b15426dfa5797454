/** What stands above each form of the inspector. */
import type { JSX } from 'preact';
import type { Editor } from '../editor/editor';
import { Button } from '../parts/parts';
import { strings } from '../texts/strings';

export function Heading(props: {
  title: string;
  kind: string;
  editor: Editor;
  readOnly: boolean;
}): JSX.Element {
  const { title, kind, editor, readOnly } = props;
  return (
    <header>
      <b title={title}>{title}</b>
      <span class="wfnb-dim">{kind}</span>
      <span class="wfnb-space" />
      {!readOnly && (
        <Button
          icon="bin"
          class="wfnb-small"
          title={strings.delete}
          name="delete"
          onClick={() => editor.remove()}
        />
      )}
      <CloseButton editor={editor} />
    </header>
  );
}

/** Closes the inspector; it is there where that lies over the drawing. */
export function CloseButton({ editor }: { editor: Editor }): JSX.Element {
  const close = (): void => {
    editor.surface.host.focus({ preventScroll: true });
    editor.desk?.uncover();
  };
  return (
    <Button
      icon="cross"
      class="wfnb-small wfnb-close"
      title={strings.closeInspector}
      name="close-inspector"
      onClick={close}
    />
  );
}
