/** What makes an edge be taken: which triggers it may have, and how they read. Pure. */
import { edgesOf } from './document';
import { strings } from '../texts/strings';
import { spanText } from '../ground/time';
import type { Edge, Node, NodeKind, Workflow } from '../wire.gen';

/** What an edge says by its line: that it is the ordinary way, that it interrupts, that it starts a child. */
export type Stroke = 'solid' | 'dashed' | 'dotted';

export type Trigger = 'error' | 'after' | 'until' | 'on';

export const TRIGGERS: readonly Trigger[] = ['on', 'after', 'until', 'error'];

/** The trigger of an edge, in the kernel's order; empty where it has none. */
export function triggerOf(edge: Edge): Trigger | '' {
  if (edge.error != null) return 'error';
  if (edge.after != null) return 'after';
  if (edge.until != null) return 'until';
  return edge.on != null ? 'on' : '';
}

/** The triggers that edges of this kind of node may have. */
export function allowedTriggers(kind: NodeKind): readonly Trigger[] {
  switch (kind) {
    case 'task':
    case 'approval':
    case 'map':
    case 'call':
    case 'group':
      return TRIGGERS;
    case 'wait':
      return TRIGGERS.filter(trigger => trigger !== 'error');
    default:
      return [];
  }
}

/** Whether an edge of this kind of node needs a trigger (a wait's also takes a bare condition). */
export const needsTrigger = (kind: NodeKind): boolean => kind === 'wait' || kind === 'group';

/** Whether the node has the one edge that is taken when it has completed. */
export const isCompletion = (edge: Edge): boolean => triggerOf(edge) === '' && !edge.spawn;

/** The edge with this trigger in place of what it had; a guard stays. */
export function withTrigger(edge: Edge, trigger: Trigger | ''): Edge {
  const { source, target, when } = edge;
  const bare: Edge = { source, target, ...(when != null && { when }) };
  switch (trigger) {
    case 'error':
      return { ...bare, error: edge.error ?? '*' };
    case 'after':
      return { ...bare, after: edge.after ?? 30 };
    case 'until':
      return { ...bare, until: edge.until ?? '' };
    case 'on':
      return { ...bare, on: edge.on ?? '' };
    case '':
      return bare;
  }
}

/** `30 s`, `any error`, `paid`: what a trigger waits for; empty while it says nothing. */
export function triggerText(edge: Edge): string {
  switch (triggerOf(edge)) {
    case 'error':
      return edge.error === '*' ? strings.anyError : (edge.error ?? '');
    case 'after':
      return typeof edge.after === 'number' ? spanText(edge.after) : (edge.after ?? '');
    case 'until':
      return edge.until ? strings.atTime(edge.until) : '';
    case 'on':
      return edge.on ?? '';
    case '':
      return '';
  }
}

/** How the line is drawn. A wait is there to be triggered: nothing of it is interrupted. */
export function strokeOf(edge: Edge, source: Node | undefined): Stroke {
  if (edge.spawn) return 'dotted';
  return triggerOf(edge) !== '' && source?.kind !== 'wait' ? 'dashed' : 'solid';
}

/** Every signal that a document names: declared ones first, then those that its edges wait for. */
export function signalsOf(document: Workflow): string[] {
  const named = edgesOf(document).flatMap(edge => (edge.on ? [edge.on] : []));
  return [...new Set([...Object.keys(document.signals ?? {}), ...named])];
}
