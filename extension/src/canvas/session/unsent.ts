/**
 * Gestures that no keeper has answered: they outlive the page and the kernel, and are made again by the
 * next view of the same file.
 */
import { edgeIndex, findNode } from '../document/document';
import { own } from '../ground/own';
import { put, take } from '../ground/stash';
import type { Edit, Workflow } from '../wire.gen';

export interface Unsent {
  client: string;
  id: number;
  label: string;
  edits: Edit[];
}

const placeOf = (file: string): string => `gestures:${file}`;

/** Puts gestures away behind those that are there. */
export function putUnsent(file: string, gestures: readonly Unsent[]): void {
  if (!file || !gestures.length) return;
  const others = takeUnsent(file).filter(({ client }) => client !== gestures[0]?.client);
  put(placeOf(file), [...others, ...gestures]);
}

/** Takes what was put away for a file, once. */
export const takeUnsent = (file: string): Unsent[] =>
  file ? ((take(placeOf(file)) as Unsent[] | null) ?? []) : [];

/** Takes those that other views of a file made and nobody heard: of each, the last that was heard is known. */
export const leftUnsent = (
  file: string,
  own: string,
  heard: Readonly<Record<string, number>>
): Unsent[] =>
  takeUnsent(file).filter(({ client, id }) => client !== own && id > (heard[client] ?? 0));

/** Whether what a gesture adds is there and what it takes away is not: it came there, and only its answer did not. */
export function isMade(document: Workflow, edits: readonly Edit[]): boolean {
  return edits.every(edit => {
    switch (edit.op) {
      case 'add_node':
        return findNode(document, edit.node.id) !== undefined;
      case 'remove_node':
        return findNode(document, edit.id) === undefined;
      case 'set_node':
        return findNode(document, edit.node.id) !== undefined;
      case 'add_edge':
        return edgeIndex(document, edit.edge) >= 0;
      case 'set_edge':
        return edgeIndex(document, edit.to) >= 0;
      case 'remove_edge':
        return edgeIndex(document, edit.edge) < 0;
      case 'within': {
        const inner = own(document.workflows, edit.workflow);
        return inner !== undefined && isMade(inner, edit.edits);
      }
      case 'move':
      case 'restore':
      case 'set_workflow':
        return true; // these always fit, and made twice are made once
    }
  });
}
