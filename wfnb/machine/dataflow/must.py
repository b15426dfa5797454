"""What has happened on every path: a forward analysis of the drawing, with bits for values and activities.

Bits only ever get lost on the way to the fixpoint, which is the greatest one (Kildall 1973, "A unified approach to
global program optimization").  Nodes are visited in reverse postorder, so a drawing without loops takes one round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from wfnb.machine.graph import Graph
from wfnb.model.workflow import Approval, Call, Edge, Fork, Group, Join, Map, Start, Task, Wait


@dataclass(frozen=True, slots=True)
class Must:
    """What is sure where a token is.

    Attributes:
        before: by node, the bits that are sure when it starts.
        on: by edge, the bits that are sure when it is taken.
    """

    before: tuple[int, ...]
    on: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """How tokens move through a drawing, beyond its edges.

    Attributes:
        drawn: the drawing.
        insides: the nodes inside each group that has edges of its own, by the group.
        branches: the edges by which the branches of an inclusive fork that are always taken come to its join, by join.
    """

    drawn: Graph
    insides: Mapping[int, frozenset[int]]
    branches: Mapping[int, frozenset[int]]

    def successors(self) -> list[list[int]]:
        """The nodes that a token may go to from each; from inside a group, its edges are reached by the group."""
        found = [self.drawn.after(number) for number in range(len(self.drawn.nodes))]
        for group, inside in self.insides.items():
            for node in inside:
                found[node].append(group)
        return found

    def groups_of(self) -> dict[int, list[int]]:
        """The groups with edges of their own that each node is in."""
        found: dict[int, list[int]] = {}
        for group, inside in self.insides.items():
            for node in inside:
                found.setdefault(node, []).append(group)
        return found

    def order(self) -> list[int]:
        """Nodes by their place in a reverse postorder; what can not be reached comes last."""
        drawn = self.drawn
        successors = self.successors()
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


def ways(drawn: Graph) -> Ways:
    """How tokens move through a drawing."""
    insides = {
        number: nodes_in(drawn, number)
        for number, node in enumerate(drawn.nodes)
        if isinstance(node, Group) and drawn.out[number]
    }
    branches = {}
    for number, node in enumerate(drawn.nodes):
        if isinstance(node, Fork) and node.join in drawn.number:
            branches[drawn.number[node.join]] = _always_taken(drawn, number, drawn.number[node.join])
    return Ways(drawn, insides, branches)


def must(routes: Ways, place: Sequence[int], gives: Sequence[int], proves: Mapping[int, int]) -> Must:
    """What is sure at each node and edge.

    Args:
        routes: the drawing.
        place: the order in which nodes are visited, as `Ways.order` gives it.
        gives: by node, the bits that its completion sets.
        proves: the bits that are sure wherever an edge is taken, by edge, because its guard says so.
    """
    drawn = routes.drawn
    everything = 0
    for bits in gives:
        everything |= bits
    on = [everything] * len(drawn.edges)
    before = [everything] * len(drawn.nodes)
    groups_of = routes.groups_of()
    work = [(place[number], number) for number, node in enumerate(drawn.nodes) if isinstance(node, Start)]
    queued = {number for _, number in work}
    met = set(queued)
    plain = [not isinstance(node, Join | Group | Start) for node in drawn.nodes]
    while work:
        _, node = heappop(work)
        queued.discard(node)
        if plain[node]:
            sure = everything
            for edge in drawn.into[node]:
                sure &= on[edge]
        else:
            sure = _arriving(routes, node, on, everything)
        before[node] = sure
        done = sure | gives[node]
        for edge in drawn.out[node]:
            after = done if completes(drawn.nodes[node], drawn.edges[edge]) else sure
            after |= proves.get(edge, 0)
            target = drawn.target[edge]
            if after != on[edge] or target not in met:
                on[edge] = after
                met.add(target)
                for to in (target, *groups_of.get(target, ())):
                    if to not in queued:
                        queued.add(to)
                        heappush(work, (place[to], to))
    return Must(tuple(before), tuple(on))


def completes(node: object, edge: Edge) -> bool:
    """Whether its source has given its value where an edge is taken."""
    return isinstance(node, Wait) or not edge.trigger


def gives_value(node: object) -> bool:
    """Whether a node gives a value."""
    return isinstance(node, Task | Wait | Approval | Map | Call)


def _arriving(routes: Ways, node: int, on: Sequence[int], everything: int) -> int:
    drawn = routes.drawn
    kind = drawn.nodes[node]
    if isinstance(kind, Start):
        return 0
    if isinstance(kind, Group):
        sure = everything
        for member in routes.insides.get(node, ()):
            for edge in drawn.into[member]:
                sure &= on[edge]
        return sure
    into = [on[edge] for edge in drawn.into[node]]
    assert isinstance(kind, Join)
    need = len(into) if kind.need == "all" else 1 if kind.need == "any" else min(kind.need, len(into))
    if node in routes.branches:
        sure = at_least(into, len(into), everything)
        for edge in routes.branches[node]:
            sure |= on[edge]
        return sure
    if need == len(into):
        sure = 0
        for bits in into:
            sure |= bits
        return sure
    return at_least(into, len(into) - need + 1, everything)


def at_least(masks: Sequence[int], count: int, everything: int) -> int:
    """The bits that are in at least so many masks."""
    found = [everything] + [0] * count
    for bits in masks:
        for level in range(count, 0, -1):
            found[level] |= found[level - 1] & bits
    return found[count]


def nodes_in(drawn: Graph, group: int) -> frozenset[int]:
    """The nodes in a group and in the groups inside it."""
    found: set[int] = set()
    seen = {group}
    frontier = [group]
    while frontier:
        node = drawn.nodes[frontier.pop()]
        if isinstance(node, Group):
            for id in node.members:
                member = drawn.number.get(id, -1)
                if member >= 0 and member not in seen:
                    seen.add(member)
                    frontier.append(member)
                    found.add(member)
    return frozenset(member for member in found if not isinstance(drawn.nodes[member], Group))


def _always_taken(drawn: Graph, fork: int, join: int) -> frozenset[int]:
    """The edges by which the branches without a condition come to the join of an inclusive fork."""
    found: set[int] = set()
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
        found.update(into for into in drawn.into[join] if into == edge or drawn.source[into] in inside)
    return frozenset(found)
