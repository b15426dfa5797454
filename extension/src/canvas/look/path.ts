/** A drawn line: points on it, and its way as a path. */
import type { Point } from '../ground/geometry';

export interface Route {
  kind: 'curve' | 'lane';
  /** From the first to the last; inner ones are control points (curve) or corners (lane). */
  points: Point[];
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

/** Most points between two corners; on a longer way they lie farther apart. */
const MOST_POINTS = 4000;

export function dense(points: Point[]): Point[] {
  const result: Point[] = [];
  points.forEach((point, i) => {
    const next = points[i + 1];
    result.push(point);
    if (!next) return;
    const length = Math.abs(next.x - point.x) + Math.abs(next.y - point.y);
    const count = Math.min(MOST_POINTS, Math.ceil(length / 14));
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

/** What takes the way of a route: a canvas, or the path data of a picture. */
export type Tracer = Pick<CanvasRenderingContext2D, 'moveTo' | 'lineTo' | 'quadraticCurveTo'>;

/** Puts the route into a path, without the last bit of it. */
export function trace(pen: Tracer, route: Route, off: number): void {
  const p = route.points;
  const [before, end] = [p.at(-2), p.at(-1)];
  const [a, c1, c2] = p;
  if (!a || !before || !end) return;
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const share = Math.min(off, length) / length;
  const b = { x: end.x + (before.x - end.x) * share, y: end.y + (before.y - end.y) * share };
  pen.moveTo(a.x, a.y);
  if (route.kind === 'curve' && c1 && c2) {
    const half = middle(c1, c2);
    pen.quadraticCurveTo(c1.x, c1.y, half.x, half.y);
    pen.quadraticCurveTo(c2.x, c2.y, b.x, b.y);
    return;
  }
  for (let i = 1; i < p.length - 1; i++) {
    const [last, point, next] = [p[i - 1], p[i], p[i + 1]];
    if (!last || !point || !next) continue;
    const [from, to] = [toward(point, last), toward(point, next)];
    pen.lineTo(from.x, from.y);
    pen.quadraticCurveTo(point.x, point.y, to.x, to.y);
  }
  pen.lineTo(b.x, b.y);
}

export const CORNER = 12;

function toward(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const share = Math.min(CORNER, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
