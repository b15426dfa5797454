import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Button } from './parts';
import { strings } from '../texts/strings';

const LONG_ENOUGH = 7000;

/** What did not work, or, where `calm`, what else is to be said. A single line goes away by itself; one with a cure stays until it is read. */
export function Toast(props: { text: string; calm?: boolean; close: () => void }): JSX.Element {
  const { text, close } = props;
  useEffect(() => {
    if (text.includes('\n')) return;
    const timer = setTimeout(close, LONG_ENOUGH);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div
      class={`wfnb-toast ${props.calm ? 'wfnb-calm' : ''}`}
      // What is no failure is read out from where it is told each time (announce.tsx).
      role={props.calm ? undefined : 'alert'}
    >
      <span>{text}</span>
      <Button icon="cross" class="wfnb-small" title={strings.dismiss} onClick={close} />
    </div>
  );
}
