"""Guards as formulas of the solver."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from wfnb.machine.guards.kinds import Kind
from wfnb.machine.guards.operators import compared, computed, equal, inverted, ordered, signed
from wfnb.machine.guards.symbols import FAILING, UNSURE, Alternative, Formula, Logic, Value
from wfnb.machine.guards.terms import Path, path_of
from wfnb.machine.guards.uses import constant


class Formulas:
    """Translates guards over terms of given types.

    Args:
        logic: the solver's vocabulary.
        kinds: the types of the terms.
    """

    def __init__(self, logic: Logic, kinds: Mapping[Path, Kind]) -> None:
        self.logic = logic
        self.kinds = kinds
        self.own = {path: self._unknown(path, kind) for path, kind in kinds.items()}
        """What each term may be, apart from what it is a part of."""
        self._few = {
            path: Value(logic.merged(value.cases), value.fails, value.unsure) for path, value in self.own.items()
        }

    def guard(self, tree: ast.expr) -> tuple[Formula, Formula, Formula]:
        """When a guard holds, when it fails, and when neither can be told; it is false in all other cases."""
        value = self.value(tree)
        true, unsure = self.logic.truth(value)
        unsure = self.logic.either(value.unsure, unsure)
        sure = self.logic.negated(unsure)
        fails = self.logic.both(value.fails, sure)
        return self.logic.every([true, sure, self.logic.negated(value.fails)]), fails, unsure

    def value(self, node: ast.expr) -> Value:
        """What a part of a guard may come to."""
        path = path_of(node)
        if path is not None:
            return self.term(path)
        if not isinstance(node, ast.BoolOp | ast.Compare | ast.IfExp) and (folded := constant(node)):
            return self.logic.constant(folded.value)
        match node:
            case ast.BoolOp(op=op, values=values):
                return self._chosen(op, values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return inverted(self.logic, self.value(operand))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.logic.each(self.value(operand), lambda case: signed(self.logic, case, absolute=False))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._branch(self.value(test), self.value(body), self.value(orelse))
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._chain(list(pairwise([left, *others])), ops)
            case ast.BinOp(left=left, op=op, right=right):
                one, other = self.value(left), self.value(right)
                return self.logic.combined(one, other, lambda a, b: computed(self.logic, op, a, b))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, args)
            case _:
                return UNSURE

    def term(self, path: Path) -> Value:
        """What a term may be; it fails where what it is read from has no fields."""
        own = self._few[path]
        for end in range(2, len(path)):
            if path[:end] in self.own:
                own = self._part(self.term(path[:end]), path[end], own)
        return own

    def _part(self, whole: Value, key: str | int, part: Value) -> Value:
        def read(case: Alternative) -> Value:
            match case.tag:
                case "none":
                    return FAILING
                case "list" if isinstance(key, int):
                    least = key + 1 if key >= 0 else -key
                    return Value(part.cases, self.logic.either(part.fails, case.term < least), part.unsure)
                case "dict" | "object":
                    return part
                case _:
                    return UNSURE

        return self.logic.each(whole, read)

    def _chosen(self, op: ast.boolop, values: list[ast.expr]) -> Value:
        """`a and b`, `a or b`: the first that settles it."""
        found = self.value(values[-1])
        for node in reversed(values[:-1]):
            one = self.value(node)
            found = self._branch(one, *((found, one) if isinstance(op, ast.And) else (one, found)))
        return found

    def _branch(self, test: Value, body: Value, orelse: Value) -> Value:
        true, doubt = self.logic.truth(test)
        false = self.logic.negated(true)
        both, either = self.logic.both, self.logic.either
        cases = [Alternative(both(true, case.when), case.tag, case.term) for case in body.cases]
        cases += [Alternative(both(false, case.when), case.tag, case.term) for case in orelse.cases]
        fails = either(both(true, body.fails), both(false, orelse.fails))
        unsure = either(both(true, body.unsure), both(false, orelse.unsure))
        # Where the test itself fails, or is unsure, nothing after it counts.
        fails = either(test.fails, fails)
        unsure = either(either(test.unsure, doubt), both(self.logic.negated(test.fails), unsure))
        return Value(self.logic.merged([case for case in cases if case.when is not False]), fails, unsure)

    def _chain(self, pairs: list[tuple[ast.expr, ast.expr]], ops: list[ast.cmpop]) -> Value:
        found: Value | None = None
        for (left, right), op in zip(reversed(pairs), reversed(ops), strict=True):
            one = self._related(left, op, right)
            found = one if found is None else self._branch(one, found, one)
        return found if found is not None else UNSURE

    def _related(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Value:
        match op:
            case ast.In():
                return self._member(left, right)
            case ast.NotIn():
                return inverted(self.logic, self._member(left, right))
            case _:
                return compared(self.logic, op, self.value(left), self.value(right))

    def _member(self, left: ast.expr, right: ast.expr) -> Value:
        sought = self.value(left)
        match right:
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                values = [self.value(item) for item in items]
                found = self.logic.as_truth(False)
                for value in reversed(values):
                    one = self.logic.combined(sought, value, lambda a, b: equal(self.logic, a, b))
                    found = self._branch(one, self.logic.as_truth(True), found)
                # All items are evaluated, whether it is among the first or not; those of a set must be hashable too.
                hashed = isinstance(right, ast.Set)
                for value in [sought, *values]:
                    bad = [case.when for case in value.cases if hashed and case.tag in ("list", "dict")]
                    fails = self.logic.some([value.fails, *bad])
                    found = Value(
                        found.cases,
                        self.logic.either(found.fails, fails),
                        self.logic.some([found.unsure, value.unsure]),
                    )
                return found
            case _:
                return self.logic.combined(sought, self.value(right), self._within)

    def _within(self, one: Alternative, other: Alternative) -> Value:
        """`one in other`, for a text in a text; whatever else contains something is not looked into."""
        if other.tag == "text":
            if one.tag == "text":
                return self.logic.as_truth(self.logic.z3.Contains(other.term, one.term))
            return UNSURE if one.tag == "object" else FAILING
        if other.tag in ("list", "dict") and one.tag not in ("list", "dict", "object"):
            inside = self.logic.named("bool", ("in", self.logic.identity(one), self.logic.identity(other)))
            self.logic.axioms.append(self.logic.z3.Implies(inside, other.term > 0))
            return self.logic.as_truth(inside)
        return UNSURE if other.tag in ("list", "dict", "object") else FAILING

    def _call(self, name: str, args: list[ast.expr]) -> Value:
        values = [self.value(arg) for arg in args]
        match name, values:
            case "len", [one]:
                return self.logic.each(one, self._length)
            case "abs", [one]:
                return self.logic.each(one, lambda case: signed(self.logic, case, absolute=True))
            case "bool", [one]:
                return inverted(self.logic, inverted(self.logic, one))
            case "startswith", [one, other]:
                prefix = self.logic.z3.PrefixOf
                return self.logic.combined(one, other, lambda a, b: self._affix(prefix, a, b))
            case "endswith", [one, other]:
                suffix = self.logic.z3.SuffixOf
                return self.logic.combined(one, other, lambda a, b: self._affix(suffix, a, b))
            case "lower" | "upper" | "strip", [one]:
                return self.logic.each(one, lambda case: self._rewritten(name, case))
            case "min" | "max", [first, *rest] if rest:
                op = ast.Lt() if name == "min" else ast.Gt()
                for other in rest:
                    better = self.logic.combined(other, first, lambda a, b: ordered(self.logic, op, a, b))
                    first = self._branch(better, other, first)
                return first
            case _:
                return UNSURE

    def _length(self, case: Alternative) -> Value:
        match case.tag:
            case "text":
                return Value((Alternative(True, "int", self.logic.z3.Length(case.term)),))
            case "list" | "dict":
                return Value((Alternative(True, "int", case.term),))
            case "object":
                return UNSURE
            case _:
                return FAILING

    def _affix(self, relation: Any, text: Alternative, affix: Alternative) -> Value:
        if text.tag == affix.tag == "text":
            return self.logic.as_truth(relation(affix.term, text.term))
        return UNSURE if "object" in (text.tag, affix.tag) or affix.tag == "list" else FAILING

    def _rewritten(self, name: str, case: Alternative) -> Value:
        """A text made of another: the same from the same, and that is all that is known of it."""
        if case.tag != "text":
            return UNSURE if case.tag == "object" else FAILING
        self.logic.rounds = True  # as with floats: what is found may not be so, what is proved is
        return Value((Alternative(True, "text", self.logic.named("text", (name, self.logic.identity(case)))),))

    def _unknown(self, path: Path, kind: Kind) -> Value:
        """A term of a type, with the axioms that say so."""
        named, z3 = self.logic.named, self.logic.z3
        offered: list[Alternative] = []
        for literal in kind.literals:
            offered += self.logic.constant(literal).cases or (Alternative(True, "object"),)
        offered += [Alternative(True, "bool", named("bool", path))] if kind.bools else []
        offered += [Alternative(True, "int", named("int", path))] if kind.ints else []
        offered += [Alternative(True, "real", named("real", path))] if kind.floats else []
        offered += [Alternative(True, "text", named("text", path))] if kind.texts else []
        offered += [Alternative(True, "none")] if kind.none else []
        for tag, there in (("list", kind.items), ("dict", kind.entries)):
            if there is not None:
                length = named("int", (tag, path))
                self.logic.axioms.append(length >= 0)
                offered.append(Alternative(True, tag, length))  # type: ignore[arg-type]
        offered += [Alternative(True, "object")] if kind.objects else []
        if len(offered) < 2:
            return Value(tuple(offered))
        which = named("int", ("which", path))
        self.logic.axioms.append(z3.And(which >= 0, which < len(offered)))
        return Value(tuple(Alternative(which == index, case.tag, case.term) for index, case in enumerate(offered)))
