"""A net, and what its places and transitions stand for in the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from wfnb.machine.net import Net

MAX_ARCS = 2_000_000
"""How many arcs a net may have; what a larger one would say is not known."""
MAX_SHARED = 5_000
"""How many tasks and groups may share one lock in a net."""


class NetTooLarge(Exception):
    """A machine's net is too large to be proved: regions that many edges empty, or a lock that very many share."""


Cause: TypeAlias = Literal[
    "start", "begin", "complete", "choose", "skip", "route", "reset", "time", "signal", "condition", "error"
]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a transition stands for.

    Attributes:
        cause: what makes it fire; `choose`, `skip`, `route` and `reset` need nothing from outside.
        node: the node that fires.
        edges: the edges taken.
        text: in words.
    """

    cause: Cause
    node: int
    edges: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Netted:
    """A net, and what it says of the machine.

    Attributes:
        net: the net.
        meanings: by transition.
        edges: by place: the edge into a join that it is, -1 for others.
        nodes: by place: the node that a token in it is at, -1 for locks and the like.
    """

    net: Net
    meanings: tuple[Meaning, ...]
    edges: tuple[int, ...]
    nodes: tuple[int, ...]
