"""The drawing as a directed graph over numbers: adjacency, reachability, cycles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wfnb.model.workflow import Edge, Group, Node, Note, Workflow


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes (notes left out) and edges by number; an edge's number is its index in the document."""

    nodes: tuple[Node, ...]
    number: dict[str, int]
    edges: tuple[Edge, ...]
    source: tuple[int, ...]
    target: tuple[int, ...]
    out: tuple[tuple[int, ...], ...]
    """Numbers of the edges that leave each node, in document order."""
    into: tuple[tuple[int, ...], ...]
    leaps: dict[int, tuple[int, ...]]
    """Where the edges of the groups around a node lead, by node; empty where no edge leaves a group."""
    leapt: dict[int, tuple[int, ...]]
    """The same backwards: the members of the groups whose edges lead to a node."""

    def after(self, node: int) -> list[int]:
        """The nodes its edges lead to, and those of the groups around it."""
        found = [self.target[edge] for edge in self.out[node]]
        return [*found, *self.leaps.get(node, ())] if self.leaps else found

    def before(self, node: int) -> list[int]:
        """The nodes its edges come from, and the members of groups whose edges lead to it."""
        found = [self.source[edge] for edge in self.into[node]]
        return [*found, *self.leapt.get(node, ())] if self.leapt else found

    def reachable(self, starts: Iterable[int], *, backward: bool = False, but: int | None = None) -> set[int]:
        """Every node on a path from one of `starts` (or to one), those included; no path goes on behind `but`."""
        found = set(starts)
        frontier = [node for node in found if node != but]
        step = self.before if backward else self.after
        while frontier:
            for node in step(frontier.pop()):
                if node not in found:
                    found.add(node)
                    if node != but:
                        frontier.append(node)
        return found


def graph(workflow: Workflow) -> Graph:
    """The graph of a workflow whose ids are unique and whose edges name known nodes (others are left out)."""
    nodes = tuple(node for node in workflow.nodes if not isinstance(node, Note))
    numbers = {node.id: index for index, node in enumerate(nodes)}
    source, target = [], []
    out: list[list[int]] = [[] for _ in nodes]
    into: list[list[int]] = [[] for _ in nodes]
    for index, edge in enumerate(workflow.edges):
        a, b = numbers.get(edge.source, -1), numbers.get(edge.target, -1)
        source.append(a)
        target.append(b)
        if a >= 0 and b >= 0:
            out[a].append(index)
            into[b].append(index)
    leaps: dict[int, list[int]] = {}
    leapt: dict[int, list[int]] = {}
    for index, node in enumerate(nodes):
        if isinstance(node, Group) and out[index]:
            for member in members(nodes, numbers, index):
                leaps.setdefault(member, []).extend(target[number] for number in out[index])
                for number in out[index]:
                    leapt.setdefault(target[number], []).append(member)
    return Graph(
        nodes,
        numbers,
        workflow.edges,
        tuple(source),
        tuple(target),
        tuple(map(tuple, out)),
        tuple(map(tuple, into)),
        {node: tuple(found) for node, found in leaps.items()},
        {node: tuple(found) for node, found in leapt.items()},
    )


def members(nodes: Sequence[Node], number: Mapping[str, int], group: int) -> frozenset[int]:
    """The nodes in a group, by number; the members of inner groups belong to the outer one too."""
    inside: set[int] = set()
    seen = {group}
    frontier = [group]
    while frontier:
        node = nodes[frontier.pop()]
        assert isinstance(node, Group)
        for id in node.members:
            member = number.get(id, -1)
            if member < 0 or member in seen:
                continue
            seen.add(member)
            if isinstance(nodes[member], Group):
                frontier.append(member)
            else:
                inside.add(member)
    return frozenset(inside)


def cycles(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    """The strongly connected components that contain a cycle.

    Tarjan 1972, "Depth-first search and linear graph algorithms", without recursion.
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    for root in range(len(successors)):
        if root in index:
            continue
        work = [(root, iter(successors[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            advanced = False
            for child in rest:
                if child not in index:
                    index[child] = low[child] = len(index)
                    stack.append(child)
                    on_stack.add(child)
                    work.append((child, iter(successors[child])))
                    advanced = True
                    break
                if child in on_stack:
                    low[node] = min(low[node], index[child])
            if advanced:
                continue
            work.pop()
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[node])
            if low[node] == index[node]:
                component = []
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    component.append(member)
                    if member == node:
                        break
                if len(component) > 1 or node in successors[node]:
                    found.append(sorted(component))
    return found
