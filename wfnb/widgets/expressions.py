"""What is said of an expression while it is typed: nothing is run for it."""

from __future__ import annotations

import ast
import re

from wfnb.author.expressions import SCOPE
from wfnb.errors import ExpressionError, did_you_mean
from wfnb.model.checking import RESERVED
from wfnb.model.expression import Expression, parse
from wfnb.model.workflow import Group, Note, Workflow
from wfnb.widgets import messages as m

KNOWN_FUNCTIONS = tuple(sorted(RESERVED - {"input", "values", "None", "True", "False"}))
"""What expressions can call."""

_TOKEN = re.compile(r"""\w+|"[^"]*"|'[^']*'|\S""")


def looked_at(asked: m.LookAt, document: Workflow) -> m.LookedAt:
    """What is wrong with an expression in one of a document's workflows, and where.

    Names are held against the nodes and the inputs that are drawn; whether a value is there on every path is the
    check's to say, once the expression stands in the drawing.
    """
    try:
        expression = parse(asked.text)
    except ExpressionError as error:
        return _fault(asked, str(error), error.column)
    workflow = document
    for name in asked.path:
        workflow = workflow.workflows.get(name, workflow)
    fault = _unknown_read(expression, workflow, within_map=asked.within_map) or _unknown_input(expression, workflow)
    if fault is None:
        return m.LookedAt(client=asked.client, id=asked.id)
    message, name = fault
    return _fault(asked, message, _place(asked.text, name))


def _unknown_read(expression: Expression, workflow: Workflow, *, within_map: bool) -> tuple[str, str] | None:
    nodes = [node.id for node in workflow.nodes if not isinstance(node, Note | Group)]
    known = {*nodes, *(SCOPE if within_map else ())}
    for name in expression.reads:
        if name not in known:
            hint = did_you_mean(name, [*known, *workflow.inputs]).strip()
            input = f"write input.{name}" if name in workflow.inputs else ""
            cure = input or hint or "name a node of this workflow, or write input.x for an input"
            return f"there is no node '{name}'\n{cure}", name
    return None


def _unknown_input(expression: Expression, workflow: Workflow) -> tuple[str, str] | None:
    for name in expression.inputs:
        if name is None or name in workflow.inputs:
            continue
        # What is close to no other name is a new input, which reading it declares (wfnb.author.inputs).
        if hint := did_you_mean(name, workflow.inputs).strip():
            return f"there is no input '{name}'\n{hint}", name
    return None


def _fault(asked: m.LookAt, message: str, column: int | None) -> m.LookedAt:
    """A fault with the token that begins there; where the text ends too early, its last character stands for it."""
    text = asked.text
    if column is None:
        start, end = len(text) - len(text.removeprefix("=").lstrip()), len(text)
    else:
        token = _TOKEN.match(text, column)
        start = min(column, max(len(text) - 1, 0))
        end = token.end() if token else start + 1
    return m.LookedAt(client=asked.client, id=asked.id, message=message, start=start, end=end)


def _place(text: str, name: str) -> int | None:
    """Where an expression names something; None where it is not on one line."""
    bare = text.removeprefix("=").strip()
    shift = text.index(bare)
    if "\n" in bare:
        return None
    for node in ast.walk(ast.parse(bare, mode="eval")):
        match node:
            case ast.Name(id=found) if found == name:
                return shift + _characters(bare, node.col_offset)
            case ast.Attribute(attr=found, end_col_offset=int(end)) if found == name:
                return shift + _characters(bare, end) - len(name)
            case ast.Constant(value=found) if found == name:
                return shift + _characters(bare, node.col_offset)
            case _:
                pass
    return None


def _characters(text: str, offset: int) -> int:
    """Characters before a place that `ast` gives in bytes of UTF-8."""
    return len(text.encode()[:offset].decode(errors="ignore"))
