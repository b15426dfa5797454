/** What one view of a document shows. */
import { BLANK } from './document';
import type { Crumb } from './scope';
import type { Workflow } from './wire.gen';

export interface View {
  /** The workflow in view: the whole document, or one inside it. */
  document: Workflow;
  /** The whole document. */
  whole: Workflow;
  /** The calls that were entered, the outermost first. */
  crumbs: readonly Crumb[];
  revision: number;
  undo: string | null;
  redo: string | null;
  readOnly: boolean;
  saved: string;
  /** Why the document can not be shown; empty if it can. */
  unreadable: string;
  /** Gestures that the keeper has not confirmed yet. */
  waiting: number;
  /** Whether the keeper has sent a document at all. */
  ready: boolean;
}

/** Before the keeper has sent anything. */
export const NOTHING_YET: View = {
  document: BLANK,
  whole: BLANK,
  crumbs: [],
  revision: 0,
  undo: null,
  redo: null,
  readOnly: false,
  saved: '',
  unreadable: '',
  waiting: 0,
  ready: false
};
