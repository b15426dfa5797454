"""Which places may be marked at the same time: a relation that may have pairs too many, and never one too few.

Kovalyov and Esparza 1996, "A polynomial algorithm to compute the concurrency relation of free-choice signal transition
graphs"; see `wfnb.machine.dataflow.concurrency`, which has it for the nodes of a drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wfnb.machine.net import Transition


def together(count: int, transitions: Sequence[Transition], initial: Iterable[int]) -> list[int]:
    """By place: the places that may be marked at the same time, itself among them if it may be marked at all, as bits.

    Args:
        count: how many places there are.
        transitions: of the net.
        initial: places marked at the beginning.
    """
    found = _Beside(count, transitions)
    found.mark(tuple(initial), 0)
    found.settle()
    return found.beside


class _Beside:
    def __init__(self, count: int, transitions: Sequence[Transition]) -> None:
        self.transitions = transitions
        self.kept = [~_bits((*t.pre, *t.resets)) for t in transitions]
        self.beside = [0] * count
        self.every = (1 << count) - 1
        self.lookers = [0] * count
        """By place: the transitions that need or count it, as bits."""
        for number, t in enumerate(transitions):
            for place in (*t.pre, *t.some):
                self.lookers[place] |= 1 << number
        self.work = 0
        """Transitions to be looked at again, as bits."""

    def settle(self) -> None:
        beside = self.beside
        while self.work:
            low = self.work & -self.work
            self.work ^= low
            number = low.bit_length() - 1
            t = self.transitions[number]
            for counted in t.some or (None,):
                takes = t.pre if counted is None else (*t.pre, counted)
                common = self.every
                for place in takes:
                    common &= beside[place]
                for place in takes:
                    if not common >> place & 1:
                        break
                else:
                    self.mark(t.post, common & self.kept[number])

    def mark(self, places: Sequence[int], others: int) -> None:
        """These places may be marked at once, each beside these others."""
        beside, lookers = self.beside, self.lookers
        new = _bits(places)
        full = others | new
        fresh = 0
        for place in places:
            more = full & ~beside[place]
            if more:
                beside[place] |= more
                fresh |= more
                self.work |= lookers[place]
        for other in _ones(fresh & ~new):
            beside[other] |= new
            self.work |= lookers[other]


def _bits(places: Iterable[int]) -> int:
    found = 0
    for place in places:
        found |= 1 << place
    return found


def _ones(bits: int) -> Iterable[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
