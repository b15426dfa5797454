/**
 * Groups that are folded: drawn as one card, with the edges of what is inside at its border.
 *
 * Whether a group is folded is only seen, as zoom and selection are; the document says nothing of it.
 */
import { layoutOf, nodesOf } from '../document/document';
import type { Point } from '../ground/geometry';
import { give, own } from '../ground/own';
import type { Link } from './route';
import type { Edge, Node, Workflow } from '../wire.gen';

/** From so many nodes on a drawing opens with its groups folded. */
export const FOLD_FROM = 400;

export class Folding {
  /** The groups that are folded, some of them perhaps inside others. */
  readonly folded = new Set<string>();
  /** The folded group that stands for each node that is not seen. */
  private hidden = new Map<string, string>();
  private inside = new Map<string, string[]>();
  private layout: Readonly<Record<string, [number, number]>> = {};

  /** Reckons anew what is hidden. */
  update(document: Workflow): void {
    this.hidden.clear();
    this.inside.clear();
    this.layout = layoutOf(document);
    if (!this.folded.size) return;
    const members = new Map<string, readonly string[]>();
    for (const node of nodesOf(document)) {
      if (node.kind === 'group') members.set(node.id, node.members ?? []);
    }
    const known = new Set(nodesOf(document).map(node => node.id));
    const nested = new Set([...members].flatMap(([id, list]) => list.filter(one => one !== id)));
    // From outside in: what a folded group holds is hidden behind the outermost one.
    const visit = (id: string, behind: string | null, path: readonly string[]): void => {
      if (path.includes(id)) return;
      const stands = behind ?? (this.folded.has(id) && members.get(id)?.length ? id : null);
      for (const member of members.get(id) ?? []) {
        if (!known.has(member) || member === id || this.hidden.has(member)) continue;
        if (stands !== null && member !== stands) {
          this.hidden.set(member, stands);
          this.inside.set(stands, [...(this.inside.get(stands) ?? []), member]);
        }
        visit(member, stands, [...path, id]);
      }
    };
    for (const id of members.keys()) if (!nested.has(id)) visit(id, null, []);
  }

  /** What is seen of a node: itself, or the folded group that it is in. */
  shown(id: string): string {
    return this.hidden.get(id) ?? id;
  }

  isHidden(id: string): boolean {
    return this.hidden.has(id);
  }

  /** What a folded group hides; empty for all else. */
  within(id: string): readonly string[] {
    return this.inside.get(id) ?? [];
  }

  /** These nodes, and what those of them that are folded hide. */
  whole(ids: readonly string[]): string[] {
    return ids.flatMap(id => [id, ...this.within(id)]);
  }

  /** Unfolds whatever hides a node; false if nothing does. */
  reveal(document: Workflow, id: string): boolean {
    const was = this.hidden.has(id);
    for (let by = this.hidden.get(id); by !== undefined; by = this.hidden.get(id)) {
      this.folded.delete(by);
      this.update(document);
    }
    return was;
  }

  /** The middle of what a folded group hides, as far as that has a place. */
  place(id: string): Point | null {
    let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const one of this.within(id)) {
      const at = own(this.layout, one);
      if (!at) continue;
      [x1, y1] = [Math.min(x1, at[0]), Math.min(y1, at[1])];
      [x2, y2] = [Math.max(x2, at[0]), Math.max(y2, at[1])];
    }
    return x1 > x2 ? null : { x: Math.round((x1 + x2) / 2), y: Math.round((y1 + y2) / 2) };
  }

  /** Positions in which what a folded group hides moves in its place. */
  spread<T extends [number, number] | null>(
    positions: Readonly<Record<string, T>>
  ): Record<string, T | [number, number]> {
    const result: Record<string, T | [number, number]> = {};
    for (const [id, at] of Object.entries(positions)) {
      const from = at && this.within(id).length ? this.place(id) : null;
      if (!this.within(id).length) give(result, id, at);
      if (!at || !from) continue;
      for (const one of this.within(id)) {
        const before = own(this.layout, one);
        if (before) give(result, one, [before[0] + at[0] - from.x, before[1] + at[1] - from.y]);
      }
    }
    return result;
  }

  /** Between what an edge is drawn; null inside a folded group. */
  ends(edge: Edge): Link | null {
    const link = { source: this.shown(edge.source), target: this.shown(edge.target) };
    return link.source === link.target && edge.source !== edge.target ? null : link;
  }

  /** Folds every group that lies in no other. */
  foldAll(nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (node.kind === 'group' && node.members?.length) this.folded.add(node.id);
    }
  }
}
