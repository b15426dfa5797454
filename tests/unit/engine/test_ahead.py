"""Many runs are taken up, and looked at, without asking the database for each of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.patterns.kit import given
from tests.unit.engine.kit import Activities, until
from wfnb.author.flow import Flow, flow
from wfnb.engine import ahead
from wfnb.engine.ahead import Ahead
from wfnb.engine.engine import Engine
from wfnb.engine.past import past_state
from wfnb.engine.run import Run
from wfnb.errors import ActivityFailed
from wfnb.store.duckdb import DuckDBStore

RUNS = 60


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the database was asked."""
    statements: list[str] = []
    rows = DuckDBStore._rows

    def counted(self: DuckDBStore, sql: str, *given: Any) -> list[Any]:
        statements.append(sql)
        return rows(self, sql, *given)

    monkeypatch.setattr(DuckDBStore, "_rows", counted)
    return statements


async def test_many_runs_are_taken_up_at_once(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = flow("waits")
    wait = made.wait("wait")
    made.start >> wait
    wait.on("go") >> made.end(output="=wait")
    async with Engine(tmp_path / "h.duckdb") as engine:
        for _ in range(RUNS):
            engine.start(made)
    monkeypatch.setattr(ahead, "MANY", RUNS // 2)
    async with Engine(tmp_path / "h.duckdb") as engine:
        asked.clear()
        assert len(engine.waiting()) == RUNS
        runs = await engine.resume()
        assert len(asked) < RUNS / 3, asked
        assert len({run.machine for run in runs}) == 1
        for number, run in enumerate(runs):
            run.signal("go", number)
        assert await asyncio.gather(*runs) == [*range(RUNS)]


@pytest.mark.parametrize("long", [1_000, 10])
async def test_so_are_many_children(
    long: int, tmp_path: Path, asked: list[str], activities: Activities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "LONG", long)  # in the second case the parent is read by itself
    begun: list[int] = []

    @activities.define()
    async def work(n: int) -> int:
        begun.append(n)
        await (asyncio.sleep(0) if len(begun) > RUNS else asyncio.Event().wait())
        return n

    made = flow("maps", {"numbers": "list"})
    made.start >> made.map("each", "work", "=input.numbers", n="=item") >> made.end(output="=each")
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        engine.start(made, numbers=[*range(RUNS)])
        await until(lambda: len(begun) == RUNS)
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        asked.clear()
        (run,) = await engine.resume()
        assert len(asked) < RUNS / 2, asked
        assert await run == [*range(RUNS)]
    assert sorted(begun) == sorted([*range(RUNS)] * 2)


async def test_what_is_read_ahead_is_what_is_read(tmp_path: Path) -> None:
    made = flow("waits")
    wait = made.wait("wait")
    made.start >> wait
    wait.on("go") >> made.end(output="=wait")
    async with Engine(tmp_path / "h.duckdb") as engine:
        ids = [engine.start(made).id for _ in range(5)]
        engine.run(ids[1]).pause()
        store = engine.store
        read = Ahead(store, ids[:3])
        for id in [*ids, "unknown"]:
            for start, stop in ((1, None), (1, 2), (2, None), (1, 100)):
                assert read.read(id, start, stop) == store.read(id, start, stop)
            assert read.migrations(id) == store.migrations(id)
            assert read.snapshot(id) == store.snapshot(id)
        for id in ids:
            assert past_state(read, id)[1] == past_state(store, id)[1]


async def test_what_a_run_that_is_taken_up_changes_in_others_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nested(then: str) -> Flow:
        leaf, mid, outer = Flow("leaf"), Flow("mid"), Flow("outer")
        wait = leaf.wait("wait")
        leaf.start >> wait
        wait.on("go") >> leaf.end(then, output=f"='{then}'")
        mid.start >> mid.call("leaf", "leaf") >> mid.end(output="=leaf")
        outer.start >> outer.call("mid", "mid") >> outer.end(output="=mid")
        return given(outer, given(mid, leaf))

    async with Engine(tmp_path / "h.duckdb") as engine:
        runs = [engine.start(nested("old")) for _ in range(2)]
        await until(lambda: len(engine.runs) == 6)
        with monkeypatch.context() as patch:  # as where the process dies before its children have followed, too
            follow = Run.follow
            patch.setattr(Run, "follow", lambda run, image: None if run.parent else follow(run, image))
            runs[0].migrate(nested("new"))
    async with Engine(tmp_path / "h.duckdb") as engine:
        again = await engine.resume()
        for run in [*engine.runs.values()]:
            if run.id.endswith("leaf"):
                run.signal("go")
        assert {await run for run in again} == {"new", "old"}


async def test_children_of_a_run_that_is_tried_again_are_read_at_once(
    tmp_path: Path, asked: list[str], activities: Activities
) -> None:
    bad = {RUNS - 1}

    @activities.define()
    async def work(n: int) -> int:
        await asyncio.sleep(0)
        if n in bad:
            raise OSError
        return n

    made = flow("maps", {"numbers": "list"})
    made.start >> made.map("each", "work", "=input.numbers", n="=item") >> made.end(output="=each")
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(made, numbers=[*range(RUNS)])
        with pytest.raises(ActivityFailed):
            await run
        bad.clear()
        asked.clear()
        run.retry()
        assert await run == [*range(RUNS)]
        assert len(asked) < RUNS / 2, asked
        assert len(engine.store.heads()) == RUNS + 1
