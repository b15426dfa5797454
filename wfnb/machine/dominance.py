"""Dominators of a directed graph over numbers: what lies on every path from the root.

Turn the graph round (predecessors in place of successors, an end in place of the start) for post-dominators.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def immediate_dominators(successors: Sequence[Sequence[int]], root: int) -> list[int | None]:
    """The last node before each that lies on every path from the root to it.

    Lengauer and Tarjan 1979, "A fast algorithm for finding dominators in a flowgraph", with simple linking:
    O(edges * log nodes), whatever the shape.

    Args:
        successors: by node, the nodes that its edges lead to; equal edges and loops are welcome.
        root: where paths begin.

    Returns:
        By node: its immediate dominator, `root` for the root itself, None where no path leads.
    """
    order, parent = _depth_first(successors, root)
    number = [-1] * len(successors)
    for index, node in enumerate(order):
        number[node] = index
    before: list[list[int]] = [[] for _ in order]
    for index, node in enumerate(order):
        for child in successors[node]:
            before[number[child]].append(index)
    dominator = _dominators(before, parent)
    found: list[int | None] = [None] * len(successors)
    for index, node in enumerate(order):
        found[node] = order[dominator[index]]
    return found


def _depth_first(successors: Sequence[Sequence[int]], root: int) -> tuple[list[int], list[int]]:
    """Nodes in the order of their discovery, and the place in that order of each one's parent."""
    order = [root]
    parent = [0]
    seen = bytearray(len(successors))
    seen[root] = 1
    work = [(0, iter(successors[root]))]
    while work:
        index, rest = work[-1]
        for child in rest:
            if not seen[child]:
                seen[child] = 1
                work.append((len(order), iter(successors[child])))
                order.append(child)
                parent.append(index)
                break
        else:
            work.pop()
    return order, parent


def _dominators(before: Sequence[Sequence[int]], parent: Sequence[int]) -> list[int]:
    """Immediate dominators where nodes are numbered depth first; the names are those of the paper."""
    count = len(parent)
    semi = list(range(count))
    ancestor = [-1] * count
    label = list(range(count))
    bucket: list[list[int]] = [[] for _ in range(count)]
    dominator = [0] * count

    def lowest(node: int) -> int:
        """On the linked path above a node, the one with the lowest semidominator; shortens the path."""
        path = []
        while ancestor[node] >= 0:
            path.append(node)
            node = ancestor[node]
        top = node
        if not path:
            return node
        for below in reversed(path[:-1]):
            above = ancestor[below]
            if semi[label[above]] < semi[label[below]]:
                label[below] = label[above]
            ancestor[below] = top
        return label[path[0]]

    for node in range(count - 1, 0, -1):
        for other in before[node]:
            semi[node] = min(semi[node], semi[lowest(other)])
        bucket[semi[node]].append(node)
        above = parent[node]
        ancestor[node] = above
        for waiting in bucket[above]:
            best = lowest(waiting)
            dominator[waiting] = best if semi[best] < semi[waiting] else above
        bucket[above].clear()
    for node in range(1, count):
        if dominator[node] != semi[node]:
            dominator[node] = dominator[dominator[node]]
    return dominator


def dominates(idom: Sequence[int | None], a: int, b: int) -> bool:
    """Whether `a` lies on every path from the root to `b`.  A node dominates itself.

    Walks up from `b`; for many questions about one graph, `dominator_tree` answers each in constant time.

    Args:
        idom: what `immediate_dominators` gives.
        a: a node.
        b: a node; where no path leads to it, only it itself dominates it.
    """
    while a != b:
        above = idom[b]
        if above is None or above == b:
            return False
        b = above
    return True


@dataclass(frozen=True, slots=True)
class DominatorTree:
    """Immediate dominators, prepared for many questions.

    Attributes:
        idom: what `immediate_dominators` gives.
        enter: by node, when a walk through the tree enters it; -1 where no path leads.
        leave: by node, the highest `enter` below it.
    """

    idom: tuple[int | None, ...]
    enter: tuple[int, ...]
    leave: tuple[int, ...]

    def dominates(self, a: int, b: int) -> bool:
        """Whether `a` lies on every path from the root to `b`, as `dominates` has it, in constant time."""
        return a == b or (self.enter[a] >= 0 and self.enter[a] <= self.enter[b] <= self.leave[a])

    def above(self, node: int) -> list[int]:
        """What dominates a node, from itself up to the root; nothing where no path leads."""
        found: list[int] = []
        at = node if self.enter[node] >= 0 else None
        while at is not None:
            found.append(at)
            at = self.idom[at] if self.idom[at] != at else None
        return found


def dominator_tree(successors: Sequence[Sequence[int]], root: int) -> DominatorTree:
    """The dominators of every node reachable from a root."""
    idom = immediate_dominators(successors, root)
    below: list[list[int]] = [[] for _ in idom]
    for node, above in enumerate(idom):
        if above is not None and above != node:
            below[above].append(node)
    enter, leave = [-1] * len(idom), [-1] * len(idom)
    order: list[int] = []
    work = [root]
    while work:
        node = work.pop()
        enter[node] = leave[node] = len(order)
        order.append(node)
        work.extend(below[node])
    for node in reversed(order):
        above = idom[node]
        if above is not None and above != node:
            leave[above] = max(leave[above], leave[node])
    return DominatorTree(tuple(idom), tuple(enter), tuple(leave))
