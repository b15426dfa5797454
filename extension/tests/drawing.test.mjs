import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';
import { contains, overlap } from '../src/canvas/ground/geometry';
import { layered } from '../src/canvas/layout/layered';
import { rowsOf } from '../src/canvas/look/notes';
import { Overview } from '../src/canvas/surface/overview';
import { edgeLook } from '../src/canvas/surface/look';
import { sample } from '../src/canvas/look/path';
import { place } from '../src/canvas/layout/place';
import { RunModel } from '../src/canvas/session/run';
import { PathText, numbers } from '../src/canvas/look/sheet';
import { drawingOf } from '../src/canvas/surface/svg';
import { REVIEW, chance, scene } from './kit.mjs';

test('no edge crosses a card, backward ones included', () => {
  const { items, lines } = scene(REVIEW);
  for (const { edge, route } of lines) {
    for (const item of items.values()) {
      if (item.id === edge.source || item.id === edge.target) continue;
      for (const point of sample(route))
        assert.ok(!contains(item, point), `${edge.source} → ${edge.target} crosses ${item.id}`);
    }
  }
});

test('conditions cover neither cards nor each other', () => {
  const { items, lines } = scene(REVIEW);
  const chips = lines.flatMap(line => (line.chip ? [line.chip] : []));
  assert.equal(chips.length, 3);
  chips.forEach((chip, i) => {
    for (const item of items.values())
      assert.ok(!overlap(chip, item), `${chip.text} covers ${item.id}`);
    for (const other of chips.slice(i + 1))
      assert.ok(!overlap(chip, other), `${chip.text} covers ${other.text}`);
  });
});

test('the built-in layout goes left to right and overlaps nothing', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const luck = chance(seed);
    const nodes = Array.from({ length: 40 }, (_, i) => ({
      id: `n${i}`,
      w: 140 + luck.below(70),
      h: 46
    }));
    const links = nodes
      .slice(1)
      .map((node, i) => ({ source: `n${luck.below(i + 1)}`, target: node.id }));
    const at = layered(nodes, links);
    const boxes = nodes.map(node => ({ ...node, ...at.get(node.id) }));
    boxes.forEach((box, i) => {
      for (const other of boxes.slice(i + 1))
        assert.ok(!overlap(box, other), `seed ${seed}: ${box.id} ${other.id}`);
    });
    for (const { source, target } of links) assert.ok(at.get(source).x < at.get(target).x);
  }
});

test('a cycle and a node that stands alone are laid out too', () => {
  const nodes = ['a', 'b', 'c', 'd'].map(id => ({ id, w: 100, h: 40 }));
  const links = [
    { source: 'a', target: 'b' },
    { source: 'b', target: 'c' },
    { source: 'c', target: 'a' }
  ];
  assert.equal(place(nodes, links, new Map(), new Map()).size, 4);
});

test('nodes without a position stand beside what they follow, and nothing else moves', () => {
  const nodes = ['a', 'b', 'c'].map(id => ({ id, w: 100, h: 40 }));
  const known = new Map([
    ['a', { x: 0, y: 0 }],
    ['b', { x: 160, y: 0 }]
  ]);
  const at = place(nodes, [{ source: 'a', target: 'c' }], known, new Map());
  assert.deepEqual([...at.keys()], ['c']);
  assert.ok(at.get('c').x > 0 && Math.abs(at.get('c').y) >= 40);
});

test('a route in the terms of cytoscape is the same line', () => {
  const route = {
    kind: 'lane',
    points: [
      { x: 10, y: 20 },
      { x: 10, y: 90 },
      { x: 200, y: 90 },
      { x: 200, y: 40 }
    ]
  };
  const look = edgeLook(route, { x: 0, y: 0 }, { x: 190, y: 50 });
  assert.deepEqual([look.source, look.target], ['10px 20px', '10px -10px']);
  const [a, b] = [route.points[0], route.points[3]];
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  look.weights.forEach((w, i) => {
    const [nx, ny] = [-(b.y - a.y) / length, (b.x - a.x) / length];
    const x = a.x + (b.x - a.x) * w + nx * look.distances[i];
    const y = a.y + (b.y - a.y) * w + ny * look.distances[i];
    assert.ok(Math.hypot(x - route.points[i + 1].x, y - route.points[i + 1].y) < 1e-9);
  });
});

test('the static picture holds text as text', () => {
  const { items, lines } = scene({
    nodes: [
      { kind: 'task', id: 'a', label: '<img src=x onerror=alert(1)>', activity: 'f' },
      { kind: 'note', id: 'n', text: '</svg><script>alert("1")</script>\u0000' }
    ],
    edges: []
  });
  const svg = drawingOf({ items, lines });
  assert.match(svg, /^<svg xmlns=/);
  assert.ok(svg.includes('&lt;script&gt;'));
  assert.ok(!svg.includes('<img') && !svg.includes('<script') && !svg.includes('\u0000'));
});

