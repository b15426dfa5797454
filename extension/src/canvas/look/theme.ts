/**
 * Colours: VS Code's or JupyterLab's variables where they exist, the same look without them.
 *
 * The stylesheet derives everything from a few `--wfnb-*` variables. What is painted on a canvas needs
 * the resolved values, and needs them again when the theme changes.
 */
import { whenPlaced } from '../ground/dom';
import { isDarkGround, type Pixel } from './backdrop';

export interface Colours {
  dark: boolean;
  canvas: string;
  card: string;
  line: string;
  text: string;
  dim: string;
  edge: string;
  dot: string;
  brand: string;
  ok: string;
  run: string;
  wait: string;
  warn: string;
  bad: string;
  /** What stands on a state's colour. */
  ontint: string;
  note: string;
  noteline: string;
  font: string;
}

const NAMES = [
  'canvas',
  'card',
  'line',
  'text',
  'dim',
  'edge',
  'dot',
  'brand',
  'ok',
  'run',
  'wait',
  'warn',
  'bad',
  'ontint',
  'note',
  'noteline'
] as const;

/** Attributes of the page by which hosts say which theme it has. */
const SAYS_THEME = [
  'data-jp-theme-light',
  'data-jp-theme-name',
  'data-vscode-theme-kind',
  'data-vscode-theme-name',
  'data-theme',
  'theme'
];

/** Whether the surroundings of an element are dark: as JupyterLab says, else as what is seen around it. */
export function isDark(root: HTMLElement = document.body): boolean {
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight !== undefined) return jpThemeLight === 'false';
  const pen = newPen();
  const around = surroundings(root);
  const grounds = around.map(({ backgroundColor }) => backgroundColor);
  const said = getComputedStyle(root).getPropertyValue('--wfnb-host');
  const seen = [said || 'transparent', ...grounds].map(css => pixel(css, pen));
  return isDarkGround(seen, pixel(around[0]?.color ?? '#000', pen));
}

/** The styles of what an element lies in, from the inside out, through shadow roots. */
function surroundings(root: HTMLElement): CSSStyleDeclaration[] {
  const found: CSSStyleDeclaration[] = [];
  let node: Node | null = root === document.body ? root : root.parentNode;
  for (; node; node = node instanceof ShadowRoot ? node.host : node.parentNode) {
    if (node instanceof Element) found.push(getComputedStyle(node));
  }
  return found;
}

function newPen(): CanvasRenderingContext2D | null {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  return canvas.getContext('2d', { willReadFrequently: true });
}

/** Whether the surroundings, or the system, want more contrast than usual. */
function isStark(): boolean {
  const { jpThemeName = '', vscodeThemeKind = '' } = document.body.dataset;
  return /high.contrast/i.test(jpThemeName + vscodeThemeKind) || matchMedia(STARK).matches;
}

const STARK = '(prefers-contrast: more)';

/** Paints one pixel: the only way that gives plain numbers for `color-mix()` and its like. */
function pixel(css: string, pen: CanvasRenderingContext2D | null): Pixel {
  if (!pen) return [0, 0, 0, 0];
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = 'transparent'; // stays where what is given is no colour
  pen.fillStyle = css;
  pen.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, a = 255] = pen.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a];
}

function plainColour(css: string, pen: CanvasRenderingContext2D): string {
  const [r, g, b, a] = pixel(css, pen);
  return a === 255 ? `rgb(${r}, ${g}, ${b})` : `rgba(${r}, ${g}, ${b}, ${a / 255})`;
}

function read(root: HTMLElement): Colours {
  const probe = document.createElement('i');
  // Where the system forces colours it would force them all to be that of text.
  probe.style.forcedColorAdjust = 'none';
  const pen = newPen();
  root.append(probe);
  const values = {} as Record<(typeof NAMES)[number], string>;
  for (const name of NAMES) {
    probe.style.color = `var(--wfnb-${name})`;
    const computed = getComputedStyle(probe).color;
    values[name] = pen ? plainColour(computed, pen) : computed;
  }
  const font = getComputedStyle(root).fontFamily || 'sans-serif';
  probe.remove();
  return { ...values, dark: isDark(root), font };
}

/** Gives `root` the theme of its surroundings; the colours that it has now. */
export function takeTheme(root: HTMLElement): Colours {
  root.classList.toggle('wfnb-dark', isDark(root));
  root.classList.toggle('wfnb-stark', isStark());
  return read(root);
}

/** Keeps `root` in the theme of its surroundings and tells `listener` the colours at each change. */
export function followTheme(root: HTMLElement, listener: (colours: Colours) => void): () => void {
  let last = JSON.stringify(takeTheme(root));
  const update = (): void => {
    const colours = takeTheme(root);
    const key = JSON.stringify(colours);
    if (key === last) return;
    last = key;
    listener(colours);
  };
  // A theme's stylesheet may arrive after the attribute that names it.
  const later = (): void => {
    update();
    for (const wait of [60, 400]) setTimeout(() => root.isConnected && update(), wait);
  };
  const observer = new MutationObserver(later);
  // Whatever a host says its theme with: VS Code puts its colours into the style of the whole page.
  observer.observe(document.body, { attributeFilter: ['class', ...SAYS_THEME] });
  observer.observe(document.documentElement, {
    attributeFilter: ['class', 'style', ...SAYS_THEME]
  });
  const media = ['(prefers-color-scheme: dark)', '(forced-colors: active)', STARK].map(query =>
    matchMedia(query)
  );
  for (const query of media) query.addEventListener('change', later);
  const unplaced = whenPlaced(root, update);
  return () => {
    unplaced();
    observer.disconnect();
    for (const query of media) query.removeEventListener('change', later);
  };
}
