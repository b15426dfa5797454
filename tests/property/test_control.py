"""Runs that people steer at random: replay is live all the same, and no task is lost or done twice."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import random
from collections import Counter
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.applied import applied_by
from tests.property.tokens import Game
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import RunError, WfnbError
from wfnb.machine.endings import endings
from wfnb.machine.machine import RESTING, Kind
from wfnb.machine.semantics import evolve, replay
from wfnb.model.activity import describe
from wfnb.model.event import Event, TaskCompleted, TaskStarted
from wfnb.model.state import State
from wfnb.model.workflow import Retry, Workflow
from wfnb.store.memory import MemoryStore
from wfnb.testing import virtual_time
from wfnb.testing.constructs import CONSTRUCTS
from wfnb.testing.workflows import workflows

Act: TypeAlias = tuple[float, str, int]
"""When, what, and a number that says on which node."""
COURSE = ("pause", "resume", "step", "break", "run to", "free", "retry")
"""What people do that changes nothing but when something happens."""
acts = st.lists(st.tuples(st.sampled_from([0, 0.5, 1, 2, 3, 4, 5, 7]), st.sampled_from(COURSE), st.integers(0, 99)))
meddling = st.lists(
    st.tuples(
        st.sampled_from([0, 0.5, 1, 2, 3, 4, 5, 7]),
        st.sampled_from((*COURSE, "pin", "unpin", "update", "crash")),
        st.integers(0, 99),
    ),
    max_size=12,
)


class Odd(Exception):
    """What the activity raises now and then."""


def registry(seed: int, begun: Counter[str]) -> Registry:
    """With the activity `work`: what it gives, how long it takes and whether it fails follows from its id and count."""
    given: Counter[str] = Counter()

    async def work(id: str) -> int:
        begun[id] += 1
        chance = random.Random(f"{seed} {id} {begun[id]}")
        await asyncio.sleep(chance.choice([0, 1, 2]))
        if chance.random() < 0.15:
            raise Odd(id)
        given[id] += 1
        return chance.randint(0, 5) if given[id] <= 3 else 0

    made = Registry()
    made.add(describe(work, retry=Retry(attempts=5, delay=1)))
    return made


def do(run: Run, what: str, number: int) -> None:
    """Do to a run what somebody may; what is refused is as good as not done."""
    ids = [id for node, id in enumerate(run.machine.ids) if run.machine.kinds[node] in RESTING]
    tasks = [id for node, id in enumerate(run.machine.ids) if run.machine.kinds[node] is Kind.TASK]
    if not ids:
        return
    id = ids[number % len(ids)]
    with contextlib.suppress(WfnbError):
        match what:
            case "pause":
                run.pause()
            case "resume":
                run.resume()
            case "step":
                run.step(id if number % 3 == 0 else "")
            case "break":
                run.breakpoints = {*run.breakpoints, id}
            case "run to":
                run.run_to(id)
            case "free":
                run.breakpoints = run.breakpoints[1:]
            case "retry":
                run.retry()
            case "pin" if tasks:
                run.pin(tasks[number % len(tasks)], 0)  # which ends every loop
            case "unpin" if tasks:
                run.unpin(tasks[number % len(tasks)])
            case "update":
                run.update(id, number % 6)


async def steered(workflow: Workflow, acts: list[Act], engine: Engine) -> Run:
    """Run a workflow to its end, with what people do to it."""
    loop = asyncio.get_running_loop()
    run = engine.start(workflow, allow_unsound=True)
    for at, what, number in sorted(acts):
        await asyncio.sleep(max(at - loop.time(), 0))
        if what == "crash":
            run = await taken_up(engine, run)
        do(run, what, number)
        check(run)
    while run.state.status == "running":
        with contextlib.suppress(WfnbError):
            run.breakpoints = []
            run.resume()
        for asked in run.approvals:
            run.approve(asked.node, 1)
        await asyncio.sleep(0.5)
        assert loop.time() < 2_000, "it is stuck"
    with contextlib.suppress(RunError):
        await run
    return run


async def taken_up(engine: Engine, run: Run) -> Run:
    """The run after a restart of its engine."""
    if run.state.status != "running":
        return run
    seen = (run.state.paused, run.state.breakpoints, run.state.passed, run.state.once, run.state.inside, run.pins)
    run.suspend()
    while engine.runs:  # noqa: ASYNC110 - what is waited for knows no events
        await asyncio.sleep(0)
    await engine.resume()
    again = engine.runs.get(run.id) or engine.run(run.id)
    state = again.state
    if state.status == "running":
        assert seen[:1] == (state.paused,)
        assert (state.breakpoints, state.once, state.inside, again.pins) == (seen[1], *seen[3:])
    return again


def check(run: Run) -> None:
    assert replay(run.machine, (record.event for record in run.records())) == run.state


def events_of(run: Run) -> list[Event]:
    return [record.event for record in run.records()]


def completed(run: Run) -> Counter[tuple[str, int]]:
    return Counter((e.node, e.visit) for e in events_of(run) if isinstance(e, TaskCompleted))


@given(workflows(), st.integers(0, 2**32), acts)
@settings(max_examples=60)
def test_no_task_is_lost_or_done_twice_however_a_run_is_paused_and_stepped(
    workflow: Workflow, seed: int, acts: list[Act]
) -> None:
    begun: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    runs = []
    for count, doing in zip(begun, ([], acts), strict=True):

        async def main(doing: list[Act] = doing, count: Counter[str] = count) -> Run:
            async with Engine(registry=registry(seed, count)) as engine:
                return await steered(workflow, doing, engine)

        runs.append(virtual_time(main()))
    freely, led = runs
    Game(workflow).play(events_of(led))
    if freely.status == "completed":
        assert completed(led) == completed(freely)
    assert all(count == 1 for count in completed(led).values())
    started = Counter((e.node, e.visit, e.attempt) for e in events_of(led) if isinstance(e, TaskStarted))
    assert all(count == 1 for count in started.values())
    if led.status == "completed":
        assert begun[1].total() == started.total()


@given(workflows(constructs=CONSTRUCTS), st.integers(0, 2**32), meddling)
@settings(max_examples=60)
def test_replay_equals_live_at_every_prefix_whatever_people_do(workflow: Workflow, seed: int, acts: list[Act]) -> None:
    states: dict[int, list[State]] = {}

    def remembering(machine: Any, state: State, event: Event) -> State:
        evolve(machine, state, event)
        states.setdefault(id(state), []).append(copy.deepcopy(state))
        kept.append(state)
        return state

    kept: list[State] = []

    async def main() -> list[tuple[Run, list[Event]]]:
        async with Engine(registry=registry(seed, Counter())) as engine:
            await steered(workflow, [act for act in acts if act[1] != "crash"], engine)
            store = engine.store
            assert isinstance(store, MemoryStore)
            runs = [engine.run(head.run) for head in store.heads()]
            return [(run, events_of(run)) for run in runs]

    with applied_by(remembering):
        runs = virtual_time(main(), seed=seed)
    for run, events in runs:
        lived = next(found for found in states.values() if len(found) == len(events) and found[-1] == run.state)
        state = State()
        for event, live in zip(events, lived, strict=True):
            assert evolve(run.machine, state, event) == live


@given(workflows(constructs=CONSTRUCTS), st.integers(0, 2**32), meddling)
@settings(max_examples=50)
def test_after_a_restart_a_paused_run_is_paused_and_breakpoints_and_pins_are_there(
    workflow: Workflow, seed: int, acts: list[Act]
) -> None:
    async def main() -> Run:
        async with Engine(registry=registry(seed, Counter())) as engine:
            return await steered(workflow, acts, engine)

    run = virtual_time(main(), seed=seed)
    assert run.state.status in ("completed", "failed")
    assert all(count == 1 for count in completed(run).values())


@given(workflows(), st.integers(0, 2**32), st.floats(0, 1))
@settings(max_examples=60)
def test_a_fork_without_edits_ends_as_its_origin_did_and_does_nothing_again(
    workflow: Workflow, seed: int, share: float
) -> None:
    begun = Counter[str]()

    async def main() -> tuple[Run, Run]:
        async with Engine(registry=registry(seed, begun)) as engine:
            run = await steered(workflow, [], engine)
            before = begun.copy()
            cut = endings(events_of(run))[0][0] - 1
            fork = run.fork(at=max(1, round(share * cut)))
            with contextlib.suppress(RunError):
                await fork
            if run.state.status == "completed":
                assert begun == before
            return run, fork

    run, fork = virtual_time(main())
    check(fork)
    if run.state.status == "completed":
        assert (fork.state.status, fork.output, fork.values) == ("completed", run.output, run.values)
        assert completed(fork) == completed(run)


@given(workflows(constructs=CONSTRUCTS), st.integers(0, 2**32), st.floats(0, 1), st.integers(0, 99))
@settings(max_examples=60)
def test_every_run_can_be_forked_wherever_it_stood_and_edited(
    workflow: Workflow, seed: int, share: float, number: int
) -> None:
    async def main() -> Run:
        async with Engine(registry=registry(seed, Counter())) as engine:
            run = await steered(workflow, [], engine)
            cut = endings(events_of(run))[0][0] - 1
            at = max(1, round(share * cut))
            numbers = [id for id, value in run.at(at).values.items() if type(value) is int] if cut else []  # no list
            values = dict.fromkeys(numbers[: number % 3], number)
            if not cut:
                return run
            fork = run.fork(at=at, values=values)
            with contextlib.suppress(RunError):
                await asyncio.wait_for(asyncio.shield(ended(fork)), 2_000)
            return fork

    run = virtual_time(main(), seed=seed)
    assert run.state.status in ("completed", "failed")
    assert run.error is None or run.error.type != "RunStuck"
    check(run)


async def ended(run: Run) -> None:
    """Answer what a run asks, until it is over."""
    while run.state.status == "running":
        for asked in run.approvals:
            run.approve(asked.node, 1)
        await asyncio.sleep(0.5)


@pytest.mark.long
@pytest.mark.timeout(900)
@given(workflows(size=40, constructs=CONSTRUCTS), st.integers(0, 2**32), meddling)
@settings(max_examples=3_000)
def test_many_more(workflow: Workflow, seed: int, acts: list[Act]) -> None:
    async def main() -> Run:
        async with Engine(registry=registry(seed, Counter())) as engine:
            return await steered(workflow, acts, engine)

    check(virtual_time(main(), seed=seed))