/** A thousand tasks in columns, each after one or two of the column before. */
function thousand(name, activity) {
  const nodes = Array.from({ length: 1000 }, (_, i) => ({
    kind: 'task',
    id: `${name} ${i}`,
    activity,
    arguments: { url: '=input.url' }
  }));
  const edges = nodes.flatMap(({ id }, i) =>
    (i % 3 ? [i + 40] : [i + 40, i + 41])
      .filter(next => next < nodes.length)
      .map(next => ({ source: id, target: nodes[next].id }))
  );
  const layout = Object.fromEntries(
    nodes.map(({ id }, i) => [id, [Math.floor(i / 40) * 240, (i % 40) * 84]])
  );
  return { wfnb: 1, name: 'large', nodes, edges, layout };
}

/** As it stands in the file of a notebook. */
const bytesIn = svg => Buffer.byteLength(JSON.stringify(svg));

test('the picture of a thousand nodes has room in a notebook, and all that is written on them', () => {
  const document = thousand('measurement', 'fetch_page');
  const run = new RunModel();
  const states = ['completed', 'failed', 'running', 'waiting'];
  run.apply({
    run: 'r',
    state: 'running',
    full: true,
    nodes: Object.fromEntries(document.nodes.map(({ id }, i) => [id, { state: states[i % 4] }])),
    edges: Object.fromEntries(document.edges.map((_, i) => [i, i % 2]))
  });
  const svg = drawingOf(scene(document), run, 'large');
  assert.ok(bytesIn(svg) <= 290_000, `${bytesIn(svg)} bytes`);
  for (const { id } of document.nodes) assert.ok(svg.includes(`>${id}</text>`), id);
  assert.equal(svg.match(/>fetch_page\(url\)</g).length, 1000);
  assert.ok(svg.includes('<title>large: 1000 nodes'));
  assert.equal(svg.match(/<path d='M[^']*' fill='none'/g).length, 2, 'lines taken, and those not');
});

test('a picture that would be too large leaves out what nobody could read', () => {
  const document = thousand('a rather long name of a task', 'an_activity_with_a_long_name');
  const svg = drawingOf(scene(document));
  assert.ok(bytesIn(svg) <= 290_000, `${bytesIn(svg)} bytes`);
  assert.ok(!svg.includes('an_act'), `${bytesIn(svg)} bytes`);
  assert.equal(svg.match(/>a rather long/g).length, 1000);
  const few = { ...document, nodes: document.nodes.slice(0, 9), edges: [] };
  assert.ok(drawingOf(scene(few)).includes('an_activity'));
});

test('path data goes on from where it is, to the tenth of a pixel', () => {
  const path = new PathText();
  path.moveTo(10, 20.04);
  path.lineTo(10.52, 20);
  path.lineTo(10.52, 25);
  path.quadraticCurveTo(12, 25, 15, 25);
  path.quadraticCurveTo(15, 30, 14.75, 30.2);
  path.close();
  assert.equal(path.text, 'M10 20h.5v5h4.5q0 5-.2 5.2z');
  assert.equal(numbers(0, -1, 0.5, -0.25), '0-1 .5-.25');
});

test('no row of a note begins with a space, and none is of spaces alone', () => {
  const measure = text => 6 * text.length;
  const luck = chance(11);
  for (let i = 0; i < 300; i++) {
    const words = Array.from({ length: 1 + luck.below(14) }, () => {
      const word = 'abcdefgh'.repeat(1 + luck.below(6)).slice(0, 1 + luck.below(44));
      return luck.pick([word, `\`${word}\``]);
    });
    const rows = rowsOf({ kind: 'note', id: 'n', text: words.join(' '), width: 96 }, measure);
    const texts = rows.map(({ spans }) => spans.map(({ text }) => text).join(''));
    for (const text of texts) assert.match(text, /^\S/);
    const kept = texts.join('').replace(/\s/g, '');
    assert.equal(kept, words.join('').replace(/`/g, ''));
  }
  const [, code] = rowsOf({ kind: 'note', id: 'n', text: '```\nif x:\n    y\n```' }, measure);
  assert.equal(code.spans[0].text, '    y');
});

test('plain boxes bear names where these can be read, and none of a thousand', () => {
  globalThis.devicePixelRatio = 1;
  const colours = { card: 'card', text: 'text', ontint: 'ontint', font: 'sans-serif' };
  const named = zoom => {
    const { items } = scene(REVIEW);
    const done = new Map([['mark', 'done']]);
    const fill = ({ id }) => done.get(id) ?? 'card';
    const sign = ({ id }) => (done.has(id) ? '✓' : '');
    const overview = new Overview(
      { items },
      fill,
      () => 'line',
      sign,
      () => colours
    );
    overview.decide(zoom);
    const written = [];
    const pen = {
      getTransform: () => ({ a: zoom }),
      fillText: text => written.push([text, pen.fillStyle])
    };
    for (const name of ['fillRect', 'strokeRect', 'beginPath', 'roundRect', 'arc', 'moveTo']) {
      pen[name] = () => undefined;
    }
    for (const name of ['lineTo', 'closePath', 'fill', 'stroke', 'setLineDash']) {
      pen[name] = () => undefined;
    }
    overview.paint(pen, { x: 0, y: 0, w: 1e6, h: 1e6 });
    return written;
  };
  assert.deepEqual(named(0.35), [
    ['page', 'text'],
    ['✓ mark', 'ontint'],
    ['again', 'text']
  ]);
  assert.deepEqual(named(0.1), []);
  assert.deepEqual(named(0.6), []);
});
