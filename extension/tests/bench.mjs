// The canvas beside a bare page of cytoscape.js with the same drawing, for tests/bench/drawing.py: what takes
// how long, and how many frames a second are left meanwhile.
import cytoscape from 'cytoscape';
import { Designer } from '../src/canvas/designer';
import { Session } from '../src/canvas/session/session';
import { injectStyle } from '../src/canvas/look/style';
import { drawingOf } from '../src/canvas/surface/svg';

const STATES = ['running', 'completed', 'failed', 'retrying', 'waiting'];
const COLOURS = ['#1565c0', '#2e7d32', '#c62828', '#b26a00', '#6d4fa1'];
/** Messages a second, as the kernel sends them at most. */
const RATE = 20;

/** Columns of tasks, each after one or two of the column before; in groups of fifty where asked for. */
function drawing(count, grouped) {
  const rows = Math.ceil(Math.sqrt(count * 1.6));
  const nodes = Array.from({ length: count }, (_, i) => ({
    kind: 'task',
    id: `task ${i}`,
    activity: 'fetch',
    arguments: { url: '=input.url' }
  }));
  const edges = [];
  const layout = {};
  nodes.forEach(({ id }, i) => {
    const column = Math.floor(i / rows);
    layout[id] = [column * 240, (i % rows) * 84];
    if (!column) return;
    edges.push({ source: nodes[i - rows].id, target: id });
    if (i % 3 === 0 && i % rows) edges.push({ source: nodes[i - rows - 1].id, target: id });
  });
  const groups = Array.from({ length: grouped ? count / 50 : 0 }, (_, g) => ({
    kind: 'group',
    id: `group ${g}`,
    members: nodes.slice(50 * g, 50 * g + 50).map(({ id }) => id)
  }));
  return { wfnb: 1, name: 'bench', nodes: [...nodes, ...groups], edges, layout };
}

/** After the next frame was painted. */
const frame = () =>
  new Promise(resolve =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now());
      port2.postMessage(0);
    })
  );
const painted = async () => (await frame(), frame());
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

/** Frames a second while `each` is called before every one of them. */
async function frames(seconds, each = () => undefined) {
  const start = await frame();
  let [count, now] = [0, start];
  while (now - start < seconds * 1000) {
    each(now - start);
    now = await frame();
    count++;
  }
  return (count * 1000) / (now - start);
}

class Ours {
  constructor(count, grouped) {
    this.document = drawing(count, grouped);
    this.host = document.createElement('div');
    document.body.append(this.host);
  }

  open() {
    const transport = {
      send: message => queueMicrotask(() => message.type === 'hello' && this.greet()),
      onMessage: listener => ((this.tell = listener), () => undefined)
    };
    injectStyle(this.host);
    const root = document.createElement('div');
    root.className = 'wfnb-root wfnb-designer wfnb-cell';
    this.host.append(root);
    this.designer = new Designer(root, new Session(transport), {});
    this.cy = this.designer.surface.graph.cy;
  }

  greet() {
    this.tell({ type: 'document', document: this.document, revision: 1 });
    const activities = [{ name: 'fetch', parameters: [{ name: 'url' }], returns: 'str' }];
    this.tell({ type: 'activities', activities });
  }

  size() {
    const { clientWidth, clientHeight } = this.designer.surface.host;
    return [clientWidth, clientHeight];
  }

  fit() {
    this.designer.surface.view.fit(true);
  }

  state(ids, states, first) {
    const nodes = Object.fromEntries(ids.map((id, i) => [id, { state: states[i], started: 1 }]));
    this.tell({ type: 'status', run: 'r', state: 'running', started: 1, full: first, nodes });
  }

  /** Whether the drawing knows each state, and shows those in view. */
  shows(states) {
    const { live } = this.designer.session;
    const cards = [...this.host.querySelectorAll('.wfnb-card')];
    return (
      [...states].every(([id, state]) => live.node(id).state === state) &&
      cards.every(card => card.classList.contains(`wfnb-is-${states.get(card.dataset.id)}`))
    );
  }

  /** What can be seen of the drawing, as far as keys change it. */
  sight() {
    const chosen = [...this.host.querySelectorAll('.wfnb-card.wfnb-selected')];
    const layer = ['layer', 'cards'].map(
      name => this.host.querySelector(`.wfnb-${name}`).style.transform
    );
    const cards = this.host.querySelectorAll('.wfnb-card').length;
    const panel = this.host.querySelector('[role=dialog],[role=listbox]') !== null;
    return String([
      layer,
      cards,
      panel,
      ...chosen.map(c => c.dataset.id + c.style.left + c.style.top)
    ]);
  }

  svg() {
    return drawingOf(this.designer.surface.graph, this.designer.session.live, 'bench');
  }
}

