"""What is wrong in one expression, with its place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wfnb.machine.diagnostic import Severity
from wfnb.machine.inference.operators import opaque
from wfnb.model.types import ANY, NEVER, NONE, Type, alternatives_of, union, widened

_MAX_PAIRS = 64
"""Most pairs of members that an operator on two unions is tried with."""


@dataclass(frozen=True, slots=True)
class Note:
    """One problem in an expression; `node` is the part concerned."""

    code: str
    severity: Severity
    what: str
    cure: str
    node: ast.expr


def named(given: Type) -> str:
    """A type in a message."""
    return str(widened(given))


def text(node: ast.AST) -> str:
    """A part of an expression in a message."""
    found = ast.unparse(node)
    return found if len(found) <= 60 else f"{found[:57]}..."


class Notes:
    """Collects the problems of one expression; each part is told once."""

    def __init__(self) -> None:
        self.found: list[Note] = []
        self.doubtful = ""
        """The first part of which nothing is known, empty where everything is."""
        self._told: set[tuple[str, int, int]] = set()
        self._missing: set[str] = set()

    def add(self, code: str, severity: Severity, what: str, cure: str, node: ast.expr) -> None:
        """Note a problem."""
        key = (code, node.lineno, node.col_offset)
        if key not in self._told:
            self._told.add(key)
            self.found.append(Note(code, severity, what, cure, node))

    def doubt(self, node: ast.AST) -> None:
        """Note that nothing is known of a part."""
        if not self.doubtful:
            self.doubtful = text(node)

    def missing(self, part: ast.expr, whole: ast.expr) -> None:
        """Note that a part may be None where that is of no use."""
        name = text(part)
        if name in self._missing:
            return
        self._missing.add(name)
        self.add(
            "WF223",
            "warning",
            f"'{text(whole)}' uses '{name}', which may be None",
            f"test it before, as in ... if {name} is not None else ..., or in the guard of an edge that leads here",
            part,
        )

    def every(  # noqa: PLR0917 - an operation
        self,
        given: Type,
        part: ast.expr,
        whole: ast.expr,
        each: Callable[[Type], Type | None],
        what: Callable[[str], str],
        cure: str = "",
    ) -> Type:
        """What an operation gives for the members of a union, after a note on those that it does not take.

        Args:
            given: the union.
            part: what is of this type.
            whole: the operation.
            each: the operation's result for one member, None where it does not take it.
            what: the message about a type.
            cure: what to do.
        """
        members = alternatives_of(given)
        if any(map(opaque, members)):
            self.doubt(whole)
        results, refused = sort_out(members, each)
        if not refused:
            return union(*results)
        if not results:
            self.add("WF221", "error", what(named(given)), cure or f"change '{text(part)}'", whole)
            return ANY
        if refused == [NONE]:
            self.missing(part, whole)
        else:
            self.add("WF221", "warning", what(f"what may be {named(union(*refused))}"), cure, whole)
        return union(*results)

    def pairs(
        self,
        node: ast.expr,
        one: tuple[ast.expr, Type],
        other: tuple[ast.expr, Type],
        each: Callable[[Type, Type], Type | None],
        verb: str,
    ) -> Type:
        """An operator on two unions."""
        (left_part, left), (right_part, right) = one, other
        lefts, rights = alternatives_of(left), alternatives_of(right)
        if any(map(opaque, (*lefts, *rights))):
            self.doubt(node)
        if len(lefts) * len(rights) > _MAX_PAIRS:
            return ANY
        results: list[Type] = []
        refused: list[tuple[Type, Type]] = []
        for a in lefts:
            for b in rights:
                found = each(a, b)
                if found is None:
                    refused.append((a, b))
                else:
                    results.append(found)
        if not refused:
            return union(*results)
        what = f"'{text(node)}' " + verb.format(left=named(left), right=named(right))
        if not results:
            self.add("WF221", "error", what, _cure(left, right), node)
            return ANY
        for part, members in ((left_part, {a for a, _ in refused}), (right_part, {b for _, b in refused})):
            if NONE in members:
                self.missing(part, node)
        if any(NONE not in pair for pair in refused):
            self.add("WF221", "warning", what, _cure(left, right), node)
        return union(*results)


def sort_out(members: Iterable[Type], each: Callable[[Type], Type | None]) -> tuple[list[Type], list[Type]]:
    """The results for the members that an operation takes, and those that it does not take."""
    results, refused = [], []
    for member in members:
        found = NEVER if member == NEVER else each(member)
        if found is None:
            refused.append(member)
        else:
            results.append(found)
    return results, refused


def _cure(left: Type, right: Type) -> str:
    kinds = {named(left), named(right)}
    if "str" in kinds and kinds & {"int", "float", "bool"}:
        return "convert one of them with str(...), int(...) or float(...)"
    return "change one of the two"
