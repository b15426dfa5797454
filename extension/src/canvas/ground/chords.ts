/** Keys as texts: `Ctrl+Shift+Z`, `Shift+1`, `Alt+ArrowUp`, `?`. Pure. */

/** What was pressed, whatever the keyboard's layout; Cmd counts as Ctrl. */
export function chordOf(event: KeyboardEvent): string {
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  const held = event.ctrlKey || event.metaKey;
  // Shift and a digit give another character on every layout; of all other characters Shift is a part.
  const key = digit !== undefined && (event.shiftKey || held) ? digit : named(event.key);
  const shifted = event.shiftKey && (key.length > 1 || /^[\p{L}\d]$/u.test(key));
  return [held ? 'Ctrl+' : '', event.altKey ? 'Alt+' : '', shifted ? 'Shift+' : '', key].join('');
}

function named(key: string): string {
  if (key === ' ') return 'Space';
  if (key === '=') return '+';
  return key.length === 1 ? key.toUpperCase() : key;
}

const SHOWN: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  '-': '−'
};

const ARROWS = ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown'];

/** Chords as people read them; the four arrows with the same keys held are one. */
export function shownChords(chords: readonly string[]): string[] {
  const held = (chord: string): string => chord.replace(/Arrow\w+$/, '');
  const all = (chord: string): boolean =>
    ARROWS.every(arrow => chords.includes(held(chord) + arrow));
  const shown = chords.map(chord =>
    /Arrow\w+$/.test(chord) && all(chord) ? `${held(chord)}← ↑ → ↓` : shownChord(chord)
  );
  return [...new Set(shown)];
}

/** A chord as people read it. */
export function shownChord(chord: string): string {
  const parts = /^(.*\+)?(.+)$/.exec(chord);
  const [, before = '', key = chord] = chord === '+' ? [] : (parts ?? []);
  return before + (SHOWN[key] ?? key);
}
