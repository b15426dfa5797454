/**
 * HTML cards for the nodes in view and the guards on the edges in view.
 *
 * The layer sits above cytoscape's canvas, lets the mouse through (only ports and chips take it) and
 * follows pan and zoom by one transform. Cards are recycled: panning over a thousand nodes keeps a few
 * dozen elements.
 */
import type { Core } from 'cytoscape';
import { ChipLayer } from './chiplayer';
import type { ChipDresser } from './chiplayer';
import { visible } from './cytoscape';
import { make, setClass, setText } from '../ground/dom';
import { SIGNS } from './fates';
import type { Fate } from './fates';
import type { Graph } from './graph';
import type { Item, Line } from '../layout/items';
import { meets } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';
import { icon, iconImage, nodeIcon, STATE_ICONS } from '../look/icons';
import { rowElements } from '../look/notes';
import { wholePan } from './picture';
import { cutsSubtitle, titleOf, titled } from '../look/shapes';
import { strings } from '../texts/strings';
import type { Colours } from '../look/theme';
import type { NodeState } from '../wire.gen';

/** What a card shows beyond the document: it changes often and never enters cytoscape. */
export interface Dressing {
  classes: string;
  state: NodeState;
  /** Text under the card. */
  foot: string;
  problem: '' | 'error' | 'warning' | 'advice';
  title: string;
  /** The icons of what is set on it, with blanks between. */
  flags: string;
  /** How much of it is done, from 0 to 1; null where it does not say. */
  share: number | null;
}

export interface Dresser extends ChipDresser {
  card(item: Item): Dressing;
}

interface Card {
  root: HTMLElement;
  title: HTMLElement;
  subtitle: HTMLElement;
  glyph: HTMLElement;
  foot: HTMLElement;
  mark: HTMLElement;
  badge: HTMLElement;
  flags: HTMLElement;
  port: HTMLElement;
  grip: HTMLElement;
  lines: HTMLElement;
  fold: HTMLElement;
  item: Item | null;
  x: number;
  y: number;
  /** The size that its place was reckoned from. */
  w: number;
  h: number;
  shown: Partial<Dressing>;
  /** The icon that it shows, or the text in its place, and in which form. */
  glyphName: string | null;
}

/** Room around what is visible, on the screen, for what stands under a card and on its corners. */
const MARGIN = 20;
/** How far the view goes, on the screen, before cards are given out again. */
const SLACK = 64;

export class CardLayer {
  /** What moves with the view; in it `root`, which is as large as the drawing is seen. */
  readonly layer = make('div', 'wfnb-layer');
  readonly root = make('div', 'wfnb-cards');
  /** The port under the mouse asks to draw an edge. */
  onPort: (id: string, event: MouseEvent) => void = () => undefined;
  /** The corner of a note was pressed. */
  onGrip: (id: string, event: MouseEvent) => void = () => undefined;
  /** The fold of a group was pressed. */
  onFold: (id: string, event: MouseEvent) => void = () => undefined;
  onChip: (line: Line, event: MouseEvent) => void = () => undefined;
  private cards = new Map<string, Card>();
  private chips: ChipLayer;
  private spareCards: Card[] = [];
  /** How things were when cards were last given out, and where the view was. */
  private scanned = '';
  private from: Point = { x: 0, y: 0 };
  private view: Box | null = null;

  constructor(
    private graph: Graph,
    private dresser: Dresser,
    private colours: () => Colours,
    private editable: boolean
  ) {
    this.layer.append(this.root);
    this.chips = new ChipLayer(this.root, graph, dresser);
    this.root.addEventListener('mousedown', event => this.pressed(event));
  }

  /** Puts the layer where cytoscape's view is and cards where nodes are visible; the part that has cards now. */
  sync(cy: Core, show: boolean): Box | null {
    const { x, y } = wholePan(cy);
    this.layer.style.transform = `translate(${x}px, ${y}px)`;
    this.root.style.transform = `scale(${cy.zoom()})`;
    if (!show) {
      this.scanned = '';
      return (this.view = null);
    }
    const state = [cy.zoom(), cy.width(), cy.height(), this.graph.version].join();
    const far = Math.max(Math.abs(x - this.from.x), Math.abs(y - this.from.y)) > SLACK;
    if (state === this.scanned && !far) return this.view;
    [this.scanned, this.from] = [state, { x, y }];
    const { w, h, ...middle } = visible(cy);
    const room = (2 * (SLACK + MARGIN)) / cy.zoom();
    this.view = { ...middle, w: w + room, h: h + room };
    this.scan(this.view);
    return this.view;
  }

