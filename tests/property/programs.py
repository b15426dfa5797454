"""Random programs: as a tree, as a workflow put together of parts, and as the plain Python that says what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from hypothesis import strategies as st

from wfnb.author.compose import cond, loop, par, seq
from wfnb.model.workflow import Task, Workflow


@dataclass(frozen=True)
class Run:
    id: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Seq:
    parts: tuple[Program, ...]


@dataclass(frozen=True)
class Par:
    parts: tuple[Program, ...]


@dataclass(frozen=True)
class Cond:
    guard: str
    then: Program
    otherwise: Program | None


@dataclass(frozen=True)
class Loop:
    body: Seq
    guard: str | None
    limit: int


Program: TypeAlias = Run | Seq | Par | Cond | Loop


def work(id: str, reads: list[int]) -> int:
    """What a task gives: a number that follows from its id and what it reads."""
    return (sum(map(ord, id)) * 31 + sum((n + 1) * value for n, value in enumerate(reads)) * 17) % 101


def built(program: Program) -> Workflow:
    """The workflow."""
    match program:
        case Run():
            reads = f"=[{', '.join(program.reads)}]"
            return seq(Task(program.id, activity="work", arguments={"id": program.id, "reads": reads}))
        case Seq():
            return seq(*map(built, program.parts))
        case Par():
            return par(*map(built, program.parts))
        case Cond(otherwise=None):
            return cond(program.guard, built(program.then))
        case Cond():
            return cond((program.guard, built(program.then)), otherwise=built(program.otherwise))
        case Loop():
            return loop(built(program.body), until=program.guard, limit=program.limit)


@dataclass
class Python:
    """Runs a program as plain Python would.

    Attributes:
        values: the value of each task that has run.
        carried: the tasks whose values the output is made of.
        joined: whether these came together in a join.
    """

    values: dict[str, int] = field(default_factory=dict)
    carried: tuple[str, ...] = ()
    joined: bool = False

    def run(self, program: Program) -> None:
        """Run it."""
        match program:
            case Run():
                self.values[program.id] = work(program.id, [self.values[read] for read in program.reads])
                self.carried, self.joined = (program.id,), False
            case Seq():
                for part in program.parts:
                    self.run(part)
            case Par():
                carried: list[str] = []
                for part in program.parts:
                    self.run(part)
                    carried += self.carried
                self.carried, self.joined = tuple(carried), True
            case Cond():
                if self.holds(program.guard):
                    self.run(program.then)
                elif program.otherwise is not None:
                    self.run(program.otherwise)
            case Loop():
                for _ in range(program.limit):
                    self.run(program.body)
                    if program.guard is not None and self.holds(program.guard):
                        break

    def holds(self, guard: str) -> bool:
        """Whether a guard holds now."""
        return bool(eval(guard, {}, dict(self.values)))

    @property
    def output(self) -> object:
        """What the run gives."""
        if len(self.carried) == 1 and not self.joined:
            return self.values[self.carried[0]]
        return {id: self.values[id] for id in self.carried}


@st.composite
def programs(draw: st.DrawFn, size: int = 14) -> Program:
    """Programs of about so many tasks, which read what surely was given before."""
    left = [size]
    count = [0]

    def run(known: frozenset[str]) -> Run:
        left[0] -= 1
        count[0] += 1
        reads = draw(st.lists(st.sampled_from(sorted(known)), max_size=2)) if known else []
        return Run(f"t{count[0]}", tuple(reads))

    def guard(known: frozenset[str]) -> str:
        constant = draw(st.sampled_from(["", "", "", "1 > 2", "1 < 2"]))
        some = draw(st.sampled_from(sorted(known)))
        return constant or f"{some} % {draw(st.integers(2, 3))} == 0"

    def chain(known: frozenset[str], depth: int) -> tuple[Seq, frozenset[str]]:
        parts: list[Program] = [run(known)]
        assert isinstance(parts[0], Run)
        inside = known | {parts[0].id}
        for _ in range(draw(st.integers(0, 4))):
            if left[0] <= 0:
                break
            part, inside = block(inside, depth)
            parts.append(part)
        return Seq(tuple(parts)), inside

    def block(known: frozenset[str], depth: int) -> tuple[Program, frozenset[str]]:
        kinds: list[Callable[[], tuple[Program, frozenset[str]]]] = [
            lambda: one(known), lambda: one(known), lambda: one(known)
        ]  # fmt: skip
        if depth and left[0] > 1:
            kinds += [lambda: side_by_side(known, depth), lambda: choice(known, depth), lambda: again(known, depth)]
        return draw(st.sampled_from(kinds))()

    def one(known: frozenset[str]) -> tuple[Program, frozenset[str]]:
        made = run(known)
        return made, known | {made.id}

    def side_by_side(known: frozenset[str], depth: int) -> tuple[Program, frozenset[str]]:
        made = [chain(known, depth - 1) for _ in range(draw(st.integers(2, 3)))]
        return Par(tuple(part for part, _ in made)), known.union(*(inside for _, inside in made))

    def choice(known: frozenset[str], depth: int) -> tuple[Program, frozenset[str]]:
        test = guard(known)
        then, _ = chain(known, depth - 1)
        otherwise = chain(known, depth - 1)[0] if draw(st.booleans()) else None
        return Cond(test, then, otherwise), known

    def again(known: frozenset[str], depth: int) -> tuple[Program, frozenset[str]]:
        body, inside = chain(known, depth - 1)
        test = guard(inside) if draw(st.booleans()) else None
        return Loop(body, test, draw(st.integers(1, 3))), inside

    return chain(frozenset(), 3)[0]
