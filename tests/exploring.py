"""All markings of a net, one by one: slow, and too plain to be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wfnb.machine.net import Net, Unsafe

Marking = frozenset[int]


@dataclass(frozen=True)
class Explored:
    """What all reachable markings say of a net.

    Attributes:
        verdict: `sound`, `unsafe` (a second token can come to a place), `stuck` (an ending can become out of reach), or
            `unknown` where there are more markings than were looked at.
        trace: the shortest way there, as transitions; for `unsafe` the last one puts the second token.
        marking: where it leads; for `unsafe`, before its last firing.
        markings: every marking that was reached.
        fired: the transitions that can fire.
    """

    verdict: Literal["sound", "unsafe", "stuck", "unknown"]
    trace: tuple[int, ...]
    marking: Marking
    markings: frozenset[Marking]
    fired: frozenset[int]


def explore(net: Net, most: int = 50_000) -> Explored:
    """Look at every marking of a net, nearest first."""
    came: dict[Marking, tuple[Marking, int] | None] = {net.initial: None}
    before: dict[Marking, list[Marking]] = {net.initial: []}
    fired: set[int] = set()
    frontier = [net.initial]
    for marking in frontier:
        for number in net.enabled(marking):
            fired.add(number)
            try:
                after = net.fire(marking, number)
            except Unsafe:
                trace = (*_trace(came, marking), number)
                return Explored("unsafe", trace, marking, frozenset(came), frozenset(fired))
            if after not in came:
                came[after] = (marking, number)
                before[after] = []
                frontier.append(after)
            before[after].append(marking)
        if len(came) > most:
            return Explored("unknown", (), net.initial, frozenset(came), frozenset(fired))
    good = {marking for marking in came if net.ended(marking)}
    back = list(good)
    while back:
        for marking in before[back.pop()]:
            if marking not in good:
                good.add(marking)
                back.append(marking)
    for marking in frontier:
        if marking not in good:
            return Explored("stuck", _trace(came, marking), marking, frozenset(came), frozenset(fired))
    return Explored("sound", (), net.initial, frozenset(came), frozenset(fired))


def _trace(came: dict[Marking, tuple[Marking, int] | None], marking: Marking) -> tuple[int, ...]:
    found: list[int] = []
    step = came[marking]
    while step is not None:
        found.append(step[1])
        step = came[step[0]]
    return tuple(reversed(found))
