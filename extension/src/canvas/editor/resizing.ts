/** Notes made larger and smaller: their upper left corner stays where it is. */
import { applyAll } from '../document/document';
import type { Editor } from './editor';
import { left, top } from '../ground/geometry';
import type { Size } from '../surface/grip';
import type { Item } from '../layout/items';
import { NARROWEST, NOTE_WIDTH, WIDEST } from '../look/notes';
import { shapeOf } from '../look/shapes';
import { strings } from '../texts/strings';
import type { Edit, Note } from '../wire.gen';

const within = (size: number, least: number): number =>
  Math.min(WIDEST, Math.max(least, Math.round(size)));

/** A note of this size, as far as its text lets it; what it would be without saying so is not said. */
function sized(note: Note, { w, h }: Size): Note {
  const { width: _width, height: _height, ...bare } = note;
  const wide = within(w, NARROWEST);
  const made: Note = wide === NOTE_WIDTH ? bare : { ...bare, width: wide };
  const high = within(h, 0);
  return high > shapeOf(made).h ? { ...made, height: high } : made;
}

/** What gives a note another size; nothing where it has it already. */
export function resizing(item: Item, size: Size): Edit[] {
  const { node } = item;
  if (node.kind !== 'note') return [];
  const note = sized(node, size);
  if (note.width === node.width && note.height === node.height) return [];
  const { w, h } = shapeOf(note);
  const at: [number, number] = [Math.round(left(item) + w / 2), Math.round(top(item) + h / 2)];
  return [
    { op: 'set_node', id: node.id, node: note },
    { op: 'move', positions: { [node.id]: at } }
  ];
}

/** Gives a note, as it was, this size; until it is the last, only to look at. Without one it stays. */
export function resizeNote(editor: Editor, note: Item, size: Size | null, last: boolean): void {
  const { document, surface } = editor;
  const edits = size ? resizing(note, size) : [];
  if (!last) surface.setDocument(applyAll(document, edits).document);
  else if (!edits.length || !editor.edit(strings.did.resize, edits)) surface.setDocument(document);
}

/** Makes the selected notes larger by so much. */
export function enlarge(editor: Editor, by: Size): void {
  const { graph, selection } = editor.surface;
  const items = selection.get().nodes.flatMap(id => graph.items.get(id) ?? []);
  const edits = items.flatMap(item => resizing(item, { w: item.w + by.w, h: item.h + by.h }));
  if (edits.length) editor.edit(strings.did.resize, edits);
}
