/** Going into what a call runs and out again, and making such parts. */
import { findNode, nodesOf } from '../document/document';
import { groupOf } from '../layout/frames';
import { embedding } from '../document/embedding';
import { calledBy, crumbsTo, enteredBy, scopeOf, workflowAt } from '../document/scope';
import type { Crumb } from '../document/scope';
import type { Session } from '../session/session';
import type { Stepper } from '../session/stepper';
import type { Store } from '../ground/store';
import { strings } from '../texts/strings';
import type { Surface } from '../surface/surface';
import { callsOf } from '../document/view';
import type { Workflow } from '../wire.gen';

/** What of an editor this needs. */
interface Edited {
  readonly document: Workflow;
  readonly session: Session;
  readonly surface: Surface;
  readonly notice: Store<string | null>;
  readonly stepper: Stepper;
}

export class Structure {
  constructor(private editor: Edited) {
    editor.session.restructured = nodes => editor.surface.select({ nodes: [...nodes], edges: [] });
  }

  /** What would be entered: what a node runs. */
  inside(id: string | null = this.only()): Crumb | null {
    const { session, document } = this.editor;
    if (id === null) return null;
    return enteredBy(session.view.get(), session.scope, findNode(document, id));
  }

  /** Whether the selected node is one to be entered, even where it is not known what is inside. */
  leads(): boolean {
    const id = this.only() ?? '';
    const { surface, document } = this.editor;
    return surface.graph.folding.folded.has(id) || calledBy(findNode(document, id)) !== '';
  }

  /** What would be unpacked: what a node runs, if that belongs to the document. */
  own(id: string | null = this.only()): Crumb | null {
    const crumb = this.inside(id);
    return crumb?.foreign ? null : crumb;
  }

  /** Shows what a node runs on this canvas; false if there is nothing to be seen. */
  enter(id: string | null = this.only()): boolean {
    const { session, surface, document } = this.editor;
    if (id !== null && surface.graph.folding.folded.has(id)) {
      surface.fold([id], false);
      return true;
    }
    const crumb = this.inside(id);
    if (crumb) session.go([...session.view.get().crumbs, crumb]);
    else this.excuse(calledBy(findNode(document, id ?? '')));
    return crumb !== null;
  }

  /** Says why what a node runs can not be shown. */
  private excuse(name: string): void {
    const { session, notice } = this.editor;
    const why = session.view.get().elsewhere[name]?.why;
    if (why) session.failure.set(why);
    else notice.set(name ? strings.notKnownHere(name) : strings.nothingInside);
  }

  /** The foreign workflow that could become the document's own: the outermost in view, else what a node runs. */
  foreign(): Crumb | null {
    const { crumbs } = this.editor.session.view.get();
    const seen = crumbs.find(crumb => crumb.foreign);
    const inside = seen ?? this.inside();
    return inside?.foreign ? inside : null;
  }

  /** Makes a foreign workflow the document's own, so that it can be changed here. */
  embed(): void {
    const { session, stepper, notice } = this.editor;
    const crumb = this.foreign();
    if (stepper.walk.get()) return notice.set(strings.leaveFirst);
    if (!crumb) return;
    // What is in view stays in view, under the name that it has then.
    const calls = callsOf(session.view.get());
    const edits = embedding(session.view.get(), crumb);
    if (session.rewrite(strings.did.embed(crumb.name), edits)) this.follow(calls);
  }

  /** Shows one of the own workflows of the one in view, whoever calls it. */
  open(name: string): void {
    const { session } = this.editor;
    const { foreign, path } = session.scope;
    session.go(crumbsTo(session.view.get(), { foreign, path: [...path, name] }));
  }

  /** Shows the workflow that these calls lead to; where one of them runs nothing that can be shown, it is selected. */
  follow(calls: readonly string[]): void {
    const { session, surface } = this.editor;
    const known = session.view.get();
    const crumbs: Crumb[] = [];
    for (const call of calls) {
      const at = scopeOf(crumbs);
      const crumb = enteredBy(known, at, findNode(workflowAt(known, at) ?? {}, call));
      if (!crumb) break;
      crumbs.push(crumb);
    }
    session.go(crumbs);
    const left = calls[crumbs.length];
    if (left === undefined || !surface.graph.items.has(left)) return;
    surface.select({ nodes: [left], edges: [] });
    surface.view.center(left);
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

  /** Folds the selected groups, or the one around the selected node; unfolds them if all are folded. */
  toggleFold(): void {
    const { surface, notice } = this.editor;
    const { items, folding } = surface.graph;
    const groups = new Set<string>();
    for (const id of surface.selection.get().nodes) {
      const own = items.get(id)?.node.kind === 'group' ? id : groupOf(items.values(), id)?.id;
      if (own !== undefined) groups.add(own);
    }
    const ids = [...groups];
    if (!ids.length) return notice.set(strings.nothingToFold);
    surface.fold(ids, !ids.every(id => folding.folded.has(id)));
    surface.select({ nodes: ids, edges: [] });
  }

  /** Folds all groups, or unfolds them if all are folded. */
  toggleAllFolds(): void {
    const { surface, document } = this.editor;
    const groups = nodesOf(document).filter(node => node.kind === 'group' && node.members?.length);
    const ids = groups.map(node => node.id);
    surface.fold(ids, !ids.every(id => surface.graph.folding.folded.has(id)));
  }

  /** Makes the selection a workflow of its own, which a call takes the place of. */
  extract(): void {
    const { session, surface, notice, document, stepper } = this.editor;
    const { nodes } = surface.selection.get();
    if (stepper.walk.get()) return notice.set(strings.leaveFirst);
    if (!nodes.length) return notice.set(strings.nothingToExtract);
    const group = nodes.map(id => findNode(document, id)).find(node => node?.kind === 'group');
    session.ask('extract', strings.did.extract(nodes.length), nodes, group?.label || 'part');
  }

  /** Puts what the selected call runs in its place. */
  unpack(): void {
    const { session, notice, stepper } = this.editor;
    const id = this.only();
    if (stepper.walk.get()) return notice.set(strings.leaveFirst);
    if (id === null || !this.own(id)) return notice.set(strings.nothingToUnpack);
    session.ask('unpack', strings.did.unpack(id), [id]);
  }

  private only(): string | null {
    const { nodes } = this.editor.surface.selection.get();
    return nodes.length === 1 ? (nodes[0] ?? null) : null;
  }
}
