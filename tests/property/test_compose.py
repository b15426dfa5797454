"""Workflows put together, and made wider: they give what plain Python gives."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from zlib import crc32

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.programs import Program, Python, built, programs
from tests.property.programs import work as worked
from wfnb.author.compose import cond, loop, par, seq
from wfnb.author.optimize import optimize
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.errors import DefinitionError, RunError
from wfnb.machine.check import check
from wfnb.model.activity import describe
from wfnb.model.codec import decode, encode
from wfnb.model.workflow import Workflow
from wfnb.testing import virtual_time
from wfnb.testing.constructs import CONSTRUCTS
from wfnb.testing.workflows import documents, workflows

MADE: dict[str, Callable[[Workflow, Workflow], Workflow]] = {
    "seq": seq,
    "par": par,
    "cond": lambda one, other: cond("1 > 2", one, other),
    "loop": lambda one, other: loop(seq(one, other), limit=2),
    "nest": lambda one, other: seq(par(one, seq(other, one)), cond("1 < 2", loop(other, until="1 < 2"))),
}
"""Ways to put two together."""


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
@settings(max_examples=50)
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
@settings(max_examples=50)
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


def steady() -> Registry:
    """With an activity `work` that does the same in every run."""
    calls = Counter[str]()

    async def work(id: str) -> int:
        calls[id] += 1
        # No two pauses are equal, and none is that of a timer.
        await asyncio.sleep(0.1 + crc32(f"{id} {calls[id]}".encode()) / 2**32)
        return sum(map(ord, id)) * calls[id] % 6 if calls[id] <= 3 else 0

    made = Registry()
    made.add(describe(work))
    return made


@given(workflows(constructs=CONSTRUCTS))
@settings(max_examples=50)
def test_time_decides_as_before(workflow: Workflow) -> None:
    assume(check(workflow, steady()).ok)
    made = optimize(workflow, steady())
    assert check(made.workflow, steady()).ok, made
    assert ran(made.workflow, steady())[:2] == ran(workflow, steady())[:2], made
    assert optimize(made.workflow, steady()).changes == ()


@given(documents(), documents())
@settings(max_examples=40)
def test_any_document_is_taken_or_refused(one: Workflow, other: Workflow) -> None:
    assert optimize(optimize(one, {}).workflow, {}).changes == ()
    for make in MADE.values():
        with suppress(DefinitionError):
            made = make(one, other)
            assert len({node.id for node in made.nodes}) == len(made.nodes)
            assert decode(encode(made)) == made


@given(
    workflows(size=9, constructs=CONSTRUCTS), workflows(size=9, constructs=CONSTRUCTS), st.sampled_from(sorted(MADE))
)
@settings(max_examples=50)
def test_sound_parts_give_sound_wholes(one: Workflow, other: Workflow, what: str) -> None:
    for part in (one, other):
        assume(check(part, steady()).properties["sound"].verdict == "proved")
    try:
        made = MADE[what](one, other)
    except DefinitionError as error:
        assert "no way leads out" in str(error)  # noqa: PT017 - of a part that always fails, or waits for nothing
        return
    report = check(made, steady())
    assert report.ok, (report, encode(made))
    assert report.properties["sound"].verdict != "refuted"
    ran(made, steady())


@given(workflows(sound=False))
@settings(max_examples=40)
def test_what_is_not_sound_stays_so(workflow: Workflow) -> None:
    made = optimize(workflow, None)
    verdicts = [check(w, None).properties["sound"].verdict for w in (workflow, made.workflow)]
    assert verdicts[0] == verdicts[1], made


@pytest.mark.long
@given(programs(size=30), st.integers(0, 2**32))
@settings(max_examples=1_000, deadline=None)
@pytest.mark.timeout(900)
def test_many_more(program: Program, seed: int) -> None:
    before = built(program)
    made = optimize(before, registry())
    expected = Python()
    expected.run(program)
    for workflow in (before, made.workflow):
        output, values, _ = ran(workflow, registry(), seed)
        assert (output, values) == (expected.output, expected.values)
    assert optimize(made.workflow, registry()).changes == ()
