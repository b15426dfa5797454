"""A core in bits, for searching it."""

from __future__ import annotations

from collections.abc import Iterable

from wfnb.machine.soundness.core import Core, length


class Board:
    """A core in bits."""

    def __init__(self, core: Core) -> None:
        self.moves = list(core.moves)
        places: dict[int, None] = {core.origin: None}
        for move in self.moves:
            places.update(dict.fromkeys((*move.pre, *move.post, *move.some)))
        self.bit = {place: 1 << index for index, place in enumerate(places)}
        mask = self.mask
        self.begin = self.bit[core.origin]
        self.pre = [mask(move.pre) for move in self.moves]
        self.post = [mask(move.post) for move in self.moves]
        self.left = [~(mask(move.pre) | mask(move.resets)) for move in self.moves]
        self.some = [[(self.bit[place], weight) for place, weight in move.some.items()] for move in self.moves]
        self.least = [move.least for move in self.moves]
        self.cost = [length(move.term) for move in self.moves]
        self.unended = ~mask(core.idle)
        self.sinks = mask(core.sinks)
        self.places = list(places)
        self.core = core
        self.whole = (1 << len(places)) - 1
        self.always: list[int] = []
        """The moves that take from no place."""
        self.first: list[list[int]] = [[] for _ in places]
        """By the first bit of what they take, the others."""
        for number, pre in enumerate(self.pre):
            (self.first[(pre & -pre).bit_length() - 1] if pre else self.always).append(number)

    def mask(self, places: Iterable[int]) -> int:
        """Places as bits; those that no move looks at are left out."""
        bit = self.bit
        return sum(bit[place] for place in places if place in bit)

    def weight(self, move: int, marking: int) -> int:
        """What the marked places among those that a move counts weigh."""
        return sum(weight for bit, weight in self.some[move] if marking & bit)

    def enabled(self, marking: int) -> list[int]:
        """Moves that can be fired, by number."""
        pre, least = self.pre, self.least
        near = self.always.copy()
        rest = marking & self.whole
        while rest:
            low = rest & -rest
            near += self.first[low.bit_length() - 1]
            rest ^= low
        return sorted(
            move
            for move in near
            if marking & pre[move] == pre[move] and (not least[move] or self.weight(move, marking) >= least[move])
        )
