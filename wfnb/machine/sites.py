"""Where a workflow has expressions: what each is for, and what has a value when it is evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from wfnb.errors import ExpressionError
from wfnb.machine.graph import Graph
from wfnb.model.expression import Expression, is_expression, parse
from wfnb.model.workflow import Approval, Call, Edge, End, Map, Node, Task

Use: TypeAlias = Literal["argument", "condition", "delay", "time", "items", "output", "text"]
"""What an expression is for."""
Moment: TypeAlias = Literal["before", "after", "item"]
"""When it is evaluated: before its node has given a value, after it, or before it and for each item of a map."""


@dataclass(frozen=True, slots=True)
class Site:
    """One expression of a workflow.

    Attributes:
        source: its text as in the document.
        expression: what it was parsed to.
        node: the number of the node at which it is evaluated; for an edge, its source.
        edge: the index of the edge that has it, None where a node has it.
        field: the part of the node or edge.
        use: what it is for.
        moment: when it is evaluated.
    """

    source: str
    expression: Expression
    node: int
    edge: int | None
    field: str
    use: Use
    moment: Moment = "before"

    def where(self, drawn: Graph) -> str:
        """What people call the node or edge that has it."""
        if self.edge is not None:
            edge = drawn.edges[self.edge]
            return f"the edge from '{edge.source}' to '{edge.target}'"
        node = drawn.nodes[self.node]
        return f"{node.kind} '{node.id}'"

    def nodes(self, drawn: Graph) -> tuple[str, ...]:
        """The node that a diagnostic names."""
        return () if self.edge is not None else (drawn.nodes[self.node].id,)

    @property
    def edges(self) -> tuple[int, ...]:
        """The edge that a diagnostic names."""
        return () if self.edge is None else (self.edge,)


def sites(drawn: Graph) -> list[Site]:
    """Every expression of a workflow that can be parsed, nodes first, in document order."""
    found: list[Site] = []
    for number, node in enumerate(drawn.nodes):
        for field, source, use, moment in _of_node(node):
            _add(found, source, number, None, field, use, moment)
    for index, edge in enumerate(drawn.edges):
        if drawn.source[index] >= 0 and drawn.target[index] >= 0:
            for field, source, use in _of_edge(edge):
                _add(found, source, drawn.source[index], index, field, use, "before")
    return found


def _add(  # noqa: PLR0917 - a site, part by part
    found: list[Site], source: str, node: int, edge: int | None, field: str, use: Use, moment: Moment
) -> None:
    try:
        expression = parse(source)
    except ExpressionError:
        return  # told elsewhere, with the position
    found.append(Site(source, expression, node, edge, field, use, moment))


def _of_node(node: Node) -> Iterator[tuple[str, str, Use, Moment]]:
    match node:
        case Task():
            yield from _arguments(node.arguments, "arguments", "before")
            if node.requires:
                yield "requires", node.requires, "condition", "before"
            if node.ensures:
                yield "ensures", node.ensures, "condition", "after"
            if node.compensate is not None:
                yield from _arguments(node.compensate.arguments, "compensate.arguments", "after")
        case Call():
            yield from _arguments(node.arguments, "arguments", "before")
        case Map():
            if is_expression(node.items):
                yield "items", node.items, "items", "before"
            yield from _arguments(node.arguments, "arguments", "item")
        case Approval() if is_expression(node.prompt):
            yield "prompt", node.prompt, "text", "before"
        case End():
            if is_expression(node.output):
                yield "output", node.output, "output", "before"
            if is_expression(node.message):
                yield "message", node.message, "text", "before"
        case _:
            return


def _arguments(arguments: Mapping[str, Any], field: str, moment: Moment) -> Iterator[tuple[str, str, Use, Moment]]:
    for name, value in arguments.items():
        if is_expression(value):
            yield f"{field}.{name}", value, "argument", moment


def _of_edge(edge: Edge) -> Iterator[tuple[str, str, Use]]:
    if edge.when is not None:
        yield "when", edge.when, "condition"
    if isinstance(edge.after, str) and is_expression(edge.after):
        yield "after", edge.after, "delay"
    if edge.until is not None and is_expression(edge.until):
        yield "until", edge.until, "time"
