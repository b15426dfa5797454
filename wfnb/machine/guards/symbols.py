"""Values that are not known, as formulas of the solver: what Python's operations make of them, case by case.

A value is a list of alternatives, each with the condition under which it is the one, the type it has then and its term.
An operation goes through the combinations, so that Python's rules for each pair of types are followed to the letter:
`None < 3` fails, `True == 1` holds, `1 == "1"` does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, NamedTuple, TypeAlias

from wfnb.machine.guards.uses import LONGEST, MOST_BITS

Formula: TypeAlias = Any
"""A Boolean of the solver, or one of Python's where it is settled."""
Tag: TypeAlias = Literal["none", "bool", "int", "real", "nan", "text", "list", "dict", "object"]
NUMBERS = ("bool", "int", "real", "nan")


class Alternative(NamedTuple):
    """One thing that a value may be: a term, its type, and when."""

    when: Formula
    tag: Tag
    term: Any = None
    """For a list or a dict, its length."""


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression may come to.

    Attributes:
        cases: what it is, where neither of the others holds.
        fails: when it raises.
        unsure: when nothing can be told.
    """

    cases: tuple[Alternative, ...]
    fails: Formula = False
    unsure: Formula = False


UNSURE = Value((), unsure=True)
FAILING = Value((), fails=True)


class Logic:
    """The solver's vocabulary in one context of its own, with Python's Booleans settled on the way.

    Args:
        solver: the module z3.
        exact: whether sums and products of floats are taken as those of real numbers, which is right nearly always and
            good for finding values; else each is a number of its own, which is true whatever is rounded.
    """

    def __init__(self, solver: Any, *, exact: bool) -> None:
        self.z3 = solver
        self.context = solver.Context()
        self.exact = exact
        self.rounds = False
        """Whether a float was computed, so that the two readings differ."""
        self.axioms: list[Any] = []
        self._made: dict[Any, Any] = {}
        self._kept: list[Any] = []
        """Terms whose numbers are keys, so that they live on."""

    def both(self, one: Formula, other: Formula) -> Formula:
        """Whether one and the other."""
        if one is False or other is False:
            return False
        if one is True:
            return other
        return one if other is True else self.z3.And(one, other)

    def either(self, one: Formula, other: Formula) -> Formula:
        """Whether one or the other."""
        if one is True or other is True:
            return True
        if one is False:
            return other
        return one if other is False else self.z3.Or(one, other)

    def negated(self, one: Formula) -> Formula:
        """Whether not."""
        return not one if isinstance(one, bool) else self.z3.Not(one)

    def every(self, formulas: Iterable[Formula]) -> Formula:
        """Whether all."""
        found: Formula = True
        for formula in formulas:
            found = self.both(found, formula)
        return found

    def some(self, formulas: Iterable[Formula]) -> Formula:
        """Whether any."""
        found: Formula = False
        for formula in formulas:
            found = self.either(found, formula)
        return found

    def formula(self, one: Formula) -> Any:
        """As a term of the solver, also where it is settled."""
        return self.z3.BoolVal(one, self.context) if isinstance(one, bool) else one

    def constant(self, value: Any) -> Value:
        """A value of Python's."""
        match value:
            case None:
                return Value((Alternative(True, "none"),))
            case bool():
                return Value((Alternative(True, "bool", value),))
            case int() if value.bit_length() <= MOST_BITS:
                return Value((Alternative(True, "int", self.z3.IntVal(value, self.context)),))
            case float() if value == value and abs(value) != float("inf"):  # noqa: PLR0124 - NaN equals nothing
                exactly = Fraction(value)
                term = self.z3.Q(exactly.numerator, exactly.denominator, self.context)
                return Value((Alternative(True, "real", term),))
            case str() if len(value) <= LONGEST and all(ord(char) < _LAST_CHAR for char in value):
                return Value((Alternative(True, "text", self.text(value)),))
            case [] | () | {} if not value:
                tag: Tag = "dict" if isinstance(value, dict) else "list"
                return Value((Alternative(True, tag, self.z3.IntVal(0, self.context)),))
            case _:
                return UNSURE

    def text(self, value: str) -> Any:
        """A text; the solver reads backslashes as Python does, so they are spelled out."""
        return self.z3.StringVal(value.replace("\\", "\\u{5c}"), self.context)

    def named(self, sort: Literal["bool", "int", "real", "text"], key: Any) -> Any:
        """The unknown of this name, the same at each call."""
        made = self._made.get((sort, key))
        if made is None:
            make = {"bool": self.z3.Bool, "int": self.z3.Int, "real": self.z3.Real, "text": self.z3.String}[sort]
            made = self._made[sort, key] = make(f"{sort}{len(self._made)}", self.context)
        return made

    def identity(self, case: Alternative) -> tuple[str, Any]:
        """What two alternatives share if they are the same value of Python's."""
        if case.term is None or isinstance(case.term, bool):
            return case.tag, case.term
        self._kept.append(case.term)
        return case.tag, case.term.get_id()

    def boolean(self, term: Any) -> Any:
        """A truth value as 0 or 1."""
        if isinstance(term, bool):
            return self.z3.IntVal(int(term), self.context)
        one, zero = self.z3.IntVal(1, self.context), self.z3.IntVal(0, self.context)
        return self.z3.If(term, one, zero)

    def number(self, case: Alternative) -> Any:
        """The term of a number, a truth value being 0 or 1."""
        return self.boolean(case.term) if case.tag == "bool" else case.term

    def real(self, case: Alternative) -> Any:
        """The term of a number as a real one."""
        term = self.number(case)
        return term if case.tag == "real" else self.z3.ToReal(term)

    def paired(self, one: Alternative, other: Alternative) -> tuple[Any, Any]:
        """Two numbers as terms of one sort."""
        if "real" in (one.tag, other.tag):
            return self.real(one), self.real(other)
        return self.number(one), self.number(other)

    def truth(self, value: Value) -> tuple[Formula, Formula]:
        """When a value is true, and when that can not be told (beside what its own evaluation is unsure of)."""
        true: Formula = False
        unsure: Formula = False
        for case in value.cases:
            match case.tag:
                case "none":
                    continue
                case "bool":
                    holds = case.term
                case "nan":
                    holds = True
                case "text":
                    holds = case.term != self.text("")
                case "object":
                    unsure = self.either(unsure, case.when)
                    continue
                case _:
                    holds = case.term != 0
            true = self.either(true, self.both(case.when, holds))
        return true, unsure

    def combined(
        self, one: Value, other: Value, make: Callable[[Alternative, Alternative], Value | Alternative]
    ) -> Value:
        """What an operation makes of two values, which are evaluated in this order."""
        cases: list[Alternative] = []
        fails = self.either(one.fails, other.fails)
        unsure = self.either(one.unsure, other.unsure)
        for left in one.cases:
            for right in other.cases:
                when = self.both(left.when, right.when)
                if when is False:
                    continue
                made = make(left, right)
                if isinstance(made, Alternative):
                    cases.append(Alternative(self.both(when, made.when), made.tag, made.term))
                    continue
                cases += [Alternative(self.both(when, case.when), case.tag, case.term) for case in made.cases]
                fails = self.either(fails, self.both(when, made.fails))
                unsure = self.either(unsure, self.both(when, made.unsure))
        return Value(self.merged(cases), fails, unsure)

    def merged(self, cases: Sequence[Alternative]) -> tuple[Alternative, ...]:
        """The alternatives, those of one type as one where there are many: operations go through all combinations."""
        if len(cases) <= _FEW:
            return tuple(cases)
        found: dict[Tag, Alternative] = {}
        for case in cases:
            other = found.get(case.tag)
            if other is None:
                found[case.tag] = case
                continue
            term = case.term
            if term is not None:
                term = self.z3.If(self.formula(case.when), self._whole(term), self._whole(other.term))
            found[case.tag] = Alternative(self.either(other.when, case.when), case.tag, term)
        return tuple(found.values())

    def _whole(self, term: Any) -> Any:
        return self.formula(term) if isinstance(term, bool) else term

    def each(self, value: Value, make: Callable[[Alternative], Value | Alternative]) -> Value:
        """What an operation makes of one value."""
        return self.combined(value, Value((Alternative(True, "none"),)), lambda case, _: make(case))

    def as_truth(self, formula: Formula) -> Value:
        """A truth value."""
        return Value((Alternative(True, "bool", formula),))


_FEW = 6
_LAST_CHAR = 0x20000
"""The solver knows fewer characters than Python; below this one, both have room for as many again."""
