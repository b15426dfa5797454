"""Rows of the table: a figure, the floor it stands on, and the mark it has to reach."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

PAIRS = 5
"""How often figure and floor are measured, in turn; their medians count."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    figure: float
    floor: float
    unit: str
    """What both are in, such as `µs a task`."""
    against: str
    """What the floor is."""
    mark: float | None = None
    """The ratio of figure to floor that has to be reached; None where there is none yet."""

    @property
    def ratio(self) -> float:
        """How many floors the figure is."""
        return self.figure / self.floor

    @property
    def verdict(self) -> Literal["ok", "MISSED", ""]:
        """Whether the mark is reached."""
        return "" if self.mark is None else "ok" if self.ratio <= self.mark else "MISSED"


Bench = Callable[[], Iterator[Row]]
BENCHES: dict[str, Bench] = {}
"""Every bench by its name; each gives one or more rows."""
ASKED: set[str] = set()
"""Names of those that are measured only where they are named."""


def bench(function: Bench) -> Bench:
    """Put a bench into the table, under its function's name."""
    BENCHES[function.__name__] = function
    return function


def bench_if_asked(function: Bench) -> Bench:
    """As `bench`, but measured only where it is named."""
    ASKED.add(function.__name__)
    return bench(function)


def compared(
    name: str,
    figure: Callable[[], float],
    floor: Callable[[], float],
    *,
    unit: str,
    against: str,
    mark: float | None = None,
    pairs: int = PAIRS,
) -> Row:
    """A row from two functions that measure; called in turn, so that a busy machine slows both."""
    figures, floors = [], []
    for _ in range(pairs):
        for measure, found in ((floor, floors), (figure, figures)):
            gc.collect()
            found.append(measure())
    return Row(name, statistics.median(figures), statistics.median(floors), unit, against, mark)
