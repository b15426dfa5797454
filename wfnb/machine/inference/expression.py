"""The type of an expression, part by part."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import assert_never

from wfnb.errors import did_you_mean
from wfnb.machine.inference import calls, operators
from wfnb.machine.inference.narrowing import narrowed
from wfnb.machine.inference.notes import Note, Notes, named, sort_out, text
from wfnb.machine.inference.scope import Path, Scope, View
from wfnb.model.expression import REMEMBERED, Expression
from wfnb.model.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    DictOf,
    Exactly,
    Field,
    ListOf,
    Record,
    SetOf,
    TupleOf,
    Type,
    alternatives_of,
    element,
    union,
    without,
)


@lru_cache(maxsize=8_192)
def tree_of(source: str) -> ast.expr:
    """The tree of an expression that `wfnb.model.expression.parse` takes; not to be changed."""
    return ast.parse(source.strip(), mode="eval").body


def infer_type(expression: Expression, scope: Scope, notes: Notes | None = None) -> Type:
    """The type of an expression, and what is wrong in it; remembered for the types that it reads.

    Args:
        expression: what was parsed.
        scope: what it may name.
        notes: where problems go.
    """
    found, problems, doubtful = _inferred(expression.source, scope.view(expression))
    if notes is not None:
        notes.found.extend(problems)
        notes.doubtful = notes.doubtful or doubtful
    return found


def narrow(condition: Expression, scope: Scope, *, holds: bool) -> Scope:
    """The scope where a condition holds, or does not."""
    return scope.knowing(_narrowing(condition.source, scope.view(condition), holds))


@lru_cache(maxsize=REMEMBERED)
def _inferred(source: str, view: View) -> tuple[Type, tuple[Note, ...], str]:
    notes = Notes()
    try:
        found = _Inference(notes).type_of(tree_of(source), view.scope())
    except RecursionError:  # the caller's own stack was deep already
        return ANY, (), source[:60]
    return found, tuple(notes.found), notes.doubtful


@lru_cache(maxsize=REMEMBERED)
def _narrowing(source: str, view: View, holds: bool) -> Mapping[Path, Type]:
    try:
        return narrowed(tree_of(source), view.scope(), _quietly, holds=holds).facts
    except RecursionError:
        return dict(view.facts)


def _quietly(node: ast.expr, scope: Scope) -> Type:
    notes = Notes()
    notes.doubtful = "told elsewhere"
    return _Inference(notes).type_of(node, scope)


class _Inference:
    """Infers one expression; the tree was checked against the allow-list of expressions."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes

    def type_of(self, node: ast.expr, scope: Scope) -> Type:
        """The type of a part of the expression."""
        path = scope.path_of(node) if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) else None
        found = scope.facts.get(path) if path is not None else None
        if found is None:
            found = scope.root(path) if path is not None and len(path) == 2 else self.part(node, scope)
        if found == ANY:
            self.notes.doubt(node)
        return found

    def part(self, node: ast.expr, scope: Scope) -> Type:  # noqa: PLR0912 - a case a form
        """The type of what is no name of a value."""
        match node:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=float()):
                return FLOAT
            case ast.Constant(value=bool() | int() | str() as value):
                return Exactly(value)
            case ast.Name():  # `input` as a whole
                fields = (Field(name, kind, required=False) for name, kind in scope.inputs.items())
                return Record("", tuple(fields), closed=bool(scope.inputs))
            case ast.Attribute():
                return self.field(self.type_of(node.value, scope), node.attr, node)
            case ast.Subscript():
                return self.subscript(node, scope)
            case ast.BinOp():
                return self.operation(node, scope)
            case ast.UnaryOp():
                return self.unary(node, scope)
            case ast.BoolOp():
                return self.decision(node, scope)
            case ast.Compare():
                return self.comparison(node, scope)
            case ast.IfExp():
                self.type_of(node.test, scope)
                return union(
                    self.type_of(node.body, narrowed(node.test, scope, _quietly, holds=True)),
                    self.type_of(node.orelse, narrowed(node.test, scope, _quietly, holds=False)),
                )
            case ast.Call(func=ast.Name(id=name)):
                return self.call(node, name, scope)
            case ast.List():
                return ListOf(union(*(self.type_of(item, scope) for item in node.elts)))
            case ast.Set():
                return SetOf(union(*(self.type_of(item, scope) for item in node.elts)))
            case ast.Tuple():
                return TupleOf(tuple(self.type_of(item, scope) for item in node.elts))
            case ast.Dict():
                return self.display(node, scope)
            case ast.JoinedStr():
                for part in node.values:
                    if isinstance(part, ast.FormattedValue):
                        self.type_of(part.value, scope)
                return STR
            case ast.ListComp() | ast.GeneratorExp():
                return ListOf(self.type_of(node.elt, self.clauses(node.generators, scope)))
            case ast.SetComp():
                return SetOf(self.type_of(node.elt, self.clauses(node.generators, scope)))
            case ast.DictComp():
                inner = self.clauses(node.generators, scope)
                return DictOf(self.type_of(node.key, inner), self.type_of(node.value, inner))
            case _:
                return ANY

    def field(self, data: Type, name: str, node: ast.expr) -> Type:
        """`data.name`, or `data['name']` of a record."""
        members = alternatives_of(data)
        results, refused = sort_out(members, lambda member: operators.attribute(member, name))
        if not refused:
            return union(*results)
        part = node.value if isinstance(node, ast.Attribute | ast.Subscript) else node
        if NONE in refused and (results or len(refused) > 1):
            self.notes.missing(part, node)
            refused.remove(NONE)
            if not refused:
                return union(*results)
        known = [field.name for one in refused if isinstance(one, Record) for field in one.fields]
        what = f"'{text(node)}': {named(union(*refused))} has no field '{name}'"
        cure = f"known fields: {', '.join(known) or 'none'}.{did_you_mean(name, known)}"
        self.notes.add("WF222", "warning" if results else "error", what, cure, node)
        return union(*results) if results else ANY

    def subscript(self, node: ast.Subscript, scope: Scope) -> Type:
        """`data[key]`."""
        data = self.type_of(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            for bound in (node.slice.lower, node.slice.upper, node.slice.step):
                if bound is not None:
                    self.index(self.type_of(bound, scope), bound, node)
            return self.notes.every(
                data, node.value, node, operators.sliced, lambda kind: f"'{text(node)}' takes a slice of {kind}"
            )
        key = self.type_of(node.slice, scope)
        if isinstance(key, Exactly) and isinstance(key.value, str) and any(map(_has_fields, alternatives_of(data))):
            records = union(*(m for m in alternatives_of(data) if _has_fields(m) or m == NONE))
            others = without(data, *alternatives_of(records))
            found = self.field(records, key.value, node)
            return found if others == NEVER else union(found, self.item(others, key, node))
        return self.item(data, key, node)

    def item(self, data: Type, key: Type, node: ast.Subscript) -> Type:
        """`data[key]` where `data` is no record."""

        def each(member: Type) -> Type | None:
            found, refused = sort_out(alternatives_of(key), lambda one: operators.indexed(member, one))
            return union(*found) if found or not refused else None

        return self.notes.every(
            data, node.value, node, each, lambda kind: f"'{text(node)}' looks up {named(key)} in {kind}"
        )

    def index(self, given: Type, part: ast.expr, node: ast.expr) -> None:
        """A bound of a slice."""
        for member in alternatives_of(given):
            if not operators.opaque(member) and operators.ordered(member, INT) is None and member != NONE:
                what = f"'{text(node)}' slices by '{text(part)}', which is {named(member)}"
                self.notes.add("WF221", "error", what, "give a whole number", part)

    def operation(self, node: ast.BinOp, scope: Scope) -> Type:
        """`left operator right`."""
        left, right = self.type_of(node.left, scope), self.type_of(node.right, scope)
        verb = operators.VERBS.get(type(node.op), "combines {left} and {right}")
        return self.notes.pairs(
            node, (node.left, left), (node.right, right), lambda a, b: operators.arithmetic(node.op, a, b), verb
        )

    def unary(self, node: ast.UnaryOp, scope: Scope) -> Type:
        """`not x`, `-x`, `+x`, `~x`."""
        given = self.type_of(node.operand, scope)
        if isinstance(node.op, ast.Not):
            return BOOL
        return self.notes.every(
            given,
            node.operand,
            node,
            lambda member: operators.unary(node.op, member),
            lambda kind: f"'{text(node)}' takes the negative of {kind}",
        )

    def decision(self, node: ast.BoolOp, scope: Scope) -> Type:
        """`a and b`, `a or b`."""
        found: list[Type] = []
        conjunction = isinstance(node.op, ast.And)
        for operand in node.values[:-1]:
            given = self.type_of(operand, scope)
            found.append(operators.falsy(given) if conjunction else operators.truthy(given))
            scope = narrowed(operand, scope, _quietly, holds=conjunction)
        return union(*found, self.type_of(node.values[-1], scope))

    def comparison(self, node: ast.Compare, scope: Scope) -> Type:
        """`a < b`, `a in b`, also in a row."""
        parts = [node.left, *node.comparators]
        types = [self.type_of(part, scope) for part in parts]
        found: list[Type] = []
        for operator, (one, other) in zip(node.ops, pairwise(zip(parts, types, strict=True)), strict=True):
            match operator:
                case ast.Is() | ast.IsNot():
                    found.append(BOOL)
                case ast.Eq() | ast.NotEq():
                    vague = any(operators.opaque(m) for m in (*alternatives_of(one[1]), *alternatives_of(other[1])))
                    found.append(ANY if vague else BOOL)
                case ast.In() | ast.NotIn():
                    found.append(self.notes.pairs(node, one, other, operators.contains, "looks for {left} in {right}"))
                case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE():
                    found.append(self.notes.pairs(node, one, other, operators.ordered, "compares {left} with {right}"))
                case _:
                    assert_never(operator)  # type: ignore[arg-type]
        return union(*found)

    def call(self, node: ast.Call, name: str, scope: Scope) -> Type:
        """A call of one of the functions of expressions."""
        path = scope.path_of(node)
        if path is not None:
            return scope.facts.get(path) or scope.root(path)
        given = [self.type_of(argument, scope) for argument in node.args]
        keywords = {k.arg: self.type_of(k.value, scope) for k in node.keywords if k.arg is not None}
        return calls.called(node, name, given, keywords, self.notes)

    def display(self, node: ast.Dict, scope: Scope) -> Type:
        """`{'a': 1}`."""
        values = [self.type_of(value, scope) for value in node.values]
        keys = [None if key is None else self.type_of(key, scope) for key in node.keys]
        if None in keys:
            return DictOf(ANY, ANY)
        known = [key for key in keys if key is not None]
        names = [key.value for key in known if isinstance(key, Exactly) and isinstance(key.value, str)]
        if known and len(names) == len(known):
            fields = dict(zip(names, values, strict=True))  # of equal keys the last counts
            return Record("", tuple(Field(name, kind) for name, kind in fields.items()))
        return DictOf(union(*known), union(*values))

    def clauses(self, clauses: list[ast.comprehension], scope: Scope) -> Scope:
        """The scope inside a comprehension."""
        for clause in clauses:
            items = self.type_of(clause.iter, scope)
            item = self.notes.every(
                items,
                clause.iter,
                clause.iter,
                element,
                lambda kind: f"'{text(clause.iter)}' is {kind}: no items",  # noqa: B023
            )
            scope = scope.binding(dict(self.bound(clause.target, item)))
            for test in clause.ifs:
                self.type_of(test, scope)
                scope = narrowed(test, scope, _quietly, holds=True)
        return scope

    def bound(self, target: ast.expr, given: Type) -> list[tuple[str, Type]]:
        """The names that a loop binds."""
        if isinstance(target, ast.Name):
            return [(target.id, given)]
        found: list[tuple[str, Type]] = []
        if isinstance(target, ast.Tuple | ast.List):
            for index, part in enumerate(target.elts):
                found += self.bound(
                    part, union(*(_part(one, index, len(target.elts)) for one in alternatives_of(given)))
                )
        return found


def _part(given: Type, index: int, count: int) -> Type:
    if isinstance(given, TupleOf) and not given.open:
        return given.items[index] if len(given.items) == count else ANY
    found = element(given)
    return ANY if found is None else found


def _has_fields(given: Type) -> bool:
    return isinstance(given, Record) and given.style == "dict"
