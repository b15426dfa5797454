"""Answers read off a grid, and the questions that it leaves open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal, NamedTuple, TypeAlias

from wfnb.machine.guards.grid import Grid, concerns
from wfnb.machine.guards.terms import Path, Reading
from wfnb.machine.guards.trial import ask, built, failure, looked_up
from wfnb.machine.guards.verdict import Answer, GuardVerdict, quoted, shown

Topic: TypeAlias = Literal["exhaustive", "covered", "disjoint", "always", "never", "shadowed", "safe"]


class Question(NamedTuple):
    """What is asked, of which guards by position."""

    topic: Topic
    guards: tuple[int, ...] = ()


@dataclass(slots=True)
class Case:
    """Some guards under examination.

    Attributes:
        readings: the guards.
        texts: the terms that are examined, with their texts.
        inclusive: whether all guards are evaluated, rather than up to the first that holds.
        notes: what is taken for granted of the terms.
        answers: those found so far.
        within: as in the verdict.
    """

    readings: Sequence[Reading]
    texts: Mapping[Path, str]
    inclusive: bool
    notes: tuple[str, ...]
    answers: dict[Question, Answer] = field(default_factory=dict)
    within: set[tuple[int, int]] = field(default_factory=set)

    def questions(self) -> list[Question]:
        """All there are."""
        every = range(len(self.readings))
        return [
            Question("exhaustive"),
            Question("covered"),
            *(Question("disjoint", pair) for pair in combinations(every, 2)),
            *(Question(topic, (i,)) for topic in ("never", "always", "shadowed", "safe") for i in every),
        ]

    def open(self) -> list[Question]:
        """Those without an answer."""
        return [question for question in self.questions() if question not in self.answers]

    def concerned(self, question: Question) -> Sequence[Reading]:
        """The guards that an answer depends on."""
        match question:
            case Question("disjoint", (one, other)):
                return [self.readings[one], self.readings[other]]
            case Question("shadowed", (one,)):
                return self.readings[: one + 1]
            case Question("safe", (one,)) if not self.inclusive:
                return self.readings[: one + 1]
            case Question("never" | "always" | "safe", (one,)):
                return [self.readings[one]]
            case _:
                return self.readings

    def looked_into(self, question: Question) -> bool:
        """Whether all guards that an answer depends on are looked into."""
        return not any(reading.beyond for reading in self.concerned(question))

    def terms_of(self, question: Question) -> list[Path]:
        """The terms that an answer depends on."""
        guards = self.concerned(question)
        return [path for path in self.texts if any(concerns(path, reading) for reading in guards)]

    def confirms(self, question: Question, assigned: Mapping[Path, Any]) -> bool:
        """Whether Python refutes something by these values."""
        guards = self.concerned(question)
        run = built(assigned)
        found = [ask(reading, *run) for reading in guards]
        match question:
            case Question("disjoint"):
                return found == ["holds", "holds"]
            case Question("always"):
                return found != ["holds"]
            case Question("never"):
                return found == ["holds"]
            case Question("shadowed"):
                return found[-1] == "holds" and set(found[:-1]) <= {"false"}
            case Question("safe"):
                return found[-1] == "fails" and set(found[:-1]) <= {"false"}
            case _:
                return set(found) <= {"false"}

    def prove(self, question: Question) -> None:
        """Answer with yes."""
        self.answers.setdefault(question, Answer("proved", "; ".join(self.notes)))

    def refute(self, question: Question, assigned: Mapping[Path, Any], free: Collection[Path] = ()) -> None:
        """Answer with no, by values on which Python was asked; some of them (`free`) do not matter."""
        guards = self.concerned(question)
        wanted = [(path, text) for path, text in self.texts.items() if any(concerns(path, one) for one in guards)]
        witness = looked_up(assigned, wanted)
        where = shown({text: witness[text] for path, text in wanted if text in witness and path not in free})
        error = failure(guards[-1], assigned) if question.topic == "safe" else ""
        why = self._sentence(question, where)
        self.answers.setdefault(question, Answer("refuted", why, witness, where, error))

    def leave(self, question: Question, why: str) -> None:
        """Say that it can not be told."""
        self.answers.setdefault(question, Answer("unknown", why))

    def _sentence(self, question: Question, where: str) -> str:
        """What a witness shows, in words."""
        guards = [self.readings[index].source for index in question.guards]
        there = f" where {where}" if where else ""
        match question.topic:
            case "exhaustive" | "covered":
                return f"{where} matches no branch" if where else "no branch is ever taken"
            case "disjoint":
                return f"{quoted(guards)} both hold{there}"
            case "always":
                return f"'{guards[0]}' does not hold{there}"
            case "never":
                return f"'{guards[0]}' holds{there}"
            case "shadowed":
                return f"'{guards[0]}' is taken{there}"
            case "safe":
                return f"'{guards[0]}' fails{there}"

    def verdict(self) -> GuardVerdict:
        """Everything, where each question has its answer."""
        every = range(len(self.readings))

        def each(topic: Topic) -> tuple[Answer, ...]:
            return tuple(self.answers[Question(topic, (i,))] for i in every)

        return GuardVerdict(
            exhaustive=self.answers[Question("exhaustive")],
            covered=self.answers[Question("covered")],
            disjoint={pair: self.answers[Question("disjoint", pair)] for pair in combinations(every, 2)},
            always=each("always"),
            never=each("never"),
            shadowed=each("shadowed"),
            safe=each("safe"),
            within=frozenset(self.within),
            notes=self.notes,
        )


def read_off(case: Case, grid: Grid) -> None:
    """Answer what a grid answers; the rest stays open."""
    for question in case.open():
        against, doubted = _cells(case, grid, question)
        whole = case.looked_into(question) and grid.complete.issuperset(case.terms_of(question))
        if against:
            free = grid.free(against, grid.paths if question.topic == "safe" else grid.complete)
            case.refute(question, grid.first(against), free)
        elif not whole:
            continue
        elif doubted:
            case.leave(question, doubt(case, question, grid.first(doubted)))
        else:
            case.prove(question)
            if question.topic == "shadowed":
                later = question.guards[0]
                case.within.update(
                    (later, earlier) for earlier in range(later) if not grid.holds[later] & grid.false[earlier]
                )


def _cells(case: Case, grid: Grid, question: Question) -> tuple[int, int]:
    """The cells that refute something, and those that keep it from being proved."""
    every = range(len(case.readings))
    raises = [grid.cells & ~(grid.holds[index] | grid.false[index]) for index in every]
    reached = [_all_of(grid.cells, grid.false[: 0 if case.inclusive else index]) for index in every]
    match question:
        case Question("exhaustive"):
            if case.inclusive:
                return _all_of(grid.cells, grid.false), _any_of(raises)
            return _all_of(grid.cells, grid.false), _any_of(raises[index] & reached[index] for index in every)
        case Question("covered"):
            return _all_of(grid.cells, grid.false), 0
        case Question("disjoint", (one, other)):
            return grid.holds[one] & grid.holds[other], 0
        case Question("always", (one,)):
            return grid.false[one] | grid.fails[one], raises[one]
        case Question("never", (one,)):
            return grid.holds[one], 0
        case Question("shadowed", (one,)):
            return grid.holds[one] & _all_of(grid.cells, grid.false[:one]), 0
        case Question("safe", (one,)):
            return grid.fails[one] & reached[one], raises[one] & reached[one]
        case _:
            raise AssertionError(question)


def _all_of(cells: int, masks: Iterable[int]) -> int:
    for mask in masks:
        cells &= mask
    return cells


def _any_of(masks: Iterable[int]) -> int:
    cells = 0
    for mask in masks:
        cells |= mask
    return cells


def doubt(case: Case, question: Question, assigned: Mapping[Path, Any]) -> str:
    """Which guard keeps something from being proved, as it fails for these values; empty if none does."""
    run = built(assigned)
    for reading in case.concerned(question):
        if not reading.beyond and ask(reading, *run) == "fails":
            wanted = [(path, text) for path, text in case.texts.items() if concerns(path, reading)]
            witness = looked_up(assigned, wanted)
            return f"'{reading.source}' fails where {shown(witness)}" if witness else f"'{reading.source}' fails"
    return ""
