"""How guards use their terms: which constants each is compared with, and whether that is all that is done with it."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from wfnb.errors import ExpressionError
from wfnb.machine.guards.terms import Path, path_of, within
from wfnb.model.expression import parse
from wfnb.model.guarded import FUNCTIONS

_LONGEST_MEMBER = 8
"""Longest text whose every part is tried, for a guard such as `x in 'abc'`."""
LONGEST = 1_000
"""Longest text that is tried."""
MOST_BITS = 1_000
"""Largest integer that is tried."""


@dataclass(slots=True)
class Use:
    """What is done with one term.

    Attributes:
        numbers: what it, or its absolute value, is compared with.
        texts: what it is compared with.
        lengths: what its length is compared with.
        members: what is looked for in it.
        ordered: whether the order of texts matters.
        compared: whether its value matters beyond being None, True or False.
        tested: whether its truth matters.
        loose: whether something else is done with it, so that values between the constants may differ.
    """

    numbers: set[int | float] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    lengths: set[int] = field(default_factory=set)
    members: list[Any] = field(default_factory=list)
    ordered: bool = False
    compared: bool = False
    tested: bool = False
    loose: bool = False

    def meets(self, constant: Any, *, ordered: bool) -> None:
        """Count a comparison with a constant."""
        self.compared = self.compared or ordered or constant is not None
        match constant:
            case str() if len(constant) > LONGEST:
                self.loose = True
            case int() if constant.bit_length() > MOST_BITS:
                self.loose = True
            case bool() | int() | float():
                if not math.isnan(constant):
                    self.numbers.add(int(constant) if isinstance(constant, bool) else constant)
            case str():
                self.texts.add(constant)
                self.ordered = self.ordered or ordered
            case None:
                self.tested = True  # an array is neither equal to None nor not
            case [] | {} if not ordered:
                self.lengths.add(0)
            case _:
                self.loose = True

    def is_tested(self) -> None:
        """Count a place where only its truth matters."""
        self.tested = True
        self.numbers.add(0)
        self.texts.add("")
        self.lengths.add(0)

    def is_loose(self, constants: list[Any]) -> None:
        """Count something else, in which these constants occur."""
        self.loose = self.compared = True
        for constant in constants:
            self.meets(constant, ordered=True)


class Constant(NamedTuple):
    """A part of an expression that reads nothing."""

    value: Any


class Measure(NamedTuple):
    """The length or the absolute value of a term."""

    path: Path
    function: str


Leaf: TypeAlias = Path | Constant | Measure
"""What the value of a part of an expression may be taken from."""

_BOTH = [Constant(value=True), Constant(value=False)]


def uses(trees: list[ast.expr]) -> dict[Path, Use]:
    """How each term of some guards is used in all of them."""
    collector = _Collector()
    for tree in trees:
        collector.truth(tree)
    return collector.found


def constant(node: ast.expr) -> Constant | None:
    """The value of a part that reads nothing; None if it reads something, or fails."""
    if isinstance(node, ast.Constant):
        return Constant(node.value)
    if any(isinstance(part, ast.Name) and part.id not in FUNCTIONS for part in ast.walk(node)):
        return None
    try:
        return Constant(parse(ast.unparse(node)).evaluate({}, {}))
    except ExpressionError:
        return None


class _Collector:
    """Goes through guards; a part whose value is one of its leaves' is followed, all else is loose."""

    def __init__(self) -> None:
        self.found: dict[Path, Use] = {}

    def use(self, path: Path) -> Use:
        return self.found.setdefault(path, Use())

    def truth(self, node: ast.expr) -> None:
        """Go through a part of which only the truth matters."""
        match node:
            case ast.BoolOp(values=values):
                for value in values:
                    self.truth(value)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.truth(operand)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                for part in (test, body, orelse):
                    self.truth(part)
            case ast.Compare(left=left, ops=ops, comparators=others):
                for op, (one, other) in zip(ops, pairwise([left, *others]), strict=True):
                    self.comparison(one, op, other)
            case ast.Call(func=ast.Name(id="bool"), args=[inner], keywords=[]):
                self.truth(inner)
            case ast.Call(func=ast.Name(id="startswith"), args=[text, ast.Constant(value=str(start))]) if path_of(text):
                self.starts(text, start)
            case _:
                for leaf in self.leaves(node) or ():
                    self.tested(leaf)

    def leaves(self, node: ast.expr) -> list[Leaf] | None:
        """What the value of a part is one of; None if it is made, its terms being loose then."""
        path = path_of(node)
        if path is not None:
            self.use(path)
            return [path]
        match node:
            case ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.Call(func=ast.Name(id="startswith" | "bool")):
                self.truth(node)
                return [*_BOTH]
            case ast.BoolOp(values=[*first, last]):
                for value in first:
                    self.truth(value)
                return self.several([*first, last])
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.truth(test)
                return self.several([body, orelse])
            case ast.Call(func=ast.Name(id="min" | "max"), args=[_, _, *_] as args, keywords=[]):
                parts = [self.leaves(arg) for arg in args]
                for index, part in enumerate(parts):
                    for other in parts[:index]:
                        self.relate(part, other, ordered=True)
                return None if None in parts else [leaf for part in parts for leaf in part or ()]
            case ast.Call(func=ast.Name(id="len" | "abs" as name), args=[inner]) if path := path_of(inner):
                self.use(path).compared = True
                return [Measure(path, name)]
            case _:
                pass
        folded = constant(node)
        if folded is not None:
            return [folded]
        self.loosen(node)
        return None

    def several(self, nodes: list[ast.expr]) -> list[Leaf] | None:
        parts = [self.leaves(node) for node in nodes]
        return None if None in parts else [leaf for part in parts for leaf in part or ()]

    def comparison(self, one: ast.expr, op: ast.cmpop, other: ast.expr) -> None:
        """Count a comparison of two parts."""
        match op:
            case ast.In() | ast.NotIn():
                self.membership(one, other)
            case ast.Is() | ast.IsNot():
                if not any(_single(side) for side in (one, other)):
                    self.loosen(one, other)
                self.leaves(one)
                self.leaves(other)
            case _:
                left, right = self.leaves(one), self.leaves(other)
                if left is None or right is None:
                    self.loosen(one, other)
                else:
                    self.relate(left, right, ordered=not isinstance(op, ast.Eq | ast.NotEq))

    def membership(self, one: ast.expr, other: ast.expr) -> None:
        """Count `one in other`."""
        match other:
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                left = self.leaves(one)
                for item in items:
                    self.relate(left, self.leaves(item), ordered=False)
            case ast.Constant(value=str(text)) if len(text) <= _LONGEST_MEMBER:
                left = self.leaves(one)
                ends = range(len(text) + 1)
                for part in {text[start:end] for start in ends for end in ends}:
                    self.relate(left, [Constant(part)], ordered=False)
            case _ if (path := path_of(other)) and (sought := constant(one)):
                members = self.use(path).members
                if sought.value not in members:
                    members.append(sought.value)
            case _:
                self.loosen(one, other)

    def relate(self, one: list[Leaf] | None, other: list[Leaf] | None, *, ordered: bool) -> None:
        """Count a comparison of all that one side may be with all that the other may be."""
        for mine, theirs in ((one, other), (other, one)):
            for leaf in mine or ():
                if isinstance(leaf, Constant):
                    continue
                if theirs is None:
                    self.loosen_leaf(leaf, [])
                    continue
                for against in theirs:
                    if isinstance(against, Constant):
                        self.meets(leaf, against.value, ordered=ordered)
                    else:
                        self.loosen_leaf(leaf, [])

    def meets(self, leaf: Path | Measure, value: Any, *, ordered: bool) -> None:
        if not isinstance(leaf, Measure):
            self.use(leaf).meets(value, ordered=ordered)
            return
        if not isinstance(value, bool | int | float) or not math.isfinite(value):
            self.loosen_leaf(leaf, [value])
        elif leaf.function == "len":
            self.use(leaf.path).lengths.update({math.floor(value), math.ceil(value)})
            self.use(leaf.path).compared = True
        else:
            self.use(leaf.path).meets(value, ordered=ordered)
            self.use(leaf.path).meets(-value, ordered=ordered)

    def tested(self, leaf: Leaf) -> None:
        match leaf:
            case Constant():
                pass
            case Measure():
                self.meets(leaf, 0, ordered=False)
            case _:
                self.use(leaf).is_tested()

    def starts(self, text: ast.expr, start: str) -> None:
        """Texts that start alike lie side by side in the order of texts: from `start` to before the next such."""
        for leaf in self.leaves(text) or ():
            self.relate([leaf], [Constant(start)], ordered=True)
            if following := _following(start):
                self.relate([leaf], [Constant(following)], ordered=True)

    def loosen(self, *nodes: ast.expr) -> None:
        """Count parts that are more than comparisons of terms with constants, or belong to such."""
        constants = [part.value for node in nodes for part in ast.walk(node) if isinstance(part, ast.Constant)]
        for node in nodes:
            for path in within(node):
                self.use(path).is_loose(constants)

    def loosen_leaf(self, leaf: Path | Measure, constants: list[Any]) -> None:
        self.use(leaf.path if isinstance(leaf, Measure) else leaf).is_loose(constants)


def _single(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _following(start: str) -> str:
    """The first text after all those that start so; empty if there is none."""
    rest = start.rstrip(chr(0x10FFFF))
    return rest[:-1] + chr(ord(rest[-1]) + 1) if rest else ""
