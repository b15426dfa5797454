"""Where a run stands: its control state (tokens) and its data state (values).

A `State` is owned by one fold: `wfnb.machine.semantics.evolve` changes it in place, which costs a fraction of making
a new one.  Tokens rest in four kinds of places: before a task (`ready`), inside it (`busy`), at a join that still waits
for others (`waiting`), or nowhere any more (`ended`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from wfnb.model.event import Problem

Status: TypeAlias = Literal["created", "running", "completed", "failed", "cancelled"]


@dataclass(slots=True)
class State:
    """Everything that the history of a run says about now.  Nodes and edges are numbers of the machine."""

    status: Status = "created"
    seq: int = 0
    """The number of events folded so far."""
    workflow: str = ""
    definition: str = ""
    input: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    """Results by task id; `Unstored` where a result was not JSON and this is a replay."""
    ready: dict[int, int] = field(default_factory=dict)
    """Tasks with a token before them, and the edge on which it lies."""
    busy: dict[int, int] = field(default_factory=dict)
    """Tasks with a token inside, and the attempt."""
    retrying: dict[int, int] = field(default_factory=dict)
    """Busy tasks between two attempts, and when the next is due (microseconds since the epoch)."""
    failures: dict[int, int] = field(default_factory=dict)
    """Failed attempts of the visit in progress, by task; what the retry policy counts."""
    waiting: set[int] = field(default_factory=set)
    """Edges with a token that waits at a join."""
    arrived: dict[int, int] = field(default_factory=dict)
    """Joins in progress, and how many tokens they have."""
    visits: dict[int, int] = field(default_factory=dict)
    """How often each task was entered."""
    came: dict[int, int] = field(default_factory=dict)
    """For routing nodes with several incoming edges, the one last taken."""
    ended: list[int] = field(default_factory=list)
    """Edges on which tokens reached an end, in order."""
    output: Any = None
    error: Problem | None = None
    fresh: list[int] = field(default_factory=list, compare=False, repr=False)
    """Tasks that became ready and that `decide` has not handed out yet; no part of what the state says."""

    @property
    def marking(self) -> frozenset[tuple[str, int]]:
        """The marked places: `("edge", e)` and `("busy", n)`."""
        edges = {("edge", edge) for edge in (*self.ready.values(), *self.waiting)}
        return frozenset(edges | {("busy", node) for node in self.busy})
