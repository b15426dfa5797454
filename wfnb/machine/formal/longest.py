"""The longest way through a drawing, and what is critical for its length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from math import inf, isclose

from wfnb.errors import DefinitionError
from wfnb.machine.dominance import dominator_tree
from wfnb.machine.formal.routes import number_of, start_of
from wfnb.machine.graph import Graph, cycles
from wfnb.model.workflow import Call, End, Map, Task


@dataclass(frozen=True, slots=True, repr=False)
class LongestPath:
    """The longest way through a drawing.

    Attributes:
        length: the sum of the weights of its nodes.
        nodes: their ids, in order.
        slack: by id of every node on a way from the first to the last: how much heavier it may become before the length
            changes.
        critical: the nodes without slack that have a weight, in order of the drawing; where several ways are equally
            long, those of each.
        repeated: the edges that lead back into a loop, by ids of source and target; each loop counts once.
    """

    length: float
    nodes: tuple[str, ...]
    slack: Mapping[str, float]
    critical: tuple[str, ...]
    repeated: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"length {self.length:g}: {' > '.join(self.nodes)}"
        if self.critical:
            yield f"  critical: {', '.join(self.critical)}"
        spare = [f"{id} {slack:g}" for id, slack in self.slack.items() if slack]
        if spare:
            yield f"  slack: {', '.join(spare)}"
        if self.repeated:
            yield f"  loops counted once: {', '.join(f'{a} > {b}' for a, b in self.repeated)}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def longest_path(
    graph: Graph, weights: Mapping[str, float] | None = None, *, start: str | None = None, end: str | None = None
) -> LongestPath:
    """The longest way from the start to an end, and what is critical for it.

    An edge back to a node that is on every way to it closes a loop (Hecht and Ullman 1972, "Flow graph reducibility");
    such edges are left out, so that the body of a loop counts once.

    Args:
        graph: the drawing.
        weights: by id, such as seconds; absent ones count 0.  None: 1 for each task, map and call.
        start: where it begins; the start of the drawing if None.
        end: where it ends; at whatever end is the farthest if None.

    Raises:
        DefinitionError: an id is no node, a weight is negative or no number, no way leads there, or nodes form a cycle
            that can be entered in several places, so that no edge of it is the one that leads back.
    """
    first = start_of(graph) if start is None else number_of(graph, start)
    goals = {number for number, node in enumerate(graph.nodes) if isinstance(node, End)}
    if end is not None:
        goals = {number_of(graph, end)}
    weight = _weights(graph, weights)
    inside = graph.reachable([first]) & graph.reachable(goals, backward=True)
    if first not in inside:
        raise DefinitionError(
            f"no way leads from '{graph.nodes[first].id}' to {'an end' if end is None else repr(end)}\n"
            "draw the edges that are missing, or ask for other nodes"
        )
    after, back = _without_loops(graph, first, inside)
    order = _topological(graph, after, first)
    to_here, came = _heads(order, after, weight)
    from_here = _tails(order, after, weight, goals)
    last = max((node for node in order if node in goals), key=to_here.__getitem__)
    slack = {
        node: _spare(to_here[node] + from_here[node] - weight[node], to_here[last])
        for node in sorted(order)
        if from_here[node] > -inf
    }
    ids = [node.id for node in graph.nodes]
    return LongestPath(
        length=to_here[last],
        nodes=tuple(ids[node] for node in _way(came, last)),
        slack={ids[node]: spare for node, spare in slack.items()},
        critical=tuple(ids[node] for node, spare in slack.items() if not spare and weight[node]),
        repeated=tuple((ids[a], ids[b]) for a, b in back),
    )


def _heads(
    order: list[int], after: Mapping[int, list[int]], weight: list[float]
) -> tuple[dict[int, float], dict[int, int]]:
    """By node, the length of the longest way to it, itself included, and the node before it there."""
    head = dict.fromkeys(order, -inf)
    head[order[0]] = weight[order[0]]
    came: dict[int, int] = {}
    for node in order:
        for to in after[node]:
            if head[node] + weight[to] > head[to]:
                head[to], came[to] = head[node] + weight[to], node
    return head, came


def _tails(order: list[int], after: Mapping[int, list[int]], weight: list[float], goals: set[int]) -> dict[int, float]:
    """By node, the length of the longest way from it to a goal, itself included."""
    tail = {node: weight[node] if node in goals else -inf for node in order}
    for node in reversed(order):
        for to in after[node]:
            tail[node] = max(tail[node], weight[node] + tail[to])
    return tail


def _way(came: Mapping[int, int], last: int) -> list[int]:
    way = [last]
    while way[-1] in came:
        way.append(came[way[-1]])
    return way[::-1]


def _spare(through: float, length: float) -> float:
    """How much shorter the longest way through a node is; sums in another order differ in their last digits."""
    return 0.0 if isclose(through, length, rel_tol=1e-9) else length - through


def _without_loops(graph: Graph, first: int, inside: set[int]) -> tuple[dict[int, list[int]], list[tuple[int, int]]]:
    """The edges between some nodes, without those that lead back; and those."""
    tree = dominator_tree([graph.after(node) for node in range(len(graph.nodes))], first)
    after: dict[int, list[int]] = {}
    back: list[tuple[int, int]] = []
    for node in sorted(inside):
        targets = [to for to in dict.fromkeys(graph.after(node)) if to in inside]
        after[node] = [to for to in targets if not tree.dominates(to, node)]
        back.extend((node, to) for to in targets if tree.dominates(to, node))
    return after, back


def _topological(graph: Graph, after: Mapping[int, list[int]], first: int) -> list[int]:
    """The nodes in an order in which every edge leads on."""
    waiting = dict.fromkeys(after, 0)
    for targets in after.values():
        for to in targets:
            waiting[to] += 1
    order = [first]
    for node in order:
        for to in after[node]:
            waiting[to] -= 1
            if not waiting[to]:
                order.append(to)
    if len(order) < len(after):
        numbers = {node: index for index, node in enumerate(after)}
        nodes = list(after)
        cycle = cycles([[numbers[to] for to in after[node]] for node in nodes])[0]
        names = ", ".join(f"'{graph.nodes[nodes[index]].id}'" for index in cycle[:12])
        raise DefinitionError(
            f"{names} form a cycle that is entered in several places, so no way is the longest\n"
            "let every edge into the loop lead to one node of it"
        )
    return order


def _weights(graph: Graph, weights: Mapping[str, float] | None) -> list[float]:
    if weights is None:
        return [1 if isinstance(node, Task | Map | Call) else 0 for node in graph.nodes]
    found: list[float] = [0] * len(graph.nodes)
    for id, weight in weights.items():
        if not 0 <= weight < inf:
            raise DefinitionError(f"the weight of '{id}' is {weight}\na weight is a number from 0 on")
        found[number_of(graph, id)] = weight
    return found
