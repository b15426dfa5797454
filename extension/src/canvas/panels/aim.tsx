/** What is said while the keyboard leads an edge. */
import type { JSX } from 'preact';
import { aimOf, NEVER } from './announce';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { strings } from '../texts/strings';

/** Where the edge would go now, and the keys that lead it. */
export function Aim({ editor }: { editor: Editor }): JSX.Element | null {
  const pulled = useStore(editor.surface.pulling?.pulled ?? NEVER);
  if (!pulled?.byKey || pulled.to === null) return null;
  return (
    <div class="wfnb-aim">
      <b>{aimOf(editor.document, pulled)}</b>
      {strings.aimingKeys.map(([keys, what]) => (
        <span class="wfnb-dim" key={what}>
          {keys.map(key => (
            <kbd key={key}>{key}</kbd>
          ))}{' '}
          {what}
        </span>
      ))}
    </div>
  );
}
