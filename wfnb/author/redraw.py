"""A region drawn anew: a fork where several tasks follow one, a join where one follows several."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wfnb.author.changes import dropped
from wfnb.author.order import Order
from wfnb.author.regions import MOVED, Region
from wfnb.author.ways import Ways, free_reads
from wfnb.model.workflow import Edge, Fork, Group, Join, Node, Workflow


def redrawn(workflow: Workflow, ways: Ways, region: Region, order: Order) -> Workflow:
    """The workflow with a region in which tasks come after those that they come after in `order`, and no others."""
    drawing = _Drawing(workflow, region.tasks, order)
    routing = [id for id in region.nodes if not isinstance(ways.nodes[id], MOVED)]
    entering = set(ways.into[region.entry])
    inside = {edge for id in region.nodes for edge in ways.out[id]} - {region.exit}
    edges: list[Edge] = []
    for edge in workflow.edges:
        if edge in entering:
            edges.append(msgspec.structs.replace(edge, target=drawing.entry))
        elif edge == region.exit:
            edges.extend(drawing.edges)
            edges.append(msgspec.structs.replace(edge, source=drawing.exit))
        elif edge not in inside:
            edges.append(edge)
    made = dropped(workflow, routing, edges)
    return msgspec.structs.replace(made, nodes=_placed(made, region, drawing.routing))


def _placed(workflow: Workflow, region: Region, routing: list[Node]) -> tuple[Node, ...]:
    """The nodes with the new ones behind those of the region, and in the same groups."""
    nodes: list[Node] = []
    last = max(index for index, node in enumerate(workflow.nodes) if node.id in region.tasks)
    for index, node in enumerate(workflow.nodes):
        if isinstance(node, Group) and region.tasks[0] in node.members:
            members = (*node.members, *(added.id for added in routing))
            nodes.append(msgspec.structs.replace(node, members=members))
        else:
            nodes.append(node)
        if index == last:
            nodes.extend(routing)
    return tuple(nodes)


class _Drawing:
    def __init__(self, workflow: Workflow, tasks: tuple[str, ...], order: Order) -> None:
        self._taken = {node.id for node in workflow.nodes} | free_reads(workflow)
        self.routing: list[Node] = []
        self.edges: list[Edge] = []
        direct = [order.direct(task) for task in range(len(tasks))]
        after: list[list[int]] = [[] for _ in tasks]
        for later, sources in enumerate(direct):
            for earlier in sources:
                after[earlier].append(later)
        first, final = order.first(), order.final()
        into = list(tasks)
        for task, id in enumerate(tasks):
            if len(direct[task]) > 1:
                into[task] = self._add(Join(f"before_{id}"))
                self._edge(into[task], id)
        self.entry = tasks[first[0]]
        if len(first) > 1:
            self.entry = self._add(Fork(f"all_from_{tasks[first[0]]}"))
            for task in first:
                self._edge(self.entry, tasks[task])
        for task, source in enumerate(tasks):
            if len(after[task]) > 1:
                fork = self._add(Fork(f"after_{source}"))
                self._edge(source, fork)
                source = fork  # noqa: PLW2901 - what follows comes from there
            for later in after[task]:
                self._edge(source, into[later])
        self.exit = tasks[final[0]]
        if len(final) > 1:
            self.exit = self._add(Join(f"all_to_{tasks[final[-1]]}"))
            for task in final:
                self._edge(tasks[task], self.exit)

    def _edge(self, source: str, target: str) -> None:
        self.edges.append(Edge(source=source, target=target))

    def _add(self, node: Node) -> str:
        id = next(id for id in _like(node.id) if id not in self._taken)
        self._taken.add(id)
        self.routing.append(msgspec.structs.replace(node, id=id))
        return id


def _like(id: str) -> Iterator[str]:
    yield id
    count = 1
    while True:
        count += 1
        yield f"{id}_{count}"
