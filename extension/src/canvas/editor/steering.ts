/** What can be done to runs from the drawing: breakpoints, pins, disabling, running to a node and from it. */
import { findNode } from '../document/document';
import type { Editor } from './editor';
import { pathTo } from '../session/marks';
import { isOver } from '../session/run';
import { strings } from '../texts/strings';
import type { Edit, Node, NodeKind, Task } from '../wire.gen';

/** Where a token may rest, and so a run may pause. */
const RESTING: ReadonlySet<NodeKind> = new Set(['task', 'map', 'call', 'wait', 'approval']);

function chosen(editor: Editor): Node[] {
  const { nodes } = editor.surface.selection.get();
  return nodes.flatMap(id => findNode(editor.document, id) ?? []);
}

/** What runs are steered by. */
const resting = (editor: Editor): Node[] => chosen(editor).filter(({ kind }) => RESTING.has(kind));

/** How runs name a node in view; null where no run ever comes there. */
const named = ({ session }: Editor, { id }: Node): string | null =>
  pathTo(session.view.get().crumbs, id);

const names = (editor: Editor, nodes: readonly Node[]): string[] =>
  nodes.flatMap(node => named(editor, node) ?? []);

/** The child run that the nodes in view are of; none where that is the run itself. */
function childOf({ session }: Editor): { run?: string } {
  const head = session.inside.head.get();
  return session.view.get().crumbs.length && head ? { run: head.run } : {};
}

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

export const canRunTo = (editor: Editor): boolean => canRun(editor) && target(editor) !== null;

/** The one selected node that a run can pause before, as runs name it. */
function target(editor: Editor): string | null {
  const node = only(resting(editor), editor);
  return node ? named(editor, node) : null;
}

/** Starts a run that pauses before the selected node; one that is in progress goes on to there. */
export function runTo(editor: Editor): void {
  const node = target(editor);
  if (node === null) return;
  if (isGoing(editor)) editor.session.send({ type: 'steer', action: 'run_to', node });
  else editor.desk?.run(node);
}

/** Lets one thing of a paused run begin: of the child in view, where that is paused. */
export function step(editor: Editor): void {
  const child = editor.session.inside.head.get()?.state === 'paused' ? childOf(editor) : {};
  editor.session.send({ type: 'steer', action: 'step', ...child });
}

/** Where the run is paused that is not in view: the calls that lead there. */
export function pauseElsewhere({ session }: Editor): readonly string[] | null {
  const here = session.view.get().crumbs.map(({ node }) => node);
  const halts = session.halts.get().map(({ calls }) => calls);
  if (halts.some(calls => String(calls) === String(here))) return null;
  return halts[0] ?? null;
}

export function toPause(editor: Editor): void {
  const calls = pauseElsewhere(editor);
  if (calls) editor.structure.follow(calls);
}

/** Whether the run in view has come to the selected node, and so can be taken up there once more. */
export function canRunFrom(editor: Editor): boolean {
  const node = only(resting(editor), editor);
  const { live, view } = editor.session;
  // A child can not be forked by itself.
  if (!node || view.get().crumbs.length || !canRun(editor) || !live.head.get()) return false;
  return live.node(node.id).state !== 'idle';
}

export function runFrom(editor: Editor): void {
  const node = only(resting(editor), editor);
  if (node) editor.session.send({ type: 'run_from', node: node.id });
}

export const canStop = (editor: Editor): boolean =>
  canSteer(editor) && names(editor, resting(editor)).length > 0;

/** Breakpoints and pins are kept by the kernel, which there must be. */
const canSteer = ({ session }: Editor): boolean =>
  !session.gone.get() && session.kernel.get() !== 'none';

export function hasBreakpoints(editor: Editor): boolean {
  const { breakpoints = [] } = editor.session.steering.get();
  const nodes = names(editor, resting(editor));
  return nodes.length > 0 && nodes.every(node => breakpoints.includes(node));
}

export function toggleBreakpoints(editor: Editor): void {
  const nodes = names(editor, resting(editor));
  editor.session.send({ type: 'breakpoints', nodes, on: !hasBreakpoints(editor) });
}

export const canPin = (editor: Editor): boolean => {
  const node = only(tasks(editor), editor);
  return canSteer(editor) && !!node && named(editor, node) !== null;
};

export function pin(editor: Editor): void {
  const node = only(tasks(editor), editor);
  if (node) editor.overlay.set({ kind: 'pin', node: node.id });
}

export const isPinned = (editor: Editor): boolean =>
  names(editor, tasks(editor)).some(node => node in (editor.session.steering.get().pins ?? {}));

export function unpin(editor: Editor): void {
  for (const node of names(editor, tasks(editor))) editor.session.send({ type: 'unpin', node });
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
  const ids = changed.map(({ id }) => id).join(', ');
  editor.edit(on ? strings.did.disable(ids) : strings.did.enable(ids), edits);
}

/** Whether the selected node failed, or waits for its next attempt. */
export function canRetry(editor: Editor): boolean {
  const node = only(resting(editor), editor);
  const { run } = editor.session;
  if (!node || !canRun(editor) || !run.head.get()) return false;
  const { state } = run.node(node.id);
  return state === 'failed' || state === 'retrying';
}

export function retry(editor: Editor): void {
  const node = only(resting(editor), editor);
  if (node) editor.session.send({ type: 'retry', node: node.id, ...childOf(editor) });
}
