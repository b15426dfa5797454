"""The drawing as a directed graph over numbers: adjacency, reachability, cycles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wfnb.model.workflow import Edge, Group, Node, Note, Workflow

MAX_NESTING = 50
"""How deep groups may nest."""
MAX_EFFORT = 1_000_000
"""How many nodes and edges the checks of one drawing may go through that look at its parts one by one."""


class TooEntangled(Exception):
    """The parts of a drawing overlap so much that looking at each would take too long."""


class Effort:
    """Bounds what looking at parts one by one costs, where a drawing has many that lie in each other."""

    def __init__(self, limit: int = MAX_EFFORT) -> None:
        self.left = limit

    def spend(self, count: int) -> None:
        """Count what was gone through.

        Raises:
            TooEntangled: it is too much.
        """
        self.left -= count
        if self.left < 0:
            raise TooEntangled


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
    kinds: Mapping[type[Node], tuple[int, ...]]
    """The nodes of each kind."""
    triggered: tuple[int, ...]
    """The edges with a trigger, and those that spawn."""
    guarded: tuple[int, ...]
    """The edges with a guard, and those that are otherwise."""
    parents: Mapping[int, tuple[int, ...]]
    """The groups that name a node or a group as their member, by it."""

    def of(self, *kinds: type[Node]) -> list[int]:
        """The nodes of these kinds, in document order."""
        found = [self.kinds[kind] for kind in kinds if kind in self.kinds]
        return list(found[0]) if len(found) == 1 else sorted(number for numbers in found for number in numbers)

    def after(self, node: int) -> list[int]:
        """The nodes its edges lead to, and those of the groups around it."""
        found = [self.target[edge] for edge in self.out[node]]
        if node in self.parents:
            found += [self.target[edge] for group in self.around(node) for edge in self.out[group]]
        return found

    def before(self, node: int) -> list[int]:
        """The nodes its edges come from, and the members of groups whose edges lead to it."""
        found = [self.source[edge] for edge in self.into[node]]
        if self.parents:
            found += [
                member
                for group in found.copy()
                if isinstance(self.nodes[group], Group)
                for member in members(self.nodes, self.number, group)
            ]
        return found

    def around(self, node: int) -> list[int]:
        """The groups that a node (or a group) is in, nearest first."""
        found: dict[int, None] = {}
        level = [node]
        for _ in range(MAX_NESTING):
            level = [group for one in level for group in self.parents.get(one, ()) if group not in found]
            if not level:
                break
            found.update(dict.fromkeys(level))
        return list(found)

    def reachable(self, starts: Iterable[int], *, backward: bool = False, but: int | None = None) -> set[int]:
        """Every node on a path from one of `starts` (or to one), those included; no path goes on behind `but`."""
        found = set(starts)
        frontier = [node for node in found if node != but]
        if self.parents:
            return self._reachable_through_groups(found, frontier, backward=backward, but=but)
        ends, edges = (self.source, self.into) if backward else (self.target, self.out)
        while frontier:
            for edge in edges[frontier.pop()]:
                node = ends[edge]
                if node not in found:
                    found.add(node)
                    if node != but:
                        frontier.append(node)
        return found

    def _reachable_through_groups(
        self, found: set[int], frontier: list[int], *, backward: bool, but: int | None
    ) -> set[int]:
        """As `reachable`; each group is gone through once, however many members and edges it has."""
        seen: set[int] = set()
        while frontier:
            for node in self._next(frontier.pop(), seen, backward=backward):
                if node not in found:
                    found.add(node)
                    if node != but:
                        frontier.append(node)
        return found

    def _next(self, node: int, seen: set[int], *, backward: bool) -> Iterator[int]:
        if backward:
            for edge in self.into[node]:
                source = self.source[edge]
                yield source
                if source not in seen and isinstance(self.nodes[source], Group):
                    seen.add(source)
                    yield from members(self.nodes, self.number, source)
            return
        yield from (self.target[edge] for edge in self.out[node])
        groups = [group for group in self.parents.get(node, ()) if group not in seen]
        while groups:
            group = groups.pop()
            seen.add(group)
            yield from (self.target[edge] for edge in self.out[group])
            groups += [outer for outer in self.parents.get(group, ()) if outer not in seen]


def graph(workflow: Workflow) -> Graph:
    """The graph of a workflow whose ids are unique and whose edges name known nodes (others are left out)."""
    nodes = tuple([node for node in workflow.nodes if type(node) is not Note])
    numbers = {node.id: index for index, node in enumerate(nodes)}
    edges = workflow.edges
    source = tuple([numbers.get(edge.source, -1) for edge in edges])
    target = tuple([numbers.get(edge.target, -1) for edge in edges])
    kinds: dict[type[Node], list[int]] = {}
    for index, kind in enumerate(map(type, nodes)):
        if kind in kinds:
            kinds[kind].append(index)
        else:
            kinds[kind] = [index]
    return Graph(
        nodes,
        numbers,
        edges,
        source,
        target,
        _at(source, target, len(nodes)),
        _at(target, source, len(nodes)),
        {kind: tuple(found) for kind, found in kinds.items()},
        tuple(
            [
                index
                for index, edge in enumerate(edges)
                if edge.error is not None
                or edge.after is not None
                or edge.until is not None
                or edge.on is not None
                or edge.spawn
            ]
        ),
        tuple([index for index, edge in enumerate(edges) if edge.when is not None or edge.otherwise]),
        _parents(nodes, numbers) if Group in kinds else {},
    )


def _at(ends: Sequence[int], others: Sequence[int], count: int) -> tuple[tuple[int, ...], ...]:
    """The edges at each node; most nodes have one."""
    found: list[tuple[int, ...]] = [()] * count
    several: dict[int, list[int]] = {}
    unknown = -1 in ends or -1 in others
    for edge, node in enumerate(ends):
        if unknown and (node < 0 or others[edge] < 0):
            continue
        if not found[node]:
            found[node] = (edge,)
        elif node in several:
            several[node].append(edge)
        else:
            several[node] = [*found[node], edge]
    for node, edges in several.items():
        found[node] = tuple(edges)
    return tuple(found)


def _parents(nodes: Sequence[Node], number: Mapping[str, int]) -> dict[int, tuple[int, ...]]:
    found: dict[int, dict[int, None]] = {}
    for group, node in enumerate(nodes):
        if isinstance(node, Group):
            for id in node.members:
                if id in number:
                    found.setdefault(number[id], {})[group] = None
    return {member: tuple(groups) for member, groups in found.items()}


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
