/** Going into what a call runs and out again, and making such parts. */
import { findNode } from './document';
import type { Editor } from './editor';
import { enteredBy } from './scope';
import type { Crumb } from './scope';
import { strings } from './strings';

export class Structure {
  constructor(private editor: Editor) {
    editor.session.restructured = nodes => editor.surface.select({ nodes: [...nodes], edges: [] });
  }

  /** What would be entered: what a node runs, if that belongs to the document. */
  inside(id: string | null = this.only()): Crumb | null {
    const { session, document } = this.editor;
    if (id === null) return null;
    return enteredBy(session.view.get().whole, session.path, findNode(document, id));
  }

  /** Shows what a node runs on this canvas; false if that is not of this document. */
  enter(id: string | null = this.only()): boolean {
    const { session, notice } = this.editor;
    const crumb = this.inside(id);
    if (crumb) session.go([...session.view.get().crumbs, crumb]);
    else notice.set(strings.nothingInside);
    return crumb !== null;
  }

  /** Goes back to where the workflow in view was entered, or further out. */
  leave(depth = this.editor.session.view.get().crumbs.length - 1): void {
    const { session, surface } = this.editor;
    const { crumbs } = session.view.get();
    const left = crumbs[depth];
    if (!left) return;
    session.go(crumbs.slice(0, depth));
    surface.select({ nodes: left.node ? [left.node] : [], edges: [] });
  }

  /** Makes the selection a workflow of its own, which a call takes the place of. */
  extract(): void {
    const { session, surface, notice, document } = this.editor;
    const { nodes } = surface.selection.get();
    if (!nodes.length) return notice.set(strings.nothingToExtract);
    const group = nodes.map(id => findNode(document, id)).find(node => node?.kind === 'group');
    session.ask('extract', strings.did.extract(nodes.length), nodes, group?.label || 'part');
  }

  /** Puts what the selected call runs in its place. */
  unpack(): void {
    const { session, notice } = this.editor;
    const id = this.only();
    if (id === null || !this.inside(id)) return notice.set(strings.nothingToUnpack);
    session.ask('unpack', strings.did.unpack(id), [id]);
  }

  private only(): string | null {
    const { nodes } = this.editor.surface.selection.get();
    return nodes.length === 1 ? (nodes[0] ?? null) : null;
  }
}
