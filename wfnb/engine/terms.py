"""On what terms a run is carried out: how durable it is, and how many of its tasks are in progress at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from wfnb.engine.slots import Slots
from wfnb.engine.snapshots import Snapshots
from wfnb.machine.machine import Machine

Durability: TypeAlias = Literal["sync", "async", "exit"]
DURABILITIES: Final[tuple[str, ...]] = get_args(Durability)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one run.

    Attributes:
        durability: when its events are on the disk: before what follows from them begins (`sync`), within milliseconds
            (`async`), or once it is over (`exit`).
        slots: what its tasks need, besides those of its groups.
        snapshots: when its state is written beside its events; None for never.
    """

    durability: str
    slots: tuple[Slots, ...] = ()
    snapshots: Snapshots | None = None

    def differ(self, machine: Machine) -> bool:
        """Whether a task of a machine waits for commits where its run does not, or the other way round."""
        return any((word == "sync") != (self.durability == "sync") for word in machine.durable.values())


def known_durability(durability: str) -> str:
    """The durability, if it is one.

    Raises:
        ValueError: it is none.
    """
    if durability not in DURABILITIES:
        raise ValueError(f"durability is {durability!r}\nknown: {', '.join(map(repr, DURABILITIES))}")
    return durability
