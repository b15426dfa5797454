"""Which of some tasks come before which: a partial order, as sets of bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """A partial order of tasks by number, in which every task has a higher number than those before it."""

    before: tuple[int, ...]
    """The tasks before each, directly or not: bit `n` stands for task `n`."""

    @classmethod
    def of(cls, count: int, pairs: Iterable[tuple[int, int]]) -> Order:
        """The least order of so many tasks with these pairs of an earlier and a later one."""
        direct = [0] * count
        for earlier, later in pairs:
            direct[later] |= 1 << earlier
        before: list[int] = []
        for mask in direct:
            whole, rest = mask, mask
            while rest:  # the last one first: those before it need no look of their own
                last = rest.bit_length() - 1
                whole |= before[last]
                rest &= ~(before[last] | 1 << last)
            before.append(whole)
        return cls(tuple(before))

    def direct(self, task: int) -> list[int]:
        """The tasks right before one, with no other between."""
        found: list[int] = []
        rest = self.before[task]
        while rest:
            last = rest.bit_length() - 1
            found.append(last)
            rest &= ~(self.before[last] | 1 << last)
        return found[::-1]

    def first(self) -> list[int]:
        """The tasks with none before them."""
        return [task for task, mask in enumerate(self.before) if not mask]

    def final(self) -> list[int]:
        """The tasks with none after them."""
        followed = 0
        for mask in self.before:
            followed |= mask
        return [task for task in range(len(self.before)) if not followed >> task & 1]

    def rounds(self) -> list[list[int]]:
        """The tasks that can run at once, if each takes as long as every other."""
        level: list[int] = []
        for task in range(len(self.before)):
            level.append(1 + max((level[earlier] for earlier in self.direct(task)), default=-1))
        found: list[list[int]] = [[] for _ in range(max(level, default=-1) + 1)]
        for task, at in enumerate(level):
            found[at].append(task)
        return found

    def has(self, earlier: int, later: int) -> bool:
        """Whether one task comes before another."""
        return bool(self.before[later] >> earlier & 1)


def bits(mask: int) -> Iterator[int]:
    """The numbers in a set of bits, from the lowest."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
