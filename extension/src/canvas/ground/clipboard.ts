/** The clipboard where no key was pressed that brings it along: a menu has to ask for it. */

/** What was put there last from this page; browsers may refuse to let a page read it. */
let last = '';

export function toClipboard(text: string): void {
  last = text;
  // Where there is no clipboard for pages (plain http), what was copied is known to this page at least.
  const board = navigator.clipboard as Clipboard | undefined;
  board?.writeText(text).catch(() => undefined);
}

export async function fromClipboard(): Promise<string> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return last;
  }
}
