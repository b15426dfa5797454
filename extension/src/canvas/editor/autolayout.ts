/** The automatic layout as a gesture: of everything, or of what is selected, again until it stays as it is. */
import { edgesOf, layoutOf } from '../document/document';
import { hasMembers, insideOf } from '../layout/frames';
import type { Item } from '../layout/items';
import {
  anchored,
  nestingWithin,
  ordered,
  orderedLinks,
  placesOf,
  samePlaces
} from '../layout/keeping';
import { arrange } from '../layout/layout';
import type { ElkSource } from '../layout/layout';
import { own } from '../ground/own';
import { Store } from '../ground/store';
import { strings } from '../texts/strings';
import type { Surface } from '../surface/surface';
import type { Edit, Workflow } from '../wire.gen';

/** A layout that takes longer says that it is at work. */
const NOTICED = 300;
/** How often a layout is done again with its own result, until that stays as it is. */
const TURNS = 4;
/** Of so many nodes once must do. */
const MANY = 400;

/** What of an editor this needs. */
interface Edited {
  readonly document: Workflow;
  readonly surface: Surface;
  readonly notice: Store<string | null>;
  edit(label: string, edits: Edit[]): boolean;
}

export class AutoLayout {
  /** Whether it has been at work for so long that someone may wonder. */
  readonly late = new Store(false);
  private atWork = false;

  constructor(
    private editor: Edited,
    private elk?: ElkSource
  ) {}

  async run(): Promise<void> {
    if (this.atWork) return;
    const late = setTimeout(() => this.late.set(true), NOTICED);
    this.atWork = true;
    try {
      await this.arrange();
    } finally {
      this.atWork = false;
      clearTimeout(late);
      this.late.set(false);
    }
  }

  private async arrange(): Promise<void> {
    const { document, surface, notice } = this.editor;
    const seen = surface.view.place();
    const all = surface.graph.items;
    const { items, part } = this.toArrange();
    const nesting = nestingWithin(all, items);
    const links = surface.graph.links(edgesOf(document));
    let positions = placesOf(items);
    for (let turn = 0; turn < (items.length > MANY ? 1 : TURNS); turn++) {
      const sized = ordered(items, positions).map(({ id, h, shape }) => ({ id, w: shape.room, h }));
      const placed = await arrange(sized, orderedLinks(sized, links), this.elk, nesting);
      const next = anchored(placed, placesOf(items), part);
      const settled = samePlaces(next, positions);
      positions = next;
      if (settled) break;
    }
    if (this.editor.document !== document) return;
    const before = layoutOf(document);
    const ends = Object.entries(positions);
    const same = ends.every(([id, at]) => {
      const item = all.get(id);
      return String(item?.folded ? [item.x, item.y] : own(before, id)) === String(at);
    });
    const looked = surface.view.place() !== seen;
    if (same) notice.set(strings.layoutSame);
    else this.editor.edit(strings.did.layout, [{ op: 'move', positions }]);
    // Who looked elsewhere meanwhile, or laid out a part, stays there.
    if (!looked && !part) surface.view.fit();
  }

  /** What a layout is about: what is selected, if that is more than one node, else everything. */
  private toArrange(): { items: Item[]; part: boolean } {
    const { surface } = this.editor;
    const { items } = surface.graph;
    const free = [...items.values()].filter(
      item => item.form !== 'note' && !hasMembers(items, item)
    );
    const chosen = surface.selection.get().nodes;
    const ids = new Set(chosen.flatMap(id => [id, ...insideOf(items, id)]));
    const some = free.filter(({ id }) => ids.has(id));
    return some.length > 1 && some.length < free.length
      ? { items: some, part: true }
      : { items: free, part: false };
  }
}
