/** What a page that is left must not lose: kept by the browser until the same file is opened again. */

const PREFIX = 'wfnb:';

/** The browser's store; a page may be refused one. */
function store(): Storage | null {
  try {
    const { localStorage } = globalThis as { localStorage?: Storage };
    return localStorage ?? null;
  } catch {
    return null;
  }
}

/** Puts something away under a name. */
export function put(name: string, value: unknown): void {
  try {
    store()?.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // No room, or no leave: then it is as it was without.
  }
}

/** Takes what was put away under a name, once; null if there is nothing. */
export function take(name: string): unknown {
  try {
    const text = store()?.getItem(PREFIX + name);
    if (!text) return null;
    store()?.removeItem(PREFIX + name);
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Calls back when the page is left or closed; the result stops that. */
export function onLeaving(listener: () => void): () => void {
  if (typeof addEventListener !== 'function') return () => undefined;
  addEventListener('pagehide', listener);
  return () => removeEventListener('pagehide', listener);
}