  /** Gives a card to what is in view, and takes it from what is not. */
  private scan(view: Box): void {
    const wanted = new Set<string>();
    for (const item of this.graph.items.values()) {
      if (!meets(item, view)) continue;
      wanted.add(item.id);
      this.show(item);
    }
    for (const [id, card] of this.cards) {
      if (!wanted.has(id)) this.release(id, card);
    }
    this.chips.sync(view);
  }

  /** After the theme changed, which images do not follow. */
  recolour(): void {
    for (const card of [...this.cards.values(), ...this.spareCards]) {
      card.glyphName = null;
      if (card.item) this.fill(card, card.item);
    }
  }

  /** Dresses the cards in view again; only `ids` if given, and then nothing on edges. */
  dress(ids?: Iterable<string>): void {
    if (!ids) this.scanned = '';
    for (const id of ids ?? [...this.cards.keys()]) {
      const card = this.cards.get(id);
      if (card) this.dressCard(card);
    }
    if (ids) return;
    this.chips.dress();
  }

  hide(): void {
    for (const [id, card] of this.cards) this.release(id, card);
    this.chips.hide();
  }

  private show(item: Item): void {
    let card = this.cards.get(item.id);
    if (!card) {
      card = this.spareCards.pop() ?? this.build();
      this.cards.set(item.id, card);
      this.root.append(card.root);
      card.shown = {};
    }
    if (card.item !== item) {
      const changed = card.item?.shape !== item.shape || card.item.node !== item.node;
      card.item = item;
      if (changed) this.fill(card, item);
      this.dressCard(card);
    }
    // A card grows to both sides: a new size moves its corner though its middle stays.
    if (card.x !== item.x || card.y !== item.y || card.w !== item.w || card.h !== item.h) {
      if (card.w !== item.w || card.h !== item.h) {
        card.root.style.width = `${item.w}px`;
        card.root.style.height = `${item.h}px`;
      }
      [card.x, card.y, card.w, card.h] = [item.x, item.y, item.w, item.h];
      // Not a transform, of which each would be a step more to paint.
      card.root.style.left = `${item.x - item.w / 2}px`;
      card.root.style.top = `${item.y - item.h / 2}px`;
    }
  }

  private build(): Card {
    const card: Card = {
      root: make('div', 'wfnb-card'),
      title: make('span', 'wfnb-title'),
      subtitle: make('span', 'wfnb-subtitle'),
      glyph: make('span', 'wfnb-glyph'),
      foot: make('span', 'wfnb-foot'),
      mark: make('span', 'wfnb-mark'),
      badge: make('span', 'wfnb-badge', '!'),
      flags: make('span', 'wfnb-flags'),
      port: make('span', 'wfnb-port'),
      grip: make('span', 'wfnb-grip'),
      lines: make('span', 'wfnb-lines'),
      fold: make('span', 'wfnb-fold'),
      item: null,
      x: NaN,
      y: NaN,
      w: 0,
      h: 0,
      shown: {},
      glyphName: null
    };
    card.port.title = strings.portHint;
    card.grip.title = strings.gripHint;
    const body = make('span', 'wfnb-shape');
    card.root.append(body, card.glyph, card.title, card.subtitle, card.lines);
    card.root.append(card.foot, card.mark, card.badge, card.flags, card.fold);
    if (this.editable) card.root.append(card.port, card.grip);
    return card;
  }

  private fill(card: Card, item: Item): void {
    const { shape, node } = item;
    const boxed = shape.form === 'card' || shape.form === 'pill' || shape.form === 'frame';
    setText(card.title, boxed ? shape.title : shape.caption);
    card.root.title = titleOf(node);
    setText(card.subtitle, shape.subtitle);
    setClass(card.subtitle, cutsSubtitle(shape) ? 'wfnb-subtitle wfnb-cut' : 'wfnb-subtitle');
    if (shape.form === 'frame') card.root.style.setProperty('--titled', `${titled(shape)}px`);
    card.lines.replaceChildren(
      ...(shape.rows
        ? rowElements(shape.rows)
        : shape.lines.map(line => make('span', '', line || '\u00a0')))
    );
    this.fillGlyph(card, item);
    card.root.dataset['id'] = item.id;
    card.root.dataset['kind'] = node.kind;
    card.fold.hidden = node.kind !== 'group' || !(item.folded || node.members?.length);
    card.fold.title = item.folded ? strings.unfoldGroup : strings.foldGroup;
    if (!card.fold.hidden) card.fold.replaceChildren(icon(item.folded ? 'unfold' : 'fold'));
    card.port.hidden = node.kind === 'end' || node.kind === 'note';
    card.grip.hidden = node.kind !== 'note';
    card.shown = {};
  }

