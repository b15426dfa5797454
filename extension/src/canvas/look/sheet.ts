/**
 * Text of an SVG, kept short: what looks alike is written once, and lines go from where the last one ended.
 *
 * A drawing of a thousand nodes stands in the notebook that shows it. One element with all of its attributes a
 * shape would be several times as much.
 */

export type Attributes = Readonly<Record<string, string | number>>;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;'
};

export function escaped(text: string): string {
  // Control characters have no place in XML, escaped or not.
  return text.replace(/[^\P{C}\t\n]/gu, '').replace(/[&<>"]/g, c => ESCAPES[c] ?? c);
}

/** A double quote would be two letters in the JSON of a notebook. */
const quoted = (value: string | number): string =>
  `'${escaped(String(value)).replace(/'/g, '&#39;')}'`;

export function tag(name: string, attributes: Attributes, content = ''): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}=${quoted(value)}`);
  return content ? `<${name}${list.join('')}>${content}</${name}>` : `<${name}${list.join('')}/>`;
}

export const round = (value: number): number => Math.round(value * 10) / 10;

/** Path data: takes the commands of a canvas, whose curves it writes as steps from where it is. */
export class PathText {
  text = '';
  private x = 0;
  private y = 0;

  moveTo(x: number, y: number): void {
    [this.x, this.y] = [round(x), round(y)];
    this.text += `M${numbers(this.x, this.y)}`;
  }

  lineTo(x: number, y: number): void {
    const [dx, dy] = this.step(x, y);
    if (dy === 0) this.text += `h${numbers(dx)}`;
    else this.text += dx === 0 ? `v${numbers(dy)}` : `l${numbers(dx, dy)}`;
  }

  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void {
    const [bx, by] = [round(cx - this.x), round(cy - this.y)];
    // Most lines of a drawing run straight on.
    if (by === 0 && round(y) === this.y) return this.lineTo(x, y);
    this.text += `q${numbers(bx, by, ...this.step(x, y))}`;
  }

  close(): void {
    this.text += 'z';
  }

  private step(x: number, y: number): [number, number] {
    const [toX, toY] = [round(x), round(y)];
    const step: [number, number] = [round(toX - this.x), round(toY - this.y)];
    [this.x, this.y] = [toX, toY];
    return step;
  }
}

/** Numbers with no more between them than has to be. */
export function numbers(...values: number[]): string {
  return values
    .map(value => String(value).replace(/^(-?)0\./, '$1.'))
    .reduce((line, next) => (next.startsWith('-') ? line + next : `${line} ${next}`));
}

interface Sort {
  layer: number;
  look: Attributes;
  path: PathText;
  parts: string[];
}

/** What is drawn, by the layer that it lies in and by how it looks. */
export class Sheet {
  private sorts = new Map<string, Sort>();

  /** The path of what looks like this in a layer, to go on with. */
  path(layer: number, look: Attributes): PathText {
    return this.sort(layer, look).path;
  }

  /** Adds an element that has no attributes but its own. */
  put(layer: number, look: Attributes, element: string): void {
    this.sort(layer, look).parts.push(element);
  }

  toString(): string {
    return [...this.sorts.values()]
      .sort((a, b) => a.layer - b.layer)
      .map(({ look, path, parts }) => {
        const line = path.text && tag('path', { d: path.text, ...look });
        return line + (parts.length ? tag('g', look, parts.join('')) : '');
      })
      .join('');
  }

  private sort(layer: number, look: Attributes): Sort {
    const key = `${layer} ${JSON.stringify(look)}`;
    let sort = this.sorts.get(key);
    if (!sort) this.sorts.set(key, (sort = { layer, look, path: new PathText(), parts: [] }));
    return sort;
  }
}
