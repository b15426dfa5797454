/**
 * A small layered layout, left to right, for drawings that come without positions.
 *
 * It runs at once and needs nothing loaded; the Layout button uses ELK (see layout.ts). The steps are
 * Sugiyama's: break cycles, assign layers, order each layer by the mean of its neighbours, then give
 * heights by isotonic regression, which keeps the order and the distances and moves everything as
 * little as possible.
 */
import type { Point } from '../ground/geometry';

export interface Sized {
  id: string;
  w: number;
  h: number;
}

interface Slot {
  node: Sized | null;
  layer: number;
  h: number;
  y: number;
  before: Slot[];
  after: Slot[];
}

const GAP_X = 50;
const GAP_Y = 34;
const SWEEPS = 10;

export function layered(
  nodes: readonly Sized[],
  links: readonly { source: string; target: string; room?: number }[]
): Map<string, Point> {
  const slots = new Map<string, Slot>();
  for (const node of nodes) {
    slots.set(node.id, { node, layer: 0, h: node.h, y: 0, before: [], after: [] });
  }
  const forward = acyclic(nodes, links);
  assignLayers(slots, forward);
  const layers = buildLayers(slots, forward);
  order(layers);
  for (const layer of layers) settle(layer, () => []);
  for (let i = 0; i < SWEEPS; i++) {
    for (const layer of [...layers].reverse()) settle(layer, slot => slot.after);
    // Ending on the way forward lines every node up with what leads to it.
    for (const layer of layers) settle(layer, slot => slot.before);
  }
  return positions(layers, links, slots);
}

/** The links without those that close a cycle. */
export function acyclic(
  nodes: readonly Sized[],
  links: readonly { source: string; target: string }[]
): [string, string][] {
  const next = new Map<string, string[]>(nodes.map(node => [node.id, []]));
  const entered = new Set<string>();
  for (const { source, target } of links) {
    if (source === target || !next.has(source) || !next.has(target)) continue;
    next.get(source)?.push(target);
    entered.add(target);
  }
  const state = new Map<string, 'open' | 'done'>();
  const result: [string, string][] = [];
  const visit = (root: string): void => {
    const stack: [string, number][] = [[root, 0]];
    state.set(root, 'open');
    while (stack.length) {
      const frame = stack[stack.length - 1];
      if (!frame) return;
      const [id, index] = frame;
      const target = next.get(id)?.[index];
      if (target === undefined) {
        state.set(id, 'done');
        stack.pop();
        continue;
      }
      frame[1]++;
      // What goes back is left out: it runs outside the layers and shall not bend them.
      if (state.get(target) === 'open') continue;
      result.push([id, target]);
      if (!state.has(target)) {
        state.set(target, 'open');
        stack.push([target, 0]);
      }
    }
  };
  for (const node of nodes) if (!entered.has(node.id)) visit(node.id);
  for (const node of nodes) if (!state.has(node.id)) visit(node.id);
  return result;
}

