"""What a grid leaves open, asked of the solver z3; each answer of it that Python can check is checked."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from importlib import import_module
from typing import Any, NamedTuple

from wfnb.machine.guards.answers import Case, Question, doubt
from wfnb.machine.guards.formula import Formulas
from wfnb.machine.guards.kinds import Kind
from wfnb.machine.guards.points import Points
from wfnb.machine.guards.symbols import Alternative, Formula, Logic
from wfnb.machine.guards.terms import Path, below
from wfnb.machine.guards.trial import Stand

EFFORT = 50_000
"""What one question may cost, in the solver's own units: some 10 ms, ten times as much where products multiply."""
ALL_EFFORT = 200_000
"""What all questions of one set of guards may cost."""
LEAST_EFFORT = 1_000
"""What a question costs at least, as asking it takes time of its own."""
MAX_WEIGHT = 600
"""Most nodes of syntax trees that are translated for the solver."""
_LONGEST = 2_000
_MOST_ROUNDS = 64
"""How often a witness is made simpler."""


class _Guard(NamedTuple):
    """When a guard holds, is false, fails, and when nothing can be told."""

    holds: Formula
    false: Formula
    fails: Formula
    unsure: Formula


def solve(case: Case, kinds: Mapping[Path, Kind], offered: Mapping[Path, Points]) -> None:
    """Answer what is open, as far as the solver gets with bounded effort.

    Args:
        case: the guards, and the answers so far.
        kinds: the types of the terms.
        offered: natural values of the terms, for witnesses that people like to read.
    """
    if sum(reading.weight for reading in case.readings if not reading.beyond) > MAX_WEIGHT:
        return
    solver = import_module("z3")
    spent = 0
    for exact in (True, False):
        questions = [question for question in case.open() if case.looked_into(question)]
        if not questions:
            return
        attempt = _Attempt(Logic(solver, exact=exact), case, kinds, offered)
        for question in questions:
            if spent < ALL_EFFORT:
                spent += max(attempt.ask(question), LEAST_EFFORT)
        if not attempt.logic.rounds:
            return


