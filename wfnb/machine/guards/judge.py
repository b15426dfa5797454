"""The guards of one choice or one inclusive fork, judged: what a designer shows beside its edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.guards.decide import decide_guards
from wfnb.machine.guards.terms import read_guard
from wfnb.machine.guards.verdict import Answer, GuardVerdict, quoted


@dataclass(frozen=True, slots=True)
class ChoiceJudgement:
    """What is known of the ways out of one node.

    Attributes:
        diagnostics: overlaps (WF310), gaps (WF311), guards that are never taken (WF312) and that fail (WF313).
        exhaustive: proved if some edge is always taken, the otherwise edge counted, and no guard fails before.
        covered: proved if no value makes every guard false, so that an otherwise edge would never be taken; refuted by
            a value that does.
        disjoint: proved if no value is taken by two guards; refuted with the first pair that overlaps.
    """

    diagnostics: tuple[Diagnostic, ...]
    exhaustive: Answer
    covered: Answer
    disjoint: Answer


def judge_choice(
    id: str,
    edges: Sequence[tuple[int, str]],
    *,
    otherwise: bool,
    kinds: Mapping[str, str],
    inclusive: bool = False,
) -> ChoiceJudgement:
    """Judge the guards of a node; never raises, and takes bounded time.

    Args:
        id: of the choice, or of the inclusive fork.
        edges: the number and the guard of each guarded edge, in the order in which they are tried.
        otherwise: whether an edge is taken where no guard holds.
        kinds: the types of what the guards read (`decide_guards`).
        inclusive: whether it is an inclusive fork, which takes every edge whose guard holds.
    """
    verdict = decide_guards([guard for _, guard in edges], kinds, inclusive=inclusive)
    found = _Findings(id, edges, verdict, inclusive=inclusive)
    diagnostics = [*found.fails(), *found.never_taken(), *found.overlaps()]
    if edges and not otherwise:
        diagnostics += found.gap()
    return ChoiceJudgement(
        tuple(diagnostics),
        _exhaustive(verdict, [guard for _, guard in edges], otherwise=otherwise),
        verdict.covered,
        _disjoint(verdict, len(edges)),
    )


def _exhaustive(verdict: GuardVerdict, guards: Sequence[str], *, otherwise: bool) -> Answer:
    """Whether an edge is always taken; a guard that is not looked into is taken not to fail."""
    if not otherwise or verdict.exhaustive.verdict == "proved":
        return verdict.exhaustive
    doubtful = [guard for guard, answer in zip(guards, verdict.safe, strict=True) if answer.verdict != "proved"]
    for guard, answer in zip(guards, verdict.safe, strict=True):
        if guard in doubtful and (answer.verdict == "refuted" or not read_guard(guard).beyond):
            return Answer("unknown", answer.why)
    given = f", if {quoted(doubtful[:1])} does not fail" if doubtful else ""
    return Answer("proved", f"the otherwise edge is taken where no guard holds{given}")


def _disjoint(verdict: GuardVerdict, count: int) -> Answer:
    """All pairs as one."""
    answers = verdict.disjoint.values()
    for wanted in ("refuted", "unknown"):
        for answer in answers:
            if answer.verdict == wanted:
                return answer
    if not answers and count > 1:
        return verdict.exhaustive
    return next(iter(answers), Answer("proved", "there is one guard at most"))


class _Findings:
    """The diagnostics of one node."""

    def __init__(self, id: str, edges: Sequence[tuple[int, str]], verdict: GuardVerdict, *, inclusive: bool) -> None:
        self.id = id
        self.edges = edges
        self.verdict = verdict
        self.inclusive = inclusive

    def overlaps(self) -> Iterator[Diagnostic]:
        """Values that two guards of a choice take: the first gets them, which may not be meant."""
        pairs = [
            pair
            for pair, answer in self.verdict.disjoint.items()
            if answer.verdict == "refuted" and self.verdict.shadowed[pair[1]].verdict != "proved"
        ]
        if self.inclusive or not pairs:
            return
        one, other = pairs[0]
        answer = self.verdict.disjoint[one, other]
        guards = self.edges[one][1], self.edges[other][1]
        where = f"{answer.where} matches" if answer.where else "every value matches"
        more = len(pairs) - 1
        others = f"; {more} more pair{'s' if more > 1 else ''} of its guards overlap{'' if more > 1 else 's'}"
        yield Diagnostic(
            "WF310",
            "advice",
            f"{where} two branches of choice '{self.id}': {quoted(guards)}",
            "the first is taken: order them so, or narrow one" + (others if more else ""),
            (self.id,),
            tuple(sorted({self.edges[index][0] for pair in pairs for index in pair})),
            "when",
        )

    def gap(self) -> Iterator[Diagnostic]:
        """A value for which every guard is false."""
        answer = self.verdict.covered
        if answer.verdict != "refuted":
            return
        node = f"{'inclusive fork' if self.inclusive else 'choice'} '{self.id}'"
        yield Diagnostic(
            "WF311",
            "warning",
            f"{answer.where} matches no branch of {node}" if answer.where else f"no value matches a branch of {node}",
            "a run fails there: widen a guard, or mark one edge otherwise",
            (self.id,),
            tuple(index for index, _ in self.edges),
            "when",
        )

    def never_taken(self) -> Iterator[Diagnostic]:
        """Guards that hold for nothing, or for nothing that the ones before them leave."""
        for position, (index, guard) in enumerate(self.edges):
            fails = self.verdict.safe[position]
            if fails.verdict == "refuted" and not fails.where:
                continue  # it fails for every value, which was said
            if self.verdict.never[position].verdict == "proved":
                message, cure = f"'{guard}' can never hold", "mend the guard, or delete the edge"
            elif not self.inclusive and self.verdict.shadowed[position].verdict == "proved":
                message = f"'{guard}' is never taken: {self._takes_all(position)} nothing for it"
                cure = "put this edge first, or delete it"
            else:
                continue
            yield Diagnostic("WF312", "warning", message, cure, (), (index,), "when")

    def _takes_all(self, position: int) -> str:
        """What leaves nothing for a guard: one before it if one suffices."""
        enough = [earlier for earlier in range(position) if (position, earlier) in self.verdict.within]
        if enough or position == 1:
            return f"'{self.edges[enough[0] if enough else 0][1]}' leaves"
        return "the guards before it leave"

    def fails(self) -> Iterator[Diagnostic]:
        """Guards that raise for some value of the declared types."""
        for (index, guard), answer in zip(self.edges, self.verdict.safe, strict=True):
            if answer.verdict == "refuted":
                where = f" where {answer.where}" if answer.where else ""
                cure = f"{answer.error}; rule that out first, in this guard or by one before it"
                yield Diagnostic("WF313", "warning", f"'{guard}' fails{where}", cure, (), (index,), "when")
