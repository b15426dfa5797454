/** Gestures that can be taken back, and those that were. */
import type { Edit } from '../wire.gen';

export interface Step {
  label: string;
  edits: Edit[];
}

/** Applies edits; the result takes them back. */
export type Apply = (edits: Edit[]) => Edit[];

export class UndoStack {
  private undone: Step[] = [];
  private done: Step[] = [];

  /** The labels of what undo and redo would do. */
  labels(): { undo: string | null; redo: string | null } {
    return { undo: this.done.at(-1)?.label ?? null, redo: this.undone.at(-1)?.label ?? null };
  }

  /** A new gesture, and what takes it back: there is nothing to redo any more. */
  push(label: string, inverse: Edit[]): void {
    this.done.push({ label, edits: inverse });
    this.undone = [];
  }

  clear(): void {
    this.done = [];
    this.undone = [];
  }

  /** Takes the last gesture back; gives what that changed, or null if there is none. Throws where it does not fit. */
  undo(apply: Apply): Edit[] | null {
    return move(this.done, this.undone, apply);
  }

  /** Makes what was taken back last again, likewise. */
  redo(apply: Apply): Edit[] | null {
    return move(this.undone, this.done, apply);
  }
}

function move(from: Step[], to: Step[], apply: Apply): Edit[] | null {
  const step = from.pop();
  if (!step) return null;
  to.push({ label: step.label, edits: apply(step.edits) });
  return step.edits;
}