class _Attempt:
    """One translation of the guards, and a solver that was told of it."""

    def __init__(self, logic: Logic, case: Case, kinds: Mapping[Path, Kind], offered: Mapping[Path, Points]) -> None:
        self.logic = logic
        self.case = case
        self.kinds = kinds
        self.offered = offered
        self.formulas = Formulas(logic, kinds)
        self.guards = [
            self._guard(self.formulas.guard(reading.tree)) if not reading.beyond else _Guard(False, False, False, True)
            for reading in case.readings
        ]
        self.solver = logic.z3.Solver(ctx=logic.context)
        self.solver.set("rlimit", EFFORT)
        self.solver.add(*logic.axioms)
        self.so_far = self._cost()

    def _guard(self, found: tuple[Formula, Formula, Formula]) -> _Guard:
        holds, fails, unsure = found
        return _Guard(holds, self.logic.negated(self.logic.some(found)), fails, unsure)

    def ask(self, question: Question) -> int:
        """Answer one question if possible; gives what it cost."""
        before = self.so_far
        if not (self.logic.exact and self.logic.rounds):
            model = self._model(self._against(question))
            if model is False:
                self.case.prove(question)
            elif model is not None:
                self._consider(question, self._assigned(model))
        if question not in self.case.answers and self.logic.exact:
            model = self._model(self._refuting(question))
            if model:
                self._consider(question, self._assigned(model))
        self.so_far = self._cost()
        return self.so_far - before

    def _consider(self, question: Question, assigned: dict[Path, Any]) -> None:
        """Take values for an answer if Python agrees, the most natural of those at hand."""
        if self._doubted(question):
            return
        if not self.case.confirms(question, assigned) and not self._improved(question, assigned, _near):
            if not self.logic.exact and (why := doubt(self.case, question, assigned)):
                self.case.leave(question, why)
            return
        self._improved(question, assigned, lambda path, _: self.offered[path].values)
        for _ in range(_MOST_ROUNDS):
            if not self._improved(question, assigned, lambda _, value: _simpler(value)):
                break
        self.case.refute(question, assigned)

    def _improved(
        self, question: Question, assigned: dict[Path, Any], others: Callable[[Path, Any], Iterable[Any]]
    ) -> bool:
        """Put the first other value that does in the place of each; whether any did."""
        found = False
        for path, value in assigned.items():
            for other in others(path, value):
                if self.case.confirms(question, {**assigned, path: other}):
                    assigned[path] = other
                    found = True
                    break
        return found

    def _doubted(self, question: Question) -> bool:
        """Whether a failure would say nothing, for nothing is known of what the guard reads."""
        return question.topic in ("safe", "always") and not self.case.unknown.isdisjoint(self.case.terms_of(question))

    def _against(self, question: Question) -> Formula:
        """What keeps something from being proved: satisfiable unless it is true."""
        both, either, every, some = self.logic.both, self.logic.either, self.logic.every, self.logic.some
        negated = self.logic.negated
        maybe = [either(guard.holds, guard.unsure) for guard in self.guards]
        passed = [either(guard.false, guard.unsure) for guard in self.guards]
        raised = [either(guard.fails, guard.unsure) for guard in self.guards]
        before = 0 if self.case.inclusive else (question.guards or (0,))[-1]
        match question:
            case Question("exhaustive") if self.case.inclusive:
                return either(every(negated(guard.holds) for guard in self.guards), some(raised))
            case Question("exhaustive"):
                taken = [
                    every([guard.holds, *(earlier.false for earlier in self.guards[:index])])
                    for index, guard in enumerate(self.guards)
                ]
                return negated(some(taken))
            case Question("covered"):
                return every(passed)
            case Question("disjoint", (one, other)):
                return both(maybe[one], maybe[other])
            case Question("always", (one,)):
                return negated(self.guards[one].holds)
            case Question("never", (one,)):
                return maybe[one]
            case Question("shadowed", (one,)):
                return every([maybe[one], *passed[:one]])
            case Question("safe", (one,)):
                return every([raised[one], *passed[:before]])
            case _:
                raise AssertionError(question)

    def _refuting(self, question: Question) -> Formula:
        """What shows that something is not true."""
        guards, every = self.guards, self.logic.every
        before = 0 if self.case.inclusive else (question.guards or (0,))[-1]
        match question:
            case Question("exhaustive" | "covered"):
                return every(guard.false for guard in guards)
            case Question("disjoint", (one, other)):
                return self.logic.both(guards[one].holds, guards[other].holds)
            case Question("always", (one,)):
                return self.logic.either(guards[one].false, guards[one].fails)
            case Question("never", (one,)):
                return guards[one].holds
            case Question("shadowed", (one,)):
                return every([guards[one].holds, *(guard.false for guard in guards[:one])])
            case Question("safe", (one,)):
                return every([guards[one].fails, *(guard.false for guard in guards[:before])])
            case _:
                raise AssertionError(question)

    def _model(self, formula: Formula) -> Any:
        """Values that satisfy a formula; False if there are none, None if the solver gives up."""
        if formula is False:
            return False
        self.solver.push()
        self.solver.add(self.logic.formula(formula))
        found = self.solver.check()
        model = self.solver.model() if found == self.logic.z3.sat else None
        self.solver.pop()
        return False if found == self.logic.z3.unsat else model

    def _cost(self) -> int:
        statistics = self.solver.statistics()
        return int(statistics.get_key_value("rlimit count")) if "rlimit count" in statistics.keys() else 0  # noqa: SIM118

    def _assigned(self, model: Any) -> dict[Path, Any]:
        """The values of the terms in a model, as Python's."""
        assigned: dict[Path, Any] = {}
        for path, value in self.formulas.own.items():
            for case in value.cases:
                chosen = case.when is True or self.logic.z3.is_true(model.eval(case.when, model_completion=True))
                if chosen:
                    parts = below(path, self.kinds)
                    container = case.tag in ("dict", "object")
                    assigned[path] = Stand.OBJECT if parts and container else self._read(model, case)
                    break
        return assigned

    def _read(self, model: Any, case: Alternative) -> Any:
        if isinstance(case.term, bool) or case.tag == "none":
            return case.term
        if case.tag == "object":
            return Stand.OBJECT
        found = model.eval(case.term, model_completion=True)
        match case.tag:
            case "bool":
                return self.logic.z3.is_true(found)
            case "int":
                return found.as_long()
            case "text":
                return _text(self.logic.z3, found)
            case "list":
                return [0] * min(found.as_long(), _LONGEST)
            case "dict":
                return {str(index): 0 for index in range(min(found.as_long(), _LONGEST))}
            case _:
                return _number(found)


def _number(found: Any) -> float:
    if hasattr(found, "approx"):
        found = found.approx(20)
    exactly: Fraction = found.as_fraction()
    try:
        return exactly.numerator / exactly.denominator
    except OverflowError:
        return int(exactly)


def _text(solver: Any, found: Any) -> str:
    """A text of the solver's, character by character: its own notation is ambiguous about backslashes."""
    context, term = found.ctx.ref(), found.as_ast()
    size = solver.Z3_get_string_length(context, term)
    codes = (ctypes.c_uint * size)()
    solver.Z3_get_string_contents(context, term, size, codes)
    return "".join(map(chr, codes))


def _near(_: Path, value: Any) -> Iterator[Any]:
    """Values beside one that would have done if nothing were rounded."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from (value - 1, value + 1, value * 2, -value)


def _simpler(value: Any) -> Iterator[Any]:
    """Values that are read more easily."""
    match value:
        case bool():
            return
        case int() if abs(value) > 1:
            yield from (int(value / 2) if abs(value) < 1 << 50 else value // 2, value - (1 if value > 0 else -1))
        case float() if value != round(value, 1) and abs(value) < 1 << 50:
            yield from (float(round(value)), round(value, 1))
        case str():
            yield from (value[:index] + value[index + 1 :] for index in range(min(len(value), _MOST_ROUNDS)))
        case _:
            return
