"""A token game of its own, written from the drawing's rules alone, to judge what a run recorded."""

from __future__ import annotations

from collections.abc import Iterable

from wfnb.model.event import (
    Event,
    RunCompleted,
    RunFailed,
    RunStarted,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
)
from wfnb.model.workflow import Choice, End, Fork, Join, Start, Task, Workflow


class Game:
    """Tokens on edges and inside tasks; every move is checked when it is made."""

    def __init__(self, workflow: Workflow) -> None:
        self.nodes = {node.id: node for node in workflow.nodes}
        self.edges = workflow.edges
        self.out = {id: [i for i, e in enumerate(self.edges) if e.source == id] for id in self.nodes}
        self.into = {id: [i for i, e in enumerate(self.edges) if e.target == id] for id in self.nodes}
        self.marked: set[int] = set()
        self.busy: set[str] = set()

    def play(self, events: Iterable[Event]) -> None:
        """Play what a run recorded; an AssertionError says which rule was broken."""
        for event in events:
            match event:
                case RunStarted():
                    (start,) = (id for id, node in self.nodes.items() if isinstance(node, Start))
                    self.move(start, event.moves)
                case TaskStarted() if event.node not in self.busy:
                    (token,) = (edge for edge in self.into[event.node] if edge in self.marked)
                    self.marked.remove(token)
                    self.busy.add(event.node)
                case TaskCompleted():
                    self.busy.remove(event.node)
                    self.move(event.node, event.moves)
                case TaskFailed() if event.retry_at is None:
                    self.busy.remove(event.node)
                case TaskCancelled():
                    self.busy.remove(event.node)
                case RunCompleted():
                    assert not self.marked | {hash(node) for node in self.busy}, "a run completed with tokens left"
                case RunFailed():
                    assert not self.busy, "a run failed with tasks inside"
                case _:
                    pass

    def move(self, node: str, moves: tuple[int, ...]) -> None:
        """Fire a node that completes and the routing after it, along the edges that were recorded."""
        owed = set(self.out[node])
        for edge in moves:
            if edge not in owed:
                owed |= self.fire(self.edges[edge].source, edge)
            owed.remove(edge)
            assert edge not in self.marked, f"a second token on edge {edge}"
            if not isinstance(self.nodes[self.edges[edge].target], End):
                self.marked.add(edge)
        self.stuck = bool(owed)
        if not owed:
            assert not [id for id in self.nodes if self.enabled(id)], "routing was left undone"

    def fire(self, id: str, along: int) -> set[int]:
        """Take what a routing node needs; gives the edges that get a token."""
        tokens = self.enabled(id)
        assert tokens, f"'{id}' fired without its tokens"
        self.marked -= set(tokens)
        return {along} if isinstance(self.nodes[id], Choice) else set(self.out[id])

    def enabled(self, id: str) -> list[int]:
        """The tokens that a routing node would take now, none if it can not fire."""
        marked = [edge for edge in self.into[id] if edge in self.marked]
        match self.nodes[id]:
            case Choice() | Fork():
                return marked[:1]
            case Join():
                return marked if len(marked) == len(self.into[id]) else []
            case Task() | _:
                return []
