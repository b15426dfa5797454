"""Answers read off a grid, and the questions that it leaves open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import accumulate, combinations
from operator import and_, or_
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
        unknown: the terms of which nothing is known, so that a guard's failure for some value of theirs says nothing.
        answers: those found so far.
        within: as in the verdict.
    """

    readings: Sequence[Reading]
    texts: Mapping[Path, str]
    inclusive: bool
    notes: tuple[str, ...]
    unknown: frozenset[Path] = frozenset()
    answers: dict[Question, Answer] = field(default_factory=dict)
    within: set[tuple[int, int]] = field(default_factory=set)
    reads: list[frozenset[Path]] = field(init=False)
    """For each guard, the terms that matter to it."""

    def __post_init__(self) -> None:
        self.reads = [frozenset(path for path in self.texts if concerns(path, reading)) for reading in self.readings]

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

    def concerned(self, question: Question) -> Sequence[int]:
        """The guards that an answer depends on."""
        match question:
            case Question("disjoint", pair):
                return pair
            case Question("shadowed", (one,)):
                return range(one + 1)
            case Question("safe", (one,)) if not self.inclusive:
                return range(one + 1)
            case Question("never" | "always" | "safe", (one,)):
                return (one,)
            case _:
                return range(len(self.readings))

    def looked_into(self, question: Question) -> bool:
        """Whether all guards that an answer depends on are looked into."""
        return not any(self.readings[index].beyond for index in self.concerned(question))

    def terms_of(self, question: Question) -> frozenset[Path]:
        """The terms that an answer depends on."""
        return frozenset().union(*(self.reads[index] for index in self.concerned(question)))

    def confirms(self, question: Question, assigned: Mapping[Path, Any]) -> bool:
        """Whether Python refutes something by these values."""
        run = built(assigned)
        found = [ask(self.readings[index], *run) for index in self.concerned(question)]
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
        terms = self.terms_of(question)
        wanted = [(path, text) for path, text in self.texts.items() if path in terms]
        witness = looked_up(assigned, wanted)
        where = shown({text: witness[text] for path, text in wanted if text in witness and path not in free})
        error = failure(self.readings[question.guards[0]], assigned) if question.topic == "safe" else ""
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
    raises = [grid.cells & ~(holds | false) for holds, false in zip(grid.holds, grid.false, strict=True)]
    reached = [grid.cells, *accumulate(grid.false, and_)]
    for question in case.open():
        against, doubted = _cells(case, grid, question, raises, reached)
        if against:
            free = grid.free(against, grid.paths if question.topic == "safe" else grid.complete)
            case.refute(question, grid.first(against), free)
        elif not case.looked_into(question) or not grid.complete.issuperset(case.terms_of(question)):
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


def _cells(
    case: Case, grid: Grid, question: Question, raises: Sequence[int], reached: Sequence[int]
) -> tuple[int, int]:
    """The cells that refute something, and those that keep it from being proved.

    Args:
        case: the guards.
        grid: what they come to.
        question: what is asked.
        raises: for each guard, where it fails.
        reached: for each guard, where all before it are false; and where all are.
    """
    match question:
        case Question("exhaustive"):
            turns = [grid.cells] * len(raises) if case.inclusive else reached[:-1]
            return reached[-1], reduce(or_, map(and_, raises, turns), 0)
        case Question("covered"):
            return reached[-1], 0
        case Question("disjoint", (one, other)):
            return grid.holds[one] & grid.holds[other], 0
        case Question("always", (one,)):
            return grid.false[one] | grid.fails[one], raises[one]
        case Question("never", (one,)):
            return grid.holds[one], 0
        case Question("shadowed", (one,)):
            return grid.holds[one] & reached[one], 0
        case Question("safe", (one,)):
            turn = grid.cells if case.inclusive else reached[one]
            return grid.fails[one] & turn, raises[one] & turn
        case _:
            raise AssertionError(question)


def doubt(case: Case, question: Question, assigned: Mapping[Path, Any]) -> str:
    """Which guard keeps something from being proved, as it fails for these values; empty if none does."""
    run = built(assigned)
    for index in case.concerned(question):
        reading = case.readings[index]
        if not reading.beyond and ask(reading, *run) == "fails":
            wanted = [(path, text) for path, text in case.texts.items() if path in case.reads[index]]
            where = shown(looked_up(assigned, wanted))
            unknown = [text for path, text in wanted if path in case.unknown]
            why = f", and the type of {quoted(unknown)} is not known" if unknown else ""
            return f"'{reading.source}' fails{' where ' if where else ''}{where}{why}"
    return ""
