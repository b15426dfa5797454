"""The kernel's side of the document editor, with a comm that only remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.widgets.view import View
from wfnb.author.registry import registry
from wfnb.engine.engine import Engine
from wfnb.model.activity import describe
from wfnb.widgets import editor

TEXT = """{"wfnb": 1, "name": "w", "nodes": [{"kind": "start", "id": "start"},
{"kind": "task", "id": "t", "activity": "editor_answer"}, {"kind": "end", "id": "end"}],
"edges": [{"source": "start", "target": "t"}, {"source": "t", "target": "end"}]}"""


class Comm:
    """What ipykernel gives: messages go out by `send` and come in through callbacks."""

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


@pytest.fixture(autouse=True)
def _answer() -> Iterator[None]:
    async def editor_answer() -> int:
        return 42

    registry.add(describe(editor_answer))
    yield
    editor.close()


async def test_a_document_is_checked_and_run_into_its_own_history(tmp_path: Path) -> None:
    comm = Comm()
    opened = editor.Editor(comm, tmp_path / "w.wf.json")
    comm.say(type="hello")
    comm.say(type="text", text=TEXT, revision=5)
    checked = await comm.view.until("checked", revision=5)
    assert checked["problems"] == []
    comm.say(type="run", input={})
    status = await comm.view.until("status", state="completed")
    assert status["nodes"]["t"]["value"] == "42"
    assert opened.session.run is not None
    assert (tmp_path / ".wfnb" / "history.duckdb").exists()
    comm.end({})


async def test_looking_for_runs_makes_no_history(tmp_path: Path) -> None:
    comm = Comm()
    editor.Editor(comm, tmp_path / "w.wf.json")
    comm.say(type="text", text=TEXT, revision=1)
    comm.say(type="for_runs", message={"type": "hello"})
    assert comm.view.of("from_runs")[-1]["message"] == {"type": "runs", "runs": []}
    assert not editor.history_of(tmp_path / "w.wf.json").parent.exists()
    comm.say(type="run", input={})
    ended = await comm.view.until("status", state="completed")
    listed = [told["message"] for told in comm.view.of("from_runs") if told["message"]["type"] == "runs"]
    assert [row["run"] for row in listed[-1]["runs"]] == [ended["run"]]
    comm.end({})
    again = Comm()
    editor.Editor(again, tmp_path / "w.wf.json")
    again.say(type="text", text=TEXT, revision=1)
    again.say(type="for_runs", message={"type": "hello"})
    listed = [told["message"] for told in again.view.of("from_runs") if told["message"]["type"] == "runs"]
    assert [row["run"] for row in listed[-1]["runs"]] == [ended["run"]]
    again.end({})


async def test_a_locked_history_is_said_in_the_editor(tmp_path: Path) -> None:
    history = editor.history_of(tmp_path / "w.wf.json")
    history.parent.mkdir()
    async with Engine(history):
        comm = Comm()
        editor.Editor(comm, tmp_path / "w.wf.json")
        comm.say(type="text", text=TEXT, revision=1)
        comm.say(type="run", input={})
        (failure,) = comm.view.of("failure")
    assert "history.duckdb" in failure["message"]


async def test_documents_of_one_folder_share_a_history_until_the_last_is_closed(tmp_path: Path) -> None:
    one, two = Comm(), Comm()
    editor.Editor(one, tmp_path / "a.wf.json")
    editor.Editor(two, tmp_path / "b.wf.json")
    engine = editor.engine_of(tmp_path / "a.wf.json")
    assert editor.engine_of(tmp_path / "b.wf.json") is engine
    one.end({})
    assert not engine.closed
    two.end({})
    assert engine.closed
    assert editor.engine_of(tmp_path / "a.wf.json") is not engine


def test_outside_a_kernel_there_is_nothing_to_register() -> None:
    editor.register()
