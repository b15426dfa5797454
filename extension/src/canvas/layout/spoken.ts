/** Edges in words, for who does not see them. */
import { chipText } from './chips';
import { titleOf } from '../look/shapes';
import { strings } from '../texts/strings';
import { triggerOf } from '../document/triggers';
import type { Edge, Node } from '../wire.gen';

/** From where to where an edge leads, and when it is taken: what stands on it, and what its icon says. */
export function edgeWords(edge: Edge, find: (id: string) => Node | undefined): string {
  const name = (id: string): string => {
    const node = find(id);
    return node ? titleOf(node) : id;
  };
  const words = chipText(edge, find(edge.source)?.kind);
  const trigger = triggerOf(edge);
  const cause = trigger && words?.kind !== 'missing' ? strings.triggers[trigger] : '';
  const when = [cause, words?.text ?? ''].filter(Boolean).join(': ');
  return strings.outlineEdge(name(edge.source), name(edge.target), when);
}
