/** Line icons on a 16 x 16 field; filled parts are listed apart. */
import type { Trigger } from '../document/triggers';
import type { Node, NodeKind, NodeState } from '../wire.gen';

const PATHS = {
  task: ['M11.2 3.3c-1.9-.8-3 .2-3.3 1.9L6.6 11.8c-.3 1.5-1.2 2.2-2.8 1.6M5.2 7.2h5'],
  choice: ['M8 2.4 13.6 8 8 13.6 2.4 8z'],
  fork: [
    'M2 8h3c2.6 0 2.4-4.4 5-4.4h3.4M5 8c2.6 0 2.4 4.4 5 4.4h3.4M11.6 1.8l1.9 1.8-1.9 1.8M11.6 10.6l1.9 1.8-1.9 1.8'
  ],
  join: [
    'M2.4 3.6H4.6c2.6 0 2.4 4.4 5 4.4h4M2.4 12.4H4.6c2.6 0 2.4-4.4 5-4.4M11.8 6.2l1.9 1.8-1.9 1.8'
  ],
  start: ['M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6z', 'f:M6.6 5.4 11 8l-4.4 2.6z'],
  end: [
    'M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6z',
    'f:M8 5.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2z'
  ],
  wait: ['M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM8 5v3.2l2.3 1.4'],
  approval: [
    'M8 2.8a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2zM3 13.4c.4-2.6 2.4-3.8 5-3.8s4.6 1.2 5 3.8'
  ],
  map: ['M5.4 4h8M5.4 8h8M5.4 12h8M2.6 4h.2M2.6 8h.2M2.6 12h.2'],
  call: ['M2.8 3h10.4v10H2.8zM5.6 6h4.8v4H5.6z'],
  group: [
    'M2.6 4.4v-1.8h1.8M11.6 2.6h1.8v1.8M13.4 11.6v1.8h-1.8M4.4 13.4H2.6v-1.8M7 2.6h2M7 13.4h2M2.6 7v2M13.4 7v2'
  ],
  inclusive: [
    'M4.6 8h.8c2.6 0 2.4-4.4 5-4.4h3M5.4 8c2.6 0 2.4 4.4 5 4.4h3M11.6 1.8l1.9 1.8-1.9 1.8M11.6 10.6l1.9 1.8-1.9 1.8M2.9 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z'
  ],
  terminate: ['M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6z', 'f:M5.8 5.8h4.4v4.4H5.8z'],
  failing: [
    'M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6z',
    'M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2'
  ],
  error: ['M9 1.8 4 9h3.4L6.8 14.2 12 7H8.6z'],
  gap: ['M1.6 8h3.6M10.8 8h3.6M5.4 12 8 4M8 12l2.6-8'],
  timer: ['M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM8 5v3.2l2.3 1.4'],
  signal: ['M2.4 4h11.2v8H2.4zM2.6 4.4 8 8.8l5.4-4.4'],
  condition: [
    'M1.8 8S4 4 8 4s6.2 4 6.2 4S12 12 8 12 1.8 8 1.8 8zM8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2z'
  ],
  spawn: ['M3 8h6M9 3.4h4v4H9zM9 8.8h4v4H9z'],
  lock: ['M4 7.4h8v6H4zM5.6 7.4V5.2a2.4 2.4 0 0 1 4.8 0v2.2'],
  before: ['f:M11 3v10L4.2 8z'],
  after: ['f:M5 3v10l6.8-5z'],
  note: ['M3 3h10v6.8L9.8 13H3zM9.8 13V9.8H13M5.4 6h5.2M5.4 8.4h2.8'],
  check: ['M3.4 8.6 6.6 11.6 12.6 4.6'],
  cross: ['M4.4 4.4l7.2 7.2M11.6 4.4l-7.2 7.2'],
  bin: ['M3 4.6h10M6.4 4.6V3h3.2v1.6M4.4 4.6l.6 8.6h6l.6-8.6M6.8 7.2v3.6M9.2 7.2v3.6'],
  clock: ['M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM8 5v3.2l2.3 1.4'],
  retry: ['M12.9 8.4a4.9 4.9 0 1 1-1.5-3.9l1.5 1.6M13.1 2.8v3.4H9.7'],
  barred: ['M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6zM4.4 4.4l7.2 7.2'],
  dot: ['f:M8 4.4a3.6 3.6 0 1 0 0 7.2 3.6 3.6 0 0 0 0-7.2z'],
  alert: ['M8 2.8 14 13H2zM8 6.6v3M8 11v.3'],
  undo: ['M6 3.6 2.8 6.8 6 10M3 6.8h6.4a3.2 3.2 0 0 1 0 6.4H6.6'],
  redo: ['M10 3.6l3.2 3.2L10 10M13 6.8H6.6a3.2 3.2 0 0 0 0 6.4h2.8'],
  play: ['f:M4.8 2.8 13 8l-8.2 5.2z'],
  pause: ['f:M4.2 3h2.6v10H4.2zM9.2 3h2.6v10H9.2z'],
  first: ['f:M3.2 3h1.8v10H3.2zM13 3v10L5.8 8z'],
  last: ['f:M11 3h1.8v10H11zM3 3v10l7.2-5z'],
  stop: ['f:M4 4h8v8H4z'],
  up: ['M4 10l4-4 4 4'],
  down: ['M4 6l4 4 4-4'],
  breakpoint: ['f:M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3z'],
  breakpointInside: [
    'M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3z',
    'f:M8 5.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2z'
  ],
  pinInside: [
    'M1.8 1.8h12.4v12.4H1.8zM6.2 4.2h3.6M6.7 4.2 6.4 7.2 4.9 9h6.2L9.6 7.2 9.3 4.2M8 9v3.2'
  ],
  pin: ['M6 2.4h4M6.6 2.4l-.4 4.2-2 2.4h7.6l-2-2.4-.4-4.2M8 9v4.8'],
  step: ['M3 3.2v9.6', 'f:M6 3.4 12.4 8 6 12.6z'],
  back: ['M13 3.2v9.6', 'f:M10 3.4 3.6 8 10 12.6z'],
  visitOn: ['M2.4 8h5.4M5.4 5.2 8.2 8l-2.8 2.8M12.2 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4z'],
  visitBack: [
    'M13.6 8H8.2M10.6 5.2 7.8 8l2.8 2.8M3.8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4z'
  ],
  nextError: ['M2.4 8h4.4M4.6 5.6 7 8l-2.4 2.4M9.4 5.4l4.4 5.2M13.8 5.4l-4.4 5.2'],
  branch: [
    'M3 4.4h3.2c3 0 2.6 7.2 5.6 7.2H14M6.2 4.4H14M11.8 2.2 14 4.4l-2.2 2.2M11.8 9.4l2.2 2.2-2.2 2.2'
  ],
  arrow: ['M2.6 8h10M9.4 4.8 12.8 8l-3.4 3.2'],
  search: ['M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4zM10.2 10.2l3.2 3.2'],
  alignLeft: ['M2.5 2v12M5 4h8v2.8H5zM5 9.2h5V12H5z'],
  alignCentre: ['M8 2v2M8 6.8v2.4M8 12v2M3.5 4h9v2.8h-9zM5.5 9.2h5V12h-5z'],
  alignRight: ['M13.5 2v12M3 4h8v2.8H3zM6 9.2h5V12H6z'],
  alignTop: ['M2 2.5h12M4 5v8h2.8V5zM9.2 5v5H12V5z'],
  alignMiddle: ['M2 8h2M6.8 8h2.4M12 8h2M4 3.5v9h2.8v-9zM9.2 5.5v5H12v-5z'],
  alignBottom: ['M2 13.5h12M4 3v8h2.8V3zM9.2 6v5H12V6z'],
  spreadAcross: ['M2.5 2v12M13.5 2v12M6.4 4.5h3.2v7H6.4z'],
  spreadDown: ['M2 2.5h12M2 13.5h12M4.5 6.4v3.2h7V6.4z'],
  pane: ['M2.6 3h10.8v10H2.6zM7.6 7.6h4v3.6h-4z'],
  fold: ['M3 3h10v10H3zM5.6 8h4.8'],
  unfold: ['M3 3h10v10H3zM5.6 8h4.8M8 5.6v4.8'],
  plus: ['M8 3.4v9.2M3.4 8h9.2'],
  minus: ['M3.4 8h9.2'],
  tilde: ['M3 9.4c1.6-3.4 3.4-3.4 5-1.4s3.4 2 5-1.4'],
  equals: ['M3.4 6h9.2M3.4 10.4h9.2'],
  arrowOver: ['M2.8 8h10M9 4.2 12.8 8 9 11.8'],
  panel: ['M2.5 3h11v10h-11zM6 3v10'],
  keys: ['M2 4.5h12v7.5H2z', 'M4.5 7h.01M7 7h.01M9.3 7h.01M11.6 7h.01M5 9.7h6'],
  inspect: ['M2.5 3h11v10h-11zM10 3v10']
} as const;

