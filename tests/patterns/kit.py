"""What the workflow patterns are written with: tasks that log, runs in virtual time, and what a net says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from tests.corpus import CORPORA
from tests.exploring import explore
from wfnb.author.edits import SetWorkflow
from wfnb.author.flow import Flow
from wfnb.author.refs import NodeRef
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import RunError
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.netting import netted
from wfnb.model.activity import describe
from wfnb.model.event import ChildStarted, Event, RunStarted, TaskCompleted, TaskStarted, decode
from wfnb.store.memory import MemoryStore
from wfnb.testing import virtual_time

Acts = Mapping[float, Callable[[Run], Any]]
"""What somebody outside does to a run, by virtual second."""
LONG = 1_000_000
"""Virtual seconds after which a run that is not over will never be."""


@dataclass(frozen=True)
class Span:
    """One body: from when to when it was in progress, in virtual seconds; `ended` is None where it was called off."""

    task: str
    begun: float
    ended: float | None


@dataclass(frozen=True)
class Ran:
    """A run that is over, or rests for ever.

    Attributes:
        run: the run.
        status: what became of it.
        events: everything that was recorded, with the run that it is of: children's too, in order.
        spans: every body, in order of its beginning.
        error: what awaiting the run raised.
    """

    run: Run
    status: str
    events: list[tuple[str, Event]]
    spans: list[Span]
    error: RunError | None = None

    @property
    def output(self) -> Any:
        return self.run.output

    @property
    def started(self) -> list[str]:
        """Tasks in the order of their starts, those of children included."""
        return [event.node for _, event in self.events if isinstance(event, TaskStarted)]

    @property
    def completed(self) -> list[str]:
        return [event.node for _, event in self.events if isinstance(event, TaskCompleted)]

    @property
    def children(self) -> list[str]:
        """Ids of child runs, without that of their first ancestor."""
        return [event.run.partition("/")[2] for _, event in self.events if isinstance(event, ChildStarted)]

    @property
    def types(self) -> list[str]:
        """The types of the run's own events."""
        return [type(event).__name__ for run, event in self.events if run == self.run.id]

    @property
    def visited(self) -> list[str]:
        """Every node that a token came to, in order, those of children included."""
        return list(_visited(self.run, self.events))

    def overlap(self, *tasks: str) -> bool:
        """Whether any two of these tasks were ever in progress at the same time."""
        spans = sorted((one.begun, one.ended) for one in self.spans if one.task in tasks and one.ended is not None)
        return any(later[0] < earlier[1] for earlier, later in pairwise(spans))


def _visited(run: Run, events: list[tuple[str, Event]]) -> Iterator[str]:
    machines: dict[str, Machine] = {run.id: run.machine}
    for id, event in events:
        if isinstance(event, RunStarted) and event.parent:
            parent = machines[event.parent]
            inner = [plan.machine for plan in parent.children.values()] + list(parent.special.spawns.values())
            machines[id] = next(one for one in inner if one.hash == event.definition)
        machine = machines[id]
        if isinstance(event, RunStarted):
            yield machine.ids[machine.start]
        for move in getattr(event, "moves", ()):
            if move >= 0 and move not in machine.special.spawns:
                yield machine.ids[machine.graph.target[move]]


def tasks(flow: Flow, ids: str, **arguments: Any) -> list[NodeRef]:
    """Tasks with these ids: each takes a second (or `seconds`) and gives its id (or `gives`).

    With `fails` it fails with an error of that name; with `signals` it sends its run that signal when it is done.
    """
    return [task(flow, id, **arguments) for id in ids.split()]


def task(flow: Flow, id: str, **arguments: Any) -> NodeRef:
    """One such task."""
    return flow.task(id, "work", id=id, **arguments)


def given(flow: Flow, *parts: Flow) -> Flow:
    """The flow, whose document has these workflows to call."""
    flow.document.apply([SetWorkflow(workflows={part.name: part.workflow for part in parts})])
    return flow


def play(flow: Flow, acts: Acts | None = None, *, seed: int | None = None, **inputs: Any) -> Ran:
    """Run a workflow in virtual time, until it is over or nothing but somebody outside could free it."""
    spans: list[Span] = []
    begun: list[Run] = []

    async def work(id: str, seconds: float = 1, gives: Any = None, signals: str = "", fails: str = "") -> Any:
        now, at = asyncio.get_running_loop().time, len(spans)
        spans.append(Span(id, now(), None))
        await asyncio.sleep(seconds)
        spans[at] = Span(id, spans[at].begun, now())
        if fails:
            raise type(fails, (Exception,), {})(id)
        if signals:
            begun[0].signal(signals, id)
        return id if gives is None else gives

    registry = Registry()
    registry.add(describe(work))

    async def main() -> Ran:
        engine = Engine(registry=registry)
        store = engine.store
        assert isinstance(store, MemoryStore)
        run = engine.start(flow, allow_unsound=True, **inputs)
        begun.append(run)
        loop = asyncio.get_running_loop()
        for at, act in (acts or {}).items():
            loop.call_at(at, act, run)
        outcome = asyncio.ensure_future(_outcome(run))
        await asyncio.wait([outcome], timeout=LONG)
        status, error = run.status, outcome.result() if outcome.done() else None
        for _ in range(9):
            await asyncio.sleep(0)  # what the end calls off is recorded too
        events = [(id, decode(row.payload)) for id, _, _, rows in store.appends() for row in rows]
        engine.close()
        await asyncio.gather(outcome, return_exceptions=True)
        return Ran(run, status, events, spans, error)

    return virtual_time(main(), seed=seed)


async def _outcome(run: Run) -> RunError | None:
    try:
        await run
    except RunError as error:
        return error
    return None


def verdict(flow: Flow) -> str:
    """What all the markings of a drawing's net say: `sound`, `unsafe` or `stuck`."""
    return explore(netted(compile_workflow(flow.workflow)).net).verdict


def follows(ran: Ran, pattern: str) -> None:
    """Check a run against the task tree of a pattern in the corpus: the same tasks, and each after what caused it."""
    path = CORPORA / "patterns_spiff" / f"{pattern}.path"
    if not path.is_file():
        pytest.skip("the patterns' task trees are not here")
    chains = list(_chains(path.read_text().splitlines()))
    visited = [id for id in ran.visited if not id.startswith("end")]
    wanted = {id for chain in chains for id in chain}
    assert set(ran.completed) <= wanted, "a task ran that is not in the tree"
    for chain in chains:
        rest = iter(visited)
        assert all(id in rest for id in chain), f"{' > '.join(chain)} is no part of {' > '.join(visited)}"


def _chains(lines: list[str]) -> Iterator[list[str]]:
    """Every way from the root of an indented tree to a leaf, in our words: no `End`, a small `start`."""
    above: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        depth = (len(line) - len(line.lstrip())) // 2
        above[depth:] = [line.strip()]
        if (len(following) - len(following.lstrip())) // 2 <= depth:
            yield [id.replace("Start", "start") for id in above if id != "End"]
