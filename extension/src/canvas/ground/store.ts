/** A value that tells its listeners when it is replaced. */
export class Store<T> {
  private listeners = new Set<(value: T) => void>();

  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener(value);
  }

  /** Calls `listener` at each change; the result unsubscribes. */
  on(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

/** Undoes a list of subscriptions in one go. */
export class Disposers {
  private actions: (() => void)[] = [];

  add(...actions: (() => void)[]): void {
    this.actions.push(...actions);
  }

  /** Listens to a DOM event until disposed. */
  listen<K extends keyof HTMLElementEventMap>(
    target: EventTarget,
    type: K,
    handler: (event: HTMLElementEventMap[K]) => void,
    options?: AddEventListenerOptions | boolean
  ): void {
    const listener = (event: Event): void => handler(event as HTMLElementEventMap[K]);
    target.addEventListener(type, listener, options);
    this.actions.push(() => target.removeEventListener(type, listener, options));
  }

  dispose(): void {
    for (const action of this.actions.splice(0).reverse()) action();
  }
}
