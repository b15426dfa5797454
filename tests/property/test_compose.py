"""Workflows put together, and made wider: they give what plain Python gives."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from zlib import crc32

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.programs import Program, Python, built, programs
from tests.property.programs import work as worked
from wfnb.author.optimize import optimize
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.errors import RunError
from wfnb.machine.check import check
from wfnb.model.activity import describe
from wfnb.model.workflow import Workflow
from wfnb.testing import virtual_time
from wfnb.testing.constructs import CONSTRUCTS
from wfnb.testing.workflows import workflows


def registry() -> Registry:
    """With the activity `work`, which takes a second."""

    async def work(id: str, reads: list[int]) -> int:
        await asyncio.sleep(1)
        return worked(id, reads)

    made = Registry()
    made.add(describe(work))
    return made


def ran(workflow: Workflow, known: Registry, seed: int = 0) -> tuple[Any, dict[str, Any], float]:
    """What a run gives or fails with, the values of its tasks, and the seconds that it took."""

    async def main() -> tuple[Any, dict[str, Any], float]:
        async with Engine(registry=known) as engine:
            run = engine.start(workflow)
            try:
                output = await run
            except RunError as error:
                output = error.type
            tasks = {n: v for n, v in run.state.values.items() if n.startswith("t") and not n.startswith("turn")}
            return output, tasks, asyncio.get_running_loop().time()

    return virtual_time(main(), seed=seed)


@given(programs(), st.integers(0, 99))
@settings(max_examples=100)
def test_what_is_put_together_gives_what_python_gives(program: Program, seed: int) -> None:
    made = built(program)
    report = check(made, registry())
    assert report.ok, report
    assert report.properties["sound"].verdict != "refuted"
    expected = Python()
    expected.run(program)
    output, values, _ = ran(made, registry(), seed)
    assert values == expected.values
    assert output == expected.output


@given(programs(), st.integers(0, 99))
@settings(max_examples=100)
def test_what_was_made_wider_gives_the_same_and_sooner(program: Program, seed: int) -> None:
    before = built(program)
    made = optimize(before, registry())
    assert made.before is before
    assert (made.workflow == before) is not bool(made.changes)
    assert check(made.workflow, registry()).ok, made
    output, values, took = ran(before, registry(), seed)
    again = ran(made.workflow, registry(), seed + 1)
    assert again[:2] == (output, values), made
    assert again[2] <= took
    assert optimize(made.workflow, registry()).changes == ()


@given(workflows(constructs=CONSTRUCTS))
@settings(max_examples=100)
def test_time_decides_as_before(workflow: Workflow) -> None:
    def known() -> Registry:
        calls = Counter[str]()

        async def work(id: str) -> int:
            calls[id] += 1
            # No two pauses are equal, and none is that of a timer.
            await asyncio.sleep(0.1 + crc32(f"{id} {calls[id]}".encode()) / 2**32)
            return sum(map(ord, id)) * calls[id] % 6 if calls[id] <= 3 else 0

        made = Registry()
        made.add(describe(work))
        return made

    assume(check(workflow, known()).ok)
    made = optimize(workflow, known())
    assert check(made.workflow, known()).ok, made
    assert ran(made.workflow, known())[:2] == ran(workflow, known())[:2], made
    assert optimize(made.workflow, known()).changes == ()
