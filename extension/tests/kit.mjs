// What several tests share: chance that repeats, a workflow that changes at random, a keeper of documents.
import { placeChips, withRoom } from '../src/canvas/layout/chips';
import { applyAll, edgesOf, layoutOf, nodesOf } from '../src/canvas/document/document';
import { fitFrames } from '../src/canvas/layout/frames';
import { place } from '../src/canvas/layout/place';
import { routeAll } from '../src/canvas/layout/route';
import { shapeOf } from '../src/canvas/look/shapes';
import { strokeOf } from '../src/canvas/document/triggers';

/** Mulberry32: small, and the same on every machine. */
export function chance(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    below: n => Math.floor(next() * n),
    pick: list => list[Math.floor(next() * list.length)]
  };
}

export const REVIEW = {
  wfnb: 1,
  name: 'review',
  inputs: { url: 'str' },
  nodes: [
    { kind: 'start', id: 'start' },
    { kind: 'task', id: 'page', activity: 'fetch', arguments: { url: '=input.url' } },
    { kind: 'task', id: 'mark', activity: 'score', arguments: { text: '=page' } },
    { kind: 'choice', id: 'gate' },
    { kind: 'task', id: 'again', activity: 'ask' },
    { kind: 'end', id: 'kept', output: '=page' },
    { kind: 'end', id: 'dropped' }
  ],
  edges: [
    { source: 'start', target: 'page' },
    { source: 'page', target: 'mark' },
    { source: 'mark', target: 'gate' },
    { source: 'gate', target: 'kept', when: 'mark > 0.8' },
    { source: 'gate', target: 'again', when: 'mark > 0.3' },
    { source: 'gate', target: 'dropped', otherwise: true },
    { source: 'again', target: 'mark' }
  ],
  layout: { page: [240, 80], mark: [420, 80] }
};

/** Every kind of node, every trigger, groups within groups. */
export const WHOLE = {
  wfnb: 1,
  name: 'whole',
  inputs: { orders: 'list', when: 'str' },
  signals: { paid: { type: 'float' }, stop: { transient: true } },
  nodes: [
    { kind: 'start', id: 'start' },
    { kind: 'wait', id: 'open', label: 'order open' },
    { kind: 'approval', id: 'review', prompt: 'Ship it?', form: { ok: 'bool', why: 'str' } },
    { kind: 'choice', id: 'gate' },
    { kind: 'fork', id: 'some', join: 'enough' },
    { kind: 'task', id: 'pack', activity: 'fetch', arguments: { url: '=input.when' } },
    { kind: 'map', id: 'each', items: '=input.orders', activity: 'score', width: 4 },
    { kind: 'call', id: 'bill', workflow: 'billing', arguments: { order: '=open' } },
    { kind: 'join', id: 'enough', need: 2, rest: 'cancel' },
    { kind: 'task', id: 'audit', activity: 'ask' },
    { kind: 'group', id: 'shipping', members: ['some', 'inner', 'enough'], cancel: true },
    { kind: 'group', id: 'inner', members: ['pack', 'each', 'bill'], lock: 'warehouse' },
    { kind: 'end', id: 'done', output: '=enough' },
    { kind: 'end', id: 'refused', error: 'Refused', message: 'nobody paid' },
    { kind: 'end', id: 'stopped', terminate: true },
    { kind: 'end', id: 'audited' },
    { kind: 'note', id: 'why', text: 'Every construct\nof the language' }
  ],
  edges: [
    { source: 'start', target: 'open' },
    { source: 'open', target: 'review', on: 'paid', when: 'signal("paid") > 10' },
    { source: 'open', target: 'refused', after: 86400 },
    { source: 'review', target: 'gate' },
    { source: 'review', target: 'refused', until: '=input.when' },
    { source: 'gate', target: 'some', when: 'review["ok"]' },
    { source: 'gate', target: 'refused', otherwise: true },
    { source: 'some', target: 'pack', when: 'len(input.orders) > 1' },
    { source: 'some', target: 'each' },
    { source: 'some', target: 'bill', otherwise: true },
    { source: 'pack', target: 'enough' },
    { source: 'each', target: 'enough' },
    { source: 'bill', target: 'enough' },
    { source: 'bill', target: 'stopped', error: 'CardError' },
    { source: 'enough', target: 'done' },
    { source: 'shipping', target: 'stopped', on: 'stop' },
    { source: 'open', target: 'audit', when: 'reached("review")' },
    { source: 'gate', target: 'audit', when: 'true', spawn: true },
    { source: 'audit', target: 'audited' }
  ],
  layout: {
    start: [40, 200],
    open: [170, 200],
    review: [390, 200],
    gate: [560, 200],
    some: [700, 180],
    pack: [900, 70],
    each: [900, 180],
    bill: [900, 290],
    enough: [1110, 180],
    done: [1300, 180],
    refused: [560, 400],
    stopped: [1300, 330],
    audit: [390, 40],
    audited: [560, 40],
    why: [120, 400]
  }
};

