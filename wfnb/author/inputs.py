"""Inputs that a workflow reads before anybody declared them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wfnb.author.edits import AddEdge, AddNode, Edit, SetEdge, SetNode, SetWorkflow
from wfnb.errors import ExpressionError, did_you_mean
from wfnb.model.activity import Activity
from wfnb.model.expression import is_expression, parse
from wfnb.model.workflow import Edge, End, Node, Task, Workflow


def declared_by(edits: Sequence[Edit], workflow: Workflow, activities: Mapping[str, Activity]) -> list[Edit]:
    """What declares the inputs that edits begin to read, for the same gesture.

    An input gets the type of the parameter that it is passed to as it is (`=input.url`), else `any`.  A name close to a
    declared one is left alone: it is more likely misspelt than new, and the check says so.
    """
    inputs = dict(workflow.inputs)
    for edit in edits:
        match edit:
            case AddNode() | SetNode():
                found = read_by_node(edit.node, activities)
            case AddEdge():
                found = _read_by_edge(edit.edge)
            case SetEdge():
                found = _read_by_edge(edit.to)
            case _:
                continue
        for name, kind in found:
            if name not in inputs and not did_you_mean(name, inputs):
                inputs[name] = kind
    return [] if inputs == workflow.inputs else [SetWorkflow(inputs=inputs)]


def read_by_node(node: Node, activities: Mapping[str, Activity]) -> Iterator[tuple[str, str]]:
    """Names and types of the inputs that a node's expressions read."""
    if isinstance(node, Task):
        known = activities.get(node.activity)
        types = {p.name: p.annotation for p in known.parameters} if known else {}
        for parameter, value in node.arguments.items():
            yield from _read(value, types.get(parameter, ""))
    elif isinstance(node, End):
        yield from _read(node.output)


def _read_by_edge(edge: Edge) -> Iterator[tuple[str, str]]:
    return _read(f"={edge.when}" if edge.when else None)


def _read(value: Any, kind: str = "") -> Iterator[tuple[str, str]]:
    if not is_expression(value):
        return
    try:
        expression = parse(value)
    except ExpressionError:
        return  # the check says it, with the position
    for name in expression.inputs:
        if name is not None:
            yield name, (kind if expression.source == f"input.{name}" else "") or "any"
