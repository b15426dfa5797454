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
    beside = [0] * count
    lookers: list[list[int]] = [[] for _ in range(count)]
    for number, t in enumerate(transitions):
        for place in {*t.pre, *t.some}:
            lookers[place].append(number)
    work: dict[int, None] = {}

    def mark(places: Iterable[int], others: int) -> None:
        places = tuple(places)
        all_of_them = _bits(places)
        changed = all_of_them & _bits(p for p in places if (others | all_of_them) & ~beside[p])
        for place in places:
            fresh = (others | all_of_them) & ~beside[place]
            beside[place] |= fresh
            for other in _ones(fresh & ~all_of_them):
                beside[other] |= 1 << place
                changed |= 1 << other
        for place in _ones(changed):
            work.update(dict.fromkeys(lookers[place]))

    mark(initial, 0)
    while work:
        number, _ = work.popitem()
        t = transitions[number]
        for counted in t.some or (None,):
            takes = t.pre if counted is None else (*t.pre, counted)
            common = -1
            for place in takes:
                common &= beside[place]
            if all(common >> place & 1 for place in takes):
                mark(t.post, common & ~_bits({*t.pre, *t.resets}))
    return beside


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
