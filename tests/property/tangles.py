"""Small drawings in which what empties, counts, locks and routes is mixed as nobody would draw it."""

from __future__ import annotations

from random import Random
from typing import Any, TypeAlias

from wfnb.model.workflow import Choice, Edge, End, Fork, Group, Join, Start, Task, Wait, Workflow

Way: TypeAlias = tuple[str, dict[str, Any]]
"""A node, and what the next edge from it has."""


def tangle(random: Random) -> Workflow:
    """A drawing; some are no workflows."""
    return _Tangle(random).whole()


class _Tangle:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.nodes: list[Any] = [Start("start")]
        self.edges: list[Edge] = []
        self.inner: list[str] = []
        self.ends: list[str] = []
        self.locks = random.random() < 0.4

    def whole(self) -> Workflow:
        pick = self.random
        before: Way = ("start", {})
        if pick.random() < 0.7:
            fork = self.node("fork", Fork)
            self.edge(before, fork)
            join = self.join("last") if pick.random() < 0.5 else None
            for _ in range(pick.choice((2, 2, 3))):
                last = self.block(self.block((fork, {}), 2), 1)
                self.edge(last, join.id if join and pick.random() < 0.9 else self.end())
            if join:
                self.nodes.append(join)
                self.inner.append(join.id)
                self.edge((join.id, {}), self.end())
        else:
            for _ in range(3):
                before = self.block(before, 2)
            self.edge(before, self.end())
        for number in range(pick.choice((0, 1, 1, 2)) if self.inner else 0):
            self.group(f"group{number}")
        edges = list(dict.fromkeys(self.edges))
        if pick.random() < 0.3 and self.inner:
            at = pick.randrange(len(edges))
            fields = {
                name: getattr(edges[at], name) for name in ("source", "when", "otherwise", "error", "after", "on")
            }
            edges[at] = Edge(**fields, target=pick.choice(self.inner + self.ends))
        return Workflow(nodes=tuple(self.nodes), edges=tuple(dict.fromkeys(edges)))

    def node(self, kind: str, of: Any, **fields: Any) -> str:
        id = f"{kind}{len(self.nodes)}"
        self.nodes.append(of(id, **fields))
        self.inner.append(id)
        return id

    def edge(self, way: Way, target: str) -> None:
        self.edges.append(Edge(source=way[0], target=target, **way[1]))

    def task(self) -> str:
        return self.node("task", Task, activity="a", lock="one" if self.locks and self.random.random() < 0.25 else "")

    def join(self, id: str) -> Join:
        pick = self.random
        return Join(id, need=pick.choice(("all", "any", 2)), rest=pick.choice(("cancel", "absorb")))

    def end(self) -> str:
        pick = self.random
        if not self.ends or pick.random() < 0.7:
            self.ends.append(f"end{len(self.ends)}")
            self.nodes.append(End(self.ends[-1], terminate=pick.random() < 0.25))
        return pick.choice(self.ends)

    def group(self, id: str) -> None:
        """A group of nodes that were drawn one after the other; it may cut through anything."""
        pick = self.random
        first = pick.randrange(len(self.inner))
        last = first + pick.choice((1, 2, 3, 5, 8))
        lock = "one" if self.locks and pick.random() < 0.5 else ""
        self.nodes.append(Group(id, members=tuple(self.inner[first:last]), cancel=pick.random() < 0.6, lock=lock))
        if pick.random() < 0.4:
            self.edge((id, {"after": 1}), pick.choice(self.inner[last:] + self.ends))

    # ---------------------------------------------------------------------------------------------- what it is made of

    def block(self, before: Way, depth: int) -> Way:
        kinds = ("task", "nothing", *(("task", "inclusive", "choice", "fork", "wait", "loop") if depth else ()))
        match self.random.choice(kinds):
            case "nothing":
                return before
            case "wait":
                wait = self.node("wait", Wait)
                self.edge(before, wait)
                reached = {"when": f"reached('{self.random.choice(self.inner)}')"}
                return wait, self.random.choice(({"on": "go"}, reached))
            case "choice":
                gate, after = self.node("choice", Choice), self.task()
                self.edge(before, gate)
                self.edge(self.block((gate, {"when": "1 < 2"}), depth - 1), after)
                self.edge(self.block((gate, {"otherwise": True}), depth - 1), after)
                return after, {}
            case "loop":
                first, gate = self.task(), self.node("choice", Choice)
                self.edge(before, first)
                self.edge(self.block((first, {}), depth - 1), gate)
                self.edge((gate, {"when": "1 < 2"}), first)
                return gate, {"otherwise": True}
            case "fork":
                return self.forked(before, depth, Fork(f"fork{len(self.nodes)}"), [{}] * self.random.choice((2, 2, 3)))
            case "inclusive":
                branches: list[dict[str, Any]] = [{"when": "1 < 2"}] * self.random.choice((2, 2, 3))
                branches[self.random.randrange(len(branches))] = self.random.choice(
                    ({"otherwise": True}, {}, branches[0])
                )
                fork = Fork(f"some{len(self.nodes)}", join=f"join{len(self.nodes)}")
                return self.forked(before, depth, fork, branches)
            case _:
                task = self.task()
                self.edge(before, task)
                return task, {}

    def forked(self, before: Way, depth: int, fork: Fork, branches: list[dict[str, Any]]) -> Way:
        join = Join(fork.join) if fork.join else self.join(f"join{len(self.nodes)}")
        self.nodes.append(fork)
        self.inner.append(fork.id)
        self.edge(before, fork.id)
        for fields in branches:
            last = self.block((fork.id, fields), depth - 1)
            if last[0] == fork.id:
                self.edge(last, first := self.task())
                last = first, {}
            self.edge(last, join.id)
        self.nodes.append(join)
        self.inner.append(join.id)
        return join.id, {}
