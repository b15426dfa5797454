/** What one view of a document shows. */
import { BLANK } from './document';
import { scopeOf, standing, workflowAt } from './scope';
import type { Crumb } from './scope';
import type { Foreign, Workflow } from '../wire.gen';

export interface View {
  /** The workflow in view: the whole document, or one inside it. */
  document: Workflow;
  /** The whole document. */
  whole: Workflow;
  /** What the document calls that does not belong to it, by name. */
  elsewhere: Readonly<Record<string, Foreign>>;
  /** The calls that were entered, the outermost first. */
  crumbs: readonly Crumb[];
  revision: number;
  undo: string | null;
  redo: string | null;
  /** Whether what is in view can not be changed. */
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
  elsewhere: {},
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

/** The view as far inside as these calls still lead; what is kept elsewhere can not be changed. */
export function placed(view: View, wanted: readonly Crumb[], locked: boolean): View {
  const crumbs = standing(view, wanted);
  const scope = scopeOf(crumbs);
  const document = workflowAt(view, scope) ?? view.whole;
  return { ...view, document, crumbs, readOnly: locked || scope.foreign !== '' };
}

/** The calls that were entered. */
export const callsOf = ({ crumbs }: View): string[] => crumbs.map(({ node }) => node);
