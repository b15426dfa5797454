"""Conformance: whether the cases of a log fit a workflow, and where they do not.

Source of the token game: Anne Rozinat and Wil van der Aalst, Conformance checking of processes based on monitoring real
behavior (2008).  Alignments have a room of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from wfnb.errors import WfnbError
from wfnb.history.log import EventLog
from wfnb.history.mining.alignment import Aligner, Alignment, NoWay
from wfnb.history.mining.follows import variants
from wfnb.history.mining.played import MOST_MARKINGS, Played, TooManyMarkings
from wfnb.machine.compiler import Resolve
from wfnb.model.workflow import Edge, Start, Workflow

if TYPE_CHECKING:
    from pandas import DataFrame

Trace: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token game needed of a trace.

    Attributes:
        produced: tokens that were put, those of the beginning included.
        consumed: tokens that were taken, those of the end included.
        missing: tokens that had to be made up so that an activity could happen.
        remaining: tokens that were left behind.
    """

    produced: int
    consumed: int
    missing: int
    remaining: int

    @property
    def fitness(self) -> float:
        """From 0 to 1: how few tokens were missing or remained."""
        return 0.5 * (1 - self.missing / max(1, self.consumed)) + 0.5 * (1 - self.remaining / max(1, self.produced))


class Conformance:
    """How the cases of a log fit a workflow.

    Attributes:
        workflow: the workflow.
        alignments: the alignment of each variant.
        tokens: the token game of each variant.
        counts: how many cases each variant has.
    """

    def __init__(self, log: EventLog, workflow: Workflow, resolve: Resolve | None = None) -> None:
        """Compare them.

        Raises:
            CompileError: the workflow has errors.
            WfnbError: it has no way to its end, or too many markings to find one.
        """
        self.workflow = workflow
        self.counts: Mapping[Trace, int] = variants(log)
        self._log = log
        self._played = Played(workflow, log.activities, resolve)
        aligner = Aligner(self._played)
        try:
            self.alignments: dict[Trace, Alignment] = {trace: aligner.align(trace) for trace in self.counts}
        except NoWay:
            what = f"no way leads through '{workflow.name}' to its end, so nothing can be compared with it"
            raise WfnbError(f"{what}\nwf.check says where it gets stuck") from None
        except TooManyMarkings:
            what = f"'{workflow.name}' has more than {MOST_MARKINGS} markings on the way to its end"
            raise WfnbError(f"{what}\ncompare with a part of it, or discover one with noise") from None
        self.tokens: dict[Trace, Tokens] = {trace: _token_game(self._played, trace) for trace in self.counts}

    @property
    def fitness(self) -> float:
        """The fitness of alignments over all cases: their mean, weighted by how many cases there are."""
        return self._mean({trace: alignment.fitness for trace, alignment in self.alignments.items()})

    @property
    def token_fitness(self) -> float:
        """The fitness of token replay over the log: of all tokens together, as the source defines it."""
        totals = [
            sum(getattr(tokens, name) * self.counts[trace] for trace, tokens in self.tokens.items())
            for name in ("produced", "consumed", "missing", "remaining")
        ]
        return Tokens(*totals).fitness

    @property
    def fitting(self) -> int:
        """How many cases fit without any deviation."""
        return sum(count for trace, count in self.counts.items() if self.alignments[trace].cost == 0)

    def cases(self) -> DataFrame:
        """The cases: `case`, `events`, `cost` (deviations), `fitness`, `token_fitness`, `unexpected`, `missing`."""
        import pandas as pd

        rows = []
        for case, trace in zip(self._log.cases, self._log.traces(), strict=True):
            found = self.alignments[trace]
            kinds = Counter(deviation.kind for deviation in found.deviations)
            rows.append(
                (
                    case,
                    len(trace),
                    found.cost,
                    found.fitness,
                    self.tokens[trace].fitness,
                    kinds["unexpected"],
                    kinds["missing"],
                )
            )
        columns = ["case", "events", "cost", "fitness", "token_fitness", "unexpected", "missing"]
        return pd.DataFrame(rows, columns=columns)

    def deviations(self) -> DataFrame:
        """What differs, most frequent first: `kind`, `activity`, `node`, `after`, `times` and in how many `cases`."""
        import pandas as pd

        times: Counter[tuple[str, str, str, str]] = Counter()
        cases: Counter[tuple[str, str, str, str]] = Counter()
        for trace, found in self.alignments.items():
            keys = [(d.kind, d.activity, d.node, d.after) for d in found.deviations]
            for key in keys:
                times[key] += self.counts[trace]
            for key in set(keys):
                cases[key] += self.counts[trace]
        rows = [(*key, count, cases[key]) for key, count in times.most_common()]
        return pd.DataFrame(rows, columns=["kind", "activity", "node", "after", "times", "cases"])

    def nodes(self) -> DataFrame:
        """A row a node that cases were seen at, were to be seen at, or deviated behind, in the drawing's order.

        `node`; `done`: how often it was completed; `missing`: how often it was passed without that; `unexpected`: how
        often something happened right behind it (behind the start: before all else) that has no place there.
        `deviations()` has what it was, and what happened behind that again.
        """
        import pandas as pd

        done = self.node_counts()
        missing: Counter[str] = Counter()
        unexpected: Counter[str] = Counter()
        for trace, found in self.alignments.items():
            for deviation in found.deviations:
                if deviation.kind == "missing":
                    missing[deviation.node] += self.counts[trace]
                else:
                    unexpected[self._shows(deviation.after)] += self.counts[trace]
        ids = [
            node.id for node in self.workflow.nodes if node.id in done or node.id in missing or node.id in unexpected
        ]
        rows = [(id, done.get(id, 0), missing[id], unexpected[id]) for id in ids]
        return pd.DataFrame(rows, columns=["node", "done", "missing", "unexpected"])

    def _shows(self, activity: str) -> str:
        """The node at which an activity is seen, the start for none; empty where the workflow does not know it."""
        if not activity:
            return next((node.id for node in self.workflow.nodes if isinstance(node, Start)), "")
        numbers = self._played.visible.get(activity, ())
        return next((self._played.ids[self._played.meanings[number].node] for number in numbers), "")

    def edge_counts(self) -> dict[Edge, int]:
        """How often the cases took each edge of the drawing, along their alignments."""
        taken: Counter[int] = Counter()
        for trace, found in self.alignments.items():
            for transition in found.path:
                for edge in self._played.meanings[transition].edges:
                    taken[edge] += self.counts[trace]
        return {edge: taken[number] for number, edge in enumerate(self.workflow.edges)}

    def node_counts(self) -> dict[str, int]:
        """How often the cases completed each node that they can be seen at; what was missing does not count."""
        done: Counter[str] = Counter()
        for trace, found in self.alignments.items():
            passed = Counter(
                self._played.ids[self._played.meanings[number].node]
                for number in found.path
                if self._played.labels[number] is not None
            )
            passed.subtract(d.node for d in found.deviations if d.kind == "missing")
            for node, count in passed.items():
                done[node] += count * self.counts[trace]
        return dict(done)

    def _mean(self, values: Mapping[Trace, float]) -> float:
        total = sum(self.counts.values())
        return sum(value * self.counts[trace] for trace, value in values.items()) / total if total else 1.0

    def __repr__(self) -> str:
        cases = sum(self.counts.values())
        return f"<{self.fitting} of {cases} cases fit '{self.workflow.name}', fitness {self.fitness:.3f}>"