/** cytoscape as its manual begins: boxes with a label, arrows, and a class for each state. */
class Bare {
  constructor(count, [width, height]) {
    const { nodes, edges, layout } = drawing(count, false);
    this.ids = nodes.map(({ id }) => id);
    this.elements = [
      ...nodes.map(({ id }) => ({
        data: { id },
        position: { x: layout[id][0], y: layout[id][1] }
      })),
      ...edges.map(({ source, target }) => ({ data: { source, target } }))
    ];
    this.host = document.createElement('div');
    this.host.style.cssText = `width:${width}px;height:${height}px`;
    document.body.append(this.host);
  }

  open() {
    const node = { shape: 'rectangle', width: 178, height: 46, label: 'data(id)' };
    const edge = { 'curve-style': 'bezier', 'target-arrow-shape': 'triangle' };
    this.cy = cytoscape({
      container: this.host,
      elements: this.elements,
      layout: { name: 'preset', fit: true, padding: 48 },
      style: [
        { selector: 'node', style: node },
        { selector: 'edge', style: edge },
        ...STATES.map((state, i) => ({
          selector: `node.${state}`,
          style: { 'background-color': COLOURS[i] }
        }))
      ]
    });
  }

  fit() {
    this.cy.fit(undefined, 48);
  }

  state(ids, states) {
    this.cy.batch(() => ids.forEach((id, i) => this.cy.getElementById(id).classes(states[i])));
  }

  shows(states) {
    return [...states].every(([id, state]) => this.cy.getElementById(id).hasClass(state));
  }
}

let shown;
globalThis.bench = {
  /** Milliseconds until a drawing is painted. */
  async open(count, { grouped = false, bare = null } = {}) {
    shown = bare ? new Bare(count, bare) : new Ours(count, grouped);
    await pause(200);
    const start = performance.now();
    shown.open();
    return (await painted()) - start;
  },

  size: () => shown.size(),

  /** Frames a second while the drawing is moved to and fro: all of it in view, or as large as life. */
  async pan(seconds, zoom = null) {
    shown.fit();
    if (zoom !== null) {
      shown.cy.zoom(zoom);
      shown.cy.center();
    }
    const { x, y } = shown.cy.pan();
    await pause(300);
    return frames(seconds, ms =>
      shown.cy.pan({ x: x + 90 * Math.sin(ms / 240), y: y + 60 * Math.cos(ms / 310) })
    );
  },

  /**
   * Frames a second while so many states change in one, as the drawing opened or with all of it in view;
   * fails where not all of them came to the drawing.
   */
  async states(seconds, rate, fit = false) {
    if (fit) shown.fit();
    const ids = drawing(1000, false).nodes.map(({ id }) => id);
    const last = new Map();
    const batch = Math.round(rate / RATE);
    let sent = 0;
    const send = () => {
      const chosen = Array.from({ length: batch }, (_, i) => ids[((sent + i) * 7) % ids.length]);
      const states = chosen.map((_, i) => STATES[(sent + i + Math.floor(sent / 1000)) % 5]);
      chosen.forEach((id, i) => last.set(id, states[i]));
      shown.state(chosen, states, sent === 0);
      sent += batch;
    };
    const start = performance.now();
    const timer = setInterval(() => {
      // A page that falls behind has more to do at once: no change is left out.
      while (sent < ((performance.now() - start) / 1000) * rate) send();
    }, 1000 / RATE);
    const found = await frames(seconds);
    clearInterval(timer);
    for (let tries = 0; !shown.shows(last) && tries < 100; tries++) await pause(100);
    if (sent < rate * seconds * 0.9 || !shown.shows(last)) throw new Error(`${sent} changes sent`);
    return found;
  },

  /** Milliseconds until a run is painted that stands otherwise at every node, as where it is looked at elsewhere. */
  async seek(seed) {
    const ids = drawing(1000, false).nodes.map(({ id }) => id);
    const states = ids.map((_, i) => STATES[(i + seed) % STATES.length]);
    const wanted = new Map(ids.map((id, i) => [id, states[i]]));
    await pause(400); // as a person does; what follows at once is shown as often as the page can
    const start = performance.now();
    shown.state(ids, states, true);
    for (let tries = 0; tries < 600; tries++) {
      const now = await frame();
      if (shown.shows(wanted)) return now - start;
    }
    throw new Error('not shown');
  },

  /** Begins to measure, for every key, the milliseconds until what is seen has changed. */
  listen() {
    const found = [];
    shown.designer.surface.host.focus();
    addEventListener(
      'keydown',
      async event => {
        if (['Control', 'Shift', 'Alt'].includes(event.key)) return;
        const before = shown.sight();
        for (let tries = 0; tries < 120; tries++) {
          const now = await frame();
          if (shown.sight() === before) continue;
          found.push([event.key, now - event.timeStamp]);
          return;
        }
        found.push([event.key, Infinity]);
      },
      true
    );
    globalThis.bench.keys = found;
  },

  keys: [],

  svg: () => new globalThis.Blob([shown.svg()]).size,

  select(id) {
    shown.designer.surface.select({ nodes: [id], edges: [] });
    shown.designer.surface.view.center(id);
  }
};
globalThis.shown = () => shown;
