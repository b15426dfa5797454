"""Breakpoints and pins stay at their nodes, wherever a change of the drawing takes these."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from tests.unit.widgets.view import View, opened
from wfnb.author.document import Document
from wfnb.author.edits import AddEdge, AddNode, RemoveEdge, RemoveNode, SetNode, Within
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.model.activity import describe
from wfnb.model.workflow import Call, Choice, Edge, End, Node, Start, Task, Workflow
from wfnb.widgets import messages as m
from wfnb.widgets.marks import Marks
from wfnb.widgets.session import DesignSession
from wfnb.widgets.structure import proposal


def row(name: str, *nodes: Node, **more: Any) -> Workflow:
    """Nodes one after the other."""
    edges = tuple(Edge(source=a.id, target=b.id) for a, b in pairwise(nodes))
    return Workflow(name=name, nodes=nodes, edges=edges, **more)


def task(id: str) -> Task:
    return Task(id, activity="step")


LEAF = row("leaf", Start("start"), task("tip"), End("end", output="=tip"))
PART = row("part", Start("start"), task("b"), Call("deep", workflow="leaf"), End("end", output="=deep"))
CALLS = row(
    "w",
    Start("start"),
    task("a"),
    Call("both", workflow="part"),
    task("d"),
    End("end"),
    workflows={"part": PART, "leaf": LEAF},
)


class Followed:
    """Marks of a document, in which gestures are made as a canvas makes them."""

    def __init__(self, workflow: Workflow, *breakpoints: str, **pins: Any) -> None:
        self.document = Document(workflow)
        self.marks = Marks(workflow)
        self.marks.breakpoints, self.marks.pins = breakpoints, pins
        self.document.subscribe(lambda _: self.marks.follow(self.document.workflow))

    def restructure(self, what: Any, *nodes: str, path: tuple[str, ...] = ()) -> None:
        asked = m.Restructure(client="v", revision=0, what=what, nodes=nodes, path=path)
        self.document.apply(proposal(self.document.workflow, asked).edits)


def test_what_is_unpacked_and_made_a_workflow_keeps_its_marks_and_undo_brings_them_back() -> None:
    followed = Followed(CALLS, "d", "both/b", "both/deep/tip", **{"both/b": 1, "a": 2})
    marks, before = followed.marks, ("d", "both/b", "both/deep/tip")
    followed.restructure("unpack", "both")
    assert (marks.breakpoints, marks.pins) == (("d", "b", "deep/tip"), {"b": 1, "a": 2})
    followed.restructure("extract", "b", "deep")
    assert (marks.breakpoints, marks.pins) == (("d", "part/b", "part/deep/tip"), {"part/b": 1, "a": 2})
    followed.document.undo()
    assert marks.breakpoints == ("d", "b", "deep/tip")
    followed.document.undo()
    assert (marks.breakpoints, marks.pins) == (before, {"both/b": 1, "a": 2})
    followed.document.redo()
    assert marks.breakpoints == ("d", "b", "deep/tip")


def test_so_it_is_inside_of_one_of_its_own_workflows() -> None:
    followed = Followed(CALLS, "both/b", "both/deep")
    followed.restructure("extract", "b", path=("part",))
    assert followed.marks.breakpoints == ("both/part/b", "both/deep")
    followed.restructure("unpack", "part", path=("part",))
    assert followed.marks.breakpoints == ("both/b", "both/deep")


def test_a_breakpoint_at_a_call_is_at_its_first_node_then_and_comes_back_to_the_call() -> None:
    followed = Followed(CALLS, "both")
    followed.restructure("unpack", "both")
    assert followed.marks.breakpoints == ("b",)
    followed.document.undo()
    assert followed.marks.breakpoints == ("both",)
    # What was set anew meanwhile goes along.
    followed.document.redo()
    followed.marks.breakpoints = ("b", "d")
    followed.document.undo()
    assert followed.marks.breakpoints == ("both/b", "d")


def test_where_no_run_rests_first_there_is_none_until_the_call_is_back() -> None:
    inner = Workflow(
        name="part",
        nodes=(Start("start"), Choice("gate"), task("b"), End("end")),
        edges=(
            Edge(source="start", target="gate"),
            Edge(source="gate", target="b", otherwise=True),
            Edge(source="b", target="end"),
        ),
    )
    outer = row("w", Start("start"), Call("both", workflow="part"), End("end"), workflows={"part": inner})
    followed = Followed(outer, "both", "both/b")
    followed.restructure("unpack", "both")
    assert followed.marks.breakpoints == ("both", "b")
    followed.document.undo()
    assert followed.marks.breakpoints == ("both", "both/b")


def test_a_lone_call_that_is_made_a_workflow_is_not_taken_for_one_that_was_renamed() -> None:
    followed = Followed(CALLS, "both/b", "both")
    followed.restructure("extract", "both")
    assert followed.marks.breakpoints == ("part_2/both/b", "part_2/both")


def test_marks_follow_a_call_and_a_node_in_it_to_a_new_name() -> None:
    followed = Followed(CALLS, "both/b", "both/deep/tip", "both")
    followed.document.apply([SetNode(id="both", node=Call("pair", workflow="part"))])
    assert followed.marks.breakpoints == ("pair/b", "pair/deep/tip", "pair")
    followed.document.apply([Within(workflow="leaf", edits=(SetNode(id="tip", node=task("top")),))])
    followed.document.undo()
    followed.document.undo()
    assert followed.marks.breakpoints == ("both/b", "both/deep/tip", "both")


def test_what_is_cut_and_pasted_has_its_marks_and_a_copy_has_none() -> None:
    followed = Followed(CALLS, "both/b", "a", a=1)
    around = [Edge(source="start", target="a"), Edge(source="a", target="both"), Edge(source="both", target="d")]
    cut = [*(RemoveEdge(edge=edge) for edge in around), RemoveNode(id="a"), RemoveNode(id="both")]
    followed.document.apply(cut)
    assert followed.marks.breakpoints == ("both/b", "a")
    back = [AddNode(node=task("a")), AddNode(node=Call("both", workflow="part"))]
    followed.document.apply([*back, *(AddEdge(edge=edge) for edge in around)])
    followed.document.apply([AddNode(node=task("a_2")), AddNode(node=Call("both_2", workflow="part"))])
    assert (followed.marks.breakpoints, followed.marks.pins) == (("both/b", "a"), {"a": 1})


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    registry = Registry()

    async def step() -> int:
        return 1

    registry.add(describe(step))
    async with Engine(None, registry=registry) as made:
        yield made


def gesture(session: DesignSession, view: View, id: int, **asked: Any) -> None:
    """A restructuring as a canvas makes it: it asks, and sends the answer as an edit of its own."""
    about = {"client": "v", "revision": session.document.revision}
    session.receive({"type": "restructure", **about, **asked})
    edits = view.of("proposal")[-1]["edits"]
    session.receive({"type": "edit", "client": "v", "id": id, "label": "", "edits": edits})


async def test_a_run_that_is_paused_there_keeps_its_own_names_and_loses_what_is_taken_away(engine: Engine) -> None:
    view, session = opened(engine, CALLS)
    session.receive({"type": "breakpoints", "nodes": ["both/b", "both/deep/tip"]})
    session.receive({"type": "run"})
    await view.until("halted", lambda told: told.get("halts", []) != [])
    gesture(session, view, 1, what="unpack", nodes=["both"])
    assert view.of("steering")[-1]["breakpoints"] == ["b", "deep/tip"]
    assert session.run is not None
    assert session.run.breakpoints == ("both/b", "both/deep/tip")
    session.receive({"type": "breakpoints", "nodes": ["deep/tip"], "on": False})
    session.receive({"type": "pin", "node": "d", "value": 7})
    assert session.run.breakpoints == ("both/b",)
    session.receive({"type": "steer", "action": "resume"})
    await session.run
    assert session.run.values["d"] == 7
    # The next one has the names that there are now.
    session.receive({"type": "run", "until": ""})
    await view.until("status", state="paused")
    assert session.run.breakpoints == ("b",)
    session.close()