def _token_game(played: Played, trace: Sequence[str]) -> Tokens:
    """Play a trace, with tokens made up where an activity can not happen otherwise."""
    net = played.net
    marking = net.initial
    produced, consumed, missing = len(marking), 0, 0
    for activity in trace:
        try:
            way = next(iter(played.ways(marking, activity)), None)
        except TooManyMarkings:
            way = None
        if way is None:
            numbers = played.visible.get(activity)
            if numbers is None:
                missing, consumed = missing + 1, consumed + 1  # the workflow does not know it
                continue
            number = min(numbers, key=lambda n: sum(place not in marking for place in net.transitions[n].pre))
            transition = net.transitions[number]
            lacking = [place for place in transition.pre if place not in marking]
            missing += len(lacking)
            consumed, produced = consumed + len(transition.pre), produced + len(transition.post)
            marking = (marking - set(transition.pre) - set(transition.resets)) | set(transition.post)
            continue
        for number in way[0]:
            consumed += len(net.transitions[number].pre)
            produced += len(net.transitions[number].post)
        marking = way[1]
    try:
        way = next(iter(played.ways(marking, None)), None)
    except TooManyMarkings:
        way = None
    if way is not None:
        for number in way[0]:
            consumed += len(net.transitions[number].pre)
            produced += len(net.transitions[number].post)
        marking = way[1]
        return Tokens(produced, consumed + len(marking), missing, 0)
    ends = marking & net.sinks
    lacks = 0 if ends else 1
    return Tokens(produced, consumed + max(1, len(ends)), missing + lacks, len(marking - net.sinks - net.idle))
