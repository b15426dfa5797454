/** A run, replayed: under construction. */
import type { JSX } from 'preact';
import type { Session } from './session';

export function RunView(_props: { session: Session; back?: () => void }): JSX.Element {
  return <div />;
}
