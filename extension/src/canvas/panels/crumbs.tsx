/** The way back out of a workflow inside another: `review › clean`. */
import type { JSX } from 'preact';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { strings } from '../texts/strings';

/** The name of the document, and of each workflow that was entered. */
export function Crumbs({ editor }: { editor: Editor }): JSX.Element {
  const { whole, crumbs } = useStore(editor.session.view);
  const { name = strings.workflow, description = '' } = whole;
  const names = [name, ...crumbs.map(crumb => crumb.name)];
  return (
    <nav
      class="wfnb-heading wfnb-crumbs"
      aria-label={strings.crumbs}
      title={crumbs.length ? names.join(' › ') : `${name}\n${description}`.trim()}
    >
      {names.map((text, depth) => (
        <>
          {depth > 0 && <span aria-hidden="true">›</span>}
          {depth < crumbs.length ? (
            <button
              type="button"
              class="wfnb-crumb"
              data-action="crumb"
              data-depth={depth}
              title={strings.backTo(text)}
              onClick={() => editor.structure.leave(depth)}
            >
              {text}
            </button>
          ) : (
            <b aria-current="page">{text}</b>
          )}
        </>
      ))}
    </nav>
  );
}