function assignLayers(slots: Map<string, Slot>, links: [string, string][]): void {
  const waiting = new Map<string, number>();
  const next = new Map<string, string[]>();
  for (const [a, b] of links) {
    waiting.set(b, (waiting.get(b) ?? 0) + 1);
    const list = next.get(a);
    if (list) list.push(b);
    else next.set(a, [b]);
  }
  const ready = [...slots.keys()].filter(id => !waiting.get(id));
  const sources = [...ready];
  for (let i = 0; i < ready.length; i++) {
    const id = ready[i] ?? '';
    for (const target of next.get(id) ?? []) {
      const [from, to] = [slots.get(id), slots.get(target)];
      if (from && to) to.layer = Math.max(to.layer, from.layer + 1);
      const left = (waiting.get(target) ?? 1) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  // A source far from its first successor stands better right before it.
  for (const id of sources) {
    const after = (next.get(id) ?? []).map(target => slots.get(target)?.layer ?? 0);
    const slot = slots.get(id);
    if (slot && after.length) slot.layer = Math.max(0, Math.min(...after) - 1);
  }
}

/** Slots by layer, with a stand-in wherever a link passes through a layer. */
function buildLayers(slots: Map<string, Slot>, links: [string, string][]): Slot[][] {
  const layers: Slot[][] = [];
  const put = (slot: Slot): void => void (layers[slot.layer] ??= []).push(slot);
  for (const slot of slots.values()) put(slot);
  for (const [a, b] of links) {
    const [from, to] = [slots.get(a), slots.get(b)];
    if (!from || !to) continue;
    let last = from;
    for (let layer = from.layer + 1; layer < to.layer; layer++) {
      const stand: Slot = { node: null, layer, h: 8, y: 0, before: [last], after: [] };
      last.after.push(stand);
      put(stand);
      last = stand;
    }
    last.after.push(to);
    to.before.push(last);
  }
  for (let i = 0; i < layers.length; i++) layers[i] ??= [];
  return layers;
}

function order(layers: Slot[][]): void {
  const rank = (): void => {
    for (const layer of layers) layer.forEach((slot, i) => (slot.y = i));
  };
  rank();
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      const keys = new Map(
        layer.map(slot => [slot, mean(down ? slot.before : slot.after) ?? slot.y])
      );
      layer.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
      layer.forEach((slot, i) => (slot.y = i));
    }
  }
}

function mean(slots: Slot[]): number | null {
  if (!slots.length) return null;
  return slots.reduce((sum, slot) => sum + slot.y, 0) / slots.length;
}

/** Moves a layer's slots as near to their neighbours' mean as order and distances allow. */
function settle(layer: Slot[], neighbours: (slot: Slot) => Slot[]): void {
  const offsets: number[] = [];
  let offset = 0;
  layer.forEach((slot, i) => {
    const above = layer[i - 1];
    if (above) offset += (above.h + slot.h) / 2 + (above.node && slot.node ? GAP_Y : GAP_Y / 2);
    offsets.push(offset);
  });
  const blocks: { sum: number; weight: number; count: number }[] = [];
  layer.forEach((slot, i) => {
    const wanted = mean(neighbours(slot)) ?? (neighbours(slot).length ? 0 : slot.y);
    const weight = slot.node ? 1 : 3;
    blocks.push({ sum: (wanted - (offsets[i] ?? 0)) * weight, weight, count: 1 });
    // Pool adjacent violators: merged blocks share one value, so the order is never broken.
    for (;;) {
      const [a, b] = [blocks[blocks.length - 2], blocks[blocks.length - 1]];
      if (!a || !b || a.sum / a.weight <= b.sum / b.weight) break;
      blocks.splice(-2, 2, {
        sum: a.sum + b.sum,
        weight: a.weight + b.weight,
        count: a.count + b.count
      });
    }
  });
  let i = 0;
  for (const block of blocks) {
    for (let k = 0; k < block.count; k++, i++) {
      const slot = layer[i];
      if (slot) slot.y = block.sum / block.weight + (offsets[i] ?? 0);
    }
  }
}

function positions(
  layers: Slot[][],
  links: readonly { source: string; target: string; room?: number }[],
  slots: Map<string, Slot>
): Map<string, Point> {
  const gaps: number[] = layers.map(() => GAP_X);
  for (const { source, room } of links) {
    const slot = slots.get(source);
    if (slot && room) gaps[slot.layer] = Math.max(gaps[slot.layer] ?? 0, room + 34);
  }
  const result = new Map<string, Point>();
  let x = 0;
  layers.forEach((layer, i) => {
    const width = Math.max(0, ...layer.map(slot => slot.node?.w ?? 0));
    for (const { node, y } of layer) {
      if (node) result.set(node.id, { x: Math.round(x + width / 2), y: Math.round(y) });
    }
    x += width + (gaps[i] ?? GAP_X);
  });
  return result;
}