  /** Most of what is seen are cards, and an image is quicker than an element; others take a state's colour. */
  private fillGlyph(card: Card, { shape, node }: Item): void {
    const name = nodeIcon(node);
    const wanted = `${shape.form} ${shape.mark || name}`;
    if (card.glyphName === wanted) return;
    card.glyphName = wanted;
    const flat = shape.form === 'card';
    card.glyph.style.backgroundImage = flat ? iconImage(name, this.colours().dim) : '';
    card.glyph.replaceChildren(
      ...(flat ? [] : [shape.mark ? make('b', '', shape.mark) : icon(name)])
    );
  }

  private dressCard(card: Card): void {
    const { item } = card;
    if (!item) return;
    const dressing = this.dresser.card(item);
    const { shown } = card;
    if (shown.classes !== dressing.classes || shown.state !== dressing.state) {
      const { form, node } = item;
      const base = `wfnb-card wfnb-form-${form} wfnb-kind-${node.kind} wfnb-is-${dressing.state}`;
      setClass(card.root, `${base} ${dressing.classes}`);
    }
    if (shown.foot !== dressing.foot) {
      setText(card.foot, dressing.foot);
      setClass(
        card.foot,
        dressing.foot.length * LETTER > item.w + 20 ? 'wfnb-foot wfnb-cut' : 'wfnb-foot'
      );
    }
    if (shown.state !== dressing.state) {
      const name = STATE_ICONS[dressing.state];
      card.mark.style.backgroundImage = name ? iconImage(name, this.colours().ontint, 2.4) : '';
    }
    if (shown.problem !== dressing.problem) card.badge.dataset['severity'] = dressing.problem;
    if (shown.share !== dressing.share) {
      card.root.style.setProperty('--share', `${Math.round(100 * (dressing.share ?? 0))}%`);
    }
    if (shown.flags !== dressing.flags) card.flags.replaceChildren(...flagsOf(dressing.flags));
    if (shown.title !== dressing.title) card.badge.title = dressing.title;
    card.shown = dressing;
  }

  private release(id: string, card: Card): void {
    this.cards.delete(id);
    card.root.remove();
    card.item = null;
    [card.x, card.y] = [NaN, NaN];
    this.spareCards.push(card);
  }

  private pressed(event: MouseEvent): void {
    if (event.button !== 0 || !(event.target instanceof Element)) return;
    const port = event.target.closest('.wfnb-port');
    const fold = event.target.closest('.wfnb-fold')?.closest<HTMLElement>('.wfnb-card');
    if (fold?.dataset['id'] !== undefined) return this.onFold(fold.dataset['id'], event);
    const id = port?.closest<HTMLElement>('.wfnb-card')?.dataset['id'];
    if (id !== undefined) this.onPort(id, event);
    const note = event.target.closest('.wfnb-grip')?.closest<HTMLElement>('.wfnb-card');
    if (note?.dataset['id'] !== undefined) return this.onGrip(note.dataset['id'], event);
    const line = this.chips.lineAt(event.target);
    if (line) this.onChip(line, event);
  }
}

/** More than a letter under a card takes on an average: what may be too long is cut where it is. */
const LETTER = 6.5;

function flagsOf(names: string): HTMLElement[] {
  return names
    .split(' ')
    .filter(Boolean)
    .map(name => {
      const [sign, title] = isFate(name)
        ? [SIGNS[name], strings.fates[name]]
        : [name as Flag, strings.flags[name as Flag]];
      const flag = make('i', `wfnb-flag wfnb-flag-${name}`, icon(sign));
      flag.title = title;
      return flag;
    });
}

type Flag = keyof typeof strings.flags;

const isFate = (name: string): name is Fate => name in SIGNS;
