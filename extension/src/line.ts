/** What carries a canvas's messages to a module of wfnb in a kernel, and back. */
import { type Kernel, KernelMessage } from '@jupyterlab/services';
import { type JSONObject, UUID } from '@lumino/coreutils';

import type { Transport } from './canvas';
import type { Report, Request } from './canvas/wire.gen';

/**
 * A comm of our own making. JupyterLab lets only one connection to a kernel have comms, which is the
 * notebook's; a document that shares the notebook's kernel sends the same messages by hand and hears
 * the answers among what the kernel tells everyone.
 */
export class KernelLine implements Transport {
  private id = UUID.uuid4();
  private listeners = new Set<(message: Report) => void>();

  constructor(
    private connection: Kernel.IKernelConnection,
    target: string,
    data: JSONObject
  ) {
    connection.iopubMessage.connect(this.hear);
    this.post('comm_open', { comm_id: this.id, target_name: target, data });
  }

  send(message: Request): void {
    // A message is data as the schema has it: JSON, though its type does not say so.
    this.post('comm_msg', { comm_id: this.id, data: message as unknown as JSONObject });
  }

  onMessage(listener: (message: Report) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    if (!this.connection.isDisposed) {
      this.connection.iopubMessage.disconnect(this.hear);
      if (this.connection.status !== 'dead')
        this.post('comm_close', { comm_id: this.id, data: {} });
    }
    this.listeners.clear();
  }

  private hear = (_: Kernel.IKernelConnection, message: KernelMessage.IIOPubMessage): void => {
    if (!KernelMessage.isCommMsgMsg(message) || message.content.comm_id !== this.id) return;
    for (const listener of this.listeners) listener(message.content.data as unknown as Report);
  };

  private post(msgType: 'comm_open' | 'comm_msg' | 'comm_close', content: JSONObject): void {
    const kernel = this.connection;
    if (kernel.isDisposed) return;
    const message = KernelMessage.createMessage({
      msgType,
      channel: 'shell',
      username: kernel.username,
      session: kernel.clientId,
      content: content as never
    } as KernelMessage.IOptions<KernelMessage.ICommMsgMsg<'shell'>>);
    kernel.sendShellMessage(message, false, true);
  }
}
