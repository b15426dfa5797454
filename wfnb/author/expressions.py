"""Where a document holds expressions: what a rename follows, and what inputs are read in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, assert_never

import msgspec

from wfnb.model.expression import is_expression
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    Compensation,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Map,
    Node,
    Note,
    Start,
    Task,
    Wait,
)

Rewrite: TypeAlias = Callable[[str, str], str]
"""Given a field (such as `arguments.url`) and the expression in it, what is to stand there."""

SCOPE = frozenset({"item", "index"})
"""What the arguments of a map read beside the values of the run; a node of this name is hidden there."""


def rewrite_node(node: Node, rewrite: Rewrite) -> Node:
    """The node with every expression of it rewritten."""
    match node:
        case Task():
            return msgspec.structs.replace(
                node,
                arguments=_arguments(node.arguments, "arguments", rewrite),
                requires=_bare(node.requires, "requires", rewrite),
                ensures=_bare(node.ensures, "ensures", rewrite),
                compensate=_compensation(node.compensate, rewrite),
            )
        case End():
            output, message = _value(node.output, "output", rewrite), _value(node.message, "message", rewrite)
            return msgspec.structs.replace(node, output=output, message=message)
        case Approval():
            return msgspec.structs.replace(node, prompt=_value(node.prompt, "prompt", rewrite))
        case Map():
            return msgspec.structs.replace(
                node,
                items=_value(node.items, "items", rewrite),
                arguments=_arguments(node.arguments, "arguments", rewrite),
            )
        case Call():
            return msgspec.structs.replace(node, arguments=_arguments(node.arguments, "arguments", rewrite))
        case Start() | Choice() | Fork() | Join() | Wait() | Note() | Group():
            return node
        case _:
            assert_never(node)


def rewrite_edge(edge: Edge, rewrite: Rewrite) -> Edge:
    """The edge with every expression of it rewritten."""
    return msgspec.structs.replace(
        edge,
        when=edge.when if edge.when is None else rewrite("when", edge.when),
        after=_value(edge.after, "after", rewrite),
        until=_value(edge.until, "until", rewrite),
    )


def in_node(node: Node) -> list[tuple[str, str]]:
    """The fields and the expressions of a node."""
    return _seen(lambda note: rewrite_node(node, note))


def in_edge(edge: Edge) -> list[tuple[str, str]]:
    """The fields and the expressions of an edge."""
    return _seen(lambda note: rewrite_edge(edge, note))


def _seen(go: Callable[[Rewrite], object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def note(field: str, source: str) -> str:
        found.append((field, source))
        return source

    go(note)
    return found


def _value(value: Any, field: str, rewrite: Rewrite) -> Any:
    return rewrite(field, value) if is_expression(value) else value


def _bare(condition: str, field: str, rewrite: Rewrite) -> str:
    return rewrite(field, condition) if condition else condition


def _arguments(arguments: Mapping[str, Any], field: str, rewrite: Rewrite) -> dict[str, Any]:
    return {name: _value(value, f"{field}.{name}", rewrite) for name, value in arguments.items()}


def _compensation(compensate: Compensation | None, rewrite: Rewrite) -> Compensation | None:
    if compensate is None:
        return None
    return msgspec.structs.replace(
        compensate, arguments=_arguments(compensate.arguments, "compensate.arguments", rewrite)
    )
