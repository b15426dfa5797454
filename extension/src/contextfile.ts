/** The file of a document in JupyterLab. Its context writes it, so that JupyterLab knows what it has. */
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';

import type { FileHost } from './canvas';

const isGone = (error: unknown): boolean =>
  (error as { response?: Response } | null)?.response?.status === 404;

/** What tells two versions apart; older servers have no hashes. */
const versionOf = (model: Pick<Contents.IModel, 'hash' | 'last_modified'> | null): string =>
  model?.hash ?? model?.last_modified ?? '';

export class ContextFile implements FileHost {
  /** Whether the text is on its way from the file: nobody changed it. */
  adopting = false;
  private save: () => Promise<void>;

  constructor(
    private context: DocumentRegistry.Context,
    private model: DocumentRegistry.ICodeModel,
    private contents: Contents.IManager
  ) {
    this.save = context.save.bind(context);
  }

  name(): string {
    return this.context.path;
  }

  known(): string {
    return versionOf(this.context.contentsModel);
  }

  async version(): Promise<string | null> {
    const found = await this.ask({ content: false, hash: true });
    return found && versionOf(found);
  }

  async read(): Promise<string | null> {
    const found = await this.ask({ type: 'file', format: 'text', content: true });
    return found && String(found.content).replace(/\r\n?/g, '\n');
  }

  /**
   * The context says in a window of its own that it could not write. What is tried again and again is
   * therefore written past it.
   */
  async write(quietly: boolean): Promise<void> {
    const text = this.model.toString();
    if (quietly) {
      await this.contents.save(this.context.path, { type: 'file', format: 'text', content: text });
      await this.adopt();
    } else await this.save();
    // It counts as clean now, whatever was drawn meanwhile.
    if (this.model.toString() !== text) this.model.dirty = true;
  }

  async adopt(): Promise<void> {
    this.adopting = true;
    try {
      await this.context.revert();
    } finally {
      this.adopting = false;
    }
  }

  private async ask(options: Contents.IFetchOptions): Promise<Contents.IModel | null> {
    try {
      return await this.contents.get(this.context.path, options);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }
}
