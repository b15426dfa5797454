"""Questions about the ways through a drawing: whether there is one, which there are, and what is on all of them.

Nodes are asked for and told by id.  A way follows edges of every kind, whatever their guards and triggers.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from wfnb.errors import DefinitionError, did_you_mean
from wfnb.machine.dominance import DominatorTree, dominator_tree
from wfnb.machine.graph import Graph, cycles
from wfnb.model.workflow import End, Start


def reachable(graph: Graph, a: str, b: str) -> bool:
    """Whether edges lead from `a` to `b`; a node reaches itself.

    Raises:
        DefinitionError: one of them is no node.
    """
    return number_of(graph, b) in graph.reachable([number_of(graph, a)])


def paths(graph: Graph, a: str, b: str, *, limit: int | None = 1_000) -> Iterator[tuple[str, ...]]:
    """The ways from `a` to `b` that pass no node twice, as they are found, in document order of their edges.

    Each is found in time at most proportional to nodes times edges: no step is taken from which `b` can not be reached
    (the principle of Read and Tarjan 1975, "Bounds on backtrack algorithms for listing cycles, paths, and spanning
    trees").

    Args:
        graph: the drawing.
        a: where they begin.
        b: where they end.
        limit: the most that are given, None for all; there can be exponentially many.

    Raises:
        DefinitionError: one of them is no node.
    """
    found = _simple_paths(graph, number_of(graph, a), number_of(graph, b))
    return (tuple(graph.nodes[node].id for node in path) for path in islice(found, limit))


def _simple_paths(graph: Graph, start: int, goal: int) -> Iterator[list[int]]:
    between = graph.reachable([goal], backward=True) & graph.reachable([start])
    if start not in between:
        return
    after = {node: [to for to in dict.fromkeys(graph.after(node)) if to in between] for node in between}
    rooms = {node: index for index, node in enumerate(between)}
    circular = bool(cycles([[rooms[to] for to in after[node]] for node in between]))
    path, taken = [start], {start}

    def onward(node: int) -> Iterator[int]:
        """The nodes after one from which the goal can be reached without a node of the path."""
        open_ = [to for to in after[node] if to not in taken]
        if circular and len(open_) > 1:  # a single one needs no look: the way here was taken because it goes on
            near = _reaching(graph, goal, between - taken)
            open_ = [to for to in open_ if to in near]
        return iter(open_)

    if start == goal:
        yield path
        return
    work = [onward(start)]
    while work:
        node = next(work[-1], None)
        if node is None:
            work.pop()
            taken.discard(path.pop())
        elif node == goal:
            yield [*path, goal]
        else:
            path.append(node)
            taken.add(node)
            work.append(onward(node))


def _reaching(graph: Graph, goal: int, within: set[int]) -> set[int]:
    """The nodes with a way to the goal through some nodes only."""
    found = {goal}
    frontier = [goal]
    while frontier:
        for node in graph.before(frontier.pop()):
            if node in within and node not in found:
                found.add(node)
                frontier.append(node)
    return found


def dominators(graph: Graph) -> dict[str, str | None]:
    """By id, the last node before it that is on every way from the start; None for the start.

    What no way leads to is absent.

    Raises:
        DefinitionError: the drawing has no start.
    """
    tree = dominator_tree([graph.after(node) for node in range(len(graph.nodes))], start_of(graph))
    return _told(graph, tree, start_of(graph))


def post_dominators(graph: Graph) -> dict[str, str | None]:
    """By id, the first node after it that is on every way to an end; None where ways to several ends share none.

    What has no way to an end is absent.
    """
    root = len(graph.nodes)  # behind every end
    before = [graph.before(node) for node in range(root)]
    before.append([number for number, node in enumerate(graph.nodes) if isinstance(node, End)])
    return _told(graph, dominator_tree(before, root), root)


def _told(graph: Graph, tree: DominatorTree, root: int) -> dict[str, str | None]:
    return {
        node.id: None if number == root or above == len(graph.nodes) else graph.nodes[above].id
        for number, node in enumerate(graph.nodes)
        if (above := tree.idom[number]) is not None
    }


def start_of(graph: Graph) -> int:
    """The number of the start.

    Raises:
        DefinitionError: there is none.
    """
    for number, node in enumerate(graph.nodes):
        if isinstance(node, Start):
            return number
    raise DefinitionError("the drawing has no start\nadd a start node")


def number_of(graph: Graph, id: str) -> int:
    """The number of a node.

    Raises:
        DefinitionError: there is none with this id.
    """
    found = graph.number.get(id)
    if found is None:
        shown = ", ".join(f"'{known}'" for known in list(graph.number)[:12])
        more = ", ..." if len(graph.number) > 12 else ""
        raise DefinitionError(f"'{id}' is no node\nknown nodes: {shown}{more}.{did_you_mean(id, graph.number)}")
    return found
