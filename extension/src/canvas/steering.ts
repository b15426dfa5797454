/** What can be done to runs from the drawing: breakpoints, pins, disabling, running to a node and from it. */
import { findNode } from './document';
import type { Editor } from './editor';
import { isOver } from './runpill';
import { strings } from './strings';
import type { Edit, Node, NodeKind, Task } from './wire.gen';

/** Where a token may rest, and so a run may pause. */
const RESTING: ReadonlySet<NodeKind> = new Set(['task', 'map', 'call', 'wait', 'approval']);

function chosen(editor: Editor): Node[] {
  const { nodes } = editor.surface.selection.get();
  return nodes.flatMap(id => findNode(editor.document, id) ?? []);
}

/** What a run is steered by; nodes of a workflow inside have runs of their own, which this can not reach. */
const resting = (editor: Editor): Node[] =>
  editor.session.path.length ? [] : chosen(editor).filter(({ kind }) => RESTING.has(kind));

const tasks = (editor: Editor): Task[] =>
  chosen(editor).filter((node): node is Task & { kind: 'task' } => node.kind === 'task');

/** The one selected node, if it is of this sort. */
const only = <T extends Node>(nodes: readonly T[], editor: Editor): T | undefined =>
  editor.surface.selection.get().nodes.length === 1 ? nodes[0] : undefined;

/** Whether there is a kernel that can run what is drawn. */
export function canRun({ session }: Editor): boolean {
  const kernel = session.kernel.get();
  return (
    session.view.get().unreadable === '' &&
    !session.gone.get() &&
    kernel !== 'none' &&
    kernel !== 'starting'
  );
}

/** Whether a run is in progress in view. */
export function isGoing({ session }: Editor): boolean {
  const head = session.live.head.get();
  return head !== null && !isOver(head.state) && !head.lost;
}

export const isPaused = (editor: Editor): boolean =>
  isGoing(editor) && editor.session.live.head.get()?.state === 'paused';

export const canRunTo = (editor: Editor): boolean =>
  canRun(editor) && only(resting(editor), editor) !== undefined;

/** Starts a run that pauses before the selected node; one that is in progress goes on to there. */
export function runTo(editor: Editor): void {
  const node = only(resting(editor), editor);
  if (!node) return;
  if (isGoing(editor)) editor.session.send({ type: 'steer', action: 'run_to', node: node.id });
  else editor.desk?.run(node.id);
}

/** Whether the run in view has come to the selected node, and so can be taken up there once more. */
export function canRunFrom(editor: Editor): boolean {
  const node = only(resting(editor), editor);
  const head = editor.session.live.head.get();
  return canRun(editor) && !!node && !!head && editor.session.live.node(node.id).state !== 'idle';
}

export function runFrom(editor: Editor): void {
  const node = only(resting(editor), editor);
  if (node) editor.session.send({ type: 'run_from', node: node.id });
}

export const canStop = (editor: Editor): boolean => canSteer(editor) && resting(editor).length > 0;

/** Breakpoints and pins are kept by the kernel, which there must be. */
const canSteer = ({ session }: Editor): boolean =>
  !session.gone.get() && session.kernel.get() !== 'none';

export function hasBreakpoints(editor: Editor): boolean {
  const { breakpoints = [] } = editor.session.steering.get();
  const nodes = resting(editor);
  return nodes.length > 0 && nodes.every(({ id }) => breakpoints.includes(id));
}

export function toggleBreakpoints(editor: Editor): void {
  const nodes = resting(editor).map(({ id }) => id);
  editor.session.send({ type: 'breakpoints', nodes, on: !hasBreakpoints(editor) });
}

export const canPin = (editor: Editor): boolean =>
  canSteer(editor) && !editor.session.path.length && only(tasks(editor), editor) !== undefined;

export function pin(editor: Editor): void {
  const node = only(tasks(editor), editor);
  if (node) editor.overlay.set({ kind: 'pin', node: node.id });
}

export const isPinned = (editor: Editor): boolean =>
  !editor.session.path.length &&
  tasks(editor).some(({ id }) => id in (editor.session.steering.get().pins ?? {}));

export function unpin(editor: Editor): void {
  for (const { id } of tasks(editor)) editor.session.send({ type: 'unpin', node: id });
}

export const hasTasks = (editor: Editor): boolean => tasks(editor).length > 0;

export const areDisabled = (editor: Editor): boolean =>
  hasTasks(editor) && tasks(editor).every(task => task.disabled);

/** Disables the selected tasks; where all of them are, enables them. */
export function toggleDisabled(editor: Editor): void {
  const on = !areDisabled(editor);
  const changed = tasks(editor).filter(task => (task.disabled ?? false) !== on);
  const edits = changed.map((task): Edit => {
    const { disabled: _before, ...bare } = task;
    const node: Node = { ...bare, kind: 'task', ...(on && { disabled: true }) };
    return { op: 'set_node', id: task.id, node };
  });
  const names = changed.map(({ id }) => id).join(', ');
  editor.edit(on ? strings.did.disable(names) : strings.did.enable(names), edits);
}

/** Whether the selected node failed, or waits for its next attempt. */
export function canRetry(editor: Editor): boolean {
  const node = only(resting(editor), editor);
  const { live } = editor.session;
  if (!node || !canRun(editor) || !live.head.get()) return false;
  const { state } = live.node(node.id);
  return state === 'failed' || state === 'retrying';
}

export function retry(editor: Editor): void {
  const node = only(resting(editor), editor);
  if (node) editor.session.send({ type: 'retry', node: node.id });
}
