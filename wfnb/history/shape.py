"""What a history needs to know of a definition: its nodes, its edges by number, and its groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from wfnb.model.workflow import Edge, Group, Node, Workflow


class Shape:
    """A definition, indexed.

    Attributes:
        nodes: by id.
        edges: by number.
        degree: how many edges lead into each node.
    """

    def __init__(self, workflow: Workflow) -> None:
        self.nodes: dict[str, Node] = {node.id: node for node in workflow.nodes}
        self.edges = workflow.edges
        self.degree = Counter(edge.target for edge in workflow.edges)
        self._signals = workflow.signals
        groups = [node for node in workflow.nodes if isinstance(node, Group)]
        self._inside = {group.id: self._members(group) for group in groups}
        self._cancelling = [self._inside[group.id] for group in groups if group.cancel]

    def inside(self, group: str) -> frozenset[str]:
        """The nodes in a group, those of groups inside it among them."""
        return self._inside[group]

    def left(self, edge: Edge) -> Iterator[frozenset[str]]:
        """What is inside the cancelling groups that a token leaves by this edge."""
        for inside in self._cancelling:
            if edge.source in inside and edge.target not in inside:
                yield inside

    def is_transient(self, signal: str) -> bool:
        """Whether a signal is lost where nothing waits for it."""
        declared = self._signals.get(signal)
        return declared is not None and declared.transient

    def is_spawned(self, moves: Sequence[int]) -> bool:
        """Whether a run that begins with these moves is the child of a spawning edge: it has no start of its own."""
        return bool(moves) and moves[0] >= 0 and self.edges[moves[0]].spawn

    def waits_for(self, id: str) -> str:
        """What frees a wait, as short text: `'paid', a time`."""
        parts = []
        for edge in self.edges:
            if edge.source != id:
                continue
            match edge.trigger:
                case "on":
                    parts.append(f"'{edge.on}'")
                case "after" | "until":
                    parts.append("a time")
                case _:
                    parts.append("a condition")
        return ", ".join(dict.fromkeys(parts))

    def _members(self, group: Group) -> frozenset[str]:
        found: set[str] = set()
        left = list(group.members)
        while left:
            id = left.pop()
            if id in found:
                continue
            found.add(id)
            node = self.nodes.get(id)
            if isinstance(node, Group):
                left.extend(node.members)
        return frozenset(found)
