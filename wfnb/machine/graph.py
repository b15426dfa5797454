"""The drawing as a directed graph over numbers: adjacency, reachability, cycles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wfnb.model.workflow import Edge, Node, Note, Workflow


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

    def after(self, node: int) -> list[int]:
        """The nodes its edges lead to."""
        return [self.target[edge] for edge in self.out[node]]

    def before(self, node: int) -> list[int]:
        """The nodes its edges come from."""
        return [self.source[edge] for edge in self.into[node]]

    def reachable(self, starts: Iterable[int], *, backward: bool = False) -> set[int]:
        """Every node on a path from one of `starts` (or to one), those included."""
        found = set(starts)
        frontier = list(found)
        step = self.before if backward else self.after
        while frontier:
            for node in step(frontier.pop()):
                if node not in found:
                    found.add(node)
                    frontier.append(node)
        return found


def graph(workflow: Workflow) -> Graph:
    """The graph of a workflow whose ids are unique and whose edges name known nodes (others are left out)."""
    nodes = tuple(node for node in workflow.nodes if not isinstance(node, Note))
    number = {node.id: index for index, node in enumerate(nodes)}
    source, target = [], []
    out: list[list[int]] = [[] for _ in nodes]
    into: list[list[int]] = [[] for _ in nodes]
    for index, edge in enumerate(workflow.edges):
        a, b = number.get(edge.source, -1), number.get(edge.target, -1)
        source.append(a)
        target.append(b)
        if a >= 0 and b >= 0:
            out[a].append(index)
            into[b].append(index)
    return Graph(
        nodes, number, workflow.edges, tuple(source), tuple(target), tuple(map(tuple, out)), tuple(map(tuple, into))
    )


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
