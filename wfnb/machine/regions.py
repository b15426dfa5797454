"""Parts of a drawing that are emptied at once: groups, and what a join leaves behind that does not wait for all."""

from __future__ import annotations

from collections.abc import Iterable

from wfnb.machine.graph import Graph, members
from wfnb.machine.machine import Region
from wfnb.model.workflow import End, Group, Join, Node


def region(drawn: Graph, nodes: Iterable[int]) -> Region:
    """The region of these nodes."""
    inside = frozenset(nodes)
    joins = (node for node in inside if isinstance(drawn.nodes[node], Join))
    return Region(inside, frozenset(edge for node in joins for edge in drawn.into[node]))


def group_regions(drawn: Graph) -> dict[int, Region]:
    """What is inside each group, by its number."""
    return {
        number: region(drawn, members(drawn.nodes, drawn.number, number))
        for number, node in enumerate(drawn.nodes)
        if isinstance(node, Group)
    }


def around(groups: dict[int, Region], node: int) -> list[int]:
    """The groups that a node is in, innermost (smallest) first."""
    return sorted(
        (group for group, inside in groups.items() if node in inside.nodes), key=lambda g: len(groups[g].nodes)
    )


def emptied_by(drawn: Graph, groups: dict[int, Region]) -> dict[int, Region]:
    """What is withdrawn when an edge is taken, by edge.

    That is the group that an edge with a trigger leaves, and every group with `cancel` that an edge leads out of.  Where
    one branch of a fork leaves a group, the first of its branches empties it, before any token is put.
    """
    found: dict[int, Region] = {}
    cancelling = {number for number, node in enumerate(drawn.nodes) if isinstance(node, Group) and node.cancel}
    for edge, source in enumerate(drawn.source):
        left = set()
        if source in groups:
            left = {source, *(g for g in cancelling if groups[source].nodes < groups[g].nodes)}
        elif source >= 0:
            left = {g for g in cancelling if source in groups[g].nodes}
        target = drawn.target[edge]
        left = {g for g in left if g == source or target not in groups[g].nodes}
        if left:
            first = _first_of(drawn, edge)
            nodes = frozenset().union(*(groups[g].nodes for g in left))
            before = found.get(first)
            found[first] = region(drawn, nodes | before.nodes if before else nodes)
    return found


def _first_of(drawn: Graph, edge: int) -> int:
    source: Node = drawn.nodes[drawn.source[edge]]
    return drawn.out[drawn.source[edge]][0] if source.kind == "fork" else edge


def branch(drawn: Graph, edge: int, join: int) -> tuple[frozenset[int], set[int]]:
    """A branch of an inclusive fork, up to its join.

    Interrupts of a group that is inside of the branch belong to it, those of one around the fork and the join do not.

    Returns:
        Its nodes and groups, and those of its nodes that can be entered from elsewhere.
    """
    fork, first = drawn.source[edge], drawn.target[edge]
    groups = {
        number: members(drawn.nodes, drawn.number, number)
        for number, node in enumerate(drawn.nodes)
        if isinstance(node, Group) and drawn.out[number]
    }
    inner = {group: inside for group, inside in groups.items() if not {fork, join} <= inside}
    found = {first} - {join}
    frontier = list(found)
    while frontier:
        node = frontier.pop()
        after = [drawn.target[out] for out in drawn.out[node]]
        after += [group for group, inside in inner.items() if node in inside]
        for to in after:
            if to != join and to not in found:
                found.add(to)
                frontier.append(to)
    entered = {
        node
        for node in found
        if any(drawn.source[into] not in found and drawn.source[into] != fork for into in drawn.into[node])
        or not inner.get(node, frozenset()) <= found
    }
    return frozenset(found), entered


def branches_of(drawn: Graph, join: int, dominator: int | None) -> Region:
    """What lies between a join and the node where its branches part: all of it is withdrawn when the join cancels."""
    if dominator is None:
        return region(drawn, [join])
    inside = drawn.reachable([join], backward=True, but=dominator) & drawn.reachable([dominator], but=join)
    return region(drawn, inside - {dominator})


def everything(drawn: Graph) -> Region:
    """The whole drawing, but for its ends."""
    return region(drawn, (number for number, node in enumerate(drawn.nodes) if not isinstance(node, End)))
