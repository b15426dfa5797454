/** Carries messages between a canvas and the model it shows; they are plain JSON objects. */
export interface Transport {
  send(message: object): void;
  onMessage(listener: (message: object) => void): () => void;
}

/** What the host of a canvas knows and the canvas does not. */
export interface DesignerOptions {
  /** Gives the text of ELK's worker script, fetched when a layout is first asked for. */
  elkSource: () => Promise<string>;
}

/** Stands where the canvas will be. */
export function mountDesigner(
  host: HTMLElement,
  transport: Transport,
  _options: DesignerOptions
): () => void {
  const shown = document.createElement('div');
  shown.className = 'wfnb-canvas';
  shown.textContent = 'wfnb canvas';
  host.append(shown);
  const leave = transport.onMessage(message => {
    shown.textContent = `wfnb canvas ${JSON.stringify(message)}`;
  });
  transport.send({ kind: 'ready' });
  return () => {
    leave();
    shown.remove();
  };
}
