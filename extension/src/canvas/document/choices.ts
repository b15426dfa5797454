/** What can be put on the drawing: node kinds, and the activities that exist now. */
import { nodesOf } from './document';
import type { Point } from '../ground/geometry';
import { strings } from '../texts/strings';
import type { ActivityInfo, NodeKind, Workflow } from '../wire.gen';

const KINDS: readonly NodeKind[] = [
  'task',
  'choice',
  'fork',
  'join',
  'wait',
  'approval',
  'map',
  'call',
  'end',
  'group',
  'note'
];

export interface Choice {
  key: string;
  kind: NodeKind;
  activity: string;
  title: string;
  detail: string;
  help: string;
}

/** Where a new node comes from. */
export interface Origin {
  /** The middle of it on the drawing; null: a place is found. */
  at: Point | null;
  /** The node that an edge leads from. */
  after?: string | undefined;
  /** Whether that edge was drawn by hand: then it is a new one, whatever there is already. */
  drawn?: boolean;
  /** The edge that it is put into, by index. */
  into?: number | undefined;
}

export function signature(activity: ActivityInfo): string {
  const parameters = (activity.parameters ?? []).map(p =>
    p.type ? `${p.name}: ${p.type}` : p.name
  );
  return `${parameters.join(', ') || '()'}${activity.returns ? ` → ${activity.returns}` : ''}`;
}

export const choiceOf = (kind: NodeKind, activity?: ActivityInfo): Choice => ({
  key: activity ? `activity ${activity.name}` : kind,
  kind,
  activity: activity?.name ?? '',
  title: activity?.name ?? strings.kinds[kind],
  detail: activity ? signature(activity) : '',
  help: activity ? (activity.doc ?? '') : strings.kindHelp[kind]
});

/** The kinds, a start first where there is none yet. */
export function kindsFor(document: Workflow): Choice[] {
  const started = nodesOf(document).some(node => node.kind === 'start');
  return [...(started ? [] : (['start'] as const)), ...KINDS].map(kind => choiceOf(kind));
}
