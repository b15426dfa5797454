"""What no firing changes, and what changes nothing: place and transition invariants of a net."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from wfnb.machine.formal.elimination import minimal_combinations, null_basis
from wfnb.machine.formal.incidence import incidence
from wfnb.machine.net import Net

LIMIT = 2_000
"""Rows at a time in the search of minimal invariants, beyond one for each place or transition."""
EFFORT = 5_000_000
"""Entries looked at in one search: about a second."""
_SHOWN = 40
"""Invariants that are listed."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """One invariant.

    Attributes:
        weights: by name of a place or transition; those of weight 0 are absent.
        value: of places: the weighted number of tokens in every reachable marking.  None of transitions.
    """

    weights: Mapping[str, int]
    value: int | None = None

    def __str__(self) -> str:
        total = "" if self.value is None else f" = {self.value}"
        return _sum(self.weights) + total


@dataclass(frozen=True, slots=True)
class Family:
    """Invariants of one kind, the shortest first.

    Attributes:
        members: the invariants.
        complete: whether these are all; if not, the search was given up, and each of these is one nevertheless.
        left_out: what can be in none: places that are reset, or transitions that reset.
    """

    members: tuple[Invariant, ...]
    complete: bool
    left_out: tuple[str, ...]

    def __iter__(self) -> Iterator[Invariant]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, index: int) -> Invariant:
        return self.members[index]

    @property
    def support(self) -> frozenset[str]:
        """Everything that is in one of them."""
        return frozenset(name for member in self.members for name in member.weights)


@dataclass(frozen=True, slots=True)
class Invariants:
    """The invariants of a net.

    Attributes:
        places: the minimal sums of tokens that no firing changes.  A place in one has a bounded number of tokens.
        transitions: the minimal numbers of firings that together lead back to the marking before them.
        place_basis: sums, weights below 0 included, of which every other is a combination.
        transition_basis: the same of firings.
    """

    places: Family
    transitions: Family
    place_basis: Family
    transition_basis: Family

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for word, family, basis, out in (
            ("place", self.places, self.place_basis, "places that are reset"),
            ("transition", self.transitions, self.transition_basis, "transitions that reset"),
        ):
            least = "" if family.complete else "at least "
            rest = "" if family.complete else f"; all are combinations of the {len(basis)} in .{word}_basis"
            yield f"{least}{len(family)} minimal {word} invariant{'' if len(family) == 1 else 's'}{rest}"
            for member in family.members[:_SHOWN]:
                yield f"  {member}"
            if len(family) > _SHOWN:
                yield "  ..."
            if family.left_out:
                yield f"  without {out}: {', '.join(family.left_out)}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def invariants(net: Net, *, limit: int = LIMIT, effort: int = EFFORT) -> Invariants:
    """Place and transition invariants; see `place_invariants` and `transition_invariants` for what is bounded."""
    return Invariants(
        place_invariants(net, limit=limit, effort=effort),
        transition_invariants(net, limit=limit, effort=effort),
        place_basis(net, effort=effort),
        transition_basis(net, effort=effort),
    )


def place_invariants(net: Net, *, limit: int = LIMIT, effort: int = EFFORT) -> Family:
    """Every minimal set of places with weights above 0 whose weighted tokens stay the same whatever fires.

    A place that some transition resets is in none: how many tokens a reset takes depends on the marking, so no sum
    with such a place stays the same.  All other places of a net with resets keep their invariants.

    Args:
        net: the net.
        limit: rows at a time beyond one for each place; a workflow of n blocks in a row has exponentially many.
        effort: entries looked at before the search is given up.
    """
    kept, rows = _places(net)
    found, complete = minimal_combinations(rows, limit=limit, effort=effort)
    return _place_family(net, kept, found, complete=complete)


def place_basis(net: Net, *, effort: int = EFFORT) -> Family:
    """Place invariants, weights below 0 included, of which every other is a combination; for nets of any size."""
    kept, rows = _places(net)
    found, complete = null_basis(rows, effort=effort)
    return _place_family(net, kept, found, complete=complete)


def transition_invariants(net: Net, *, limit: int = LIMIT, effort: int = EFFORT) -> Family:
    """Every minimal multiset of firings that leads from a marking back to it, where it can fire at all.

    These are the loops of a workflow; without a loop there is none.  A transition that resets is in none: what it takes
    depends on the marking, so no number of firings can make up for it.

    Args:
        net: the net.
        limit: rows at a time beyond one for each transition.
        effort: entries looked at before the search is given up.
    """
    kept, columns = _transitions(net)
    found, complete = minimal_combinations(columns, limit=limit, effort=effort)
    return _transition_family(net, kept, found, complete=complete)


def transition_basis(net: Net, *, effort: int = EFFORT) -> Family:
    """Transition invariants, weights below 0 included, of which every other is a combination; for nets of any size."""
    kept, columns = _transitions(net)
    found, complete = null_basis(columns, effort=effort)
    return _transition_family(net, kept, found, complete=complete)


def _places(net: Net) -> tuple[list[int], list[dict[int, int]]]:
    """The places that nothing resets, and their rows of the incidence matrix."""
    reset = {place for transition in net.transitions for place in transition.resets}
    kept = [place for place in range(len(net.places)) if place not in reset]
    rows: list[dict[int, int]] = [{} for _ in net.places]
    for number, column in enumerate(incidence(net).columns):
        for place, change in column.items():
            rows[place][number] = change
    return kept, [rows[place] for place in kept]


def _transitions(net: Net) -> tuple[list[int], list[dict[int, int]]]:
    """The transitions that reset nothing, and their columns of the incidence matrix."""
    kept = [number for number, transition in enumerate(net.transitions) if not transition.resets]
    columns = incidence(net).columns
    return kept, [columns[number] for number in kept]


def _place_family(net: Net, kept: list[int], found: list[dict[int, int]], *, complete: bool) -> Family:
    members = tuple(
        Invariant(
            {net.places[kept[at]]: weight for at, weight in weights.items()},
            sum(weight for at, weight in weights.items() if kept[at] in net.initial),
        )
        for weights in found
    )
    out = frozenset(range(len(net.places))).difference(kept)
    return Family(members, complete, tuple(net.places[place] for place in sorted(out)))


def _transition_family(net: Net, kept: list[int], found: list[dict[int, int]], *, complete: bool) -> Family:
    names = [transition.id for transition in net.transitions]
    members = tuple(Invariant({names[kept[at]]: weight for at, weight in weights.items()}) for weights in found)
    out = tuple(transition.id for transition in net.transitions if transition.resets)
    return Family(members, complete, out)


def _sum(weights: Mapping[str, int]) -> str:
    parts: list[str] = []
    for name, weight in weights.items():
        factor = "" if abs(weight) == 1 else f"{abs(weight)}·"
        sign = "-" if weight < 0 else "+"
        parts.append(f" {sign} {factor}{name}" if parts else f"{'-' if weight < 0 else ''}{factor}{name}")
    return "".join(parts)
