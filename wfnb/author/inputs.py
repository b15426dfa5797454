"""Inputs that a workflow reads before anybody declared them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from wfnb.author.edits import AddEdge, AddNode, Edit, SetEdge, SetNode, SetWorkflow, Within
from wfnb.author.expressions import in_edge, in_node
from wfnb.errors import ExpressionError, did_you_mean
from wfnb.model.activity import Activity
from wfnb.model.expression import parse
from wfnb.model.workflow import Call, Edge, Map, Node, Task, Workflow


def declared_by(
    edits: Sequence[Edit],
    workflow: Workflow,
    activities: Mapping[str, Activity],
    workflows: Mapping[str, Workflow] | None = None,
    *,
    every: bool = False,
) -> list[Edit]:
    """What declares the inputs that edits begin to read, for the same gesture.

    An input gets the type of the parameter (or of the called workflow's input) that it is passed to as it is
    (`=input.url`), else `any`.  A name close to a declared one is left alone: it is more likely misspelt than new, and
    the check says so.

    Args:
        edits: the gesture.
        workflow: the document before it.
        activities: those known by name.
        workflows: those known by name, beside the document's own.
        every: whether to declare names close to others, too.
    """
    inputs = dict(workflow.inputs)
    inside: list[Edit] = []

    def called(name: str) -> Workflow | None:
        return workflow.workflows.get(name) or (workflows or {}).get(name)

    for edit in edits:
        match edit:
            case AddNode() | SetNode():
                found = _read_by_node(edit.node, activities, called)
            case AddEdge():
                found = _read_by_edge(edit.edge)
            case SetEdge():
                found = _read_by_edge(edit.to)
            case Within() if edit.workflow in workflow.workflows:
                inner = workflow.workflows[edit.workflow]
                known = {**(workflows or {}), **workflow.workflows}
                more = declared_by(edit.edits, inner, activities, known, every=every)
                inside += [Within(workflow=edit.workflow, edits=tuple(more))] if more else []
                continue
            case _:
                continue
        for name, kind in found:
            if name not in inputs and (every or not did_you_mean(name, inputs)):
                inputs[name] = kind
    return inside if inputs == workflow.inputs else [*inside, SetWorkflow(inputs=inputs)]


def reads_input(edits: Sequence[Edit]) -> bool:
    """Whether an expression of these edits may read an input: a quick look before `declared_by`."""
    for edit in edits:
        match edit:
            case AddNode() | SetNode():
                sources = in_node(edit.node)
            case AddEdge():
                sources = in_edge(edit.edge)
            case SetEdge():
                sources = in_edge(edit.to)
            case Within():
                if reads_input(edit.edits):
                    return True
                continue
            case _:
                continue
        if any("input" in source for _, source in sources):
            return True
    return False


def _read_by_node(
    node: Node, activities: Mapping[str, Activity], called: Callable[[str], Workflow | None]
) -> Iterator[tuple[str, str]]:
    """Names and types of the inputs that a node's expressions read."""
    read = [(field, *found) for field, source in in_node(node) for found in _read(source)]
    types = _expected(node, activities, called) if read else {}
    for field, name, alone in read:
        yield name, (types.get(field, "") if alone else "") or "any"


def _read_by_edge(edge: Edge) -> Iterator[tuple[str, str]]:
    for field, source in in_edge(edge):
        for name, alone in _read(source):
            yield name, "float" if alone and field == "after" else "any"


def _expected(
    node: Node, activities: Mapping[str, Activity], called: Callable[[str], Workflow | None]
) -> dict[str, str]:
    """The type that a field is expected to have, by field."""
    match node:
        case Task() | Map(workflow=""):
            known = activities.get(node.activity)
            expected = {p.name: p.annotation for p in known.parameters} if known else {}
        case Call() | Map():
            child = called(node.workflow)
            expected = dict(child.inputs) if child else {}
        case _:
            return {}
    types = {f"arguments.{name}": kind for name, kind in expected.items()}
    if isinstance(node, Task) and node.compensate and (undo := activities.get(node.compensate.activity)):
        types |= {f"compensate.arguments.{p.name}": p.annotation for p in undo.parameters}
    if isinstance(node, Map):
        types["items"] = "list"
    return types


def _read(source: str) -> Iterator[tuple[str, bool]]:
    """The inputs that an expression reads, and whether it is nothing but that."""
    try:
        expression = parse(source)
    except ExpressionError:
        return  # the check says it, with the position
    for name in expression.inputs:
        if name is not None:
            yield name, expression.source == f"input.{name}"