export type IconName = keyof typeof PATHS;

const NS = 'http://www.w3.org/2000/svg';
const drawn = new Map<IconName, SVGSVGElement>();

/** Path data of an icon, for drawings outside the page (svg.ts); `f:` marks a filled part. */
export const iconPaths = (name: IconName): readonly string[] => PATHS[name];

export function icon(name: IconName): SVGSVGElement {
  let original = drawn.get(name);
  if (!original) {
    original = document.createElementNS(NS, 'svg');
    original.setAttribute('viewBox', '0 0 16 16');
    original.setAttribute('class', 'wfnb-icon');
    original.setAttribute('aria-hidden', 'true');
    for (const part of PATHS[name]) {
      const path = document.createElementNS(NS, 'path');
      const filled = part.startsWith('f:');
      path.setAttribute('d', filled ? part.slice(2) : part);
      if (filled) path.setAttribute('class', 'wfnb-filled');
      original.append(path);
    }
    drawn.set(name, original);
  }
  return original.cloneNode(true) as SVGSVGElement;
}

const images = new Map<string, string>();

/**
 * The icon as an image for a style: what many cards show costs an image less to paint than an element, and
 * has no colour but the one that it is given.
 */
export function iconImage(name: IconName, colour: string, width = 1.5): string {
  const key = `${name} ${colour} ${width}`;
  let image = images.get(key);
  if (image === undefined) {
    const paths = PATHS[name].map(part =>
      part.startsWith('f:')
        ? `<path d="${part.slice(2)}" fill="${colour}" stroke="none"/>`
        : `<path d="${part}"/>`
    );
    const line = `fill="none" stroke="${colour}" stroke-width="${width}"`;
    const ends = 'stroke-linecap="round" stroke-linejoin="round"';
    const svg = `<svg xmlns="${NS}" viewBox="0 0 16 16" ${line} ${ends}>${paths.join('')}</svg>`;
    image = `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
    images.set(key, image);
  }
  return image;
}

export const kindIcon = (kind: NodeKind): IconName => kind;

/** The icon of a node, which tells its variants apart. */
export function nodeIcon(node: Node): IconName {
  if (node.kind === 'end' && node.error) return 'failing';
  if (node.kind === 'end' && node.terminate) return 'terminate';
  if (node.kind === 'fork' && node.join) return 'inclusive';
  return kindIcon(node.kind);
}

/** A mark beside every colour, so that no state is told by colour alone. */
export const STATE_ICONS: Record<NodeState, IconName | null> = {
  idle: null,
  ready: 'clock',
  running: 'dot',
  retrying: 'retry',
  waiting: 'clock',
  completed: 'check',
  failed: 'cross',
  cancelled: 'barred'
};

export const TRIGGER_ICONS: Readonly<Record<Trigger, IconName>> = {
  error: 'error',
  after: 'timer',
  until: 'timer',
  on: 'signal'
};
