"""Which node and edge of one machine is which of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from msgspec.structs import replace

from wfnb.machine.command import Compensate, StartChild, StartTask
from wfnb.machine.machine import Machine
from wfnb.model.state import State
from wfnb.model.workflow import Edge

C = TypeVar("C", bound=StartTask | StartChild | Compensate)


@dataclass(frozen=True, slots=True)
class Image:
    """What of one machine is what of another.

    Attributes:
        old: the machine that a run follows.
        new: the one that it is to follow.
        nodes: by node of the old one: the one with the same id and kind; absent where there is none.
        edges: by edge of the old one: the one that leads from the same node to the same node by the same trigger.
    """

    old: Machine
    new: Machine
    nodes: Mapping[int, int]
    edges: Mapping[int, int]

    @property
    def changes_nothing(self) -> bool:
        """Whether the two are one definition, what they call included."""
        seen: set[tuple[Machine, Machine]] = set()
        frontier = [(self.old, self.new)]
        while frontier:
            before, after = frontier.pop()
            if before.hash != after.hash:
                return False
            if (before, after) in seen or before is after:
                continue
            seen.add((before, after))
            frontier += [(plan.machine, after.children[node].machine) for node, plan in before.children.items()]
            frontier += [(one, after.special.spawns[edge]) for edge, one in before.special.spawns.items()]
        return True

    def of(self, command: C) -> C:
        """A command for the old machine as one for the new; for node -1 where that is no more."""
        node = self.nodes.get(command.node, -1)
        if isinstance(command, StartChild):
            return cast("C", replace(command, node=node, edge=self.edges.get(command.edge, -1)))
        return cast("C", replace(command, node=node))

    def reached_end(self, edge: int) -> int | None:
        """The edge on which a token lies then that has reached an end; None where that end is no more."""
        end = self.nodes.get(self.old.graph.target[edge])
        if edge in self.edges or end is None:
            return self.edges.get(edge)
        return next(iter(self.new.graph.into[end]), None)

    def resting(self, state: State) -> dict[int, int | None]:
        """Tokens before a task, a map or a call: the edge on which each lies then, by node of the old machine.

        The token stands where it stood.  If its edge is no more, it lies on the only one that leads there, or on the
        first where nothing asks by which it came; None where something does.
        """
        new = self.new
        found: dict[int, int | None] = {}
        for node, edge in state.ready.items():
            if node not in self.nodes:
                continue
            to, kept = self.nodes[node], self.edges.get(edge)
            into = new.graph.into[to]
            sure = len(into) == 1 or to not in new.special.traced
            found[node] = kept if kept is not None else into[0] if into and sure else None
        return found


def image_of(old: Machine, new: Machine) -> Image:
    """What of a machine is what of another, by ids and kinds."""
    nodes = {
        node: number
        for node, id in enumerate(old.ids)
        if (number := new.graph.number.get(id, -1)) >= 0 and new.kinds[number] is old.kinds[node]
    }
    return Image(old, new, nodes, _edges(old, new, nodes))


def _edges(old: Machine, new: Machine, nodes: Mapping[int, int]) -> dict[int, int]:
    """Edges that are alike come first; one that has changed is taken for another only where there is no choice."""
    before, after = _by_ends(old.workflow.edges), _by_ends(new.workflow.edges)
    number, others = old.graph.number, new.graph.number
    found: dict[int, int] = {}
    for key, edges in before.items():
        source, target = number.get(key[0], -1), number.get(key[1], -1)
        if nodes.get(source) != others.get(key[0]) or nodes.get(target) != others.get(key[1]):
            continue
        left = list(after.get(key, ()))
        changed = []
        for edge in edges:
            same = next((one for one in left if new.workflow.edges[one] == old.workflow.edges[edge]), None)
            if same is None:
                changed.append(edge)
            else:
                left.remove(same)
                found[edge] = same
        if len(changed) == 1 and len(left) == 1:
            found[changed[0]] = left[0]
    return found


def _by_ends(edges: Iterable[Edge]) -> dict[tuple[str, str, str, bool], list[int]]:
    found: dict[tuple[str, str, str, bool], list[int]] = {}
    for number, edge in enumerate(edges):
        found.setdefault((edge.source, edge.target, edge.trigger, edge.spawn), []).append(number)
    return found
