import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Hands an element that lives longer than any render (the canvas) to the page. */
export function Stage(props: {
  element: HTMLElement;
  hidden?: boolean;
  children?: ComponentChildren;
}): JSX.Element {
  const hold = useRef<HTMLDivElement>(null);
  // At once: whoever has the editor opened may give it the keyboard in the same breath.
  useLayoutEffect(() => hold.current?.prepend(props.element), [props.element]);
  return (
    <div class="wfnb-stage" ref={hold} hidden={props.hidden}>
      {props.children}
    </div>
  );
}
