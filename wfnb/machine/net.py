"""The net behind a machine, and behind an imported PNML file: places, transitions, and where tokens begin and end.

A marking is the set of marked places.  Firing a transition takes a token from every place in `pre`, then empties every
place in `resets`, then puts a token into every place in `post`.  A read arc is a place in both `pre` and `post`.  A net
is safe if no reachable firing puts a token into a place that still has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


class Unsafe(Exception):
    """A firing put a second token into a place.

    Attributes:
        place: its number.
    """

    def __init__(self, place: int) -> None:
        super().__init__(f"a second token in place {place}")
        self.place = place


@dataclass(frozen=True, slots=True)
class Transition:
    """One thing that can happen.  Places are numbers, each at most once in a tuple.

    Attributes:
        id: its name in traces, unique in the net.
        pre: places from which it takes a token.
        post: places into which it puts one.
        resets: places that it empties, whether marked or not, before it puts tokens.
        some: with `least`: besides `pre`, at least `least` of these places must be marked; they keep their tokens.
        least: 0 where `some` is not used.
    """

    id: str
    pre: tuple[int, ...]
    post: tuple[int, ...]
    resets: tuple[int, ...] = ()
    some: tuple[int, ...] = ()
    least: int = 0


@dataclass(frozen=True, slots=True)
class Net:
    """Places and transitions by number.

    Attributes:
        places: the name of each place, unique.
        transitions: what can happen.
        initial: places marked at the beginning.
        sinks: places where tokens end; nothing consumes from them.
        idle: places that may keep a token when everything has ended (a free lock, a milestone that was reached, a join
            that is ready for its next round).
        crowded: places that have more than one token at the beginning, which only an imported net can ask for: it is
            unsafe before any firing.
    """

    places: tuple[str, ...]
    transitions: tuple[Transition, ...]
    initial: frozenset[int]
    sinks: frozenset[int]
    idle: frozenset[int] = frozenset()
    crowded: frozenset[int] = frozenset()

    def enabled(self, marking: frozenset[int]) -> Iterator[int]:
        """The transitions that can fire in a marking."""
        for number, transition in enumerate(self.transitions):
            if can_fire(transition, marking):
                yield number

    def fire(self, marking: frozenset[int], number: int) -> frozenset[int]:
        """The marking after an enabled transition.

        Raises:
            Unsafe: it puts a second token into a place.
        """
        transition = self.transitions[number]
        left = set(marking)
        left.difference_update(transition.pre)
        left.difference_update(transition.resets)
        for place in transition.post:
            if place in left:
                raise Unsafe(place)
            left.add(place)
        return frozenset(left)

    def ended(self, marking: frozenset[int]) -> bool:
        """Whether everything has ended: at least one sink is marked, and no other place but idle ones."""
        return not marking.isdisjoint(self.sinks) and marking <= self.sinks | self.idle

    def play(self, trace: Iterable[int]) -> frozenset[int]:
        """The marking after a firing sequence from the initial marking.

        Raises:
            ValueError: a transition of it is not enabled when its turn comes.
            Unsafe: one puts a second token into a place.
        """
        marking = self.initial
        for step, number in enumerate(trace, 1):
            if not can_fire(self.transitions[number], marking):
                raise ValueError(f"step {step} of the trace, '{self.transitions[number].id}', is not enabled")
            marking = self.fire(marking, number)
        return marking


def can_fire(transition: Transition, marking: frozenset[int]) -> bool:
    """Whether a transition is enabled."""
    return marking.issuperset(transition.pre) and (
        not transition.least or sum(place in marking for place in transition.some) >= transition.least
    )
