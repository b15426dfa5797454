import { useEffect, useState } from 'preact/hooks';
import type { Store } from './store';

/** The store's value, and a render at each change. */
export function useStore<T>(store: Store<T>): T {
  const [, render] = useState(0);
  useEffect(() => {
    const bump = (): void => render(count => count + 1);
    const stop = store.on(bump);
    // It may have changed between the render and this effect.
    bump();
    return stop;
  }, [store]);
  return store.get();
}
