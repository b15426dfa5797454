/** The layers of a surface, below and above cytoscape's own canvas, painted in step with it. */
import { CardLayer } from './cards';
import type { Decor, Repaint } from './decor';
import { EdgeCounts } from './edgecounts';
import type { Graph } from './graph';
import { Minimap, Overview } from './overview';
import { Picture } from './picture';
import type { Colours } from '../look/theme';

export class Layers {
  readonly cards: CardLayer;
  readonly minimap: Minimap;
  private counts: EdgeCounts;
  private overview: Overview;
  private picture: Picture;

  constructor(
    private host: HTMLElement,
    private graph: Graph,
    private decor: Decor,
    private colours: () => Colours,
    /** Whether cards have what is drawn with. */
    editable: boolean,
    /** Called whenever all of them have been painted. */
    private painted: () => void
  ) {
    this.overview = new Overview(graph, decor.fill, decor.stroke, decor.sign, colours);
    this.picture = new Picture(graph, colours, decor.ink, this.overview.paint);
    this.cards = new CardLayer(graph, decor, colours, editable);
    this.counts = new EdgeCounts(graph, index => decor.mark(index));
    this.cards.root.append(this.counts.root);
    this.minimap = new Minimap(graph, graph.cy);
  }

  /** Lays them around cytoscape's, whose canvas shows what is only there for a moment. */
  lay(container: HTMLElement): void {
    const { picture, cards, minimap } = this;
    this.host.append(picture.canvas, container, cards.layer, minimap.canvas, minimap.button);
  }

  /** Paints in other colours, which are those of the theme by now. */
  recolour(): void {
    this.cards.recolour();
    this.cards.dress();
    this.minimap.invalidate();
    this.repaint();
  }

  sync(): void {
    const { cy } = this.graph;
    this.graph.routeMoved();
    const plain = this.overview.decide(cy.zoom());
    this.host.classList.toggle('wfnb-plain', plain);
    if (plain) this.cards.hide();
    this.picture.sync(cy, plain);
    this.counts.sync(this.cards.sync(cy, !plain));
    this.minimap.sync(this.colours(), this.decor.dot);
    this.painted();
  }

  /** Shows the lines as they are now. */
  repaint(): void {
    this.picture.invalidate();
    this.sync();
  }

  /** Shows everything as it is now. */
  redress(): void {
    this.host.classList.toggle('wfnb-calm', this.decor.crowded);
    this.cards.dress();
    this.counts.invalidate();
    this.minimap.invalidate();
    this.repaint();
  }

  /** Shows what a run told, and paints nothing that looks as before. */
  reported({ nodes, counts, lines }: Repaint): void {
    this.host.classList.toggle('wfnb-calm', this.decor.crowded);
    this.cards.dress(nodes);
    if (counts) this.counts.invalidate();
    if (lines || this.overview.plain) this.picture.invalidate();
    this.minimap.outdate(() => this.sync());
    this.sync();
  }
}
