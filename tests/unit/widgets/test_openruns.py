"""The kernel's side of the list of runs: what open engines hold, and what is read from a file that nobody has open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.widgets.view import View
from wfnb.author.registry import Registry
from wfnb.engine import opened
from wfnb.engine.engine import Engine
from wfnb.engine.opened import open_engines
from wfnb.errors import StoreLocked, UnknownName
from wfnb.model.activity import describe
from wfnb.model.workflow import Edge, End, Start, Task, Workflow
from wfnb.widgets import openruns
from wfnb.widgets.openruns import OpenRuns, RunPage


class Comm:
    def __init__(self) -> None:
        self.view = View()
        self.send = self.view
        self.receive: Callable[[dict[str, Any]], None]
        self.end: Callable[[dict[str, Any]], None]

    def on_msg(self, callback: Callable[[dict[str, Any]], None]) -> None:
        self.receive = callback

    def on_close(self, callback: Callable[[dict[str, Any]], None]) -> None:
        self.end = callback

    def say(self, **message: Any) -> None:
        self.receive({"content": {"data": message}})


def one_task(activity: str) -> Workflow:
    return Workflow(
        name=activity,
        nodes=(Start("start"), Task("t", activity=activity), End("end", output="=t")),
        edges=(Edge(source="start", target="t"), Edge(source="t", target="end")),
    )


@pytest.fixture
def registry() -> Registry:
    known = Registry()

    async def answer() -> int:
        return 42

    async def hang() -> None:
        await asyncio.Event().wait()

    known.add(describe(answer))
    known.add(describe(hang))
    return known


async def recorded(file: Path, registry: Registry) -> str:
    """A history with one run in it; gives its id."""
    async with Engine(file, registry=registry) as engine:
        run = engine.start(one_task("answer"))
        await run
    return run.id


async def test_a_panel_follows_the_runs_of_open_engines(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "_opened", type(opened._opened)())  # no engines of other tests
    async with Engine(registry=registry) as engine:
        assert engine in open_engines()
        comm = Comm()
        OpenRuns(comm)
        run = engine.start(one_task("hang"))
        found = await comm.view.until("runs", lambda message: bool(message["runs"]))
        assert run.id in [row["run"] for row in found["runs"]]
        run.pause()
        await comm.view.until("runs", lambda message: {"paused"} == {row["state"] for row in message["runs"]})
        run.cancel()
        await comm.view.until("runs", lambda message: {"cancelled"} == {row["state"] for row in message["runs"]})
        comm.end({})
    assert engine not in open_engines()


async def test_a_history_that_nobody_has_open_is_read_and_left_free(tmp_path: Path, registry: Registry) -> None:
    file = tmp_path / "history.duckdb"
    comm = Comm()
    OpenRuns(comm, file)
    assert comm.view.got == [{"type": "runs", "runs": []}]
    assert not file.exists()
    run = await recorded(file, registry)
    comm.say(type="hello")
    (row,) = comm.view.got[-1]["runs"]
    assert (row["run"], row["name"], row["state"]) == (run, "answer", "completed")
    async with Engine(file):
        with pytest.raises(StoreLocked):
            Engine(file)
        comm.say(type="hello")
    assert comm.view.got[-1]["type"] == "failure"


async def test_a_run_from_a_file_is_shown_at_any_event_while_others_have_the_file(
    tmp_path: Path, registry: Registry
) -> None:
    file = tmp_path / "history.duckdb"
    run = await recorded(file, registry)
    comm = Comm()
    page = RunPage(comm, run, file)
    comm.say(type="hello")
    frame = await comm.view.until("frame")
    assert frame["status"]["state"] == "completed"
    async with Engine(file):
        comm.say(type="seek", at=1)
        assert comm.view.of("frame")[-1]["at"] == 1
    page.close()


async def test_a_run_of_an_open_engine_is_shown_live(registry: Registry) -> None:
    async with Engine(registry=registry) as engine:
        run = engine.start(one_task("hang"))
        comm = Comm()
        page = RunPage(comm, run.id)
        comm.say(type="hello")
        await comm.view.until("frame", live=True)
        comm.say(type="cancel")
        await comm.view.until("frame", lambda frame: frame["status"]["state"] == "cancelled")
        page.close()
        gone = Comm()
        RunPage(gone, "nobody")
        assert "no open history has the run 'nobody'" in gone.view.of("failure")[0]["message"]
        with pytest.raises(UnknownName):
            openruns.holder_of("nobody")
