"""Workflows under many schedules."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from wfnb.author.flow import Flow
from wfnb.engine.run import Run
from wfnb.errors import CompileError
from wfnb.testing import ScheduleFailed, schedules


async def work(id: str) -> str:
    await asyncio.sleep(1)
    return id


def beside(*ids: str) -> Flow:
    flow = Flow("beside")
    flow.start >> flow.fork("fork") >> [flow.task(id, "work", id=id) for id in ids] >> flow.join("join") >> flow.end()
    return flow


def test_orders_differ_and_ends_are_alike() -> None:
    found = schedules(beside("a", "b", "c"), [work], seeds=20)
    assert [one.seed for one in found] == list(range(20))
    assert {one.status for one in found} == {"completed"}
    assert len({one.order for one in found}) == 6
    assert found[0].output == {"a": "a", "b": "b", "c": "c"}


def racing() -> tuple[Flow, dict[str, Any]]:
    """Two tasks write to one place: who comes last wins."""
    written: list[str] = []

    async def write(id: str) -> None:
        await asyncio.sleep(1)
        written.append(id)

    async def read() -> str:
        return written[-1]

    flow = Flow("racing")
    branches = [flow.task(id, "write", id=id) for id in ("a", "b")]
    flow.start >> flow.fork("fork") >> branches >> flow.join("join") >> flow.task("last", "read") >> flow.end()
    return flow, {"write": write, "read": read}


def test_the_seed_of_a_race_is_named_and_gives_it_again() -> None:
    flow, activities = racing()
    with pytest.raises(ScheduleFailed, match="ends otherwise than with seed 0") as caught:
        schedules(flow, activities)
    seed = caught.value.seed
    assert f"schedules(..., seeds=[{seed}])" in str(caught.value)
    (other,), (same,) = schedules(flow, activities, seeds=[0]), schedules(flow, activities, seeds=[seed])
    assert other.output != same.output
    assert len({one.output for one in schedules(flow, activities, seeds=20, alike=False)}) == 2


def test_a_run_that_fails() -> None:
    async def fails() -> None:
        raise ValueError("no luck")

    flow = Flow("failing")
    flow.start >> flow.task("a", "fails") >> flow.end()
    with pytest.raises(ScheduleFailed, match="with seed 0: the run failed: ValueError: no luck") as caught:
        schedules(flow, [fails])
    assert isinstance(caught.value.__cause__, AssertionError)
    assert isinstance(caught.value.__cause__.__cause__, ValueError)
    (ended,) = schedules(flow, [fails], seeds=1, check=lambda run: run.status)
    assert (ended.status, ended.error) == ("failed", "ValueError: no luck")


def test_a_check_that_does_not_hold() -> None:
    def check(run: Run) -> None:
        assert run.values["a"] == "b", "not b"

    with pytest.raises(ScheduleFailed, match="'beside' with seed 7: not b"):
        schedules(beside("a"), [work], seeds=[7], check=check)


def test_what_happens_outside() -> None:
    flow = Flow("waiting", {"n": "int"})
    wait = flow.wait("wait")
    flow.start >> wait
    wait.on("go") >> flow.end(output="=[wait, input.n]")
    with pytest.raises(ScheduleFailed, match="it waits for ever: 'wait' for a signal"):
        schedules(flow, [], seeds=1, input={"n": 3})
    (ended,) = schedules(flow, [], seeds=1, input={"n": 3}, acts={3600: lambda run: run.signal("go", 1)})
    assert ended.output == [1, 3]


def test_an_activity_that_is_not_given() -> None:
    with pytest.raises(CompileError, match="work"):
        schedules(beside("a"), [])
