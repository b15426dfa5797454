"""The kernel's side of a designer: what it answers, and that every view of a document ends up equal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from tests.unit.widgets.view import View
from wfnb.author.document import Document
from wfnb.author.edits import AddEdge, AddNode
from wfnb.author.flow import flow
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.model.activity import describe
from wfnb.model.workflow import Choice, Edge, End, Retry, Start, Task, Workflow
from wfnb.widgets.session import DesignSession

DOCUMENT = Workflow(
    name="w",
    nodes=(Start("start"), Task("a", activity="double", arguments={"x": "=input.x"}), End("end")),
    edges=(Edge(source="start", target="a"), Edge(source="a", target="end")),
    inputs={"x": "int"},
)


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    registry = Registry()

    async def double(x: int) -> int:
        """Twice x."""
        return 2 * x

    async def forever(x: int) -> int:
        await asyncio.Event().wait()
        return x

    registry.add(describe(double))
    registry.add(describe(forever))
    async with Engine(None, registry=registry) as made:
        yield made


def opened(document: Document, engine: Engine) -> tuple[View, DesignSession]:
    view = View()
    session = DesignSession(document, lambda: engine, view, registry=engine.registry)
    session.receive({"type": "hello"})
    return view, session


async def test_a_view_that_opens_gets_document_activities_and_check(engine: Engine) -> None:
    view, _ = opened(Document(DOCUMENT), engine)
    (document,) = view.of("document")
    assert [node["id"] for node in document["document"]["nodes"]] == ["start", "a", "end"]
    (activities,) = view.of("activities")
    assert activities["activities"][0] == {
        "name": "double",
        "parameters": [{"name": "x", "type": "int"}],
        "returns": "int",
        "doc": "Twice x.",
    }
    checked = await view.until("checked")
    assert checked["problems"] == []
    verdicts = {p["name"]: p["verdict"] for p in checked["properties"]}
    assert verdicts["sound"] == "proved"


async def test_an_edit_reaches_every_view_and_undo_takes_it_back_everywhere(engine: Engine) -> None:
    document = Document(DOCUMENT)
    one, session = opened(document, engine)
    two, other = opened(document, engine)
    edit = {"op": "add_node", "node": {"kind": "choice", "id": "c"}, "position": [10, 20]}
    session.receive({"type": "edit", "client": "v1", "id": 1, "label": "add c", "edits": [edit]})
    assert document.workflow.node("c") == Choice("c")
    for view in (one, two):
        (edited,) = view.of("edited")
        assert (edited["revision"], edited["client"], edited["id"], edited["undo"]) == (1, "v1", 1, "add c")
        assert edited["edits"] == [edit]
    other.receive({"type": "undo"})
    assert document.workflow == DOCUMENT
    assert [view.of("edited")[-1]["revision"] for view in (one, two)] == [2, 2]
    session.receive({"type": "redo"})
    assert document.workflow.layout == {"c": (10, 20)}


async def test_an_edit_that_does_not_fit_is_rejected_to_its_view_alone(engine: Engine) -> None:
    document = Document(DOCUMENT)
    one, session = opened(document, engine)
    two, _ = opened(document, engine)
    session.receive(
        {"type": "edit", "client": "v1", "id": 7, "label": "x", "edits": [{"op": "remove_node", "id": "nobody"}]}
    )
    (rejected,) = one.of("rejected")
    assert rejected["id"] == 7
    assert rejected["message"].startswith("there is no node 'nobody'")
    assert two.of("rejected") == []
    assert document.workflow == DOCUMENT


async def test_python_edits_appear_on_the_canvas(engine: Engine) -> None:
    drawn = flow("w")
    view, _ = opened(drawn.document, engine)
    drawn.end("over")
    (edited,) = view.of("edited")
    assert edited["edits"] == [{"op": "add_node", "node": {"kind": "end", "id": "over"}}]


async def test_a_message_that_is_none_is_answered_and_changes_nothing(engine: Engine) -> None:
    view, session = opened(Document(DOCUMENT), engine)
    session.receive({"type": "format the disk"})
    session.receive({"type": "edit", "client": "v", "id": 1, "label": "", "edits": [{"op": "exec"}]})
    assert len(view.of("failure")) == 2
    assert session.document.workflow == DOCUMENT


async def test_problems_name_nodes_edges_and_fields(engine: Engine) -> None:
    document = Document(DOCUMENT)
    view, _ = opened(document, engine)
    await view.until("checked", revision=0)
    document.apply(
        [AddNode(node=Task("b", activity="dubble", arguments={})), AddEdge(edge=Edge(source="b", target="end"))]
    )
    problems = (await view.until("checked", revision=1))["problems"]
    assert {(p["code"], p["nodes"][0], p.get("field", "")) for p in problems} == {
        ("WF102", "b", ""),
        ("WF201", "b", "activity"),
    }
    assert any("Did you mean 'double'?" in p["help"] for p in problems)


async def test_an_activity_defined_later_appears_at_once(engine: Engine) -> None:
    view, _ = opened(Document(DOCUMENT), engine)

    def later() -> None: ...

    assert isinstance(engine.registry, Registry)
    engine.registry.add(describe(later))
    assert [a["name"] for a in view.of("activities")[-1]["activities"]] == ["double", "forever", "later"]


async def test_run_shows_every_node_and_a_late_view_gets_a_snapshot(engine: Engine) -> None:
    document = Document(DOCUMENT)
    view, session = opened(document, engine)
    session.receive({"type": "run", "input": {"x": 21}})
    assert session.run is not None
    assert await session.run == 42
    status = await view.until("status", state="completed")
    assert {id: node["state"] for id, node in status["nodes"].items()} == dict.fromkeys(
        ["start", "a", "end"], "completed"
    )
    assert status["nodes"]["a"]["value"] == "42"
    assert status["edges"] == {"0": 1, "1": 1}
    session.receive({"type": "hello"})
    assert view.of("status")[-1]["full"] is True


async def test_run_that_can_not_start_says_why(engine: Engine) -> None:
    view, session = opened(Document(DOCUMENT), engine)
    session.receive({"type": "run", "input": {}})
    (failure,) = view.of("failure")
    assert failure["message"] == "workflow 'w' needs the input 'x'\nstart it with x=..."
    assert session.run is None


async def test_cancel_ends_the_run(engine: Engine) -> None:
    document = Document(DOCUMENT)
    view, session = opened(document, engine)
    task = Task("a", activity="forever", arguments={"x": "=input.x"})
    session.receive(
        {
            "type": "edit",
            "client": "v",
            "id": 1,
            "label": "",
            "edits": [{"op": "set_node", "id": "a", "node": {"kind": "task", **_plain(task)}}],
        }
    )
    session.receive({"type": "run", "input": {"x": 1}})
    await view.until("status", state="running")
    session.receive({"type": "cancel"})
    status = await view.until("status", state="cancelled")
    assert status["nodes"]["a"]["state"] == "cancelled"


async def test_a_thousand_updates_are_a_handful_of_messages(engine: Engine) -> None:
    nodes: list[Any] = [Start("start")]
    edges, last = [], "start"
    for index in range(500):
        nodes.append(Task(f"t{index}", activity="double", arguments={"x": index}))
        edges.append(Edge(source=last, target=f"t{index}"))
        last = f"t{index}"
    nodes.append(End("end"))
    edges.append(Edge(source=last, target="end"))
    view, session = opened(Document(Workflow(name="long", nodes=tuple(nodes), edges=tuple(edges))), engine)
    session.receive({"type": "run", "input": {}})
    assert session.run is not None
    await session.run
    final = await view.until("status", state="completed")
    assert len(final["nodes"]) == 502
    assert len(view.of("status")) < 30


async def test_a_closed_session_hears_nothing(engine: Engine) -> None:
    document = Document(DOCUMENT)
    view, session = opened(document, engine)
    session.close()
    heard = len(view.got)
    document.apply([AddNode(node=End("more"))])
    assert len(view.got) == heard


async def test_the_document_editors_text_is_followed(engine: Engine) -> None:
    view, session = opened(Document(Workflow(name="empty")), engine)
    session.receive(
        {"type": "text", "revision": 3, "text": '{"wfnb": 1, "name": "t", "nodes": [{"kind": "start", "id": "s"}]}'}
    )
    assert session.document.workflow.name == "t"
    codes = {p["code"] for p in (await view.until("checked", revision=3))["problems"]}
    assert "WF106" in codes
    session.receive({"type": "text", "revision": 4, "text": "{"})
    assert "is not JSON" in view.of("document")[-1]["unreadable"]
    assert session.document.workflow.name == "t"


def _plain(task: Task) -> dict[str, Any]:
    return {"id": task.id, "activity": task.activity, "arguments": task.arguments}


async def test_an_input_that_is_drawn_is_declared_in_the_same_gesture(engine: Engine) -> None:
    document = Document(Workflow(name="w", nodes=DOCUMENT.nodes, edges=DOCUMENT.edges))
    view, session = opened(document, engine)
    node = {"kind": "task", "id": "a", "activity": "double", "arguments": {"x": "=input.size"}}
    edit = {"op": "set_node", "id": "a", "node": node}
    session.receive({"type": "edit", "client": "v", "id": 1, "label": "x", "edits": [edit]})
    assert document.workflow.inputs == {"size": "int"}
    (edited,) = view.of("edited")
    assert edited["edits"] == [edit, {"op": "set_workflow", "inputs": {"size": "int"}}]
    close = {**node, "arguments": {"x": "=input.sizes"}}  # more likely misspelt than new
    session.receive(
        {"type": "edit", "client": "v", "id": 2, "label": "x", "edits": [{"op": "set_node", "id": "a", "node": close}]}
    )
    assert document.workflow.inputs == {"size": "int"}
    codes = {p["code"] for p in (await view.until("checked", revision=2))["problems"]}
    assert codes == {"WF206"}
    document.undo()
    document.undo()
    assert document.workflow.inputs == {}


async def test_a_failed_node_carries_its_error_and_traceback_and_activities_their_own_limits(engine: Engine) -> None:
    async def breaks(x: int) -> int:
        raise ValueError("never\n" + "y" * 9_000 * x)

    assert isinstance(engine.registry, Registry)
    engine.registry.add(describe(breaks, retry=Retry(attempts=1, delay=0), timeout=5.0))
    workflow = msgspec.structs.replace(
        DOCUMENT, nodes=(Start("start"), Task("a", activity="breaks", arguments={"x": 1}), End("end"))
    )
    view, session = opened(Document(workflow), engine)
    offered = {a["name"]: a for a in view.of("activities")[-1]["activities"]}
    assert offered["breaks"]["retry"] == {"attempts": 1, "delay": 0}
    assert offered["breaks"]["timeout"] == 5.0
    session.receive({"type": "run", "input": {"x": 1}})
    node = (await view.until("status", state="failed"))["nodes"]["a"]
    assert node["error"].startswith("ValueError: never")
    assert 0 < len(node["traceback"]) <= 4_000
    assert "traceback" not in (await view.until("status", state="failed"))["nodes"]["start"]


NESTED = msgspec.structs.replace(
    DOCUMENT,
    nodes=(*DOCUMENT.nodes[:2], Task("b", activity="double", arguments={"x": "=a"}), End("end", output="=b")),
    edges=(Edge(source="start", target="a"), Edge(source="a", target="b"), Edge(source="b", target="end")),
)


async def test_a_part_becomes_a_workflow_and_its_run_is_seen_inside(engine: Engine) -> None:
    document = Document(NESTED)
    view, session = opened(document, engine)
    ask = {"type": "restructure", "client": "v1", "revision": 0, "what": "extract", "nodes": ["a", "b"], "name": "both"}
    session.receive(ask)
    (made,) = view.of("proposal")
    assert made["nodes"] == ["both"]
    assert document.workflow == NESTED  # the view makes the gesture
    session.receive({"type": "edit", "client": "v1", "id": 1, "label": "make", "edits": made["edits"]})
    assert document.workflow.workflows["both"].node("b") == NESTED.node("b")
    session.receive({"type": "inside", "calls": ["both"]})
    run = session.start({"x": 4})
    assert await run == 16
    status = (await view.until("inside_status", lambda m: m.get("status", {}).get("state") == "completed"))["status"]
    assert status["run"] == f"{run.id}/both"
    assert {id: node["state"] for id, node in status["nodes"].items()} == dict.fromkeys(
        ["start", "a", "b", "end"], "completed"
    )
    session.receive({**ask, "what": "unpack", "nodes": ["both"]})
    back = view.of("proposal")[-1]
    session.receive({"type": "edit", "client": "v1", "id": 2, "label": "unpack", "edits": back["edits"]})
    assert document.workflow == NESTED
    document.undo()
    document.undo()
    assert document.workflow == NESTED


async def test_what_can_not_be_made_is_said(engine: Engine) -> None:
    view, session = opened(Document(NESTED), engine)
    ask = {"type": "restructure", "client": "v1", "revision": 0, "nodes": ["a"]}
    session.receive({**ask, "what": "unpack"})
    session.receive({**ask, "what": "unpack", "nodes": ["a", "b"]})
    session.receive({**ask, "what": "extract", "path": ["gone"]})
    assert [message["message"].splitlines()[0] for message in view.of("failure")] == [
        "'a' is no call",
        "one call at a time is unpacked",
        "there is no workflow 'gone' in 'w'",
    ]


async def test_problems_inside_say_where_and_what_is_read_there_is_declared_there(engine: Engine) -> None:
    inner = Workflow(name="inner", nodes=(Start("start"), End("end")), edges=(Edge(source="start", target="end"),))
    document = Document(msgspec.structs.replace(DOCUMENT, workflows={"inner": inner}))
    view, session = opened(document, engine)
    task = {"kind": "task", "id": "t", "activity": "nothing", "arguments": {"x": "=input.y"}}
    edits = [{"op": "within", "workflow": "inner", "edits": [{"op": "add_node", "node": task}]}]
    session.receive({"type": "edit", "client": "v1", "id": 1, "label": "add", "edits": edits})
    assert document.workflow.workflows["inner"].inputs == {"y": "any"}
    assert document.workflow.inputs == {"x": "int"}
    checked = await view.until("checked", revision=1)
    assert {tuple(problem.get("path", ())) for problem in checked["problems"] if problem["nodes"] == ["t"]} == {
        ("inner",)
    }
    document.undo()
    assert document.workflow.workflows["inner"] == inner


async def test_the_drawing_is_told_as_python_and_a_text_as_edits(engine: Engine) -> None:
    document = Document(DOCUMENT)
    view, session = opened(document, engine)
    session.receive({"type": "ask_source", "client": "v", "id": 1})
    (source,) = view.of("source")
    assert 'a = flow.task("a", "double", x="=input.x")\n' in source["text"]
    session.receive({"type": "draw_source", "client": "v", "id": 2, "text": source["text"]})
    text = source["text"].replace('"a", "double"', '"a", "forever"')
    session.receive({"type": "draw_source", "client": "v", "id": 3, "text": text})
    session.receive({"type": "draw_source", "client": "v", "id": 4, "text": "flow = wf.flou('w')"})
    same, changed, wrong = view.of("drawn")
    assert (same["id"], same.get("edits")) == (2, None)
    assert [edit["op"] for edit in changed["edits"]] == ["set_node"]
    assert wrong["problem"]["message"].startswith("line 1: 'wf.flou' is no part of a drawing\n")
    assert (wrong["problem"]["line"], wrong["problem"]["column"], wrong["problem"]["end"]) == (1, 7, 14)
    assert document.workflow == DOCUMENT, "reading changes nothing"
    session.receive({"type": "edit", "client": "v", "id": 5, "label": "edit Python", "edits": changed["edits"]})
    task = document.workflow.node("a")
    assert isinstance(task, Task)
    assert task.activity == "forever"
    session.close()
