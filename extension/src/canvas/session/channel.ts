/** What carries messages between a view and whoever keeps its document. */
import type { Store } from '../ground/store';
import type { Report, Request } from '../wire.gen';

/** Whether a kernel that checks and runs is there; `unknown` where the transport does not say. */
export type KernelState = 'unknown' | 'starting' | 'connected' | 'none';

export interface Transport {
  /** Where the host knows whether there is a kernel, the session follows it. */
  kernel?: Store<KernelState>;
  /** Whether the host has yet to save what is drawn. */
  dirty?: Store<boolean>;
  /** True once nobody is left to answer. */
  gone?: Store<boolean>;
  send(message: Request): void;
  onMessage(listener: (message: Report) => void): () => void;
}
