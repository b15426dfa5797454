/** The dots behind the drawing. */

/** Paints the ground that a drawing of this zoom lies on; `x` and `y` say where its origin is on the canvas. */
export class Dots {
  private tile = document.createElement('canvas');
  private drawn = '';

  paint(
    pen: CanvasRenderingContext2D,
    zoom: number,
    at: { x: number; y: number },
    colours: { canvas: string; dot: string }
  ): void {
    const { width, height } = pen.canvas;
    const ratio = devicePixelRatio;
    pen.fillStyle = colours.canvas;
    pen.fillRect(0, 0, width, height);
    // Dots that stay dots: every second, fourth, ... of them as the drawing gets smaller.
    const cell = 16 * zoom * ratio * 2 ** Math.max(0, Math.ceil(Math.log2(0.7 / zoom)));
    const size = Math.ceil(cell);
    this.draw(size, ratio, colours.dot);
    const pattern = pen.createPattern(this.tile, 'repeat');
    if (!pattern) return;
    pattern.setTransform(
      new DOMMatrix([cell / size, 0, 0, cell / size, at.x * ratio, at.y * ratio])
    );
    pen.fillStyle = pattern;
    pen.fillRect(0, 0, width, height);
  }

  private draw(size: number, ratio: number, colour: string): void {
    const wanted = `${size} ${ratio} ${colour}`;
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    this.tile.width = this.tile.height = size;
    const pen = this.tile.getContext('2d');
    if (!pen) return;
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc(size / 2, size / 2, 1.15 * ratio, 0, 7);
    pen.fill();
  }
}
