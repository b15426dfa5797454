"""Starts with a key: starting a run twice gives the same run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.unit.engine.kit import Activities, chain, until
from wfnb.author.flow import flow
from wfnb.engine.engine import Engine
from wfnb.errors import ActivityFailed, InputError, WfnbError


@pytest.fixture
def calls(activities: Activities) -> list[str]:
    ran: list[str] = []

    def define(name: str) -> None:
        @activities.define(name=name)
        async def body(value: Any = None) -> str:
            ran.append(name)
            await asyncio.sleep(0)
            if value == "bad":
                raise OSError(name)
            return name

    for name in "ab":
        define(name)
    return ran


async def test_starting_a_run_twice_with_one_key_gives_the_same_run(engine: Engine, calls: list[str]) -> None:
    made = chain("a", "b")
    run = engine.start(made, key="monday", when=(1, 2))
    assert engine.start(made, key="monday", when=(1, 2)) is run  # in progress
    assert await run == "b"
    again = engine.start(made, key="monday", when=[1, 2])
    assert (again.id, await again) == (run.id, "b")  # over
    assert engine.start(made, key="tuesday", when=(1, 2)).id != run.id
    assert engine.start(made, when=(1, 2)).id != run.id
    await until(lambda: not engine.runs)
    assert calls.count("a") == 3


async def test_another_definition_or_other_inputs_under_a_key_are_refused(engine: Engine, calls: list[str]) -> None:
    run = engine.start(chain("a"), key="k", n=1)
    with pytest.raises(InputError) as refused:
        engine.start(chain("a"), key="k", n=2)
    assert str(refused.value) == f"run '{run.id}' was started with the key 'k' and has other inputs\ngive another key"
    with pytest.raises(InputError, match="another definition"):
        engine.start(chain("a", "b"), key="k", n=1)
    await run
    assert calls == ["a"]


async def test_a_run_that_failed_is_given_too(engine: Engine, calls: list[str]) -> None:
    run = engine.start(chain("a", value="bad"), key="k")
    with pytest.raises(ActivityFailed):
        await run
    with pytest.raises(ActivityFailed):
        await engine.start(chain("a", value="bad"), key="k")
    assert calls == ["a"]


async def test_a_key_is_known_in_the_next_session_and_takes_up_what_was_left_open(
    tmp_path: Path, activities: Activities, calls: list[str]
) -> None:
    path, made = tmp_path / "h.duckdb", chain("a", "b")
    async with Engine(path, registry=activities) as engine:
        over = engine.start(made, key="over")
        await over
        left = engine.start(made, key="open", breakpoints=["b"])
        await until(lambda: left.rests(timers=True))
    calls.clear()
    async with Engine(path, registry=activities) as engine:
        assert await engine.start(made, key="over") == "b"
        again = engine.start(made, key="open")
        assert (again.id, again.status) == (left.id, "paused")
        again.resume()
        assert await again == "b"
        assert calls == ["b"]


async def test_inputs_that_are_called_as_options_are_given_as_a_mapping(engine: Engine, calls: list[str]) -> None:
    made = flow("keyed", {"key": "str"})
    made.start >> made.task("a", "a", value="=input.key") >> made.end()
    with pytest.raises(InputError, match="start it with input="):
        engine.start(made, key="x")
    assert await engine.start(made, input={"key": "x"}) == "a"
    assert calls == ["a"]


async def test_duplicate_signals_are_absorbed_by_id(engine: Engine) -> None:
    made = flow("signals")
    one, two = made.wait("one"), made.wait("two")
    made.start >> one
    one.on("go") >> two
    two.on("go") >> made.end(output="=[one, two]")
    run = engine.start(made)
    run.signal("go", 1, id="x")
    run.signal("go", 2, id="x")
    assert run.state.values == {"one": 1}
    run.signal("go", 3, id="y")
    assert await run == [1, 3]


async def test_a_signal_that_is_told_again_after_the_end_is_absorbed_too(engine: Engine) -> None:
    made = flow("signals")
    one = made.wait("one")
    made.start >> one
    one.on("go") >> made.end(output="=one")
    run = engine.start(made)
    run.signal("go", 1, id="x")
    assert await run == 1
    run.signal("go", 1, id="x")
    await run.send("go", 1, id="x")
    with pytest.raises(WfnbError, match="is over: it completed"):
        run.signal("go", 1, id="y")


@pytest.mark.parametrize("bad", [0, 3, None, True, b"x", ["x"], "\ud800", object()])
async def test_an_id_or_a_key_that_can_not_be_recorded_is_refused(tmp_path: Path, bad: Any) -> None:
    """It would be found unreadable, and the history damaged, when the run is resumed."""
    made = flow("signals")
    one = made.wait("one")
    made.start >> one
    one.on("go") >> made.end(output="=one")
    async with Engine(tmp_path / "h.duckdb") as engine:
        with pytest.raises(InputError, match=r"the key.* (no text|half a character)"):
            engine.start(made, key=bad)
        assert not engine.runs
        run = engine.start(made)
        with pytest.raises(InputError, match=r"the id of signal 'go'.* (no text|half a character)"):
            run.signal("go", 1, id=bad)
        with pytest.raises(InputError, match=r"the id of signal 'go'.* (no text|half a character)"):
            await run.send("go", 1, id=bad)
    async with Engine(tmp_path / "h.duckdb") as engine:
        (again,) = await engine.resume()
        again.signal("go", 2, id="2")
        assert await again == 2
