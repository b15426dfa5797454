"""Tokens that are withdrawn where nothing was in progress: no event says so, and a view shows it at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.patterns.kit import play, task
from wfnb.author.flow import Flow
from wfnb.author.refs import NodeRef
from wfnb.history.progress import Progress
from wfnb.model.event import CompensationStarted, TaskCompleted, TaskFailed, TimerFired

Resting = tuple[Flow, list[NodeRef]]


def resting() -> Resting:
    """One task holds a lock that another waits for; a join waits for both, and has the token of a third."""
    flow = Flow("resting")
    holder, blocked = (task(flow, id, seconds=90).options(lock="one") for id in ("holder", "blocked"))
    fork, third, join = flow.fork("fork"), task(flow, "third"), flow.join("join")
    fork >> [holder, blocked, third] >> join
    return flow, [fork, holder, blocked, third, join]


def grouped() -> Resting:
    flow, inside = resting()
    flow.start >> inside[0]
    inside[-1] >> flow.end()
    flow.group("group", inside)
    return flow, inside


def interrupted() -> Flow:
    flow, _ = grouped()
    flow.node("group").after(5) >> task(flow, "last", seconds=9) >> flow.end("other end")
    return flow


def caught() -> Flow:
    flow, inside = grouped()
    failing = task(flow, "failing", seconds=5, fails="Bad")
    inside[0] >> failing >> inside[-1]
    flow.group("wide", [*inside, failing]).on_error("Bad") >> task(flow, "last", seconds=9) >> flow.end("other end")
    return flow


def left() -> Flow:
    flow, inside = resting()
    quick = task(flow, "quick", seconds=5)
    flow.start >> inside[0] >> quick >> task(flow, "last", seconds=9) >> flow.end("other end")
    inside[-1] >> flow.end()
    flow.group("group", [*inside, quick], cancel=True)
    return flow


def overtaken() -> Flow:
    flow, inside = resting()
    first = flow.join("first", need="any", rest="cancel")
    flow.start >> flow.fork("outer") >> [inside[0], task(flow, "quick", seconds=5)]
    [inside[-1], flow.node("quick")] >> first >> task(flow, "last", seconds=9) >> flow.end()
    return flow


def terminated() -> Flow:
    flow, inside = resting()
    flow.start >> flow.fork("outer") >> [inside[0], task(flow, "quick", seconds=5)]
    inside[-1] >> flow.end()
    flow.node("quick") >> flow.end("other end", terminate=True)
    return flow


def taken_back() -> Flow:
    flow, inside = resting()
    failing = task(flow, "failing", seconds=5, fails="Bad")
    first = task(flow, "first", seconds=0).options(compensate=("work", {"id": "undo", "seconds": 9}))
    flow.start >> first >> flow.fork("outer") >> [inside[0], failing]
    inside[-1] >> flow.end()
    failing >> flow.end("other end")
    return flow


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (interrupted, TimerFired),
        (caught, TaskFailed),
        (left, TaskCompleted),
        (overtaken, TaskCompleted),
        (terminated, TaskCompleted),
        (taken_back, CompensationStarted),
    ],
)
def test_what_rested_is_shown_as_withdrawn_with_the_event_that_withdrew_it(
    make: Callable[[], Flow], cause: type
) -> None:
    run = play(make()).run
    progress = Progress(run.machine)
    before: dict[str, str] = {}
    for record in run.records():
        before = {id: progress.nodes[id].state for id in ("blocked", "join") if id in progress.nodes}
        progress.apply(record.ts, record.event)
        if "cancelled" in (progress.nodes[id].state for id in before):
            break
    assert before == {"blocked": "ready", "join": "waiting"}
    assert isinstance(record.event, cause)
    assert {progress.nodes[id].state for id in before} == {"cancelled"}
    assert progress.state == "running"


def test_spawned_children_that_a_run_leaves_behind_are_shown_as_withdrawn() -> None:
    flow = Flow("left behind")
    out = flow.fork("out")
    flow.start >> out
    out.spawn() >> task(flow, "child", seconds=90) >> flow.end("end of it")
    out >> task(flow, "quick", seconds=5) >> flow.end(terminate=True)
    run = play(flow).run
    progress = Progress(run.machine)
    told = []
    for record in run.records():
        progress.apply(record.ts, record.event)
        told.append(progress.nodes["child"].state if "child" in progress.nodes else "")
    assert set(told[: told.index("cancelled")]) == {"", "running"}
    assert isinstance(run.records()[told.index("cancelled")].event, TaskCompleted)
