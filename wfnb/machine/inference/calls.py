"""Calls of the functions of expressions, once the types of their arguments are known."""

from __future__ import annotations

import ast
from collections.abc import Callable

from wfnb.machine.inference import functions, operators
from wfnb.machine.inference.notes import Notes, named, text
from wfnb.model.types import ANY, INT, STR, Fit, TupleOf, Type, accepts, element, union

_WANTED: dict[str, list[Type]] = {
    "startswith": [STR],
    "endswith": [STR],
    "replace": [STR, STR],
    "range": [INT, INT],
    "enumerate": [INT],
}
"""What functions take after their first argument, where that is certain."""


def called(node: ast.Call, name: str, given: list[Type], keywords: dict[str, Type], notes: Notes) -> Type:
    """The type of a call.

    Args:
        node: the call.
        name: the function.
        given: the types of the arguments.
        keywords: the types of those passed by name.
        notes: where problems go.
    """
    if name in functions.FIXED:
        return functions.FIXED[name]
    if not given:
        return functions.none(name)
    if name in ("min", "max") and len(given) > 1:
        return union(*given)
    _others(node, name, given, notes)
    rest = tuple(given[1:])
    return notes.every(
        given[0],
        node.args[0],
        node,
        lambda member: functions.first(name, member, rest, keywords),
        lambda kind: f"'{text(node)}' passes {kind} to {name}",
    )


def _others(node: ast.Call, name: str, given: list[Type], notes: Notes) -> None:
    """The arguments after the first, of functions for which their types are certain."""
    for want, have, part in zip(_WANTED.get(name, []), given[1:], node.args[1:], strict=False):
        notes.every(have, part, node, _taker(want), lambda kind: f"'{text(node)}' passes {kind} to {name}")
    if name not in ("zip", "join"):
        return
    for have, part in zip(given[1:], node.args[1:], strict=True):
        inner = notes.every(have, part, node, element, lambda kind: f"'{text(node)}' goes through {kind}")
        if name == "join" and accepts(STR, inner) is Fit.NO:
            what = f"'{text(node)}' joins items that are {named(inner)}"
            notes.add("WF221", "error", what, "join text, such as [str(x) for x in items]", node)


def _taker(wanted: Type) -> Callable[[Type], Type | None]:
    """What takes values that compare with `wanted`, or tuples of them."""
    return lambda member: ANY if isinstance(member, TupleOf) else operators.ordered(member, wanted)
