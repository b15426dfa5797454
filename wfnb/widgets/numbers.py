"""Numbers that went through a page: it reads 1.0 as 1 and 12345678901234567890 as another number.

An edit of a node brings all of it back.  What nobody touched comes as the page took it, and stays what it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from wfnb.author.edits import Edit, SetNode, SetWorkflow, Within
from wfnb.model.workflow import Call, Compensation, End, Map, Node, Task, Workflow

SAFE = 2**53 - 1
"""The largest whole number that a page knows from the next one."""


def as_they_were(edits: Sequence[Edit], workflow: Workflow) -> tuple[Edit, ...]:
    """The edits of a page, with the numbers of a document where a page can not tell them from what it sent.

    Args:
        edits: the gesture.
        workflow: the document before it.
    """
    changed = any(isinstance(edit, SetNode | SetWorkflow | Within) for edit in edits)
    return tuple(_edit(edit, workflow) for edit in edits) if changed else tuple(edits)


def _edit(edit: Edit, workflow: Workflow) -> Edit:
    match edit:
        case SetNode():
            old = next((node for node in workflow.nodes if node.id == edit.id), None)
            return edit if old is None else msgspec.structs.replace(edit, node=_node(edit.node, old))
        case Within() if edit.workflow in workflow.workflows:
            return msgspec.structs.replace(edit, edits=as_they_were(edit.edits, workflow.workflows[edit.workflow]))
        case SetWorkflow() if edit.workflows is not None:
            return msgspec.structs.replace(edit, workflows=_workflows(edit.workflows, workflow.workflows))
        case _:
            return edit


def _workflows(new: dict[str, Workflow], old: dict[str, Workflow]) -> dict[str, Workflow]:
    return {name: _whole(one, old[name]) if name in old else one for name, one in new.items()}


def _whole(new: Workflow, old: Workflow) -> Workflow:
    known = {node.id: node for node in old.nodes}
    nodes = tuple(_node(node, known[node.id]) if node.id in known else node for node in new.nodes)
    return msgspec.structs.replace(new, nodes=nodes, workflows=_workflows(new.workflows, old.workflows))


def _node(new: Node, old: Node) -> Node:
    match new:
        case Task() if isinstance(old, Task):
            given, undoing = _value(new.arguments, old.arguments), _undoing(new.compensate, old.compensate)
            return msgspec.structs.replace(new, arguments=given, compensate=undoing)
        case Map() if isinstance(old, Map):
            given, items = _value(new.arguments, old.arguments), _value(new.items, old.items)
            return msgspec.structs.replace(new, arguments=given, items=items)
        case Call() if isinstance(old, Call):
            return msgspec.structs.replace(new, arguments=_value(new.arguments, old.arguments))
        case End() if isinstance(old, End):
            return msgspec.structs.replace(new, output=_value(new.output, old.output))
        case _:
            return new


def _undoing(new: Compensation | None, old: Compensation | None) -> Compensation | None:
    if new is None or old is None:
        return new
    return msgspec.structs.replace(new, arguments=_value(new.arguments, old.arguments))


def _value(new: Any, old: Any) -> Any:
    match new, old:
        case dict(), dict():
            return {key: _value(value, old[key]) if key in old else value for key, value in new.items()}
        case list(), list():
            return [_value(value, old[at]) if at < len(old) else value for at, value in enumerate(new)]
        case int(), int() | float() if _looks_like(new, old):
            return old
        case _:
            return new


def _looks_like(new: int, old: float) -> bool:
    """Whether a page that has `old` sends `new`."""
    if isinstance(new, bool) or isinstance(old, bool) or (isinstance(old, int) and abs(old) <= SAFE):
        return False
    try:
        return float(new) == float(old)
    except OverflowError:  # a page has no number for it
        return False
