"""Guards tried on a grid of values: every combination of the points of their terms, asked of Python itself.

Where the points are complete the grid decides everything, for every value does as one of the grid's.  Where they are
not, what it finds holds still; what it does not find is open.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from wfnb.machine.guards.points import Points
from wfnb.machine.guards.terms import Path, Reading
from wfnb.machine.guards.trial import trying

MAX_CELLS = 4_096
"""Largest grid."""
MAX_TRIED = 512
"""Size of a grid above which terms that are not only compared with constants get fewer values."""
MAX_WORK = 150_000
"""Most nodes of syntax trees that are evaluated for one grid."""


@dataclass(frozen=True, slots=True)
class Grid:
    """What each guard comes to in each cell; a set of cells is an integer, bit n for cell n.

    Attributes:
        paths: the terms, in order.
        axes: the values of each.
        complete: the terms all of whose other values do as one of these.
        cells: all of them.
        holds: for each guard, where it is true.
        false: for each guard, where it is false.
        fails: for each guard, where it raises whatever the terms are of which nothing is known.
    """

    paths: tuple[Path, ...]
    axes: tuple[list[Any], ...]
    complete: frozenset[Path]
    cells: int
    holds: tuple[int, ...]
    false: tuple[int, ...]
    fails: tuple[int, ...]

    def first(self, cells: int) -> dict[Path, Any]:
        """The most natural of some cells, as values of the terms."""
        number = (cells & -cells).bit_length() - 1
        assigned: dict[Path, Any] = {}
        for path, axis in zip(reversed(self.paths), reversed(self.axes), strict=True):
            number, index = divmod(number, len(axis))
            assigned[path] = axis[index]
        return assigned

    def free(self, cells: int, among: Collection[Path]) -> frozenset[Path]:
        """Which terms may have any of their values beside the others' in the most natural of some cells."""
        around = cells & -cells
        assigned, stride, found = self.first(cells), 1, []
        for path, axis in zip(reversed(self.paths), reversed(self.axes), strict=True):
            if path in among:
                at = next(index for index, value in enumerate(axis) if value is assigned[path])
                wider = _repeated(around >> (at * stride), stride, len(axis))
                if wider & cells == wider:
                    around = wider
                    found.append(path)
            stride *= len(axis)
        return frozenset(found)


def try_all(readings: Sequence[Reading], offered: Mapping[Path, Points], unknown: frozenset[Path]) -> Grid:
    """Evaluate guards on every combination of the points of their terms.

    Args:
        readings: the guards; one that is not looked into has no outcome anywhere.
        offered: the points of each term.
        unknown: terms of which nothing is known, so that a failure for some value of theirs says nothing.
    """
    paths = tuple(offered)
    axes = _axes([offered[path] for path in paths], sum(reading.weight for reading in readings))
    whole = [len(axis) == len(offered[path].values) for path, axis in zip(paths, axes, strict=True)]
    complete = frozenset(path for path, uncut in zip(paths, whole, strict=True) if uncut and offered[path].complete)
    size = math.prod(map(len, axes))
    holds, false, fails = [], [], []
    for reading in readings:
        found = {} if reading.beyond else _outcomes(reading, paths, axes, unknown)
        masks = [_mask(found.get(word, ()), axes) for word in ("holds", "false", "fails")]
        holds.append(masks[0])
        false.append(masks[1])
        fails.append(masks[2])
    return Grid(paths, tuple(axes), complete, (1 << size) - 1, tuple(holds), tuple(false), tuple(fails))


def _axes(offered: Sequence[Points], weight: int) -> list[list[Any]]:
    """The values of each term, the longest lists of them cut until the grid is small enough.

    First to be cut are those that prove nothing by not refuting it.
    """
    axes = [points.values for points in offered]
    most = max(1, min(MAX_CELLS, MAX_WORK // max(weight, 1)))
    partial = [index for index, points in enumerate(offered) if not points.complete]
    for cut, enough in ((partial, MAX_TRIED), (range(len(axes)), most)):
        while math.prod(map(len, axes)) > enough:
            longest = max(cut, key=lambda index: len(axes[index]), default=0)
            if len(axes[longest]) < (2 if enough == most else 4):
                break
            axes[longest] = axes[longest][: len(axes[longest]) * 3 // 4]
    return axes


def _outcomes(
    reading: Reading, paths: Sequence[Path], axes: Sequence[list[Any]], unknown: frozenset[Path]
) -> dict[str, list[tuple[int | None, ...]]]:
    """Which cells, by the indices of the guard's own terms (None for the others), have which outcome."""
    own = [index for index, path in enumerate(paths) if concerns(path, reading)]
    doubted = [index for index in own if paths[index] in unknown]
    found: dict[str, list[tuple[int | None, ...]]] = {"holds": [], "false": [], "fails": []}
    failing: dict[tuple[int | None, ...], list[tuple[int | None, ...]]] = {}
    tried = trying(reading, [paths[index] for index in own])
    for chosen in product(*(range(len(axes[index])) for index in own)):
        cell: list[int | None] = [None] * len(paths)
        for index, at in zip(own, chosen, strict=True):
            cell[index] = at
        result = tried([axes[index][at] for index, at in zip(own, chosen, strict=True)])
        if result == "fails":
            key = tuple(None if index in doubted else at for index, at in enumerate(cell))
            failing.setdefault(key, []).append(tuple(cell))
        else:
            found[result].append(tuple(cell))
    everywhere = math.prod(len(axes[index]) for index in doubted)
    for cells in failing.values():
        if len(cells) == everywhere:
            found["fails"] += cells
    return found


def concerns(path: Path, reading: Reading) -> bool:
    """Whether a guard reads a term, or a part of it, or what it is a part of."""
    return any(term[: len(path)] == path[: len(term)] for term in reading.terms)


def _mask(cells: Sequence[tuple[int | None, ...]], axes: Sequence[list[Any]]) -> int:
    """A set of cells, each given with None for every term that does not matter."""
    strides = [math.prod(map(len, axes[index + 1 :])) for index in range(len(axes))]
    whole: dict[tuple[bool, ...], int] = {}
    mask = 0
    for cell in cells:
        free = tuple(at is None for at in cell)
        if free not in whole:
            spread = 1
            for index in range(len(axes)):
                if free[index]:
                    spread = _repeated(spread, strides[index], len(axes[index]))
            whole[free] = spread
        mask |= whole[free] << sum(at * stride for at, stride in zip(cell, strides, strict=True) if at is not None)
    return mask


def _repeated(mask: int, stride: int, times: int) -> int:
    """The union of a mask with itself shifted by each multiple of the stride."""
    made = 0
    for index in range(times):
        made |= mask << (index * stride)
    return made
