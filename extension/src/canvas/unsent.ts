/**
 * Gestures that no keeper has answered: they outlive the page and the kernel, and are made again by the
 * next view of the same file.
 */
import { put, take } from './stash';
import type { Edit } from './wire.gen';

export interface Unsent {
  client: string;
  id: number;
  label: string;
  edits: Edit[];
}

const placeOf = (file: string): string => `gestures:${file}`;

/** Puts gestures away behind those that are there. */
export function putUnsent(file: string, gestures: readonly Unsent[]): void {
  if (!file || !gestures.length) return;
  const others = takeUnsent(file).filter(({ client }) => client !== gestures[0]?.client);
  put(placeOf(file), [...others, ...gestures]);
}

/** Takes what was put away for a file, once. */
export const takeUnsent = (file: string): Unsent[] =>
  file ? (take<Unsent[]>(placeOf(file)) ?? []) : [];
