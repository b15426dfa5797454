/** Plain rectangles instead of cards when the drawing is too small to read, and the map in the corner. */
import type { Core } from 'cytoscape';
import { visible } from './cytoscape';
import { make } from '../ground/dom';
import { isFrame } from '../layout/frames';
import { contains, hull } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';
import type { Graph } from './graph';
import { icon } from '../look/icons';
import type { Item } from '../layout/items';
import { strings } from '../texts/strings';
import type { Colours } from '../look/theme';

/** Plain below the first zoom, cards above the second; between them whatever is shown stays. */
const PLAIN_BELOW = 0.4;
const CARDS_ABOVE = 0.5;
/** From here on plain boxes bear names; below it nothing of them would be read. */
const NAMED_ABOVE = 0.2;
/** Pixels on the screen of a name's letters; of fewer than `least` nothing can be told. */
const LETTERS = { size: 8.5, width: 5.2, least: 5 };

export type Paint = (item: Item) => string;

export class Overview {
  /** Whether plain rectangles are shown. */
  plain = false;

  constructor(
    private graph: Graph,
    private fill: Paint,
    private stroke: Paint,
    private sign: Paint,
    private colours: () => Colours
  ) {}

  /** Whether plain rectangles are to be shown at this zoom. */
  decide(zoom: number): boolean {
    if (zoom < PLAIN_BELOW) this.plain = true;
    else if (zoom > CARDS_ABOVE) this.plain = false;
    return this.plain;
  }

  /** Paints the boxes in view, where there are no cards. */
  paint = (pen: CanvasRenderingContext2D, view: Box): void => {
    if (!this.plain) return;
    const scale = pen.getTransform().a;
    const zoom = scale / devicePixelRatio;
    const named: Named[] = [];
    pen.lineWidth = Math.min(4, 1 / scale);
    const colours = { fill: '', stroke: '' };
    for (const item of this.graph.items.values()) {
      if (Math.abs(item.x - view.x) * 2 > item.w + view.w) continue;
      if (Math.abs(item.y - view.y) * 2 > item.h + view.h) continue;
      const [fill, stroke] = [this.fill(item), this.stroke(item)];
      // To name a colour takes as long as to paint a box.
      if (fill !== colours.fill) pen.fillStyle = colours.fill = fill;
      if (stroke !== colours.stroke) pen.strokeStyle = colours.stroke = stroke;
      if (isFrame(item)) frame(pen, item);
      else put(pen, item, zoom);
      const text = zoom < NAMED_ABOVE ? '' : nameIn(item, zoom, this.sign(item));
      if (text) named.push({ item, text, colour: this.textOn(fill) });
    }
    this.write(pen, named, zoom);
  };

  private textOn(fill: string): string {
    const { card, text, ontint } = this.colours();
    return fill === card ? text : ontint;
  }

  /** Writes the names, as large on the screen at every zoom. */
  private write(pen: CanvasRenderingContext2D, named: readonly Named[], zoom: number): void {
    if (!named.length) return;
    pen.font = `600 ${LETTERS.size / zoom}px ${this.colours().font}`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    for (const { item, text, colour } of named) {
      pen.fillStyle = colour;
      pen.fillText(text, item.x, item.y, item.w - 4 / zoom);
    }
  }
}

interface Named {
  item: Item;
  text: string;
  colour: string;
}

/** The sign of its state, and what of its name there is room for in a box. */
function nameIn({ form, shape, w }: Item, zoom: number, sign: string): string {
  if (form !== 'card' && form !== 'pill') return sign;
  const room = Math.floor((w * zoom - 6) / LETTERS.width);
  const text = sign ? `${sign} ${shape.title}` : shape.title;
  if (text.length <= room) return text;
  return room < LETTERS.least ? sign : `${text.slice(0, room - 1)}…`;
}

/** A frame would cover what is inside. */
function frame(pen: CanvasRenderingContext2D, { x, y, w, h }: Item): void {
  pen.setLineDash([6, 6]);
  pen.strokeRect(x - w / 2, y - h / 2, w, h);
  pen.setLineDash([]);
}

function put(pen: CanvasRenderingContext2D, item: Item, zoom: number): void {
  const [x, y, w, h] = [item.x - item.w / 2, item.y - item.h / 2, item.w, item.h];
  const round = item.form === 'circle' || item.form === 'diamond';
  if (!round && zoom < NAMED_ABOVE) {
    pen.fillRect(x, y, w, h);
    return pen.strokeRect(x, y, w, h);
  }
  pen.beginPath();
  if (!round) pen.roundRect(x, y, w, h, item.form === 'pill' ? h / 2 : 7);
  else if (item.form === 'circle') pen.arc(item.x, item.y, w / 2, 0, 7);
  else {
    pen.moveTo(item.x, y);
    pen.lineTo(x + w, item.y);
    pen.lineTo(item.x, y + h);
    pen.lineTo(x, item.y);
    pen.closePath();
  }
  pen.fill();
  pen.stroke();
}

/** Of so few nodes, all in view, a map says nothing. */
const FEW = 8;
/** Whether people want to see maps on this page. */
let wanted = true;

const MAP = { w: 112, h: 72, pad: 7 };
/** Milliseconds that the map's colours may lag behind a run. */
const LAG = 400;

/** The whole drawing, small, with a frame around what is visible; press or drag to go there. */
export class Minimap {
  readonly canvas = make('canvas', 'wfnb-minimap');
  private pen = this.canvas.getContext('2d');
  private picture = document.createElement('canvas');
  private drawnVersion = -1;
  private frame: Box = { x: 0, y: 0, w: 1, h: 1 };
  /** All that there is, and in which version of it; what of it is in view, where the map says so. */
  private all: Box | null = null;
  private hullVersion = -1;
  private framed = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private scale = 1;
  /** From where it was taken hold of to the middle of the window. */
  private held: [number, number] = [0, 0];
  readonly button = make('button', 'wfnb-mapbutton');

