/**
 * Where each edge runs: out of the right side, into the left side, around the cards in between.
 *
 * A forward edge is an S-curve if one is free; an edge that goes back, or finds no free curve, runs
 * through a horizontal lane with rounded corners. Routes are plain points, so that cytoscape, the
 * static picture and the tokens all draw the same line.
 */
import { Grid, bottom, contains, left, overlap, right, top } from './geometry';
import type { Box, Point } from './geometry';
import type { Form } from './shapes';

export interface Place extends Box {
  id: string;
  form: Form;
  /** Height of the caption below, which lanes keep clear of. */
  caption: number;
}

export interface Route {
  kind: 'curve' | 'lane';
  /** From the first to the last; inner ones are control points (curve) or corners (lane). */
  points: Point[];
}

const GAP = 18;
const CLEAR = 7;

export interface Link {
  source: string;
  target: string;
}

/** Routes every link; a link with an unknown end gets null. */
export function routeAll(places: Map<string, Place>, links: readonly Link[]): (Route | null)[] {
  return new Router(places.values()).routes(places, links);
}

export class Router {
  private grid: Grid<Place>;
  private lanes: Box[] = [];

  constructor(places: Iterable<Place>) {
    this.grid = new Grid([...places].map(padded));
  }

  routes(places: Map<string, Place>, links: readonly Link[]): (Route | null)[] {
    return links.map(link => {
      const [source, target] = [places.get(link.source), places.get(link.target)];
      return source && target ? this.route(source, target) : null;
    });
  }

  route(source: Place, target: Place): Route {
    if (source.id === target.id) return selfLoop(source);
    const forward = left(target) - right(source);
    if (forward > 8) {
      const curve = this.curve(source, target);
      if (curve) return curve;
      const around = this.around(source, target);
      if (around) return around;
      return sCurve(exit(source, target), entry(target), 0.5);
    }
    return this.back(source, target);
  }

  /** The first S-curve that meets no other card. */
  private curve(source: Place, target: Place): Route | null {
    const [from, to] = [exit(source, target), entry(target)];
    const flat = Math.abs(from.y - to.y) < 1;
    for (const share of flat ? [0.5] : [0.5, 0.25, 0.75, 0.1, 0.9]) {
      const curve = sCurve(from, to, share);
      if (this.free(sample(curve), source, target)) return curve;
    }
    return null;
  }

  /** Forward, but through a lane between or beside the cards that are in the way. */
  private around(source: Place, target: Place): Route | null {
    const [from, to] = [exit(source, target), entry(target)];
    const [x1, x2] = [from.x + GAP, to.x - GAP];
    if (x2 - x1 < 8) return null;
    return this.bestLane(source, target, x1, x2, lane => [
      from,
      { x: x1, y: from.y },
      { x: x1, y: lane },
      { x: x2, y: lane },
      { x: x2, y: to.y },
      to
    ]);
  }

  /** Backwards: up from the top (or down from the bottom), along a lane, into the same side of the target. */
  private back(source: Place, target: Place): Route {
    const [sx, tx] = feet(source, target);
    const points = (lane: number): Point[] => {
      const up = lane < Math.min(source.y, target.y);
      return [
        { x: sx, y: up ? top(source) : bottom(source) },
        { x: sx, y: lane },
        { x: tx, y: lane },
        { x: tx, y: up ? top(target) : bottom(target) }
      ];
    };
    const found = this.bestLane(source, target, Math.min(sx, tx), Math.max(sx, tx), points, true);
    if (found) return found;
    return { kind: 'lane', points: points(Math.min(top(source), top(target)) - 26) };
  }

  private bestLane(
    source: Place,
    target: Place,
    x1: number,
    x2: number,
    points: (lane: number) => Point[],
    outside = false
  ): Route | null {
    const band: Box = { x: (x1 + x2) / 2, y: (source.y + target.y) / 2, w: x2 - x1, h: 1400 };
    const heights = new Set<number>();
    for (const place of [...this.grid.near(band), padded(source), padded(target)]) {
      heights.add(top(place) - GAP);
      heights.add(bottom(place) + GAP);
    }
    const cost = (lane: number): number => Math.abs(lane - source.y) + Math.abs(lane - target.y);
    const above = Math.min(top(source), top(target)) - GAP;
    const below = Math.max(bottom(source), bottom(target)) + GAP;
    const lanes = [...heights]
      .filter(lane => !outside || lane <= above || lane >= below)
      .sort((a, b) => cost(a) - cost(b) || a - b);
    for (const wanted of lanes) {
      const lane = this.unused(wanted, x1, x2, wanted < (source.y + target.y) / 2 ? -1 : 1);
      const route: Route = { kind: 'lane', points: points(lane) };
      if (!this.free(dense(route.points), source, target)) continue;
      this.lanes.push({ x: (x1 + x2) / 2, y: lane, w: x2 - x1, h: 2 });
      return route;
    }
    return null;
  }

  /** The lane, moved away from lanes that run beside it. */
  private unused(lane: number, x1: number, x2: number, direction: number): number {
    let y = lane;
    for (let tries = 0; tries < 12; tries++) {
      const box: Box = { x: (x1 + x2) / 2, y, w: x2 - x1, h: 2 };
      if (!this.lanes.some(other => overlap(other, box, 8))) break;
      y += direction * 12;
    }
    return y;
  }

