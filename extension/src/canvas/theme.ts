/**
 * Colours: JupyterLab's variables where they exist, the same look without them.
 *
 * The stylesheet derives everything from a few `--wfnb-*` variables. What is painted on a canvas needs
 * the resolved values, and needs them again when the theme changes.
 */
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

/** Whether the surroundings are dark. */
export function isDark(): boolean {
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight !== undefined) return jpThemeLight === 'false';
  const { vscodeThemeKind } = document.body.dataset;
  if (vscodeThemeKind !== undefined) return /dark|^vscode-high-contrast$/.test(vscodeThemeKind);
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

/** Whether the surroundings, or the system, want more contrast than usual. */
function isStark(): boolean {
  const { jpThemeName = '', vscodeThemeKind = '' } = document.body.dataset;
  return /high.contrast/i.test(jpThemeName + vscodeThemeKind) || matchMedia(STARK).matches;
}

const STARK = '(prefers-contrast: more)';

/** Paints one pixel: the only way that gives plain numbers for `color-mix()` and its like. */
function plainColour(css: string, pen: CanvasRenderingContext2D): string {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = css;
  pen.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, a = 255] = pen.getImageData(0, 0, 1, 1).data;
  return a === 255 ? `rgb(${r}, ${g}, ${b})` : `rgba(${r}, ${g}, ${b}, ${a / 255})`;
}

function read(root: HTMLElement): Colours {
  const probe = document.createElement('i');
  // Where the system forces colours it would force them all to be that of text.
  probe.style.forcedColorAdjust = 'none';
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  root.append(probe);
  const values = {} as Record<(typeof NAMES)[number], string>;
  for (const name of NAMES) {
    probe.style.color = `var(--wfnb-${name})`;
    const computed = getComputedStyle(probe).color;
    values[name] = pen ? plainColour(computed, pen) : computed;
  }
  const font = getComputedStyle(root).fontFamily || 'sans-serif';
  probe.remove();
  return { ...values, dark: isDark(), font };
}

/** Gives `root` the theme of its surroundings; the colours that it has now. */
export function takeTheme(root: HTMLElement): Colours {
  root.classList.toggle('wfnb-dark', isDark());
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
  observer.observe(document.body, {
    attributeFilter: [
      'data-jp-theme-light',
      'data-jp-theme-name',
      'data-vscode-theme-kind',
      'class'
    ]
  });
  const media = ['(prefers-color-scheme: dark)', '(forced-colors: active)', STARK].map(query =>
    matchMedia(query)
  );
  for (const query of media) query.addEventListener('change', later);
  return () => {
    observer.disconnect();
    for (const query of media) query.removeEventListener('change', later);
  };
}
