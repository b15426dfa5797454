/** What cytoscape knows of the drawing: where nodes and lines are; and how it draws an edge on its way. */
import type { EdgeSingular, StylesheetJson } from 'cytoscape';
import { CORNER } from '../look/path';
import type { Route } from '../look/path';
import type { Point } from '../ground/geometry';
import type { Colours } from '../look/theme';

/** A route in cytoscape's terms: ends relative to the nodes, inner points relative to the line between the ends. */
export interface EdgeLook {
  source: string;
  target: string;
  weights: number[];
  distances: number[];
}

export function edgeLook(route: Route, source: Point, target: Point): EdgeLook {
  const a = route.points[0] ?? source;
  const b = route.points.at(-1) ?? target;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  const inner = route.points.slice(1, -1);
  return {
    source: `${a.x - source.x}px ${a.y - source.y}px`,
    target: `${b.x - target.x}px ${b.y - target.y}px`,
    weights: inner.map(p => ((p.x - a.x) * dx + (p.y - a.y) * dy) / length ** 2),
    distances: inner.map(p => ((p.y - a.y) * dx - (p.x - a.x) * dy) / length)
  };
}

const of = (edge: EdgeSingular): EdgeLook => edge.data('look') as EdgeLook;

// The library types these as single strings or numbers; at run time lists are what they take.
const list = (values: number[]): number => values as unknown as number;

export function stylesheet(colours: Colours): StylesheetJson {
  const ends = {
    'edge-distances': 'endpoints' as const,
    'source-endpoint': (edge: EdgeSingular) => of(edge).source,
    'target-endpoint': (edge: EdgeSingular) => of(edge).target
  };
  return [
    {
      selector: 'node[w]',
      style: {
        width: 'data(w)',
        height: 'data(h)',
        shape: 'data(shape)' as 'rectangle',
        'background-opacity': 0,
        'border-width': 0,
        'overlay-opacity': 0
      }
    },
    // cytoscape counts the sides above a point, and on the line through a diamond's top it counts both:
    // nothing would be under the mouse there. The circle around it has no corners.
    { selector: 'node[shape = "diamond"]', style: { shape: 'ellipse' } },
    {
      selector: 'edge',
      style: {
        width: 1.5,
        'line-color': colours.edge,
        'target-arrow-color': colours.edge,
        'target-arrow-shape': 'triangle',
        'arrow-scale': 0.95,
        'curve-style': 'straight',
        'overlay-opacity': 0
      }
    },
    {
      selector: 'edge.curve',
      style: {
        ...ends,
        'curve-style': 'unbundled-bezier',
        'control-point-weights': (edge: EdgeSingular) => list(of(edge).weights),
        'control-point-distances': (edge: EdgeSingular) => list(of(edge).distances)
      }
    },
    {
      selector: 'edge.lane',
      style: {
        ...ends,
        'curve-style': 'round-segments',
        'segment-weights': (edge: EdgeSingular) => list(of(edge).weights),
        'segment-distances': (edge: EdgeSingular) => list(of(edge).distances),
        'segment-radii': CORNER
      } as cytoscapeStyle
    },
    // Frames lie behind everything, lines too.
    {
      selector: 'node.frame',
      style: { 'z-compound-depth': 'bottom', 'z-index': 'data(z)' } as cytoscapeStyle
    },
    {
      selector: '.eh-ghost-edge, edge.eh-preview',
      style: { ...edgeColour(colours.brand, 2), 'line-style': 'dashed', 'curve-style': 'straight' }
    },
    // Drawn from the target, whose arrow it keeps (ports.ts).
    {
      selector: 'edge.backwards',
      style: {
        'target-arrow-shape': 'none',
        'source-arrow-shape': 'triangle',
        'source-arrow-color': colours.brand
      } as cytoscapeStyle
    },
    { selector: '.eh-ghost-edge.eh-preview-active', style: { opacity: 0 } },
    {
      selector: 'core',
      style: {
        'selection-box-color': colours.brand,
        'selection-box-border-color': colours.brand,
        'selection-box-opacity': 0.12,
        'selection-box-border-width': 1,
        'active-bg-opacity': 0
      } as cytoscapeStyle
    }
  ];
}

type cytoscapeStyle = Record<string, unknown>;

function edgeColour(colour: string, width: number): cytoscapeStyle {
  return { 'line-color': colour, 'target-arrow-color': colour, width, 'z-index': 5 };
}