  private free(points: Point[], source: Place, target: Place): boolean {
    for (const point of points) {
      for (const place of this.grid.near({ ...point, w: 0, h: 0 })) {
        const end = place.id === source.id || place.id === target.id;
        if (!end && contains(place, point)) return false;
      }
    }
    return true;
  }
}

/** The card with the room that a line keeps from it, its caption included. */
function padded(place: Place): Place {
  return {
    ...place,
    y: place.y + place.caption / 2,
    w: place.w + 2 * CLEAR,
    h: place.h + place.caption + 2 * CLEAR
  };
}

/** Where an edge leaves: the right side; a choice's slanted edges when the target lies above or below. */
export function exit(source: Place, target: Box): Point {
  if (source.form === 'diamond' && Math.abs(target.y - source.y) > source.h / 2) {
    const side = Math.sign(target.y - source.y);
    return { x: source.x + source.w / 4, y: source.y + (side * source.h) / 4 };
  }
  return { x: right(source), y: source.y };
}

export function entry(target: Box): Point {
  return { x: left(target), y: target.y };
}

/**
 * The x where a backward edge leaves and arrives: off the middle, where the note under a card stands,
 * and towards each other unless the two stand above each other.
 */
function feet(source: Place, target: Place): [number, number] {
  const [from, to] = [foot(source), foot(target)];
  const apart = source.x - from - (target.x + to);
  if (apart > 24) return [source.x - from, target.x + to];
  if (Math.abs(source.x - target.x) >= 30) return [source.x, target.x];
  return [source.x + Math.min(20, source.w / 4), target.x - Math.min(20, target.w / 4)];
}

const foot = (place: Place): number => (place.form === 'card' ? place.w * 0.36 : 0);

function selfLoop(place: Place): Route {
  const [x1, x2] = [place.x - place.w / 4, place.x + place.w / 4];
  const lane = top(place) - 26;
  return {
    kind: 'lane',
    points: [
      { x: x2, y: top(place) },
      { x: x2, y: lane },
      { x: x1, y: lane },
      { x: x1, y: top(place) }
    ]
  };
}

function sCurve(from: Point, to: Point, share: number): Route {
  const room = to.x - from.x;
  const x = from.x + Math.max(Math.min(room / 2, 20), Math.min(room - 20, room * share));
  return { kind: 'curve', points: [from, { x, y: from.y }, { x, y: to.y }, to] };
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

function onQuadratic(a: Point, c: Point, b: Point, t: number): Point {
  const u = 1 - t;
  return {
    x: u * u * a.x + 2 * u * t * c.x + t * t * b.x,
    y: u * u * a.y + 2 * u * t * c.y + t * t * b.y
  };
}

/** Points along the route, close enough together to find what it touches. */
export function sample(route: Route): Point[] {
  const { points } = route;
  if (route.kind === 'lane') return dense(points);
  const [a, c1, c2, b] = points;
  if (!a || !c1 || !c2 || !b) return dense(points);
  const half = middle(c1, c2);
  const count = Math.max(
    6,
    Math.min(40, Math.ceil((Math.abs(b.x - a.x) + Math.abs(b.y - a.y)) / 24))
  );
  const result: Point[] = [];
  for (let i = 0; i <= count; i++) result.push(onQuadratic(a, c1, half, i / count));
  for (let i = 1; i <= count; i++) result.push(onQuadratic(half, c2, b, i / count));
  return result;
}

function dense(points: Point[]): Point[] {
  const result: Point[] = [];
  points.forEach((point, i) => {
    const next = points[i + 1];
    result.push(point);
    if (!next) return;
    const count = Math.ceil((Math.abs(next.x - point.x) + Math.abs(next.y - point.y)) / 14);
    for (let k = 1; k < count; k++) {
      const t = k / count;
      result.push({ x: point.x + (next.x - point.x) * t, y: point.y + (next.y - point.y) * t });
    }
  });
  return result;
}

/** The point at share `t` (0 to 1) of the route's length. */
export function pointAt(route: Route, t: number): Point {
  const line = sample(route);
  const lengths = line.map((p, i) => {
    const before = line[i - 1];
    return before ? Math.hypot(p.x - before.x, p.y - before.y) : 0;
  });
  let rest = lengths.reduce((sum, length) => sum + length, 0) * Math.min(1, Math.max(0, t));
  for (const [i, length] of lengths.entries()) {
    const [before, point] = [line[i - 1], line[i]];
    if (before && point && rest <= length && length > 0) {
      const share = rest / length;
      return {
        x: before.x + (point.x - before.x) * share,
        y: before.y + (point.y - before.y) * share
      };
    }
    rest -= length;
  }
  return line.at(-1) ?? { x: 0, y: 0 };
}

/** The route as an SVG path. */
export function pathOf(route: Route): string {
  const p = route.points;
  const [a, c1, c2, b] = p;
  const text = (point: Point): string => `${round(point.x)},${round(point.y)}`;
  if (!a) return '';
  if (route.kind === 'curve' && c1 && c2 && b) {
    return `M${text(a)} Q${text(c1)} ${text(middle(c1, c2))} Q${text(c2)} ${text(b)}`;
  }
  let path = `M${text(a)}`;
  p.slice(1).forEach((point, i) => {
    const [before, next] = [p[i], p[i + 2]];
    if (!before || !next) return void (path += ` L${text(point)}`);
    path += ` L${text(toward(point, before))} Q${text(point)} ${text(toward(point, next))}`;
  });
  return path;
}

export const CORNER = 12;

function toward(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const share = Math.min(CORNER, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

const round = (value: number): number => Math.round(value * 10) / 10;
