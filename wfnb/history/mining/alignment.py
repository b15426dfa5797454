"""Alignments: a trace beside the most similar way through a workflow.

Source: Arya Adriansyah, Aligning Observed and Modeled Behavior (2014).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from wfnb.history.mining.played import MOST_MARKINGS, Marking, Path, Played, TooManyMarkings

MOST_STATES = 20_000
"""How many pairs of a marking and a position in the trace the search for an optimal alignment looks at."""
MOST_NEAR = 500
"""The same, for one event, where that was not enough."""
_State: TypeAlias = tuple[Marking, int]
_Came: TypeAlias = dict[_State, "tuple[_State, int | None, bool] | None"]
"""How a state was reached: from which one, by which transition if any, and whether an event went with it."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that a case did otherwise.

    Attributes:
        kind: `unexpected`: the activity happened where the workflow has no place for it; `missing`: it should have
            happened and did not.
        activity: which one.
        node: the node that was passed without it; empty where it was unexpected.
        after: the activity of the case that came last before; empty at its beginning.
        position: how many events of the case came before.
    """

    kind: Literal["unexpected", "missing"]
    activity: str
    node: str
    after: str
    position: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """A trace beside the most similar way through the workflow.

    Attributes:
        cost: how many deviations there are.
        fitness: from 0 (nothing in common) to 1 (it fits).
        path: the transitions of the way through the net.
        deviations: what differs, in order.
        optimal: whether no other way through the workflow has fewer deviations; False where the search for one would
            have taken too long.
    """

    cost: int
    fitness: float
    path: tuple[int, ...]
    deviations: tuple[Deviation, ...]
    optimal: bool = True


class NoWay(Exception):
    """No way leads through the workflow to its end."""


@dataclass(slots=True)
class Aligner:
    """Finds alignments with fewest deviations, for many traces.

    A firing together with its event, and a silent firing, cost nothing; an event alone and a firing alone cost one.
    """

    played: Played
    shortest: int | None = field(default=None, init=False)
    """How many activities the shortest way through the workflow has."""

    def align(self, trace: Sequence[str]) -> Alignment:
        """The alignment of a trace.

        Raises:
            NoWay: the workflow has no way to its end.
        """
        fitting = self.fitting(trace)
        if fitting is not None:
            return Alignment(0, 1.0, fitting, ())
        if self.shortest is None:
            self.shortest = self._nearest((), MOST_MARKINGS)[0]
        optimal = True
        try:
            cost, path, deviations = self._nearest(trace, MOST_STATES)
        except TooManyMarkings:
            optimal = False
            cost, path, deviations = self._piecewise(trace)
        worst = len(trace) + self.shortest
        return Alignment(cost, 1 - cost / worst if worst else 1.0, path, deviations, optimal)

    def fitting(self, trace: Sequence[str]) -> Path | None:
        """The way of a trace that fits, else None (also where that would take too long to know)."""
        failed: set[_State] = set()
        steps: list[Iterator[tuple[Path, Marking]]] = []
        taken: list[tuple[Path, Marking]] = []
        marking = self.played.net.initial
        try:
            while True:
                position = len(taken)
                if len(steps) == position:
                    activity = trace[position] if position < len(trace) else None
                    steps.append(iter(self.played.ways(marking, activity)))
                way = next((way for way in steps[-1] if (way[1], position + 1) not in failed), None)
                if way is not None:
                    taken.append(way)
                    marking = way[1]
                    if position == len(trace):
                        return tuple(number for path, _ in taken for number in path)
                    continue
                failed.add((marking, position))
                if len(failed) > MOST_STATES or not taken:
                    return None
                steps.pop()
                taken.pop()
                marking = taken[-1][1] if taken else self.played.net.initial
        except TooManyMarkings:
            return None

    def _nearest(self, trace: Sequence[str], most: int) -> tuple[int, Path, tuple[Deviation, ...]]:
        """A shortest way through the product of the trace and the net, whose edges cost nothing or one."""

        def over(state: _State) -> bool:
            return state[1] == len(trace) and self.played.net.ended(state[0])

        came, end, cost = self._search(trace, (self.played.net.initial, 0), over, most)
        return cost, *self._told(came, end, trace)

    def _search(
        self, trace: Sequence[str], start: _State, over: Callable[[_State], bool], most: int
    ) -> tuple[_Came, _State, int]:
        came: _Came = {start: None}
        costs, done, waiting = {start: 0}, set[_State](), deque([start])
        while waiting:
            at = waiting.popleft()
            if at in done:
                continue
            done.add(at)
            if over(at):
                return came, at, costs[at]
            if len(done) > most:
                raise TooManyMarkings
            cost = costs[at]
            for state, price, transition, event in self._following(trace, at):
                if cost + price < costs.get(state, cost + price + 1):
                    costs[state] = cost + price
                    came[state] = (at, transition, event)
                    if price:
                        waiting.append(state)
                    else:
                        waiting.appendleft(state)
        raise NoWay

    def _following(self, trace: Sequence[str], at: _State) -> Iterator[tuple[_State, int, int | None, bool]]:
        marking, position = at
        left = position < len(trace)
        # What is not needed for the next event can as well fire after it, even where the event is passed over.
        for move in self.played.towards(marking, trace[position] if left else None, silently=False):
            label = self.played.labels[move.transition]
            if left and label == trace[position]:
                yield (move.marking, position + 1), 0, move.transition, True
            yield (move.marking, position), int(label is not None), move.transition, False
        if left:
            yield (marking, position + 1), 1, None, True

    def _piecewise(self, trace: Sequence[str]) -> tuple[int, Path, tuple[Deviation, ...]]:
        """A way event by event: each as near as it is to be found, or passed over.  It need not be the best one."""
        marking, cost = self.played.net.initial, 0
        path: list[int] = []
        deviations: list[Deviation] = []

        def add(found: tuple[_Came, _State, int]) -> Marking:
            nonlocal cost
            came, end, price = found
            part, differs = self._told(came, end, trace)
            path.extend(part)
            deviations.extend(differs)
            cost += price
            return end[0]

        for position in range(len(trace)):

            def happened(state: _State, after: int = position + 1) -> bool:
                return state[1] == after

            try:
                marking = add(self._search(trace, (marking, position), happened, MOST_NEAR))
            except TooManyMarkings:
                cost += 1
                deviations.append(_unexpected(trace, position))
        ended = self._search(trace, (marking, len(trace)), lambda state: self.played.net.ended(state[0]), MOST_MARKINGS)
        add(ended)
        return cost, tuple(path), tuple(deviations)

    def _told(self, came: Mapping[_State, Any], at: _State, trace: Sequence[str]) -> tuple[Path, tuple[Deviation, ...]]:
        path: list[int] = []
        deviations: list[Deviation] = []
        while (step := came[at]) is not None:
            before, transition, event = step
            position = before[1]
            if transition is None:
                deviations.append(_unexpected(trace, position))
            else:
                path.append(transition)
                label = self.played.labels[transition]
                if label is not None and not event:
                    node = self.played.ids[self.played.meanings[transition].node]
                    deviations.append(Deviation("missing", label, node, _before(trace, position), position))
            at = before
        return tuple(reversed(path)), tuple(reversed(deviations))


def _unexpected(trace: Sequence[str], position: int) -> Deviation:
    return Deviation("unexpected", trace[position], "", _before(trace, position), position)


def _before(trace: Sequence[str], position: int) -> str:
    return trace[position - 1] if position else ""
