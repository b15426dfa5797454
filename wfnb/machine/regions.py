"""Parts of a drawing that are emptied at once: groups, and what a join leaves behind that does not wait for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wfnb.machine.graph import Graph, members
from wfnb.machine.machine import Region
from wfnb.model.workflow import End, Fork, Group, Join


def region(drawn: Graph, nodes: Iterable[int]) -> Region:
    """The region of these nodes."""
    inside = frozenset(nodes)
    joins = (node for node in inside if isinstance(drawn.nodes[node], Join))
    return Region(inside, frozenset(edge for node in joins for edge in drawn.into[node]))


def group_regions(drawn: Graph) -> dict[int, Region]:
    """What is inside each group, by its number."""
    return {number: region(drawn, members(drawn.nodes, drawn.number, number)) for number in drawn.of(Group)}


def around(groups: Mapping[int, Region]) -> dict[int, list[int]]:
    """The groups around each node that is in one, innermost (smallest) first."""
    found: dict[int, list[int]] = {}
    for group in sorted(groups, key=lambda g: len(groups[g].nodes)):
        for node in groups[group].nodes:
            found.setdefault(node, []).append(group)
    return found


def emptied_by(drawn: Graph, groups: Mapping[int, Region]) -> dict[int, Region]:
    """What is withdrawn when an edge is taken, by edge.

    That is the group that an edge with a trigger leaves, and every group with `cancel` that an edge leads out of.
    Where one branch of a fork leaves a group, the first of its branches empties it, before any token is put; of an
    inclusive one, those that empty most go first.
    """
    left: dict[int, set[int]] = {}
    within = around(groups)
    for edge, source in enumerate(drawn.source):
        if source not in within and source not in groups:
            continue
        node = drawn.nodes[source]
        first = drawn.out[source][0] if isinstance(node, Fork) and not node.join else edge
        for group in _left_by(drawn, groups, within, edge):
            left.setdefault(first, set()).add(group)
    made: dict[frozenset[int], Region] = {}  # many edges leave the same groups
    for which in map(frozenset, left.values()):
        if which not in made:
            made[which] = region(drawn, frozenset().union(*(groups[group].nodes for group in which)))
    return {edge: made[frozenset(which)] for edge, which in left.items()}


def _left_by(drawn: Graph, groups: Mapping[int, Region], within: Mapping[int, list[int]], edge: int) -> Iterator[int]:
    """The groups that are emptied because this edge leaves them."""
    source, target = drawn.source[edge], drawn.target[edge]
    around_target = within.get(target, ())
    if source not in groups:
        outer: Iterable[int] = within.get(source, ())
    else:
        yield source
        inside = groups[source].nodes
        some = next(iter(inside), -1)
        outer = [group for group in within.get(some, ()) if inside < groups[group].nodes]
    for group in outer:
        node = drawn.nodes[group]
        if isinstance(node, Group) and node.cancel and group != source and group not in around_target:
            yield group


def branches_of(drawn: Graph, join: int, dominator: int | None) -> Region:
    """What lies between a join and the node where its branches part: all of it is withdrawn when the join cancels."""
    if dominator is None:
        return region(drawn, [join])
    towards = drawn.reachable([join], backward=True, but=dominator)
    inside: set[int] = set()
    frontier = [dominator]
    while frontier:
        for node in drawn.after(frontier.pop()):
            if node in towards and node not in inside and node != dominator:
                inside.add(node)
                if node != join:
                    frontier.append(node)
    return region(drawn, inside)


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of an inclusive fork, up to its join.

    Attributes:
        nodes: its nodes, and the groups inside it whose interrupts belong to it.
        ends: the edges by which it comes to the join.
        entered: those of its nodes that can be entered from elsewhere.
    """

    nodes: frozenset[int]
    ends: tuple[int, ...]
    entered: frozenset[int]


def branches(drawn: Graph, fork: int, join: int) -> Iterator[tuple[int, Branch]]:
    """The branches of an inclusive fork, by their edge.  The interrupts of a group around both are no part of any."""
    inner = {}
    for number in drawn.of(Group):
        if drawn.out[number]:
            inside = members(drawn.nodes, drawn.number, number)
            if not {fork, join} <= inside:
                inner[number] = inside
    for edge in drawn.out[fork]:
        yield edge, _branch(drawn, edge, join, inner)


def _branch(drawn: Graph, edge: int, join: int, inner: Mapping[int, frozenset[int]]) -> Branch:
    fork, first = drawn.source[edge], drawn.target[edge]
    if first == join:
        return Branch(frozenset(), (edge,), frozenset())
    found = {first}
    frontier = [first]
    while frontier:
        node = frontier.pop()
        after = [drawn.target[out] for out in drawn.out[node]]
        after += [group for group, inside in inner.items() if node in inside]
        for to in after:
            if to != join and to not in found:
                found.add(to)
                frontier.append(to)
    ends = sorted(into for node in found for into in drawn.out[node] if drawn.target[into] == join)
    entered = {
        node
        for node in found
        if any(drawn.source[into] not in found and drawn.source[into] != fork for into in drawn.into[node])
        or not inner.get(node, frozenset()) <= found
    }
    return Branch(frozenset(found), tuple(ends), frozenset(entered))


def everything(drawn: Graph) -> Region:
    """The whole drawing, but for its ends."""
    return region(drawn, (number for number, node in enumerate(drawn.nodes) if not isinstance(node, End)))
