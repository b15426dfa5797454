"""What a history needs to know of a definition: its nodes, and its edges by number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from wfnb.model.workflow import Node, Workflow


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
