"""The regions of a drawing in which order may be changed: tasks with plain forks and joins, one way in and one out."""

from __future__ import annotations

from dataclasses import dataclass

from wfnb.author.changes import asked_about
from wfnb.author.order import Order
from wfnb.author.ways import Ways, expressions
from wfnb.model.workflow import Approval, Call, Edge, End, Fork, Group, Join, Map, Task, Wait

MOVED = Task | Map | Call
"""Kinds of nodes whose order may change."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region that is entered at one node and left along one edge."""

    entry: str
    exit: Edge
    nodes: tuple[str, ...]
    """Tasks, maps and calls, with the forks and joins between them."""
    tasks: tuple[str, ...]
    """Those that are no forks and joins, earlier ones first."""
    before: Order
    """The order in which they are drawn."""

    @property
    def last(self) -> str:
        """The node that it is left from."""
        return self.exit.source


def regions(ways: Ways) -> list[Region]:
    """The regions with two tasks or more, as large as they can be; no two share a node."""
    movable = _movable(ways)
    alone = {id for id, weight in (ways.weights() or {}).items() if weight == 1} if _timed(ways) else movable
    grown = [_grown(ways, id, movable) for id in ways.nodes if id in movable & alone and _begins(ways, id, movable)]
    taken: set[str] = set()
    found: list[Region] = []
    for region in sorted((r for r in grown if r is not None), key=lambda region: -len(region.nodes)):
        if len(region.tasks) > 1 and taken.isdisjoint(region.nodes):
            taken.update(region.nodes)
            found.append(region)
    return found


def _begins(ways: Ways, id: str, movable: set[str]) -> bool:
    """Whether a region may begin here: not where the one that begins at the task before is larger."""
    if isinstance(ways.nodes[id], Join):
        return False
    into = ways.into[id]
    before = into[0].source if len(into) == 1 else ""
    follows = before in movable and isinstance(ways.nodes[before], MOVED)
    return not follows or ways.around[before] != ways.around[id]


def _grown(ways: Ways, entry: str, movable: set[str]) -> Region | None:
    """The largest region from this node on."""
    nodes = [entry]
    open_edges = list(ways.out[entry])
    closed: tuple[int, Edge] | None = None
    while True:
        if len(open_edges) == 1:
            closed = len(nodes), open_edges[0]
        into = next((edge for edge in open_edges if _joins(ways, edge, open_edges, nodes[0], movable)), None)
        if into is None:
            break
        nodes.append(into.target)
        open_edges = [edge for edge in open_edges if edge.target != into.target] + ways.out[into.target]
    return None if closed is None or closed[1].target == entry else _region(ways, nodes[: closed[0]], closed[1])


def _joins(ways: Ways, edge: Edge, open_edges: list[Edge], entry: str, movable: set[str]) -> bool:
    """Whether the node that an edge leads to belongs to the region that it leaves."""
    to = edge.target
    if to not in movable or to == entry or ways.around[to] != ways.around[entry]:
        return False
    if isinstance(ways.nodes[to], Join):
        return sum(other.target == to for other in open_edges) == len(ways.into[to])
    return len(ways.into[to]) == 1


def _region(ways: Ways, nodes: list[str], exit: Edge) -> Region:
    tasks = tuple(id for id in nodes if isinstance(ways.nodes[id], MOVED))
    number = {id: index for index, id in enumerate(tasks)}
    inside = set(nodes)
    before: dict[str, int] = {}
    for id in nodes:
        mask = 0
        for edge in ways.into[id]:
            if edge.source in inside and id != nodes[0]:
                mask |= before[edge.source]
                if edge.source in number:
                    mask |= 1 << number[edge.source]
        before[id] = mask
    return Region(nodes[0], exit, tuple(nodes), tasks, Order(tuple(before[id] for id in tasks)))


def _movable(ways: Ways) -> set[str]:
    """The nodes that may be in a region."""
    asked = asked_about(ways.workflow)
    paired = {node.join for node in ways.nodes.values() if isinstance(node, Fork)}
    found: set[str] = set()
    for id, node in ways.nodes.items():
        out = ways.out[id]
        if any(edge.trigger or edge.when is not None or edge.otherwise or edge.spawn for edge in out):
            continue
        if any(edge.spawn for edge in ways.into[id]) or any(_acts(ways, group) for group in ways.around[id]):
            continue
        routes = id not in asked and id not in paired
        fits = (
            (isinstance(node, MOVED) and len(out) == 1)
            or (isinstance(node, Fork) and routes and not node.join and len(out) > 1)
            or (isinstance(node, Join) and routes and node.need == "all" and len(out) == 1)
        )
        if fits:
            found.add(id)
    return found


def _acts(ways: Ways, id: str) -> bool:
    """Whether a group does anything."""
    group = ways.nodes[id]
    return isinstance(group, Group) and (group.cancel or bool(group.lock) or bool(ways.out[id]))


def _timed(ways: Ways) -> bool:
    """Whether results may depend on what comes first."""
    return (
        any(edge.trigger or edge.spawn for edge in ways.workflow.edges)
        or any(
            isinstance(node, Wait | Approval)
            or (isinstance(node, Join) and node.need != "all")
            or (isinstance(node, End) and node.terminate)
            or (isinstance(node, Group) and node.cancel)
            for node in ways.nodes.values()
        )
        or any(expression.facts for expression, _ in expressions(ways.workflow))
    )
