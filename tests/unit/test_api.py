"""The verbs of a notebook, and the one default session behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import wfnb as wf
from wfnb.author.registry import registry
from wfnb.formats.wfformat import ACTIVITY


@pytest.fixture(autouse=True)
def _own_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session and activities that are gone after a test."""
    monkeypatch.setattr(registry, "_known", dict(registry._known))
    wf.connect()
    yield
    wf.close()


def doubled() -> wf.Flow:
    @wf.activity
    async def double(x: int) -> int:
        return 2 * x

    flow = wf.flow("doubled")
    flow.start >> flow.task("a", double, x="=input.x") >> flow.end()
    return flow


async def test_the_example_of_the_design_page(tmp_path: Path) -> None:
    wf.connect(tmp_path / "history.duckdb")
    flow = doubled()
    assert wf.check(flow).ok
    assert wf.compile(flow).ids == ("start", "a", "end")
    run = wf.start(flow, x=21)
    assert run.status == "running"
    assert await run == 42
    assert list(wf.runs()["run"]) == [run.id]
    assert wf.sql("select count(*) n from events where run = ?", [run.id])["n"].tolist() == [4]
    assert run.events()["type"].tolist() == ["RunStarted", "TaskStarted", "TaskCompleted", "RunCompleted"]
    assert run.tasks()["node"].tolist() == ["a"]
    assert run.at(2).status == "running"
    wf.close()
    wf.close()
    wf.connect(tmp_path / "history.duckdb")
    assert await wf.run(run.id[:-1]) == 42
    assert await wf.resume() == []


async def test_without_connect_the_history_is_in_memory() -> None:
    run = wf.start(doubled(), input={"x": 1})
    assert await run == 2
    assert len(wf.runs()) == 1
    wf.connect()
    assert len(wf.runs()) == 0


async def test_connecting_again_closes_the_one_before(tmp_path: Path) -> None:
    first = wf.connect(tmp_path / "a.duckdb")
    second = wf.connect(tmp_path / "a.duckdb", durability="async")
    assert first.closed
    assert not second.closed


async def test_a_session_has_a_durability_and_a_strategy(tmp_path: Path) -> None:
    most = at_once = 0

    @wf.activity
    async def work() -> None:
        nonlocal most, at_once
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1

    flow = wf.flow("wide")
    flow.start >> flow.fork("fork") >> [flow.task(f"t{n}", work) for n in range(5)] >> flow.join("join") >> flow.end()
    engine = wf.connect(tmp_path / "history.duckdb", durability="exit", strategy="parallel(2)")
    run = wf.start(flow)
    await asyncio.sleep(0)
    assert engine.store.heads() == []  # of a run that is not over nothing is on the disk
    await run
    assert [head.status for head in engine.store.heads()] == ["completed"]
    assert most == 2
    with pytest.raises(ValueError, match="strategy is 'all'"):
        wf.connect(strategy="all")
    with pytest.raises(ValueError, match="durability is 'never'"):
        wf.connect(durability="never")  # type: ignore[arg-type]


async def test_a_flow_a_workflow_a_path_or_a_machine(tmp_path: Path) -> None:
    flow = doubled()
    file = wf.save(flow, tmp_path / "x.wf.json")
    assert wf.load(file) == flow.workflow
    assert wf.save(str(file), tmp_path / "y.wf.json").read_text() == file.read_text()
    for given in (flow, flow.workflow, file, str(file), wf.compile(flow)):
        assert wf.check(given).ok
        assert await wf.start(given, x=1) == 2


def test_a_loaded_workflow_finds_the_built_in_activity() -> None:
    wf.check(wf.Workflow())
    assert ACTIVITY in registry


async def test_while_an_activity_blocks_another_cell_answers() -> None:
    import time

    @wf.activity
    def blocked() -> None:
        time.sleep(0.3)

    flow = wf.flow("blocked")
    flow.start >> flow.task("a", blocked) >> flow.end()
    run = wf.start(flow)
    slowest, loop = 0.0, asyncio.get_running_loop()
    while run.status == "running":
        began = loop.time()
        await asyncio.sleep(0.001)
        slowest = max(slowest, loop.time() - began)
    assert slowest < 0.2


async def test_a_history_that_was_named_is_never_replaced_by_memory(tmp_path: Path) -> None:
    named = tmp_path / "history.duckdb"
    (tmp_path / "history.duckdb").write_bytes(b"this is no history")
    with pytest.raises(wf.StoreCorrupt):
        wf.connect(named)
    with pytest.raises(wf.WfnbError, match=r"is not open\nwf.connect\("):
        wf.runs()
    named.unlink()
    wf.connect(named)
    wf.close()
    with pytest.raises(wf.WfnbError, match="is not open"):
        wf.runs()
    assert wf.check(wf.flow("w")).diagnostics  # needs no history
    wf.connect()
    assert wf.runs().empty


@pytest.mark.parametrize("verb", [wf.run, wf.show, wf.gantt])
async def test_a_run_that_is_not_there_is_told_with_its_history(verb: Any, tmp_path: Path) -> None:
    with pytest.raises(wf.UnknownName, match=r"no run of the history in memory is called 'x'\nit has none yet"):
        verb("x")
    with pytest.raises(TypeError, match=r"None is no run\ngive a run, or its id"):
        verb(None)
    wf.connect(tmp_path / "h.duckdb")
    with pytest.raises(wf.UnknownName, match=r"no run of the history '.*h.duckdb' is called 'x'"):
        verb("x")


def test_activities_of_wfnb_itself_are_not_offered() -> None:
    flow = wf.flow("typo")
    flow.start >> flow.task("t", "wfformt_task") >> flow.end()
    assert "wfformat_task" not in wf.check(flow).diagnostics[0].help


async def test_the_list_of_runs_says_what_they_wait_for_and_whose_children_they_are() -> None:
    inner = wf.flow("inner")
    inner.start >> inner.approval("boss", "May I?") >> inner.end()
    outer = wf.flow("outer")
    outer.start >> outer.call("child", inner) >> outer.end()
    run = wf.start(outer)
    for _ in range(50):  # turns of the loop, far more than it takes
        await asyncio.sleep(0)
    assert run.status == "waiting"
    listed = wf.runs()[["run", "parent", "status", "waits_for"]].to_numpy().tolist()
    text = "an answer at 'boss'"
    assert listed == [[run.id, "", "waiting", text], [f"{run.id}/child", run.id, "waiting", text]]
    wf.run(f"{run.id}/child").approve("boss", True)
    assert await run is True
    assert wf.runs()["waits_for"].tolist() == [None, None]
    assert run.tasks()[["node", "kind", "status"]].to_numpy().tolist() == [["child", "call", "completed"]]


async def test_a_saved_workflow_brings_what_it_calls(tmp_path: Path) -> None:
    outer = wf.flow("outer")
    outer.start >> outer.call("child", doubled(), x=4) >> outer.end()
    file = wf.save(outer, tmp_path / "outer.wf.json")
    assert set(outer.workflow.workflows) == set()
    assert set(wf.load(file).workflows) == {"doubled"}
    assert await wf.start(file) == 8
