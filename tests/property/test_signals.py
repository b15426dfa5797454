"""Signals against a model of a page: who takes which, what is kept and for whom, what is lost, what is a duplicate."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.machine.semantics import replay
from wfnb.model.workflow import Approval, Edge, End, Fork, Signal, Start, Wait, Workflow
from wfnb.testing import virtual_time

NAMES = ("a", "b")
Guard: TypeAlias = tuple[str, Any] | None
"""None; ("is", n): this signal brought n; ("last", (name, n)): the last one of that name that was taken brought n;
("reached", id): that node was left, or was not (`not reached`)."""
Sent: TypeAlias = tuple[str, int, str]
"""Name, value, and id or nothing."""


@dataclass(frozen=True)
class Listener:
    """An edge: from which node to which (empty: an end), on which signal, with which guard."""

    source: str
    target: str
    name: str
    guard: Guard

    @property
    def text(self) -> str | None:
        match self.guard:
            case ("is", n):
                return f"signal('{self.name}') == {n}"
            case ("last", (name, n)):
                return f"signal('{name}') == {n}"
            case (test, id):
                return f"{test}('{id}')"
            case _:
                return None


@dataclass(frozen=True)
class Plan:
    """Concurrent branches of nodes that listen; `edges` is in document order."""

    starts: tuple[str, ...]
    edges: tuple[Listener, ...]
    approvals: frozenset[str]
    transient: frozenset[str]

    def workflow(self) -> Workflow:
        ids = sorted({edge.source for edge in self.edges})
        listening = [
            Edge(source=edge.source, target=edge.target or f"end {number}", on=edge.name, when=edge.text)
            for number, edge in enumerate(self.edges)
        ]
        answered = [Edge(source=id, target=f"answered {id}") for id in ids if id in self.approvals]
        starts = [Edge(source="start", target="fork"), *(Edge(source="fork", target=id) for id in self.starts)]
        ends = {edge.target for edge in (*listening, *answered)} - set(ids)
        return Workflow(
            name="signals",
            signals={name: Signal(transient=name in self.transient) for name in NAMES},
            nodes=(
                Start("start"),
                Fork("fork"),
                *(Approval(id) if id in self.approvals else Wait(id) for id in ids),
                *(End(id) for id in sorted(ends)),
            ),
            edges=(*starts, *listening, *answered),
        )


@dataclass
class Model:
    """What a run must be after what was sent to it."""

    plan: Plan
    at: dict[str, int] = field(default_factory=dict)
    """Nodes with a token, and how often each was entered."""
    kept: dict[str, list[int]] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    last: dict[str, int] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    values: dict[str, int] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for id in self.plan.starts:
            self.enter(id)

    def enter(self, id: str) -> None:
        self.visits[id] = self.at[id] = self.visits.get(id, 0) + 1

    def holds(self, edge: Listener, value: int) -> bool:
        match edge.guard:
            case ("is", n):
                return value == n
            case ("last", (name, n)):
                return {**self.last, edge.name: value}.get(name) == n
            case ("reached", id):
                return id in self.reached
            case ("not reached", id):
                return id not in self.reached
            case _:
                return True

    def listening(self, name: str, value: int) -> dict[str, tuple[Listener, int]]:
        """The edge that each node would take."""
        found: dict[str, tuple[Listener, int]] = {}
        for edge in self.plan.edges:
            if edge.name == name and edge.source in self.at and edge.source not in found and self.holds(edge, value):
                found[edge.source] = (edge, self.at[edge.source])
        return found

    def take(self, edge: Listener, value: int) -> None:
        del self.at[edge.source]
        self.last[edge.name] = value
        if edge.source not in self.plan.approvals:
            self.values[edge.source] = value
            self.reached.add(edge.source)
        if edge.target:
            self.enter(edge.target)

    def send(self, name: str, value: int, id: str) -> None:
        if id and (name, id) in self.seen:
            return
        if id:
            self.seen.add((name, id))
        wanted = self.listening(name, value)
        for node, how in wanted.items():
            if self.listening(name, value).get(node) == how:  # unless what it did before changes that
                self.take(how[0], value)
        if not wanted and name not in self.plan.transient:
            self.kept.setdefault(name, []).append(value)
        while self.take_kept():
            pass

    def take_kept(self) -> bool:
        """The oldest that the first edge accepts."""
        for name, values in self.kept.items():
            for edge in self.plan.edges:
                if edge.name != name or edge.source not in self.at:
                    continue
                for number, value in enumerate(values):
                    if self.holds(edge, value):
                        del values[number]
                        if not values:
                            del self.kept[name]
                        self.take(edge, value)
                        return True
        return False


values = st.integers(1, 3)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    branches = [[f"n{b}{n}" for n in range(draw(st.integers(1, 3)))] for b in range(draw(st.integers(1, 3)))]
    ids = [id for branch in branches for id in branch]
    guards = st.one_of(
        st.none(),
        st.tuples(st.just("is"), values),
        st.tuples(st.just("last"), st.tuples(st.sampled_from(NAMES), values)),
        st.tuples(st.sampled_from(["reached", "not reached"]), st.sampled_from(ids)),
    )
    edges = []
    for branch in branches:
        for id, after in zip(branch, [*branch[1:], draw(st.sampled_from(["", *branch]))], strict=True):
            targets = [after, *draw(st.lists(st.sampled_from(["", *branch]), max_size=2))]
            edges += [Listener(id, to, draw(st.sampled_from(NAMES)), draw(guards)) for to in targets]
        edges.append(Listener(branch[-1], "", draw(st.sampled_from(NAMES)), draw(guards)))
    return Plan(
        tuple(branch[0] for branch in branches),
        tuple({(e.source, e.target, e.name, e.text): e for e in draw(st.permutations(edges))}.values()),
        draw(st.frozensets(st.sampled_from(ids), max_size=2)),
        draw(st.frozensets(st.sampled_from(NAMES), max_size=1)),
    )


sent = st.lists(st.tuples(st.sampled_from(NAMES), values, st.sampled_from(["", "", "x", "y"])), max_size=12)


def told(run: Run) -> dict[str, Any]:
    """What a run says that the model says too."""
    state, ids = run.state, run.machine.ids
    return {
        "at": {ids[node]: state.visits[node] for node in state.busy},
        "kept": state.kept,
        "seen": set(state.seen),
        "last": state.facts.signals,
        "values": state.values,
    }


async def compare(plan: Plan, signals: list[Sent]) -> None:
    async with Engine(registry=Registry()) as engine:
        run, model = engine.start(plan.workflow(), allow_unsound=True), Model(plan)
        for name, value, id in signals:
            if run.state.status != "running":
                break
            run.signal(name, value, id=id)
            model.send(name, value, id)
            wanted = {key: getattr(model, key) for key in ("at", "kept", "seen", "last", "values")}
            assert told(run) == copy.deepcopy(wanted), (name, value, id)
            assert list(run.state.kept) == list(model.kept)
        assert (run.state.status == "completed") == (not model.at)
        assert replay(run.machine, (record.event for record in run.records())) == run.state


@given(plans(), sent)
@settings(max_examples=300)
def test_a_run_takes_keeps_and_loses_signals_as_the_model_says(plan: Plan, signals: list[Sent]) -> None:
    virtual_time(compare(plan, signals))


@pytest.mark.long
@pytest.mark.timeout(900)
@given(plans(), sent)
@settings(max_examples=10_000)
def test_many_more(plan: Plan, signals: list[Sent]) -> None:
    virtual_time(compare(plan, signals))