/** What is drawn of a document: its items where they lie, its lines with their chips. */
export function scene(document) {
  const items = new Map();
  for (const node of document.nodes) {
    const degree = document.edges.filter(edge => edge.target === node.id).length;
    const shape = shapeOf(node, undefined, degree);
    const { form, w, h } = shape;
    items.set(node.id, { id: node.id, node, shape, form, w, h, caption: 20, x: 0, y: 0 });
  }
  const known = new Map(Object.entries(layoutOf(document)).map(([id, [x, y]]) => [id, { x, y }]));
  const at = place([...items.values()], withRoom(document.edges, items), known, new Map());
  for (const item of items.values()) Object.assign(item, known.get(item.id) ?? at.get(item.id));
  fitFrames(items);
  const routes = routeAll(
    new Map([...items].filter(([, item]) => item.form !== 'frame')),
    document.edges
  );
  const lines = document.edges.map((edge, index) => ({
    edge,
    index,
    stroke: strokeOf(edge, items.get(edge.source)?.node),
    key: `${index}`,
    route: routes[index] ?? routeAll(items, [edge])[0],
    chip: null
  }));
  placeChips(lines, items);
  return { items, lines };
}

let names = 0;

/** A gesture that fits the document, of any kind. */
export function gesture(document, luck) {
  const nodes = nodesOf(document);
  const edges = edgesOf(document);
  const some = nodes.length ? luck.pick(nodes) : null;
  switch (luck.below(8)) {
    case 0: {
      const id = `new_${++names}`;
      const node = { kind: 'task', id, activity: 'a', arguments: some ? { x: `=${some.id}` } : {} };
      return [{ op: 'add_node', node, position: [luck.below(900), luck.below(500)] }];
    }
    case 1: {
      if (!some) return [];
      const touching = edges.filter(e => e.source === some.id || e.target === some.id);
      return [
        ...touching.map(edge => ({ op: 'remove_edge', edge })),
        { op: 'remove_node', id: some.id }
      ];
    }
    case 2:
      return some
        ? [{ op: 'set_node', id: some.id, node: { ...some, label: `l${luck.below(99)}` } }]
        : [];
    case 3:
      return some ? [{ op: 'set_node', id: some.id, node: { ...some, id: `new_${++names}` } }] : [];
    case 4: {
      if (!some) return [];
      const edge = { source: some.id, target: luck.pick(nodes).id, when: `x > ${luck.below(1e6)}` };
      return [{ op: 'add_edge', edge }];
    }
    case 5: {
      if (!edges.length) return [];
      const edge = luck.pick(edges);
      const to = { ...edge, when: `y > ${luck.below(1e6)}`, otherwise: false };
      return [
        { op: 'set_edge', edge, to, at: luck.next() < 0.5 ? luck.below(edges.length) : null }
      ];
    }
    case 6: {
      const ids = nodes.filter(() => luck.next() < 0.4).map(node => node.id);
      const place = id =>
        luck.next() < 0.2 && layoutOf(document)[id] ? null : [luck.below(900), luck.below(500)];
      return [{ op: 'move', positions: Object.fromEntries(ids.map(id => [id, place(id)])) }];
    }
    default:
      return [
        { op: 'set_workflow', name: `n${luck.below(99)}`, inputs: { q: luck.pick(['str', 'int']) } }
      ];
  }
}

/** Keeps a document for several views, and hands messages over only when told to. */
export class Keeper {
  revision = 1;
  queue = [];
  views = [];

  constructor(document) {
    this.document = document;
  }

  connect() {
    const listeners = new Set();
    this.views.push(listeners);
    return {
      send: message => this.queue.push(() => this.receive(structuredClone(message))),
      onMessage: listener => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      }
    };
  }

  /** Hands over one message, or with `lose` drops what it would have told one of the views. */
  step(lose = null) {
    this.losing = lose;
    this.queue.shift()?.();
    this.losing = null;
  }

  drain() {
    while (this.queue.length) this.step();
  }

  tell(message) {
    this.views.forEach((listeners, i) => {
      if (i !== this.losing) for (const listener of listeners) listener(structuredClone(message));
    });
  }

  receive(message) {
    if (message.type === 'hello') {
      this.tell({ type: 'document', document: this.document, revision: this.revision });
    } else if (message.type === 'edit') {
      const { client, id, edits } = message;
      try {
        this.document = applyAll(this.document, edits).document;
        this.tell({ type: 'edited', revision: ++this.revision, edits, client, id });
      } catch (error) {
        this.tell({ type: 'rejected', client, id, message: String(error) });
      }
    }
  }
}
