"""The result of a task that caches is used again: across runs and restarts, while code and arguments are the same."""

from __future__ import annotations

import dataclasses
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # noqa: TID253 - a test may
import pytest

from tests.unit.engine.kit import Activities
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import GuaranteeFailed
from wfnb.history import frames
from wfnb.machine.check import check
from wfnb.model.activity import describe
from wfnb.model.event import AlertRaised, TaskCompleted


@dataclasses.dataclass
class Opaque:
    """Without a codec."""

    n: int


def define(activities: Activities, gives: str = "[x, uuid.uuid4().hex]", **known: Any) -> None:
    """Run the cell that defines `work`; each of its calls gives something else."""
    cell: dict[str, Any] = {"__name__": "__main__", "uuid": uuid, "np": np, "pd": pd, "Opaque": Opaque, **known}
    exec(f"def work(x=0):\n    return {gives}", cell)
    activities.define(name="work")(cell["work"])


def cached(**options: Any) -> Flow:
    """One task that caches what `work` gives."""
    made = flow("cached", {"x": "any"})
    made.start >> made.task("t", "work", x="=input.x").options(cache=True, **options) >> made.end()
    return made


async def given(engine: Engine, x: Any, made: Flow | None = None) -> tuple[Any, str]:
    """The output of a run, and where it comes from."""
    run = engine.start(made or cached(), x=x)
    return await run, completed(run).given


def completed(run: Run) -> TaskCompleted:
    return next(record.event for record in run.records() if isinstance(record.event, TaskCompleted))


async def test_a_result_is_used_again(engine: Engine, activities: Activities) -> None:
    define(activities)
    first, how = await given(engine, 1)
    assert how == ""
    assert await given(engine, 1) == (first, "cache")
    other, how = await given(engine, 2)
    assert (other[0], how) == (2, "")


async def test_results_outlast_the_kernel(tmp_path: Path, activities: Activities) -> None:
    define(activities)
    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        first, _ = await given(engine, 1)
    define(activities)  # the cell was run again, unchanged
    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        assert await given(engine, 1) == (first, "cache")


async def test_no_result_is_used_when_the_code_has_changed(engine: Engine, activities: Activities) -> None:
    define(activities)
    await given(engine, 1)
    define(activities, "[-x, uuid.uuid4().hex]")
    output, how = await given(engine, 1)
    assert (output[0], how) == (-1, "")
    define(activities, "[-x * RATE, uuid.uuid4().hex]", RATE=2)
    assert (await given(engine, 1))[1] == ""
    define(activities, "[-x * RATE, uuid.uuid4().hex]", RATE=3)
    assert (await given(engine, 1))[1] == ""


@pytest.mark.parametrize("pair", [(1, 1.0), (1, True), ([1], (1,)), ("1", 1), ({"a": 1}, {"a": 2})])
async def test_arguments_are_the_same_only_with_their_types(
    engine: Engine, activities: Activities, pair: tuple[Any, Any]
) -> None:
    define(activities)
    await given(engine, pair[0])
    assert (await given(engine, pair[1]))[1] == ""


async def test_a_table_is_known_by_its_content(tmp_path: Path, activities: Activities) -> None:
    define(activities, "x.assign(at=uuid.uuid4().hex)")
    table = pd.DataFrame({"a": [1, 2]})
    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        first, _ = await given(engine, table)
        again, how = await given(engine, table.copy())
        assert how == "cache"
        assert again.equals(first)
        assert again is not first  # nobody can change it for the other
        table.loc[0, "a"] = 9
        assert (await given(engine, table))[1] == ""


async def test_a_history_in_memory_keeps_what_is_cached(engine: Engine, activities: Activities) -> None:
    define(activities, "np.array([uuid.uuid4().int % 1000, 1])")
    first, _ = await given(engine, 1)
    again, how = await given(engine, 1)
    assert how == "cache"
    assert np.array_equal(first, again)


async def test_what_can_not_be_stored_is_not_cached_and_the_run_says_why(
    engine: Engine, activities: Activities
) -> None:
    define(activities, "Opaque(x)")
    run = engine.start(cached(), x=1)
    assert await run == Opaque(1)
    (alert,) = [record.event for record in run.records() if isinstance(record.event, AlertRaised)]
    assert (alert.kind, alert.node) == ("cache", "t")
    assert alert.message.startswith("the result of task 't' is not cached: its result is a ")
    assert completed(run).key == ""
    assert (await given(engine, 1))[1] == ""


async def test_nor_is_what_is_made_of_something_that_can_not_be_told(engine: Engine, activities: Activities) -> None:
    define(activities, "[x, client is None]", client=object())
    run = engine.start(cached(), x=1)
    await run
    (alert,) = [record.event for record in run.records() if isinstance(record.event, AlertRaised)]
    assert "the global 'client' is a builtins.object" in alert.message


async def test_results_can_be_forgotten(tmp_path: Path, activities: Activities) -> None:
    define(activities)
    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        first, _ = await given(engine, 1)
        engine.forget_results("other")
        assert await given(engine, 1) == (first, "cache")
        engine.forget_results(activities["work"])
        second, how = await given(engine, 1)
        assert how == ""
        assert await given(engine, 1) == (second, "cache")
        engine.forget_results()
    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        assert (await given(engine, 1))[1] == ""


async def test_a_failure_is_not_cached(engine: Engine, activities: Activities) -> None:
    define(activities, "1 / x")
    for _ in range(2):
        run = engine.start(cached(), x=0)
        with pytest.raises(Exception, match="division"):
            await run


async def test_a_guarantee_holds_for_cached_results_too(engine: Engine, activities: Activities) -> None:
    define(activities, "x")
    await given(engine, 1)
    with pytest.raises(GuaranteeFailed):
        await engine.start(cached(ensures="t > 1"), x=1)


async def test_tables_say_that_a_result_was_cached(tmp_path: Path, activities: Activities) -> None:
    define(activities)
    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        for _ in range(2):
            run = engine.start(cached(), x=1)
            await run
        assert frames.tasks(engine.store, run.id)["note"].tolist() == ["cached"]
        assert run.at(run.state.seq) == run.state


async def test_a_task_that_does_not_cache_uses_nothing(engine: Engine, activities: Activities) -> None:
    define(activities)
    await given(engine, 1)
    made = flow("plain", {"x": "any"})
    made.start >> made.task("t", "work", x="=input.x") >> made.end()
    assert (await given(engine, 1, made))[1] == ""


async def test_retries_and_loops_use_results_of_their_own_run(engine: Engine, activities: Activities) -> None:
    define(activities)
    made = flow("twice", {"x": "any"})
    first, second = (made.task(id, "work", x="=input.x").options(cache=True) for id in ("a", "b"))
    made.start >> first >> second >> made.end(output="=[a, b]")
    a, b = await engine.start(made, x=1)
    assert a == b


def test_check_advises_where_no_result_can_be_cached() -> None:
    class Caller:
        def __call__(self, obj: Any) -> Any:
            return obj

    made = flow("bare")
    made.start >> made.task("t", "call").options(cache=True, arguments={"obj": 1}) >> made.end()
    assert not check(made.workflow, {"call": describe(lambda obj: obj, name="call")}).diagnostics
    found = check(made.workflow, {"call": describe(Caller(), name="call")}).diagnostics
    (advice,) = [one for one in found if one.code == "WF404"]
    assert (advice.severity, advice.nodes, advice.field) == ("advice", ("t",), "cache")
    assert "whose content can not be told" in advice.message
