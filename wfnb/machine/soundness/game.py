"""The token game on the net itself, in bits: for the shortest counterexample, without any reduction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from wfnb.machine.net import Net


class Game:
    """A net in bits: place p is bit p, transition t is bit t of a mask of transitions.

    Attributes:
        pre, post: what each transition takes and puts.
        kept: what each leaves of a marking.
        near: the transitions that a firing of each may enable or disable.
        begin: the initial marking.
    """

    def __init__(self, net: Net) -> None:
        self.net = net
        transitions = net.transitions
        self.pre = [mask(t.pre) for t in transitions]
        self.post = [mask(t.post) for t in transitions]
        self.kept = [~mask((*t.pre, *t.resets)) for t in transitions]
        self.some = [(mask(t.some), t.least) for t in transitions]
        self.begin = mask(net.initial)
        self.sinks = mask(net.sinks)
        self.unended = ~mask(net.sinks | net.idle)
        self.counting = any(t.least for t in transitions)
        lookers: list[list[int]] = [[] for _ in net.places]
        for number, t in enumerate(transitions):
            for place in t.pre:
                lookers[place].append(number)
            for place in t.some:
                lookers[place].append(number)
        self.near = [
            tuple({looker for place in (*t.pre, *t.resets, *t.post) for looker in lookers[place]}) for t in transitions
        ]
        self.clear = [~mask(near) for near in self.near]

    def can_fire(self, marking: int, transition: int) -> bool:
        """Whether a transition is enabled."""
        pre = self.pre[transition]
        some, least = self.some[transition]
        return marking & pre == pre and (not least or (marking & some).bit_count() >= least)

    def enabled(self, marking: int) -> int:
        """The enabled transitions, as a mask."""
        return mask(t for t in range(len(self.pre)) if self.can_fire(marking, t))

    def enabled_after(self, marking: int, transition: int, enabled: int) -> int:
        """The enabled transitions in the marking that a firing led to, from those before it."""
        enabled &= self.clear[transition]
        if self.counting:
            for t in self.near[transition]:
                if self.can_fire(marking, t):
                    enabled |= 1 << t
        else:
            pre = self.pre
            for t in self.near[transition]:
                if marking & pre[t] == pre[t]:
                    enabled |= 1 << t
        return enabled

    def ended(self, marking: int) -> bool:
        """Whether everything has ended."""
        return not marking & self.unended and bool(marking & self.sinks)


def mask(numbers: Iterable[int]) -> int:
    """Numbers as bits."""
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def bits(found: int) -> Iterator[int]:
    """The numbers in a mask, ascending."""
    while found:
        low = found & -found
        yield low.bit_length() - 1
        found ^= low


@dataclass(frozen=True, slots=True)
class Shortest:
    """What a breadth-first search found.

    Attributes:
        kind: of the counterexample; None if there is none, or none was found.
        trace: the transitions fired, for `unsafe` the one that puts the second token included.
        complete: whether every marking was seen that had to be.
        states: how many were.
    """

    kind: Literal["unsafe", "deadlock", "livelock"] | None
    trace: tuple[int, ...]
    complete: bool
    states: int


def shortest(game: Game, most: int) -> Shortest:
    """The shortest counterexample: a second token, or a dead marking; if there is neither, a livelock.

    Args:
        game: the net.
        most: how many markings to see before giving up.
    """
    came: dict[int, tuple[int, int]] = {game.begin: (0, -1)}
    level = [(game.begin, game.enabled(game.begin))]
    post, kept, after = game.post, game.kept, game.enabled_after
    while level:
        below: list[tuple[int, int]] = []
        unsafe: tuple[int, int] | None = None
        for marking, enabled in level:
            if not enabled and not game.ended(marking):
                return Shortest("deadlock", _trace(came, marking), True, len(came))
            rest = enabled
            while rest:
                low = rest & -rest
                rest ^= low
                t = low.bit_length() - 1
                left = marking & kept[t]
                if left & post[t]:
                    unsafe = unsafe or (marking, t)
                    continue
                left |= post[t]
                if left not in came:
                    came[left] = (marking, t)
                    below.append((left, after(left, t, enabled)))
        if unsafe:
            return Shortest("unsafe", (*_trace(came, unsafe[0]), unsafe[1]), True, len(came))
        if len(came) > most:
            return Shortest(None, (), False, len(came))
        level = below
    return _livelock(game, came)


def _trace(came: dict[int, tuple[int, int]], marking: int) -> tuple[int, ...]:
    found = []
    while (step := came[marking])[1] >= 0:
        found.append(step[1])
        marking = step[0]
    return tuple(reversed(found))


def _livelock(game: Game, came: dict[int, tuple[int, int]]) -> Shortest:
    """The first of all markings, in order of distance, from which no ending is reached."""
    before: dict[int, list[int]] = {marking: [] for marking in came}
    for marking in came:
        for t in bits(game.enabled(marking)):
            before[marking & game.kept[t] | game.post[t]].append(marking)
    good = {marking for marking in came if game.ended(marking)}
    frontier = list(good)
    while frontier:
        for marking in before[frontier.pop()]:
            if marking not in good:
                good.add(marking)
                frontier.append(marking)
    for marking in came:
        if marking not in good:
            return Shortest("livelock", _trace(came, marking), True, len(came))
    return Shortest(None, (), True, len(came))
