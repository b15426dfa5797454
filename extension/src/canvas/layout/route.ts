/**
 * Where each edge runs: out of the right side, into the left side, around the cards in between.
 *
 * A forward edge is an S-curve if one is free; an edge that goes back, or finds no free curve, runs
 * through a horizontal lane with rounded corners. Routes are plain points, so that cytoscape, the
 * static picture and the tokens all draw the same line.
 */
import { Grid, bottom, contains, left, overlap, right, top } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';
import { dense, sample } from '../look/path';
import type { Route } from '../look/path';
import type { Form } from '../look/shapes';

export interface Place extends Box {
  id: string;
  form: Form;
  /** Height of the caption below, which lanes keep clear of. */
  caption: number;
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
    return this.upright(source, target) ?? this.back(source, target);
  }

  /** One above the other: a curve from the bottom of the upper to the top of the lower, if it is free. */
  private upright(source: Place, target: Place): Route | null {
    const down = target.y > source.y;
    const [from, to] = down
      ? [
          { x: source.x, y: bottom(source) },
          { x: target.x, y: top(target) }
        ]
      : [
          { x: source.x, y: top(source) },
          { x: target.x, y: bottom(target) }
        ];
    const room = Math.abs(to.y - from.y);
    const beside = left(source) - right(target);
    if (beside > 0 || (to.y - from.y) * (down ? 1 : -1) < 16) return null;
    const y = from.y + ((down ? 1 : -1) * room) / 2;
    const curve: Route = { kind: 'curve', points: [from, { x: from.x, y }, { x: to.x, y }, to] };
    return this.free(sample(curve), source, target) ? curve : null;
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
    // Below a small shape stands its name.
    const named = outside && (source.form !== 'card' || target.form !== 'card') ? 90 : 0;
    const cost = (lane: number): number =>
      Math.abs(lane - source.y) + Math.abs(lane - target.y) + (lane > source.y ? named : 0);
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
