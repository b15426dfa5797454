"""Nets that need no search: where nothing is ever chosen, one run shows all; where one token goes about, its ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wfnb.machine.net import Net


def played_out(net: Net) -> tuple[tuple[int, ...], frozenset[int]] | None:
    """What a net fires and the marking in which it stops, if every place is marked and taken by one transition at most.

    Then no place gets a second token: its maker would have to fire twice, and so on back to places that nothing marks.
    And no firing keeps another from happening, so every run fires the same transitions and stops in the same marking.

    Returns:
        The transitions in an order in which they can be fired, and the marking after them; None if it is no such net.
    """
    taker = [-1] * len(net.places)
    made = [False] * len(net.places)
    for number, transition in enumerate(net.transitions):
        if transition.resets or transition.least > 0:
            return None
        for place in transition.pre:
            if taker[place] >= 0:
                return None
            taker[place] = number
        for place in transition.post:
            if made[place]:
                return None
            made[place] = True
    if any(made[place] for place in net.initial):
        return None
    missing = [len(transition.pre) for transition in net.transitions]
    fired: list[int] = []
    stopped: list[int] = []
    marked = sorted(net.initial)
    while marked:
        place = marked.pop()
        number = taker[place]
        if number < 0:
            stopped.append(place)
            continue
        missing[number] -= 1
        if not missing[number]:
            fired.append(number)
            marked += net.transitions[number].post
    waiting = (place for number, count in enumerate(missing) if count for place in net.transitions[number].pre)
    gone = {place for number in fired for place in net.transitions[number].post} | net.initial
    return tuple(fired), frozenset(stopped) | gone.intersection(waiting)


@dataclass(frozen=True, slots=True)
class Walked:
    """Where the one token of a net can go.

    Attributes:
        kind: what is wrong there; None if nothing is.
        trace: a shortest way to it.
        marking: what is marked after that.
        places: how many places the token can be at.
    """

    kind: Literal["deadlock", "livelock"] | None
    trace: tuple[int, ...]
    marking: frozenset[int]
    places: int


def walked(net: Net) -> Walked | None:
    """Follow the token of a net in which there is never more than one, such as that of a drawing of states.

    Every transition takes one token and puts at most one.  So there are no more markings than places, and one more.

    Returns:
        What was found; None if it is no such net.
    """
    if len(net.initial) != 1 or net.crowded:
        return None
    if any(len(t.pre) != 1 or len(t.post) > 1 or t.resets or t.least > 0 for t in net.transitions):
        return None
    takers: list[list[int]] = [[] for _ in net.places]
    target: list[int] = []
    nowhere = len(net.places)
    for number, transition in enumerate(net.transitions):
        takers[transition.pre[0]].append(number)
        target.append(transition.post[0] if transition.post else nowhere)
    takers.append([])
    (start,) = net.initial
    came = {start: -1}
    ends: list[int] = []
    before: list[list[int]] = [[] for _ in takers]
    dead: int | None = None
    for place in (frontier := [start]):
        if place in net.sinks:
            ends.append(place)
        elif not takers[place]:
            dead = place if dead is None else dead
        for number in takers[place]:
            to = target[number]
            before[to].append(place)
            if to not in came:
                came[to] = number
                frontier.append(to)
    if dead is None:
        good = _leading(before, ends)
        lost = next((place for place in frontier if place not in good), None)
        if lost is None:
            return Walked(None, (), frozenset(), len(came))
        return Walked("livelock", _way(net, came, lost), frozenset((lost,)), len(came))
    return Walked("deadlock", _way(net, came, dead), frozenset((dead,)) - {nowhere}, len(came))


def _leading(before: Sequence[Sequence[int]], ends: Sequence[int]) -> set[int]:
    """The places from which one of the ends is reached."""
    good = set(ends)
    frontier = list(ends)
    while frontier:
        for place in before[frontier.pop()]:
            if place not in good:
                good.add(place)
                frontier.append(place)
    return good


def _way(net: Net, came: dict[int, int], place: int) -> tuple[int, ...]:
    """What is fired to get to a place."""
    found: list[int] = []
    while (number := came[place]) >= 0:
        found.append(number)
        place = net.transitions[number].pre[0]
    return tuple(reversed(found))
