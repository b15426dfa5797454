"""Combinations of integer vectors that vanish, exactly and with a bound on the work.

Both searches keep rows: a combination so far (`weights`) and what is left of it (`rest`), and eliminate one coordinate
after the other until nothing is left.  Integers are divided by their common factor, never rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import gcd


class Exhausted(Exception):
    """More rows or more work than allowed."""


@dataclass(slots=True, eq=False)
class Row:
    """A combination: `rest` is the sum of the vectors times their weights; no zeros are kept."""

    weights: dict[int, int]
    rest: dict[int, int]


class Rows:
    """Rows by the coordinates that are left in them.

    Attributes:
        live: every row.
        plus: by coordinate, the rows where it is positive.
        minus: by coordinate, the rows where it is negative.
    """

    def __init__(self, vectors: Sequence[Mapping[int, int]], effort: int) -> None:
        self.live: dict[Row, None] = {}  # not sets: what is found must not depend on where objects lie in memory
        self.plus: dict[int, dict[Row, None]] = {}
        self.minus: dict[int, dict[Row, None]] = {}
        self._anchors: dict[int, dict[Row, None]] = {}
        self._effort = effort
        self._queue: list[tuple[int, int, int]] = []
        for number, vector in enumerate(vectors):
            self.add(Row({number: 1}, {at: value for at, value in vector.items() if value}))
        self._queue = [self._entry(coordinate) for coordinate in self.plus | self.minus]

    def spend(self, work: int) -> None:
        """Count work.

        Raises:
            Exhausted: there is none left.
        """
        self._effort -= work
        if self._effort < 0:
            raise Exhausted

    def add(self, row: Row) -> None:
        """A row more."""
        self.live[row] = None
        self._anchors.setdefault(next(iter(row.weights)), {})[row] = None
        for at, value in row.rest.items():
            (self.plus if value > 0 else self.minus).setdefault(at, {})[row] = None

    def drop(self, row: Row) -> None:
        """A row less."""
        del self.live[row]
        del self._anchors[next(iter(row.weights))][row]
        for at, value in row.rest.items():
            del (self.plus if value > 0 else self.minus)[at][row]

    def sides(self, coordinate: int) -> tuple[list[Row], list[Row]]:
        """The rows where a coordinate is positive, and those where it is negative."""
        return list(self.plus.get(coordinate, ())), list(self.minus.get(coordinate, ()))

    def coordinates(self) -> Iterator[int]:
        """Every coordinate that some row still has, those first that make the fewest new rows."""
        heapify(self._queue)
        while self._queue:
            known = heappop(self._queue)
            now = self._entry(known[-1])
            if now > known and self._queue and now > self._queue[0]:
                heappush(self._queue, now)
            elif self.plus.get(known[-1]) or self.minus.get(known[-1]):
                yield known[-1]

    def _entry(self, coordinate: int) -> tuple[int, int, int]:
        """How many rows more its elimination makes; and a tie broken without regard to the order of the vectors.

        Neighbours that are joined one after the other along a chain would make one row that is copied again and again.
        """
        plus, minus = len(self.plus.get(coordinate, ())), len(self.minus.get(coordinate, ()))
        return plus * minus - plus - minus, coordinate * 2654435761 % 4294967291, coordinate

    def covers(self, row: Row) -> bool:
        """Whether the weights of a row that is there are all on vectors of this one, which is not."""
        self.spend(len(row.weights))
        for at in row.weights:
            near = self._anchors.get(at, ())
            self.spend(len(near))
            if any(other.weights.keys() <= row.weights.keys() for other in near):
                return True
        return False

    def finished(self) -> list[dict[int, int]]:
        """The combinations that vanish."""
        return [row.weights for row in self.live if not row.rest]


def minimal_combinations(
    vectors: Sequence[Mapping[int, int]], *, limit: int, effort: int
) -> tuple[list[dict[int, int]], bool]:
    """Every combination of minimal support, with weights that are not negative, that vanishes.

    The method of Farkas: from each pair of rows with opposite signs in a coordinate, the positive combination without
    it; of these, the ones whose support includes no other's.  Martinez and Silva 1982, "A simple and fast algorithm to
    obtain all invariants of a generalised Petri net"; Colom and Silva 1990, "Convex geometry and semiflows in P/T
    nets", for the order of elimination.

    Args:
        vectors: each by coordinate.
        limit: the most rows at a time; there can be exponentially many.
        effort: the most work, in entries looked at.

    Returns:
        Weights by number of the vector, without common factor; and whether these are all.  If not, each is still
        minimal: what vanishes and is minimal before the last coordinate is eliminated stays so.
    """
    rows = Rows(vectors, effort)
    try:
        for coordinate in rows.coordinates():
            plus, minus = rows.sides(coordinate)
            if len(rows.live) - len(plus) - len(minus) + len(plus) * len(minus) > limit + len(vectors):
                raise Exhausted
            made = []
            for a in plus:
                for b in minus:
                    rows.spend(len(a.weights) + len(b.weights) + len(a.rest) + len(b.rest))
                    made.append(_combined(a, b, coordinate))
            for row in (*plus, *minus):
                rows.drop(row)
            _add_minimal(rows, made)
    except Exhausted:
        return _sorted(rows.finished()), False
    return _sorted(rows.finished()), True


def null_basis(vectors: Sequence[Mapping[int, int]], *, effort: int) -> tuple[list[dict[int, int]], bool]:
    """A basis, over the rationals, of the combinations that vanish; weights are integers and may be negative.

    Elimination without fractions, on the coordinate and the row that are the shortest.

    Returns:
        Weights by number of the vector, without common factor; and whether the basis is whole.  If not, what there is
        is independent.
    """
    rows = Rows(vectors, effort)
    try:
        for coordinate in rows.coordinates():
            plus, minus = rows.sides(coordinate)
            pivot, *others = sorted(
                (*plus, *minus), key=lambda row: (len(row.weights) + len(row.rest), min(row.weights))
            )
            made = []
            for other in others:
                rows.spend(len(pivot.weights) + len(other.weights) + len(pivot.rest) + len(other.rest))
                made.append(_combined(other, pivot, coordinate))
            for row in (pivot, *others):
                rows.drop(row)
            for row in made:
                rows.add(row)
    except Exhausted:
        return _sorted(map(_upright, rows.finished())), False
    return _sorted(map(_upright, rows.finished())), True


def _combined(a: Row, b: Row, coordinate: int) -> Row:
    """What of two rows has no such coordinate; positive in both if their signs there differ."""
    times_a, times_b = abs(b.rest[coordinate]), abs(a.rest[coordinate])
    if (a.rest[coordinate] > 0) == (b.rest[coordinate] > 0):
        times_b = -times_b
    weights = _sum(a.weights, times_a, b.weights, times_b)
    rest = _sum(a.rest, times_a, b.rest, times_b)
    factor = gcd(*weights.values(), *rest.values())
    if factor > 1:
        weights = {at: value // factor for at, value in weights.items()}
        rest = {at: value // factor for at, value in rest.items()}
    return Row(weights, rest)


def _sum(a: Mapping[int, int], times_a: int, b: Mapping[int, int], times_b: int) -> dict[int, int]:
    found = {at: value * times_a for at, value in a.items()}
    for at, value in b.items():
        total = found.get(at, 0) + value * times_b
        if total:
            found[at] = total
        else:
            del found[at]
    return found


def _add_minimal(rows: Rows, made: list[Row]) -> None:
    """Add the rows whose support includes no other's; equal supports are the same row."""
    made.sort(key=lambda row: len(row.weights))
    for row in made:  # the smaller first: none that is added later can be within one that is there
        if not rows.covers(row):
            rows.add(row)


def _upright(weights: dict[int, int]) -> dict[int, int]:
    return {at: -value for at, value in weights.items()} if sum(weights.values()) < 0 else weights


def _sorted(found: Iterable[dict[int, int]]) -> list[dict[int, int]]:
    return sorted(
        (dict(sorted(weights.items())) for weights in found), key=lambda weights: (len(weights), *weights.items())
    )
