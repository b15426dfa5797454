"""What a workflow compiles to: a guarded, safe workflow net, indexed for running.

Each edge of the drawing is a place, and so is the inside of each task.  Routing nodes are transitions that fire as soon
as they can, so a token only ever rests on an edge into a task or a join, or inside a task.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from wfnb.machine.graph import Graph
from wfnb.model.expression import Expression
from wfnb.model.workflow import Retry, Workflow


class Kind(IntEnum):
    """What a token does at a node."""

    START = 0
    TASK = 1
    END = 2
    CHOICE = 3
    FORK = 4
    JOIN = 5


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """What it takes to start a task."""

    activity: str
    constants: dict[str, Any]
    """Arguments that are plain JSON values."""
    nested: bool
    """Whether one of those is a list or a dict, which an activity could change."""
    computed: tuple[tuple[str, Expression], ...]
    """Arguments that are expressions, with their parameter."""
    retry: Retry | None
    timeout: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """A compiled workflow.  Nodes and edges are numbers; an edge's number is its index in the document."""

    workflow: Workflow
    hash: str
    document: bytes
    """The workflow as JSON, as the store keeps it."""
    graph: Graph
    start: int
    kinds: tuple[Kind, ...]
    ids: tuple[str, ...]
    plans: dict[int, TaskPlan]
    """By task."""
    guards: tuple[Expression | None, ...]
    """By edge; None where there is no guard."""
    otherwise: dict[int, int]
    """The `otherwise` edge, by choice."""
    outputs: dict[int, Any]
    """By end: a JSON value or an Expression; ends without one are absent."""
    steady: tuple[tuple[int, ...] | None, ...]
    """By node: the edges taken when it completes, where no choice or join can make a difference; else None."""

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self.workflow.name

    def __repr__(self) -> str:
        return f"<Machine '{self.name}': {len(self.ids)} nodes, {len(self.guards)} edges, {self.hash[:8]}>"
