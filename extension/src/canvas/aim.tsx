/** What is said while the keyboard leads an edge, and, for those who do not see it, what is selected. */
import type { JSX } from 'preact';
import { edgesOf, findNode } from './document';
import type { Editor } from './editor';
import { useStore } from './hooks';
import type { Pulled } from './ports';
import { titleOf } from './shapes';
import { Store } from './store';
import { edgeWords } from './spoken';
import { strings } from './strings';
import type { Selection } from './surface';
import type { Workflow } from './wire.gen';

const NEVER = new Store<Pulled | null>(null);

/** Where the edge would go now, and the keys that lead it. */
export function Aim({ editor }: { editor: Editor }): JSX.Element | null {
  const pulled = useStore(editor.surface.pulling?.pulled ?? NEVER);
  if (!pulled?.byKey || pulled.to === null) return null;
  const ends = [pulled.held, pulled.to].map(id => nameOf(editor.document, id));
  const [from = '', to = ''] = pulled.end === 'target' ? ends : ends.reverse();
  return (
    <div class="wfnb-aim" role="status">
      <b>{strings.aiming(from, to)}</b>
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

/** Tells a screen reader what is selected. */
export function Spoken({ editor }: { editor: Editor }): JSX.Element {
  const selection = useStore(editor.surface.selection);
  const { document } = useStore(editor.session.view);
  return (
    <p class="wfnb-hidden" role="status" data-selection>
      {selectionText(document, selection)}
    </p>
  );
}

function selectionText(document: Workflow, { nodes, edges }: Selection): string {
  const [id] = nodes;
  const node = id === undefined ? undefined : findNode(document, id);
  if (nodes.length + edges.length > 1) return strings.selectedSome(nodes.length, edges.length);
  if (node) {
    const all = edgesOf(document);
    const [before, after] = [all.filter(e => e.target === id), all.filter(e => e.source === id)];
    const kind = strings.kinds[node.kind];
    return strings.selectedNode(titleOf(node), kind, before.length, after.length);
  }
  const edge = edgesOf(document)[edges[0] ?? -1];
  return edge ? edgeWords(edge, id => findNode(document, id)) : '';
}

function nameOf(document: Workflow, id: string): string {
  const node = findNode(document, id);
  return node ? titleOf(node) : id;
}
