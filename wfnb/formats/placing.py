"""Places for nodes that a document gives none, for static pictures.

The canvas lays out with ELK.  Where no browser runs there is none, and a picture of columns by distance from the start
is better than no picture.  These places are never written into a document.
"""

from __future__ import annotations

from collections.abc import Sequence

from wfnb.machine.graph import graph
from wfnb.model.workflow import Position, Workflow

GAP = (210, 84)
"""Pixels between columns and between rows."""


def positions(workflow: Workflow) -> dict[str, Position]:
    """A place for every node: the document's own, and for the rest a column by distance from the start."""
    placed = {node.id: workflow.layout[node.id] for node in workflow.nodes if node.id in workflow.layout}
    if len(placed) == len(workflow.nodes):
        return placed
    drawn = graph(workflow)
    layer = layers([drawn.after(node) for node in range(len(drawn.nodes))])
    columns = {node.id: layer[number] for number, node in enumerate(drawn.nodes)}
    row: dict[int, int] = {}
    below = max((y for _, y in placed.values()), default=-GAP[1]) + GAP[1] if placed else 0
    counts: dict[int, int] = {}
    for column in columns.values():
        counts[column] = counts.get(column, 0) + 1
    for id, column in columns.items():
        index = row.get(column, 0)
        row[column] = index + 1
        if id not in placed:
            offset = index - (counts[column] - 1) / 2
            placed[id] = (column * GAP[0], below + offset * GAP[1])
    for index, node in enumerate(n for n in workflow.nodes if n.id not in placed):
        placed[node.id] = (index * GAP[0], below + (max(counts.values(), default=0) + 1) / 2 * GAP[1])
    return placed


def layers(successors: Sequence[Sequence[int]]) -> list[int]:
    """By node, the longest distance from a node without predecessors, edges that lead back left out."""
    layer = [0] * len(successors)
    order, back = _finished(successors)
    for node in reversed(order):
        for child in successors[node]:
            if (node, child) not in back:
                layer[child] = max(layer[child], layer[node] + 1)
    return layer


def _finished(successors: Sequence[Sequence[int]]) -> tuple[list[int], set[tuple[int, int]]]:
    """Nodes in the order in which a depth-first search leaves them, and the edges that lead back in it."""
    state: dict[int, int] = {}
    order: list[int] = []
    back: set[tuple[int, int]] = set()
    for root in range(len(successors)):
        if root in state:
            continue
        state[root] = 1
        work = [(root, iter(successors[root]))]
        while work:
            node, rest = work[-1]
            for child in rest:
                if state.get(child) == 1:
                    back.add((node, child))
                elif child not in state:
                    state[child] = 1
                    work.append((child, iter(successors[child])))
                    break
            else:
                state[node] = 2
                order.append(node)
                work.pop()
    return order, back


def layered(
    successors: Sequence[Sequence[int]], sizes: Sequence[tuple[float, float]], *, gap: tuple[float, float]
) -> list[Position]:
    """Places for boxes in columns by `layers`, with few crossings between neighbours.

    Rows are ordered by the mean of their neighbours' (Sugiyama, Tagawa and Toda 1981, "Methods for visual understanding
    of hierarchical system structures"), to and fro; edges over several columns keep a lane free in those between.

    Args:
        successors: by node, where its edges lead.
        sizes: by node, width and height.
        gap: between columns, and between the boxes of one.

    Returns:
        By node, its centre; columns are centred on one line.
    """
    layer = layers(successors)
    links = _with_lanes(successors, layer)
    columns: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for node, index in enumerate(layer):
        columns[index].append(node)
    near: list[list[int]] = [[] for _ in layer]
    for a, b in links:
        near[a].append(b)
        near[b].append(a)
    row: dict[int, float] = {}
    for column in columns:
        row.update(_rows(column))
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for column in columns if forward else reversed(columns):
            mean = {}
            for node in column:
                others = [row[other] for other in near[node] if (layer[other] < layer[node]) == forward]
                mean[node] = sum(others) / len(others) if others else row[node]
            column.sort(key=mean.__getitem__)
            row.update(_rows(column))
    return _places(columns, [*sizes, *[_LANE] * (len(layer) - len(sizes))], gap)[: len(sizes)]


def _with_lanes(successors: Sequence[Sequence[int]], layer: list[int]) -> list[tuple[int, int]]:
    """Edges between neighbouring columns only: the long ones pass lanes, which are added to `layer`.

    Edges to one node share theirs.
    """
    links: list[tuple[int, int]] = []
    lanes: dict[tuple[int, int], int] = {}
    for source, targets in enumerate(successors):
        for target in targets:
            at = source
            for column in range(layer[source] + 1, layer[target]):
                known = lanes.get((target, column))
                lane = lanes.setdefault((target, column), len(layer))
                links.append((at, lane))
                at = lane
                if known is not None:
                    break
                layer.append(column)
            else:
                links.append((at, target))
    return links


_LANE = (0.0, 8.0)
_SWEEPS = 6


def _rows(column: Sequence[int]) -> dict[int, float]:
    """The row of each node, 0 in the middle, so that columns of different lengths compare."""
    return {node: index - (len(column) - 1) / 2 for index, node in enumerate(column)}


def _places(
    columns: Sequence[Sequence[int]], sizes: Sequence[tuple[float, float]], gap: tuple[float, float]
) -> list[Position]:
    places = [(0.0, 0.0)] * len(sizes)
    left = 0.0
    for column in columns:
        width = max(sizes[node][0] for node in column)
        top = -(sum(sizes[node][1] for node in column) + gap[1] * (len(column) - 1)) / 2
        for node in column:
            height = sizes[node][1]
            places[node] = (left + width / 2, top + height / 2)
            top += height + gap[1]
        left += width + gap[0]
    return places
