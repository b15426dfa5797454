/** Cut, copy, paste and duplicate, as gestures of a designer. */
import { clipOf, pasting, placing, readClip, withInside } from '../layout/clip';
import { visible } from '../surface/cytoscape';
import type { Editor } from './editor';
import type { Point } from '../ground/geometry';
import { strings } from '../texts/strings';

/** The selection as text for the clipboard; empty if no node is selected. */
export function copy({ document, surface }: Editor): string {
  // Who has not moved the mouse since does not mean the place where it lies.
  surface.pointer.moved = false;
  const { items, folding } = surface.graph;
  return clipOf(document, items, folding.whole(surface.selection.get().nodes));
}

/** Takes away what it gives: with a group what is inside too. */
export function cut(editor: Editor): string {
  const { document, surface } = editor;
  const text = copy(editor);
  const { nodes, edges } = surface.selection.get();
  const { items, folding } = surface.graph;
  const all = withInside(document, items, folding.whole(nodes));
  return text && editor.remove({ nodes: all, edges }, strings.did.cut(all.length)) ? text : '';
}

/**
 * Adds what `copy` gave, here or elsewhere, under free names: where the mouse has gone since, else
 * beside where it comes from.
 */
export function paste(editor: Editor, text: string): void {
  const { pointer, view } = editor.surface;
  const at = pointer.moved && pointer.at ? view.toModel(pointer.at) : null;
  pointer.moved = false;
  if (!insert(editor, text, at, strings.did.paste)) editor.notice.set(strings.nothingToPaste);
}

/** Copies the selection beside itself; the clipboard stays as it is. */
export function duplicate(editor: Editor): void {
  const { document, surface } = editor;
  const { items, folding } = surface.graph;
  const text = clipOf(document, items, folding.whole(surface.selection.get().nodes));
  insert(editor, text, null, strings.did.duplicate);
}

/** Whether the text is a clip at all. */
function insert(
  editor: Editor,
  text: string,
  at: Point | null,
  label: (count: number) => string
): boolean {
  const clip = readClip(text);
  if (!clip) return false;
  const { surface, document } = editor;
  const { items, cy } = surface.graph;
  const { edits, ids } = pasting(document, clip, placing(clip, items, visible(cy), at));
  if (!editor.edit(label(ids.length), edits)) return true;
  surface.select({ nodes: ids, edges: [] });
  for (const id of ids.slice(0, 1)) surface.view.follow(id);
  return true;
}
