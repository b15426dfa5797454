"""How tokens move through a drawing, beyond its edges: out of groups, and through inclusive forks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from wfnb.machine.graph import Graph
from wfnb.model.workflow import Approval, Call, Edge, Fork, Group, Join, Map, Start, Task, Wait

_MOST_LOOKS = 2_000_000
"""How many nodes are looked at for the branches of inclusive forks, all in all."""


@dataclass(frozen=True)
class Ways:
    """The ways of one drawing.

    Attributes:
        drawn: the drawing.
        members: the nodes and groups right inside each group.
        branches: the edges by which the branches of an inclusive fork that are always taken come to its join, by join.
    """

    drawn: Graph
    members: Mapping[int, tuple[int, ...]]
    branches: Mapping[int, frozenset[int]]

    @cached_property
    def groups_of(self) -> Mapping[int, tuple[int, ...]]:
        """The groups that each node, and each group, is right inside of."""
        found: dict[int, tuple[int, ...]] = {}
        for group, inside in self.members.items():
            for node in inside:
                found[node] = (*found.get(node, ()), group)
        return found

    @cached_property
    def successors(self) -> list[list[int]]:
        """The nodes that a token may go to from each; from inside a group, its edges are reached by the group."""
        found = [self.drawn.after(number) for number in range(len(self.drawn.nodes))]
        for node, groups in self.groups_of.items():
            found[node].extend(groups)
        return found

    @cached_property
    def order(self) -> list[int]:
        """The place of each node in a reverse postorder; -1 where no path leads."""
        drawn, successors = self.drawn, self.successors
        place = [-1] * len(drawn.nodes)
        count = len(drawn.nodes)
        for root in (number for number, node in enumerate(drawn.nodes) if isinstance(node, Start)):
            if place[root] >= 0:
                continue
            work = [(root, iter(successors[root]))]
            place[root] = count  # seen, not numbered yet
            while work:
                node, rest = work[-1]
                for child in rest:
                    if place[child] < 0:
                        place[child] = len(drawn.nodes)
                        work.append((child, iter(successors[child])))
                        break
                else:
                    work.pop()
                    count -= 1
                    place[node] = count
        return place

    @cached_property
    def interrupted(self) -> frozenset[int]:
        """Nodes that can be left without having given their value: by an edge of theirs, or of a group around them."""
        drawn = self.drawn
        found = {
            number for number in range(len(drawn.nodes)) if any(drawn.edges[edge].trigger for edge in drawn.out[number])
        }
        frontier = [number for number in found if number in self.members]
        while frontier:
            for node in self.members[frontier.pop()]:
                if node in self.members and node not in found:
                    frontier.append(node)
                found.add(node)
        return frozenset(number for number in found if not isinstance(drawn.nodes[number], Wait))

    @cached_property
    def provable(self) -> frozenset[str]:
        """The ids of nodes that have a value once they have been reached."""
        return frozenset(
            node.id
            for number, node in enumerate(self.drawn.nodes)
            if isinstance(node, Task | Map | Call) and number not in self.interrupted
        )

    def inside(self, group: int) -> frozenset[int]:
        """The nodes in a group and in the groups inside it."""
        found: set[int] = set()
        frontier = [group]
        seen = {group}
        while frontier:
            for node in self.members.get(frontier.pop(), ()):
                if node in seen:
                    continue
                seen.add(node)
                if node in self.members:
                    frontier.append(node)
                else:
                    found.add(node)
        return frozenset(found)


def ways(drawn: Graph) -> Ways:
    """How tokens move through a drawing."""
    members = {
        number: tuple(dict.fromkeys(drawn.number[id] for id in node.members if id in drawn.number))
        for number, node in enumerate(drawn.nodes)
        if isinstance(node, Group)
    }
    branches: dict[int, frozenset[int]] = {}
    looks = 0
    for number, node in enumerate(drawn.nodes):
        if isinstance(node, Fork) and node.join in drawn.number:
            join = drawn.number[node.join]
            branches[join] = frozenset()
            if isinstance(drawn.nodes[join], Join) and looks < _MOST_LOOKS:
                branches[join], seen = _always_taken(drawn, number, join)
                looks += seen
    return Ways(drawn, members, branches)


def completes(node: object, edge: Edge) -> bool:
    """Whether its source has given its value where an edge is taken."""
    return isinstance(node, Wait) or not edge.trigger


def gives_value(node: object) -> bool:
    """Whether a node gives a value."""
    return isinstance(node, Task | Wait | Approval | Map | Call)


def _always_taken(drawn: Graph, fork: int, join: int) -> tuple[frozenset[int], int]:
    """The edges by which the branches without a condition come to the join, and how many nodes were looked at."""
    found: set[int] = set()
    looks = 0
    for edge in drawn.out[fork]:
        if drawn.edges[edge].when is not None or drawn.edges[edge].otherwise:
            continue
        inside = {drawn.target[edge]}
        frontier = [node for node in inside if node != join]
        while frontier:
            for node in drawn.after(frontier.pop()):
                if node != join and node not in inside:
                    inside.add(node)
                    frontier.append(node)
        looks += len(inside)
        found.update(into for into in drawn.into[join] if into == edge or drawn.source[into] in inside)
    return frozenset(found), looks
