"""What keeps tasks from being in progress at once: the strategies of an engine, a run and its groups as slots.

A task takes a slot of each of them when it starts, and gives them back with each attempt's end, so that a pause before
the next attempt holds nobody up.  Who finds none free waits its turn: by priority, then first come, first served.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Mapping
from itertools import count

from wfnb.machine.machine import Machine
from wfnb.model.strategy import limit_of
from wfnb.model.workflow import Group, Task

_numbers = count()


class Slots:
    """As many slots as tasks may be in progress.

    Args:
        limit: how many there are.
        loop: where those that wait are called.
    """

    def __init__(self, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        self.limit = limit
        self._free = limit
        self._loop = loop
        self._waiting: list[tuple[int, int, Callable[[], None]]] = []
        self._called = False
        self._granting = False

    def open(self) -> bool:
        """Whether one can be taken now: one is free, and nobody waits for it, or the one that asks was called."""
        return self._free > 0 and (self._granting or not self._waiting)

    def take(self) -> None:
        """Take one."""
        self._free -= 1

    def give(self) -> None:
        """Give one back."""
        self._free += 1
        if self._waiting:
            self._call()

    def wait(self, priority: int, again: Callable[[], None]) -> None:
        """Call `again` when it is its turn to ask again; what is in vain then leaves the slot to the next."""
        heapq.heappush(self._waiting, (-priority, next(_numbers), again))
        if self._free > 0:
            self._call()

    def _call(self) -> None:
        if not self._called:
            self._called = True
            self._loop.call_soon(self._grant)

    def _grant(self) -> None:
        self._called = False
        while self._free > 0 and self._waiting:
            _, _, again = heapq.heappop(self._waiting)
            self._granting = True
            try:
                again()
            finally:
                self._granting = False


class Gate:
    """What the tasks of one run have to pass.

    Args:
        machine: what the run runs.
        outer: slots of the engine, of the run, and of what a child run is part of.
        loop: the run's loop.
    """

    def __init__(self, machine: Machine, outer: tuple[Slots, ...], loop: asyncio.AbstractEventLoop) -> None:
        self._machine = machine
        self._outer = outer
        self._inner = _slots_of_groups(machine, loop)
        self._held: dict[int, tuple[Slots, ...]] = {}

    @property
    def limits_groups(self) -> bool:
        """Whether a group has a limit of its own."""
        return bool(self._inner)

    def slots(self, node: int) -> tuple[Slots, ...]:
        """The slots that a node needs, or its children where it is a map or a call."""
        return self._outer + self._inner.get(node, ())

    def holders(self) -> tuple[int, ...]:
        """The tasks that have what they need."""
        return tuple(self._held)

    def admit(self, node: int, again: Callable[[], None]) -> bool:
        """Take what a task needs; where that is not free, `again` is called when it is worth another try."""
        needed = self.slots(node)
        for slots in needed:
            if not slots.open():
                drawn = self._machine.graph.nodes[node]
                slots.wait(drawn.priority if isinstance(drawn, Task) else 0, again)
                return False
        self.hold(node)
        return True

    def hold(self, node: int) -> None:
        """Take what a task needs, whether that is free or not."""
        needed = self._held[node] = self.slots(node)
        for slots in needed:
            slots.take()

    def release(self, node: int) -> None:
        """An attempt of a task is over."""
        for slots in self._held.pop(node, ()):
            slots.give()

    def release_all(self) -> None:
        """The run is over."""
        for node in tuple(self._held):
            self.release(node)


def gate(machine: Machine, outer: tuple[Slots, ...], loop: asyncio.AbstractEventLoop) -> Gate | None:
    """The gate of a run; None where nothing limits it."""
    if not outer and not machine.special.groups:
        return None
    made = Gate(machine, outer, loop)
    return made if outer or made.limits_groups else None


def _slots_of_groups(machine: Machine, loop: asyncio.AbstractEventLoop) -> Mapping[int, tuple[Slots, ...]]:
    found: dict[int, tuple[Slots, ...]] = {}
    for group, inside in machine.special.groups.items():
        drawn = machine.graph.nodes[group]
        limit = limit_of(drawn.strategy) if isinstance(drawn, Group) else None
        if limit is not None:
            slots = Slots(limit, loop)
            for node in inside.nodes:
                found[node] = (*found.get(node, ()), slots)
    return found
