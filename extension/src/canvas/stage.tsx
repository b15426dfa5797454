import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Hands an element that lives longer than any render (the canvas) to the page. */
export function Stage(props: {
  element: HTMLElement;
  hidden?: boolean;
  children?: ComponentChildren;
}): JSX.Element {
  const [hold, setHold] = useState<HTMLElement | null>(null);
  useEffect(() => hold?.prepend(props.element), [hold]);
  return (
    <div class="wfnb-stage" ref={setHold} hidden={props.hidden}>
      {props.children}
    </div>
  );
}
