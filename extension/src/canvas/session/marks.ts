/**
 * What is set for runs on the nodes in view, and on what they call: breakpoints, pins, and where a run is paused.
 *
 * Runs name a node inside a call or a map `call/node`; the names here are those of the workflow in view.
 */
import { findNode, nodesOf } from '../document/document';
import { enteredBy, scopeOf, workflowAt } from '../document/scope';
import type { Crumb, Known, Scope } from '../document/scope';
import type { View } from '../document/view';
import type { Halt, Steering } from '../wire.gen';

export interface Marks {
  breakpoints: ReadonlySet<string>;
  pins: ReadonlySet<string>;
  /** Nodes that have breakpoints in what they run, and pins. */
  breakpointsInside: ReadonlySet<string>;
  pinsInside: ReadonlySet<string>;
  /** Nodes that the run is paused inside of, and how many times. */
  paused: ReadonlyMap<string, number>;
}

export const NO_MARKS: Marks = {
  breakpoints: new Set(),
  pins: new Set(),
  breakpointsInside: new Set(),
  pinsInside: new Set(),
  paused: new Map()
};

/** How runs name a node of the workflow that was entered so; null where nothing calls that. */
export function pathTo(crumbs: readonly Crumb[], id: string): string | null {
  const calls = crumbs.map(({ node }) => node);
  return calls.includes('') ? null : [...calls, id].join('/');
}

/** The marks of the workflow in view. */
export function marksOf(
  view: Pick<View, 'whole' | 'elsewhere' | 'document' | 'crumbs'>,
  { breakpoints = [], pins = {} }: Omit<Steering, 'type'>,
  halts: readonly Halt[]
): Marks {
  const { document, crumbs } = view;
  const prefix = pathTo(crumbs, '');
  if (prefix === null) return NO_MARKS;
  const [scope, ids] = [scopeOf(crumbs), new Set(nodesOf(document).map(({ id }) => id))];
  const split = (set: readonly string[]): [Set<string>, Set<string>] => {
    const [own, inside] = [new Set<string>(), new Set<string>()];
    for (const one of set) {
      if (!one.startsWith(prefix)) continue;
      const rest = one.slice(prefix.length);
      const call = ids.has(rest) ? null : callOf(view, scope, rest);
      if (ids.has(rest)) own.add(rest);
      else if (call !== null) inside.add(call);
    }
    return [own, inside];
  };
  const [stops, stopsInside] = split(breakpoints);
  const [pinned, pinnedInside] = split(Object.keys(pins));
  return {
    breakpoints: stops,
    pins: pinned,
    breakpointsInside: stopsInside,
    pinsInside: pinnedInside,
    paused: pausedIn(crumbs, halts)
  };
}

/** The call that leads to a node inside, seen from a workflow; null where there is no such node any more. */
function callOf(known: Known, at: Scope, wanted: string): string | null {
  const nodes = nodesOf(workflowAt(known, at) ?? {});
  const call = nodes.find(node => wanted.startsWith(`${node.id}/`) && enteredBy(known, at, node));
  const entered = enteredBy(known, at, call);
  if (!call || !entered) return null;
  const rest = wanted.slice(call.id.length + 1);
  const inner = workflowAt(known, entered) ?? {};
  const there = findNode(inner, rest) !== undefined || callOf(known, entered, rest) !== null;
  return there ? call.id : null;
}

/** The nodes of the workflow that was entered so which a run is paused inside of. */
export function pausedIn(crumbs: readonly Crumb[], halts: readonly Halt[]): Map<string, number> {
  const paused = new Map<string, number>();
  for (const { calls, count = 1 } of halts) {
    const id = calls[crumbs.length];
    if (id === undefined || !crumbs.every(({ node }, i) => node === calls[i])) continue;
    paused.set(id, (paused.get(id) ?? 0) + count);
  }
  return paused;
}

/** A mark as its icon is called. */
export type Mark = 'breakpoint' | 'pin' | 'breakpointInside' | 'pinInside' | 'pause';

/** The marks of a node; of a folded group, those of what is inside of it. */
export function marksAt(marks: Marks, id: string, inside: readonly string[] = []): Mark[] {
  const has = (ids: { has(id: string): boolean }): boolean => inside.some(one => ids.has(one));
  const found: [Mark, boolean][] = [
    ['breakpoint', marks.breakpoints.has(id)],
    ['pin', marks.pins.has(id)],
    [
      'breakpointInside',
      marks.breakpointsInside.has(id) || has(marks.breakpoints) || has(marks.breakpointsInside)
    ],
    ['pinInside', marks.pinsInside.has(id) || has(marks.pins) || has(marks.pinsInside)],
    ['pause', marks.paused.has(id) || has(marks.paused)]
  ];
  return found.flatMap(([mark, is]) => (is ? [mark] : []));
}
