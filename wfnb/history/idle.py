"""Time in which nothing was done, drawn shorter than it was: what waited for a night is still to be read.

`extension/src/canvas/session/idle.ts` does the same in the run view.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

LONG = 0.25
"""A gap that takes more than this share of what is drawn is shortened."""
LEFT = 0.05
"""What is left of it, as a share of all that is drawn at its length."""
MOST = 12
"""Gaps that are shortened."""
TICKS = 8
CLOSE = 0.05
"""Share of the width within which a second number does not fit."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Time in which nothing was done, in microseconds since the epoch."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Microseconds."""
        return self.end - self.start


def gaps(busy: Iterable[tuple[int, int]], first: int, last: int) -> list[Gap]:
    """The gaps between these intervals that are so long that little else would be seen, in their order.

    Args:
        busy: from when to when something was done; they may overlap.
        first: where the time begins that is looked at.
        last: where it ends.
    """
    idle, reached = [], first
    for start, end in sorted(busy):
        if start > reached:
            idle.append(Gap(reached, start))
        reached = max(reached, end)
    if reached < last:
        idle.append(Gap(reached, last))
    drawn, chosen = last - first, []
    for gap in sorted(idle, key=lambda gap: (-gap.length, gap.start))[:MOST]:
        if gap.length <= LONG * drawn or gap.length == drawn:
            break
        chosen.append(gap)
        drawn -= gap.length
    return sorted(chosen, key=lambda gap: gap.start)


@dataclass(frozen=True, slots=True)
class Ruler:
    """Where times are drawn, with some gaps shorter than they were.

    Attributes:
        first: the time that is drawn at 0.
        last: the latest time.
        gaps: those that are drawn shorter, in their order.
    """

    first: int
    last: int
    gaps: tuple[Gap, ...] = ()

    @property
    def left(self) -> float:
        """As how many microseconds a gap is drawn."""
        return LEFT * (self.last - self.first - sum(gap.length for gap in self.gaps))

    @property
    def width(self) -> float:
        """As how many microseconds everything is drawn."""
        return self.at(self.last)

    def at(self, ts: int) -> float:
        """Where a time is drawn, in microseconds at length."""
        place = float(ts - self.first)
        for gap in self.gaps:
            if ts <= gap.start:
                break
            part = min(ts, gap.end) - gap.start
            place -= part * (1 - self.left / gap.length)
        return place

    def ticks(self, unit: float) -> list[tuple[float, str]]:
        """Round numbers of a unit since the start outside of the gaps: where each is drawn, in that unit, and it.

        Args:
            unit: its microseconds.
        """
        step = _round(self.width / unit / TICKS)
        edges = [self.first, *(ts for gap in self.gaps for ts in (gap.start, gap.end)), self.last]
        found: list[tuple[float, str]] = []
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            low, high = ((ts - self.first) / unit for ts in (start, end))
            for number in range(math.ceil(low / step), math.floor(high / step) + 1):
                place = self.at(round(self.first + number * step * unit)) / unit
                if not found or place - found[-1][0] >= CLOSE * self.width / unit:
                    found.append((round(place, 6), f"{number * step:,.10g}"))
        return found

    def axis(self, unit: float) -> dict[str, Any]:
        """What an axis of Vega-Lite needs to say true times; `labels_of` reads it."""
        if not self.gaps:
            return {"tickCount": TICKS}
        ticks = self.ticks(unit)
        places = [place for place, _ in ticks]
        labels = json.dumps([label for _, label in ticks])
        return {"values": places, "labelExpr": f"{labels}[indexof({json.dumps(places)}, datum.value)]"}


def labels_of(axis: dict[str, Any]) -> list[tuple[float, str]] | None:
    """The numbers of an axis and where they stand; None where they are at their places."""
    if "values" not in axis:
        return None
    labels: list[str] = json.loads(axis["labelExpr"].partition("[indexof(")[0])
    return list(zip(axis["values"], labels, strict=True))


def _round(least: float) -> float:
    """The first of 1, 2, 5, 10, ... times a power of ten that is not less."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(size * power for size in (1, 2, 5, 10) if size * power >= least * (1 - 1e-9))
