"""Runs `tests.constructs` in virtual time: from the beginning, or from any point of an earlier history."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.constructs import Construct
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.engine.snapshots import Snapshots
from wfnb.errors import RunError, WfnbError
from wfnb.model.activity import describe
from wfnb.model.event import Event, TaskCompensated, decode
from wfnb.store.memory import Entry, MemoryStore
from wfnb.testing import VirtualLoop, virtual_time
from wfnb.testing.clock import EPOCH


@dataclass(frozen=True)
class Outcome:
    """How a run ended, with everything that must be the same however it came there.

    Attributes:
        status, output, error, values: of the run.
        children: how each child run ended.
        undone: what was taken back, in order, by run.
    """

    status: str
    output: Any
    error: tuple[str, str, str | None] | None
    values: dict[str, Any]
    children: dict[str, tuple[str, Any]]
    undone: dict[str, list[str]]


@dataclass(frozen=True)
class Played:
    """A run that is over.

    Attributes:
        run: the run.
        outcome: how it ended.
        log: everything that its store took, append by append.
        store: that store.
    """

    run: Run
    outcome: Outcome
    log: list[Entry]
    store: MemoryStore


def registry(tell: Callable[[str], object] = str) -> Registry:
    """With the one activity of `tests.constructs`, which tells when it begins."""

    async def work(id: str, seconds: float = 1, gives: Any = None, fails: str = "") -> Any:
        tell(id)
        await asyncio.sleep(seconds)
        if fails:
            raise type(fails, (Exception,), {})(id)
        return id if gives is None else gives

    made = Registry()
    made.add(describe(work))
    return made


def play(
    construct: Construct,
    *,
    seed: int | None = None,
    log: Sequence[Entry] | None = None,
    store: MemoryStore | None = None,
    doing: Mapping[float, Callable[[Run], object]] | None = None,
    snapshots: Snapshots | None = None,
) -> Played:
    """Run a construct to its end.

    Args:
        construct: the workflow.
        seed: shuffles what is ready at the same time.
        log: takes up this history instead, at the time of its last event.
        store: the store that has its definitions, and snapshots if any.
        snapshots: when they are due.
        doing: what else is done to the run, by second.
    """
    return virtual_time(_play(construct, log, store, snapshots, doing or {}), seed=seed)


async def _play(
    construct: Construct,
    log: Sequence[Entry] | None,
    store: MemoryStore | None,
    snapshots: Snapshots | None,
    doing: Mapping[float, Callable[[Run], object]],
) -> Played:
    engine = Engine(registry=registry(), snapshots=snapshots)
    kept = engine.store
    assert isinstance(kept, MemoryStore)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    if log is None or store is None:
        run = engine.start(construct.workflow)
    else:
        for hash, document in store._definitions.items():
            kept.define(hash, document)
        for id, epoch, before, rows in log:
            kept.append(id, epoch, before, rows)
            for one in store._snapshots.get(id, ()):
                if before < one.seq <= before + len(rows):
                    made, plan = partial(bytes, one.state), snapshots or Snapshots(keep=len(log))
                    kept.save_snapshot(id, one.seq, one.definition, one.ts, made, keep=plan.keep, drop=plan.drop)
        loop.advance((log[-1][3][-1].ts - EPOCH) / 1e6)
        name = log[0][0]
        await engine.resume()
        run = engine.runs.get(name) or engine.run(name)
    for at, what in construct.acts.items():
        if at > loop.time():
            loop.call_at(at, act, run, what, at)
    for at, do in doing.items():
        loop.call_at(at, do, run)
    answering = asyncio.ensure_future(answer(run))
    try:
        await asyncio.wait_for(over(run), 10_000)
    finally:
        answering.cancel()
    for _ in range(10_000):  # children that take back what they did
        if not engine.runs:
            break
        await asyncio.sleep(1)
    assert not engine.runs, f"{list(engine.runs)} go on without their parent"
    return Played(run, outcome_of(run, kept), list(kept.appends()), kept)


async def over(run: Run) -> None:
    """Wait until a run is over, however it ends."""
    with contextlib.suppress(RunError):
        await run


_ANSWERS = {"bool": True, "str": "because"}


async def answer(run: Run) -> None:
    """Say yes to whatever a run asks, after a second at the latest; but never to what is called `slow`."""
    while True:
        await asyncio.sleep(1)
        for asked in run.approvals:
            if asked.node != "slow":
                run.approve(asked.node, {name: _ANSWERS[type] for name, type in asked.form.items()} or True)


def act(run: Run, what: tuple[str, Any], at: float) -> None:
    """Do to a run what its construct says; twice is as good as once."""
    name, value = what
    if name == "cancel":
        run.cancel(value)
    elif name in ("pause", "resume"):
        if run.state.status == "running":
            run.pause(value) if name == "pause" else run.resume()
    else:
        try:
            run.signal(name, value, id=str(at))
        except WfnbError:
            assert run.status not in ("running", "waiting")


def outcome_of(run: Run, store: MemoryStore) -> Outcome:
    """How a run ended, with what must be the same however it came there."""
    state = run.state
    error = (state.error.type, state.error.message, state.error.node) if state.error else None
    children = {}
    undone = {}
    for head in store.heads():
        records = store.read(head.run)
        behind = records[-1].seq - len(records) + 2  # the first event after those that were dropped
        assert [record.seq for record in records] == [1, *range(behind, behind + len(records) - 1)]
        name, last = head.run.partition("/")[2], records[-1].event
        undone[name] = [record.event.node for record in records if isinstance(record.event, TaskCompensated)]
        if name:
            children[name] = (head.status, getattr(last, "output", None))
    return Outcome(run.status, run.output, error, dict(state.values), children, undone)


def events_of(log: Sequence[Entry]) -> list[tuple[str, Event]]:
    """What a history has, in order, with the run of each event."""
    return [(entry[0], decode(row.payload)) for entry in log for row in entry[3]]
