/** What stands on the edges in view: guards and triggers, and a mark where something is wrong. */
import { make, setClass } from '../ground/dom';
import { meets } from '../ground/geometry';
import type { Box, Point } from '../ground/geometry';
import type { Graph } from './graph';
import { icon } from '../look/icons';
import type { Line } from '../layout/items';
import { pointAt } from '../look/path';
import type { Found } from '../document/problemindex';

export interface ChipDresser {
  chip(line: Line): string;
  /** What is wrong with an edge; its text and how bad it is. */
  trouble(line: Line): Found | undefined;
}

/** Elements of `root`, recycled as cards are. */
export class ChipLayer {
  private chips = new Map<string, HTMLElement>();
  private badges = new Map<string, HTMLElement>();
  private spareChips: HTMLElement[] = [];
  private chipLines = new WeakMap<HTMLElement, Line>();

  constructor(
    private root: HTMLElement,
    private graph: Graph,
    private dresser: ChipDresser
  ) {}

  sync(view: Box): void {
    this.syncChips(view);
    this.syncBadges(view);
  }

  dress(): void {
    for (const [key, chip] of this.chips) this.dressChip(key, chip);
  }

  hide(): void {
    for (const [key, chip] of this.chips) this.releaseChip(key, chip);
    for (const badge of this.badges.values()) badge.remove();
    this.badges.clear();
  }

  /** The line of the chip or the badge that something lies in. */
  lineAt(target: Element): Line | null | undefined {
    const chip = target.closest<HTMLElement>('.wfnb-chip,.wfnb-edgebadge');
    return chip && this.chipLines.get(chip);
  }

  private syncChips(view: Box): void {
    const wanted = new Set<string>();
    for (const line of this.graph.lines) {
      if (!line.chip || !meets(line.chip, view)) continue;
      wanted.add(line.key);
      this.showChip(line);
    }
    for (const [key, chip] of this.chips) if (!wanted.has(key)) this.releaseChip(key, chip);
  }

  private showChip(line: Line): void {
    let element = this.chips.get(line.key);
    if (!element) {
      element = this.spareChips.pop() ?? make('span', 'wfnb-chip');
      this.chips.set(line.key, element);
      this.root.append(element);
    }
    const { chip } = line;
    if (!chip || this.chipLines.get(element) === line) return this.moveChip(element, line);
    this.chipLines.set(element, line);
    element.replaceChildren(...(chip.icon ? [icon(chip.icon)] : []), chip.text);
    element.title = chip.text;
    element.style.maxWidth = `${chip.w}px`;
    this.dressChip(line.key, element);
    this.moveChip(element, line);
  }

  private moveChip(element: HTMLElement, { chip }: Line): void {
    if (!chip) return;
    const place = `translate(${Math.round(chip.x)}px, ${Math.round(chip.y)}px) translate(-50%, -50%)`;
    if (element.style.transform !== place) element.style.transform = place;
  }

  private dressChip(key: string, element: HTMLElement): void {
    const line = this.graph.lines.find(other => other.key === key);
    if (line?.chip)
      setClass(element, `wfnb-chip wfnb-chip-${line.chip.kind} ${this.dresser.chip(line)}`);
  }

  private releaseChip(key: string, chip: HTMLElement): void {
    this.chips.delete(key);
    this.chipLines.delete(chip);
    chip.remove();
    this.spareChips.push(chip);
  }

  /** A mark on each edge that something is wrong with, so that no colour has to tell it. */
  private syncBadges(view: Box): void {
    const wanted = new Set<string>();
    for (const line of this.graph.lines) {
      const trouble = this.dresser.trouble(line);
      const at = trouble && badgePlace(line);
      if (!at || !meets({ ...at, w: 0, h: 0 }, view)) continue;
      wanted.add(line.key);
      let badge = this.badges.get(line.key);
      if (!badge) {
        badge = make('span', 'wfnb-badge wfnb-edgebadge', '!');
        this.badges.set(line.key, badge);
        this.root.append(badge);
      }
      this.chipLines.set(badge, line);
      badge.dataset['severity'] = trouble.severity;
      badge.title = trouble.text;
      badge.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
    }
    for (const [key, badge] of this.badges) {
      if (wanted.has(key)) continue;
      badge.remove();
      this.badges.delete(key);
    }
  }
}

/** At the corner of what stands on the edge, else in the middle of its way. */
function badgePlace({ chip, route }: Line): Point | null {
  if (chip) return { x: chip.x + chip.w / 2 - 2, y: chip.y - chip.h / 2 - 1 };
  return route && pointAt(route, 0.5);
}
