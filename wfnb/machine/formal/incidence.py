"""The incidence matrix of a net: what each transition changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from wfnb.machine.net import Net

_SHOWN = 24
"""Rows and columns that a notebook shows."""


@dataclass(frozen=True, slots=True)
class Incidence:
    """A row a place, a column a transition: the tokens that one firing adds (+) or takes (-).

    It is the truth about nets whose arcs only take and give.  What else a net has is not in it, and named beside it: a
    reset arc takes what is there, which is no number; a read arc, and a threshold of marked places, change nothing.

    Unpacks as entries, places, transitions, so that `pandas.DataFrame(*matrix)` is the table.

    Attributes:
        places: names of the rows.
        transitions: names of the columns.
        columns: by transition, the entries that are not 0, by number of the place.
        resets: by name of a transition that empties places: which.
        reads: by name of a transition that needs tokens and keeps them: where.
    """

    places: tuple[str, ...]
    transitions: tuple[str, ...]
    columns: tuple[dict[int, int], ...]
    resets: dict[str, tuple[str, ...]]
    reads: dict[str, tuple[str, ...]]

    @property
    def entries(self) -> list[list[int]]:
        """The matrix, row by row."""
        rows = [[0] * len(self.transitions) for _ in self.places]
        for number, column in enumerate(self.columns):
            for place, change in column.items():
                rows[place][number] = change
        return rows

    def __iter__(self) -> Iterator[list[list[int]] | list[str]]:
        yield self.entries
        yield list(self.places)
        yield list(self.transitions)

    def __getitem__(self, at: tuple[str, str]) -> int:
        """The entry of a place and a transition, by names."""
        place, transition = at
        return self.columns[self.transitions.index(transition)].get(self.places.index(place), 0)

    def __repr__(self) -> str:
        return f"<Incidence of {len(self.places)} places and {len(self.transitions)} transitions{self._beside()}>"

    def _beside(self) -> str:
        unseen = [
            f"{len(arcs)} with {word} that it does not show"
            for arcs, word in ((self.resets, "resets"), (self.reads, "reads"))
            if arcs
        ]
        return f"; {', '.join(unseen)}" if unseen else ""

    def _repr_html_(self) -> str:
        shown = self.transitions[:_SHOWN]
        more = "<td>…</td>" if len(self.transitions) > _SHOWN else ""
        head = "".join(f"<th>{escape(name)}{'*' if self._hides(name) else ''}</th>" for name in shown)
        rows = [
            f"<tr><th>{escape(name)}</th>"
            + "".join(f"<td>{_signed(self.columns[number].get(place, 0))}</td>" for number in range(len(shown)))
            + f"{more}</tr>"
            for place, name in enumerate(self.places[:_SHOWN])
        ]
        if len(self.places) > _SHOWN:
            rows.append("<tr><th>…</th></tr>")
        notes = f"<p>{escape(repr(self)[1:-1])}{' (*)' if self.resets or self.reads else ''}</p>"
        return f"<table><thead><tr><th></th>{head}{more}</tr></thead><tbody>{''.join(rows)}</tbody></table>{notes}"

    def _hides(self, transition: str) -> bool:
        return transition in self.resets or transition in self.reads


def incidence(net: Net) -> Incidence:
    """The incidence matrix of a net."""
    columns: list[dict[int, int]] = []
    resets: dict[str, tuple[str, ...]] = {}
    reads: dict[str, tuple[str, ...]] = {}
    for transition in net.transitions:
        taken, given = set(transition.pre), set(transition.post)
        columns.append({place: 1 if place in given else -1 for place in sorted(taken ^ given)})
        if transition.resets:
            resets[transition.id] = tuple(net.places[place] for place in transition.resets)
        read = [*sorted(taken & given), *(transition.some if transition.least else ())]
        if read:
            reads[transition.id] = tuple(net.places[place] for place in dict.fromkeys(read))
    return Incidence(net.places, tuple(transition.id for transition in net.transitions), tuple(columns), resets, reads)


def _signed(change: int) -> str:
    return f"{change:+}" if change else ""
