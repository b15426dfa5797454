"""Causes and critical paths of runs whose answers are known."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import wfnb as wf
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.history.causes import causes_of
from wfnb.history.critical import CriticalPath, critical_path
from wfnb.model.activity import describe
from wfnb.testing import virtual_time


async def nap(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


tries = 0


async def flaky() -> str:
    global tries  # noqa: PLW0603
    await asyncio.sleep(1)
    tries += 1
    if tries < 3:
        raise OSError
    return "at last"


def path_of(flow: wf.Flow, strategy: str = "concurrent", **given: Any) -> CriticalPath:
    """The critical path of a run in virtual time."""

    async def main() -> CriticalPath:
        known = Registry()
        known.add(describe(nap))
        known.add(describe(flaky))
        async with Engine(None, registry=known, strategy=strategy) as engine:
            run = engine.start(flow, **given)
            await asyncio.wait([asyncio.ensure_future(run)])
            path = wf.critical_path(run)
            assert path == critical_path(causes_of(engine.store.read(run.id), flow.workflow), run.id)
            return path

    return virtual_time(main())


def branches() -> wf.Flow:
    """`a` (3 s) then `b` (1 s), beside `c` (2 s), then `d` (1 s)."""
    flow = wf.flow("branches")
    a, b, c, d = (flow.task(name, "nap", seconds=took) for name, took in zip("abcd", (3, 1, 2, 1), strict=True))
    fork, join = flow.fork("fork"), flow.join("join")
    flow.start >> fork
    fork >> a >> b >> join
    fork >> c >> join
    join >> d >> flow.end("end")
    return flow


def names(path: CriticalPath) -> list[str]:
    return [path.causes.visits[number].node for number in path.path]


def test_the_path_is_the_longest_chain() -> None:
    path = path_of(branches())
    assert path.seconds == pytest.approx(5)
    assert names(path) == ["a", "b", "d"]
    frame = path.frame()
    assert frame["service"].tolist() == pytest.approx([3, 1, 1])
    assert frame["share"].sum() == pytest.approx(1)


def test_what_would_be_gained_stops_where_another_chain_is_longer() -> None:
    path = path_of(branches())
    gains = {row["node"]: row for row in path.gains().to_dict("records")}
    assert [*gains] == ["a", "b", "d"]
    assert gains["a"]["gain"] == pytest.approx(2)  # then c, 2 s, is what is waited for
    assert gains["a"]["gain_half"] == pytest.approx(1.5)
    assert (gains["b"]["gain"], gains["d"]["gain"]) == (pytest.approx(1), pytest.approx(1))
    assert path.what_if({"a": 0, "c": 0}) == pytest.approx(2)
    assert path.what_if({}) == pytest.approx(path.seconds)
    assert path.what_if({"c": 10}) == pytest.approx(21)


def test_each_visit_knows_what_it_waited_for() -> None:
    causes = path_of(branches()).causes
    number = {visit.node: n for n, visit in enumerate(causes.visits)}
    assert causes.visits[number["a"]].after == frozenset()
    assert causes.visits[number["b"]].after == {number["a"]}
    assert causes.visits[number["d"]].after == {number["b"], number["c"]}
    assert causes.last == {number["d"]}


def test_a_branch_that_was_not_taken_is_no_cause() -> None:
    flow = wf.flow("some", inputs={"n": "int"})
    fork = flow.fork("fork", join="join")
    join = flow.join("join")
    a, b = flow.task("a", "nap", seconds=1), flow.task("b", "nap", seconds=5)
    flow.start >> fork
    fork.when("input.n > 0") >> a >> join
    fork.when("input.n > 1") >> b >> join
    join >> flow.end("end")
    assert names(path_of(flow, n=1)) == ["a"]
    assert names(path_of(flow, n=2)) == ["b"]


def test_loops_are_followed_visit_by_visit() -> None:
    flow = wf.flow("loop", inputs={"n": "int"})
    again, gate, wait = flow.task("again", "nap", seconds=2), flow.choice("gate"), flow.wait("rest")
    flow.start >> again >> gate
    gate.when("reached('rest')") >> flow.end("end")
    gate.otherwise() >> wait
    wait.after(3) >> again
    path = path_of(flow, n=0)
    assert [(path.causes.visits[n].node, path.causes.visits[n].visit) for n in path.path] == [
        ("again", 1),
        ("rest", 1),
        ("again", 2),
    ]
    assert path.seconds == pytest.approx(7)
    assert path.gains().to_dict("records")[0]["gain"] == pytest.approx(4)


def test_waiting_for_a_slot_and_pauses_are_told_apart_from_work() -> None:
    global tries  # noqa: PLW0603
    tries = 0
    flow = wf.flow("slots")
    fork, join = flow.fork("fork"), flow.join("join")
    a = flow.task("a", "nap", seconds=4)
    b = flow.task("b", "flaky").options(retry=wf.Retry(attempts=3, delay=2, factor=1))
    flow.start >> fork
    fork >> a >> join
    fork >> b >> join
    join >> flow.end("end")
    path = path_of(flow, strategy="sequential")
    (row,) = path.frame().to_dict("records")
    assert (row["node"], row["wait"], row["service"], row["pause"]) == (
        "b",
        pytest.approx(4),
        pytest.approx(3),
        pytest.approx(4),
    )
    assert path.seconds == pytest.approx(11)


def test_a_run_without_any_visit_has_an_empty_path() -> None:
    flow = wf.flow("empty")
    flow.start >> flow.end("end")
    path = path_of(flow)
    assert path.path == ()
    assert path.frame().empty
    assert path.gains().empty
    assert path.what_if({"x": 2}) == pytest.approx(path.seconds)


def test_a_run_that_failed_is_followed_from_what_ended_last() -> None:
    flow = wf.flow("fails", inputs={"more": "any"})
    (
        flow.start
        >> flow.task("a", "nap", seconds=2)
        >> flow.task("b", "nap", seconds="=a + input.more")
        >> flow.end("end")
    )
    path = path_of(flow, more="x")
    assert names(path)[0] == "a"
