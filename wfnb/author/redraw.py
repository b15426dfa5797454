"""A region drawn anew: a fork where several tasks follow one, a join where one follows several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from wfnb.author.changes import dropped
from wfnb.author.regions import MOVED, Region
from wfnb.author.ways import Ways, free_reads
from wfnb.model.workflow import Edge, Fork, Group, Join, Node, Workflow


def redrawn(workflow: Workflow, ways: Ways, region: Region, before: dict[str, frozenset[str]]) -> Workflow:
    """The workflow with a region in which tasks come after those of `before`, and after no others."""
    drawing = _Drawing(workflow, region, before)
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
    def __init__(self, workflow: Workflow, region: Region, before: dict[str, frozenset[str]]) -> None:
        self._taken = {node.id for node in workflow.nodes} | free_reads(workflow)
        self.routing: list[Node] = []
        direct = {id: _direct(id, before) for id in region.tasks}
        after: dict[str, list[str]] = defaultdict(list)
        for later in region.tasks:
            for earlier in direct[later]:
                after[earlier].append(later)
        first = [id for id in region.tasks if not direct[id]]
        final = region.final(before)
        into: dict[str, str] = {}
        self.edges: list[Edge] = []
        for id in region.tasks:
            into[id] = id
            if len(direct[id]) > 1:
                into[id] = self._add(Join(f"before_{id}"))
                self._edge(into[id], id)
        self.entry = into[first[0]]
        if len(first) > 1:
            self.entry = self._add(Fork(f"all_from_{first[0]}"))
            for id in first:
                self._edge(self.entry, id)
        for id in region.tasks:
            source = id
            if len(after[id]) > 1:
                source = self._add(Fork(f"after_{id}"))
                self._edge(id, source)
            for later in after[id]:
                self._edge(source, into[later])
        self.exit = final[0]
        if len(final) > 1:
            self.exit = self._add(Join(f"all_to_{final[-1]}"))
            for id in final:
                self._edge(id, self.exit)

    def _edge(self, source: str, target: str) -> None:
        self.edges.append(Edge(source=source, target=target))

    def _add(self, node: Node) -> str:
        id = next(id for id in _like(node.id) if id not in self._taken)
        self._taken.add(id)
        self.routing.append(msgspec.structs.replace(node, id=id))
        return id


def _direct(id: str, before: dict[str, frozenset[str]]) -> list[str]:
    """Those before a task with no other between."""
    far = frozenset[str]().union(*(before[earlier] for earlier in before[id]))
    return [earlier for earlier in before if earlier in before[id] - far]


def _like(id: str) -> Iterator[str]:
    yield id
    count = 1
    while True:
        count += 1
        yield f"{id}_{count}"
