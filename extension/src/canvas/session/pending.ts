/** The gestures of one view that the keeper of the document has not answered yet. */
import { applyAll } from '../document/document';
import type { Edit, Workflow } from '../wire.gen';

export interface Gesture {
  /** Counts the gestures of this view. */
  id: number;
  label: string;
  edits: Edit[];
}

export class Pending {
  private gestures: Gesture[] = [];
  private counter = 0;

  get length(): number {
    return this.gestures.length;
  }

  /** The number of the next gesture. */
  get next(): number {
    return this.counter + 1;
  }

  add(label: string, edits: Edit[]): Gesture {
    const gesture = { id: ++this.counter, label, edits };
    this.gestures.push(gesture);
    return gesture;
  }

  /** The keeper answers in order: whatever came before an answered gesture is answered too. */
  settled(id: number): void {
    this.gestures = this.gestures.filter(gesture => gesture.id > id);
  }

  /** Those that were made before one with this number. */
  before(id: number): Gesture[] {
    return this.gestures.filter(gesture => gesture.id < id);
  }

  /** All of them, with the name of their view. */
  of(client: string): (Gesture & { client: string })[] {
    return this.gestures.map(gesture => ({ client, ...gesture }));
  }

  /** What they make of a document; what no longer fits is left to the keeper's answer. */
  on(confirmed: Workflow): Workflow {
    let document = confirmed;
    for (const gesture of this.gestures) {
      try {
        document = applyAll(document, gesture.edits).document;
      } catch {
        continue;
      }
    }
    return document;
  }
}
