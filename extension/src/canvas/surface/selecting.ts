/** What is selected, as cytoscape has it. */
import type { Graph } from './graph';
import type { Store } from '../ground/store';

export interface Selection {
  nodes: string[];
  /** Indices into the document's edges. */
  edges: number[];
}

export const NOTHING: Selection = { nodes: [], edges: [] };

export class Selecting {
  private choosing = false;

  constructor(
    private graph: Graph,
    /** What was selected when it was read last. */
    private known: Store<Selection>,
    private changed: (selection: Selection) => void
  ) {
    graph.cy.on('select unselect', () => {
      // One gesture tells of every element in turn.
      if (!this.choosing) queueMicrotask(() => this.read());
      this.choosing = true;
    });
  }

  /** Selects this and nothing else. */
  put(selection: Selection): void {
    const { cy } = this.graph;
    cy.batch(() => {
      cy.elements(':selected').unselect();
      for (const id of selection.nodes) this.graph.element(id).select();
      for (const index of selection.edges) {
        const line = this.graph.lines[index];
        if (line) this.graph.edgeElement(line).select();
      }
    });
    this.read();
  }

  /** Looks what is selected now. */
  read(): void {
    this.choosing = false;
    const { cy } = this.graph;
    if (cy.destroyed()) return;
    const nodes: string[] = [];
    for (const element of cy.nodes(':selected').toArray()) {
      const id = this.graph.nodeId(element);
      if (id !== null) nodes.push(id);
    }
    const edges: number[] = [];
    for (const line of this.graph.lines) {
      if (line.ends && this.graph.edgeElement(line).selected()) edges.push(line.index);
    }
    const before = this.known.get();
    if (String(nodes) === String(before.nodes) && String(edges) === String(before.edges)) return;
    this.changed({ nodes, edges });
  }
}
