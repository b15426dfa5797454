/** Keys as JupyterLab writes them (`Accel Shift Z`) and as the canvas does (`Ctrl+Shift+Z`). */

/** What Shift makes of a key on the layout that JupyterLab names keys by. */
const SHIFTED: Record<string, string> = {
  '/': '?',
  '=': '+',
  ';': ':',
  "'": '"',
  ',': '<',
  '.': '>',
  '[': '{',
  ']': '}',
  '\\': '|',
  '`': '~',
  '-': '_'
};
const PLAIN = new Map(Object.entries(SHIFTED).map(([plain, shifted]) => [shifted, plain]));

const HELD: Record<string, string> = {
  Accel: 'Ctrl',
  Cmd: 'Ctrl',
  Ctrl: 'Ctrl',
  Alt: 'Alt',
  Shift: 'Shift'
};
const ORDER = ['Ctrl', 'Alt', 'Shift'];

/** A keystroke of JupyterLab as the canvas writes it. */
export function chordFrom(keystroke: string): string {
  const parts = keystroke.trim().split(/\s+/);
  const key = parts.pop() ?? '';
  const held = new Set(parts.map(part => HELD[part] ?? part));
  const shifted = held.has('Shift') ? SHIFTED[key] : undefined;
  if (shifted !== undefined) held.delete('Shift');
  // The key of + and = means + with or without Shift, as it does in `chordOf`.
  const name = shifted ?? (key === '=' ? '+' : key.length === 1 ? key.toUpperCase() : key);
  return [...ORDER.filter(one => held.has(one)), name].join('+');
}

/** A chord of the canvas as JupyterLab writes it. */
export function keystrokeFrom(chord: string): string {
  const plus = chord.endsWith('+');
  const parts = plus ? [...chord.slice(0, -1).split('+').filter(Boolean), '+'] : chord.split('+');
  const key = parts.pop() ?? '';
  const held = parts.map(part => (part === 'Ctrl' ? 'Accel' : part));
  if (key === '+') return [...held, '='].join(' ');
  const plain = PLAIN.get(key);
  return [...held, ...(plain === undefined ? [key] : ['Shift', plain])].join(' ');
}
