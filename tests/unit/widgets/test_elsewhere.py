"""What a document calls that does not belong to it, as a canvas is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.unit.widgets.view import View, opened
from wfnb.author.document import Document
from wfnb.author.edits import AddNode, RemoveNode
from wfnb.author.registry import Registry, Workflows, registry
from wfnb.author.source import from_python
from wfnb.engine.engine import Engine
from wfnb.model.activity import describe
from wfnb.model.codec import encode
from wfnb.model.workflow import Call, Edge, End, Map, Node, Start, Task, Workflow
from wfnb.widgets import elsewhere
from wfnb.widgets.elsewhere import foreign
from wfnb.widgets.opened import open_flow
from wfnb.widgets.session import DesignSession


def row(name: str, *nodes: Node, **more: Any) -> Workflow:
    """Nodes one after the other."""
    every = (Start("start"), *nodes, End("end", output="=" + nodes[-1].id))
    pairs = pairwise(every)
    return Workflow(name=name, nodes=every, edges=tuple(Edge(source=a.id, target=b.id) for a, b in pairs), **more)


PART = row("part", Task("more", activity="double", arguments={"x": 4}))


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    registry = Registry()

    async def double(x: int) -> int:
        return 2 * x

    registry.add(describe(double))
    registry.workflows.add(PART)
    async with Engine(None, registry=registry) as made:
        yield made


def told(view: View) -> dict[str, Any]:
    """What the canvas was told last."""
    found: dict[str, Any] = view.of("elsewhere")[-1].get("workflows", {})
    return found


def test_everything_is_found_that_is_called_from_outside_and_from_there(tmp_path: Path) -> None:
    (tmp_path / "far.wf.json").write_text(encode(row("far", Call("c", workflow="part"), Call("own", workflow="mid"))))
    (tmp_path / "broken.wf.json").write_text("{")
    mid = row("mid", Map("m", items=[], workflow="far.wf.json"), Call("b", workflow="broken.wf.json"))
    known = Workflows()
    known.add(PART)
    known.add(row("mid", Call("c", workflow="gone")))
    found = foreign(row("main", Call("own", workflow="mid"), workflows={"mid": mid}), known, tmp_path)
    assert [(name, one.file) for name, one in found.items()] == [
        ("far.wf.json", "far.wf.json"),
        ("broken.wf.json", "broken.wf.json"),
        ("part", ""),
        ("mid", ""),  # the file knows nothing of what belongs to the document
        ("gone", ""),
    ]
    assert found["part"].document is PART
    assert found["broken.wf.json"].why.startswith("broken.wf.json is not JSON")
    assert "unknown workflow 'gone'" in found["gone"].why


async def test_a_view_is_told_of_it_when_it_opens_and_whenever_it_changes(engine: Engine) -> None:
    view, session = opened(engine, row("main", Call("c", workflow="part")))
    assert told(view)["part"]["document"]["nodes"][1]["activity"] == "double"
    engine.registry.workflows.add(row("part", Task("more", activity="other")))
    assert told(view)["part"]["document"]["nodes"][1]["activity"] == "other"
    session.document.apply([AddNode(node=Call("d", workflow="lost"))])
    assert "unknown workflow 'lost'" in told(view)["lost"]["why"]
    count = len(view.of("elsewhere"))
    session.document.apply([AddNode(node=Task("t", activity="double"))])
    assert len(view.of("elsewhere")) == count
    session.document.apply([RemoveNode(id="d")])
    assert [*told(view)] == ["part"]
    session.close()


async def test_a_file_is_followed_where_the_document_lies(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "LOOK_EVERY", 0)
    file, view = tmp_path / "part.wf.json", View()
    document = Document(row("main", Call("c", workflow="part.wf.json")))
    session = DesignSession(document, lambda: engine, view, registry=engine.registry, folder=tmp_path)
    session.receive({"type": "hello"})
    assert "there is no such file" in told(view)["part.wf.json"]["why"]
    file.write_text(encode(PART))
    await view.until("elsewhere", lambda told: "document" in told["workflows"]["part.wf.json"])
    assert await session.start({}) == 8
    # What was compiled with the file as it was is not run again.
    file.write_text(encode(row("part", Task("more", activity="double", arguments={"x": 5}))))
    assert await session.start({}) == 10
    session.close()


async def test_problems_inside_are_told_with_where_they_are(engine: Engine) -> None:
    own = row("leaf", Task("tip", activity="missing"))
    engine.registry.workflows.add(row("part", Call("deep", workflow="leaf"), workflows={"leaf": own}))
    view, session = opened(engine, row("main", Call("c", workflow="part")))
    checked = await view.until("checked")
    inside = [p for p in checked["problems"] if p.get("foreign") == "part" and p.get("path") == ["leaf"]]
    assert [(p["code"], p["nodes"]) for p in inside] == [("WF201", ["tip"])]
    session.close()


async def test_its_python_is_told_and_why_there_is_none(engine: Engine) -> None:
    view, session = opened(engine, row("main", Call("c", workflow="part"), Call("d", workflow="lost")))
    for id, name in enumerate(("part", "lost", "never")):
        session.receive({"type": "ask_source", "client": "v", "id": id, "foreign": name})
    (source,) = view.of("source")
    assert from_python(source["text"]) == PART
    lost, never = (failure["message"] for failure in view.of("failure"))
    assert "unknown workflow 'lost'" in lost
    assert never == "nothing calls 'never' any more\ngo back to the document"
    session.close()


async def test_a_run_stops_inside_and_tells_how_it_stands_there(engine: Engine) -> None:
    view, session = opened(engine, row("main", Call("c", workflow="part")))
    session.receive({"type": "breakpoints", "nodes": ["c/more"]})
    session.receive({"type": "inside", "calls": ["c"]})
    session.receive({"type": "run"})
    inside = await view.until("inside_status", lambda told: told.get("status", {}).get("state") == "paused")
    assert inside["status"]["nodes"]["more"]["state"] == "ready"
    session.receive({"type": "pin", "node": "c/more", "value": 3})
    session.receive({"type": "steer", "action": "resume"})
    assert session.run is not None
    assert await session.run == 3
    session.close()


def test_a_name_opens_what_is_defined_and_calls_run_what_is_drawn_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "workflows", Workflows())
    registry.workflows.add(PART)
    made = open_flow("part").flow
    assert made.workflow == PART
    made.document.apply([AddNode(node=Task("new", activity="double"))])
    assert registry.workflows["part"] is made.workflow
    assert open_flow("part").flow.document is made.document


async def test_nobody_looks_any_more_when_the_view_is_closed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "LOOK_EVERY", 0)
    view, session = opened(engine, row("main", Call("c", workflow="no.wf.json")))
    session.close()
    view.got.clear()
    await asyncio.sleep(0)
    assert view.of("elsewhere") == []