  constructor(
    private graph: Graph,
    private cy: Core
  ) {
    const ratio = Math.min(2, devicePixelRatio);
    for (const canvas of [this.canvas, this.picture]) {
      [canvas.width, canvas.height] = [MAP.w * ratio, MAP.h * ratio];
    }
    this.canvas.style.width = `${MAP.w}px`;
    this.canvas.style.height = `${MAP.h}px`;
    this.canvas.setAttribute('aria-hidden', 'true');
    this.button.type = 'button';
    this.button.dataset['action'] = 'map';
    this.button.addEventListener('click', () => this.toggle());
    this.canvas.addEventListener('pointerdown', event => this.pressed(event));
    this.canvas.addEventListener('pointermove', event => event.buttons & 1 && this.go(event));
  }

  /** Shows the map, or hides it: on this page from now on. */
  toggle(): void {
    wanted = !wanted;
    this.sync(this.colours, this.fill);
  }

  private colours!: Colours;
  private fill!: Paint;

  /** Hidden where there is no room for it, and where it would show no more than the drawing does. */
  sync(colours: Colours, fill: Paint): void {
    const view = visible(this.cy);
    if (this.hullVersion !== this.graph.version) {
      this.all = hull(this.graph.items.values());
      this.hullVersion = this.graph.version;
    }
    const { all } = this;
    const crowded = this.cy.width() < 420 || this.cy.height() < 260;
    const whole = all !== null && all.w <= view.w && all.h <= view.h && this.graph.items.size < FEW;
    [this.colours, this.fill] = [colours, fill];
    this.button.hidden = all === null || crowded || whole;
    this.canvas.hidden = this.button.hidden || !wanted;
    if (this.button.getAttribute('aria-pressed') !== String(wanted)) {
      this.button.setAttribute('aria-pressed', String(wanted));
      this.button.title = wanted ? strings.hideMap : strings.showMap;
      this.button.setAttribute('aria-label', this.button.title);
      this.button.replaceChildren(icon(wanted ? 'cross' : 'pane'));
    }
    if (!all || this.canvas.hidden) return;
    if (this.drawnVersion !== this.graph.version) this.drawPicture(all, fill);
    const framed = [view.x, view.y, view.w, view.h, colours.brand].join();
    if (framed === this.framed) return;
    this.framed = framed;
    this.drawFrame(view, colours);
  }

  /** The picture shows states too: draw it again at the next sync. */
  invalidate(): void {
    this.drawnVersion = -1;
  }

  /** States have changed: it is drawn again before long, by `sync`. */
  outdate(sync: () => void): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.invalidate();
      sync();
    }, LAG);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private drawPicture(all: Box, fill: Paint): void {
    const pen = this.picture.getContext('2d');
    if (!pen) return;
    this.drawnVersion = this.graph.version;
    this.framed = '';
    this.frame = all;
    const ratio = this.picture.width / MAP.w;
    this.scale = Math.min((MAP.w - 2 * MAP.pad) / all.w, (MAP.h - 2 * MAP.pad) / all.h, 0.14);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.picture.width, this.picture.height);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const item of this.graph.items.values()) {
      if (item.form === 'note' || isFrame(item)) continue;
      const [x, y] = this.toMap(item.x, item.y);
      const [w, h] = [Math.max(1.5, item.w * this.scale), Math.max(1.5, item.h * this.scale)];
      pen.fillStyle = fill(item);
      pen.fillRect(x - w / 2, y - h / 2, w, h);
    }
  }

  private drawFrame(view: Box, colours: Colours): void {
    const { pen } = this;
    if (!pen) return;
    const ratio = this.canvas.width / MAP.w;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.drawImage(this.picture, 0, 0);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [x, y] = this.toMap(view.x - view.w / 2, view.y - view.h / 2);
    const [x2, y2] = this.toMap(view.x + view.w / 2, view.y + view.h / 2);
    const [l, t] = [Math.max(2, x), Math.max(2, y)];
    pen.strokeStyle = colours.brand;
    pen.lineWidth = 1;
    pen.strokeRect(l, t, Math.min(MAP.w - 2, x2) - l, Math.min(MAP.h - 2, y2) - t);
  }

  private toMap(x: number, y: number): [number, number] {
    return [
      MAP.w / 2 + (x - this.frame.x) * this.scale,
      MAP.h / 2 + (y - this.frame.y) * this.scale
    ];
  }

  private toModel(event: PointerEvent): Point {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: this.frame.x + (event.clientX - box.left - MAP.w / 2) / this.scale,
      y: this.frame.y + (event.clientY - box.top - MAP.h / 2) / this.scale
    };
  }

  private pressed(event: PointerEvent): void {
    event.preventDefault();
    event.stopPropagation();
    this.canvas.setPointerCapture(event.pointerId);
    // What is pressed inside the window drags it; anywhere else is where it goes.
    const view = visible(this.cy);
    const at = this.toModel(event);
    const inside = contains(view, at);
    this.held = inside ? [view.x - at.x, view.y - at.y] : [0, 0];
    this.go(event);
  }

  private go(event: PointerEvent): void {
    const at = this.toModel(event);
    const [x, y] = [at.x + this.held[0], at.y + this.held[1]];
    const zoom = this.cy.zoom();
    this.cy.pan({ x: this.cy.width() / 2 - x * zoom, y: this.cy.height() / 2 - y * zoom });
  }
}
