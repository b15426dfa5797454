"""Places for nodes that a document gives none, for static pictures.

The canvas lays out with ELK.  Where no browser runs there is none, and a picture of columns by distance from the start
is better than no picture.  These places are never written into a document.
"""

from __future__ import annotations

from wfnb.machine.graph import Graph, graph
from wfnb.model.workflow import Position, Workflow

GAP = (210, 84)
"""Pixels between columns and between rows."""


def positions(workflow: Workflow) -> dict[str, Position]:
    """A place for every node: the document's own, and for the rest a column by distance from the start."""
    placed = {node.id: workflow.layout[node.id] for node in workflow.nodes if node.id in workflow.layout}
    if len(placed) == len(workflow.nodes):
        return placed
    drawn = graph(workflow)
    columns = _columns(drawn)
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


def _columns(drawn: Graph) -> dict[str, int]:
    """Longest distance from a start, back edges left out, by id."""
    column: dict[int, int] = {}
    state: dict[int, int] = {}
    order: list[int] = []
    back: set[tuple[int, int]] = set()
    for root in range(len(drawn.nodes)):
        if root in state:
            continue
        state[root] = 1
        work = [(root, iter(drawn.after(root)))]
        while work:
            node, rest = work[-1]
            for child in rest:
                if state.get(child) == 1:
                    back.add((node, child))
                elif child not in state:
                    state[child] = 1
                    work.append((child, iter(drawn.after(child))))
                    break
            else:
                state[node] = 2
                order.append(node)
                work.pop()
    for node in reversed(order):
        column.setdefault(node, 0)
        for child in drawn.after(node):
            if (node, child) not in back:
                column[child] = max(column.get(child, 0), column[node] + 1)
    return {drawn.nodes[node].id: column[node] for node in sorted(column)}
