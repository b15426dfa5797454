"""What check says of results, against runs in which everything takes another time: equal where they are certain."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.errors import CompileError, RunError
from wfnb.machine.analyses import Analyses, analyse
from wfnb.machine.compiler import compile_workflow
from wfnb.model.activity import describe
from wfnb.model.types import misfit
from wfnb.model.workflow import Workflow
from wfnb.testing import virtual_time
from wfnb.testing.constructs import CONSTRUCTS, Construct
from wfnb.testing.workflows import workflows

MOSTLY: tuple[Construct, ...] = (
    "inclusive", "error", "map", "call", "lock", "critical", "milestone", "condition",
)  # fmt: skip
"""Constructs that keep results certain."""


def registry(pace: Random, salt: int, failing: float, visits: int = 3) -> Registry:
    """With an activity that gives a number which depends on its argument alone, after some time."""

    async def work(id: str) -> int:
        await asyncio.sleep(pace.choice((0, 0.1, 0.6, 1.1, 4.0)))
        done[id] = done.get(id, 0) + 1
        if Random(f"{salt} {id} fails").random() < failing:
            raise ValueError(id)
        return 0 if done[id] > visits else Random(f"{salt} {id} {done[id]}").randrange(10)

    done: dict[str, int] = {}
    made = Registry()
    made.add(describe(work))
    return made


def ran(workflow: Workflow, pace: int, salt: int, failing: float) -> tuple[str, Any]:
    """How a run ends, and what it gives; where it fails, what fails first may be another thing each time."""

    async def play() -> tuple[str, Any]:
        async with Engine(registry=registry(Random(pace), salt, failing)) as engine:
            run = engine.start(workflow, allow_unsound=True)
            try:
                return "completed", await asyncio.wait_for(run, 100_000)
            except RunError as error:
                return "failed", str(error)

    return virtual_time(play(), seed=pace)


def known(workflow: Workflow) -> Analyses:
    try:
        machine = compile_workflow(workflow)
    except CompileError:
        reject()
    return analyse(machine, registry(Random(0), 0, 0), None)


def judge(workflow: Workflow, salt: int, paces: int, failing: float = 0) -> None:
    analyses = known(workflow)
    machine = compile_workflow(workflow)
    verdicts = {found.name: found.verdict for found in analyses.properties(machine)}
    assert verdicts["no read-before-write"] == "proved"
    found = [ran(workflow, pace, salt, failing) for pace in range(paces)]
    for status, output in found:
        assert status == "completed" or "which has no value yet" not in output
        if status == "completed":
            assert misfit(analyses.types.output, output) is None, f"{output} is no {analyses.types.output}"
    if verdicts["deterministic result"] == "proved":
        assert len({repr(output) if status == "completed" else status for status, output in found}) == 1, found


@given(workflows(size=16, constructs=CONSTRUCTS), st.integers(0, 2**16))
@settings(max_examples=60)
def test_results(workflow: Workflow, salt: int) -> None:
    judge(workflow, salt, 3)


@given(workflows(size=16, constructs=MOSTLY), st.integers(0, 2**16), st.sampled_from((0, 0.1)))
@settings(max_examples=60)
def test_results_that_are_mostly_certain(workflow: Workflow, salt: int, failing: float) -> None:
    judge(workflow, salt, 4, failing)


@pytest.mark.long
@given(workflows(size=24, constructs=CONSTRUCTS), st.integers(0, 2**16))
@settings(max_examples=1_000)
@pytest.mark.timeout(900)
def test_many_more(workflow: Workflow, salt: int) -> None:
    judge(workflow, salt, 6, 0.05)
