"""Inputs that are declared because something reads them."""

from __future__ import annotations

import pytest

from wfnb.author.edits import AddEdge, AddNode, Edit, Move, SetEdge, SetNode, SetWorkflow
from wfnb.author.inputs import declared_by, reads_input
from wfnb.model.activity import describe
from wfnb.model.workflow import Approval, Call, Compensation, Edge, End, Map, Task, Workflow


def fetch(url: str, n: int = 1) -> str:
    return url * n


ACTIVITIES = {"fetch": describe(fetch)}
CHILD = Workflow(name="child", inputs={"x": "float"})
PLAIN = Edge(source="a", target="b")


@pytest.mark.parametrize(
    ("edit", "inputs"),
    [
        (AddNode(node=Task("t", activity="fetch", arguments={"url": "=input.u", "n": "=input.v + 1"})), "u:str v:any"),
        (SetNode(id="t", node=Task("t", activity="?", arguments={"url": "=input.u"})), "u:any"),
        (AddNode(node=Task("t", activity="f", requires="input.a", ensures="t > input.b")), "a:any b:any"),
        (
            AddNode(
                node=Task("t", activity="f", compensate=Compensation(activity="fetch", arguments={"n": "=input.u"}))
            ),
            "u:int",
        ),
        (AddNode(node=End("e", output="=input.a", message="=input.b")), "a:any b:any"),
        (AddNode(node=Approval("a", prompt="='Ship to ' + input.city")), "city:any"),
        (
            AddNode(node=Map("m", activity="fetch", items="=input.all", arguments={"url": "=input.u", "n": "=item"})),
            "all:list u:str",
        ),
        (AddNode(node=Map("m", workflow="child", items=[], arguments={"x": "=input.a"})), "a:float"),
        (AddNode(node=Call("c", workflow="own", arguments={"x": "=input.a", "y": "=input.b"})), "a:bool b:any"),
        (AddEdge(edge=Edge(source="a", target="b", after="=input.pause", when="input.w")), "w:any pause:float"),
        (AddEdge(edge=Edge(source="a", target="b", after="=input.pause * 2")), "pause:any"),
        (SetEdge(edge=PLAIN, to=Edge(source="a", target="b", until="=input.day")), "day:any"),
        (AddNode(node=Task("t", activity="f", arguments={"x": "input.a", "y": "=not ( input"})), ""),
        (AddNode(node=End("e", output="=input.knwon")), ""),  # rather misspelt
        (Move(positions={}), ""),
    ],
)
def test_what_declares_inputs(edit: Edit, inputs: str) -> None:
    before = Workflow(inputs={"known": "int"}, workflows={"own": Workflow(inputs={"x": "bool"})})
    wanted = dict(part.split(":") for part in inputs.split())
    found = declared_by([edit], before, ACTIVITIES, {"child": CHILD, "own": CHILD})
    assert found == ([SetWorkflow(inputs={"known": "int", **wanted})] if wanted else [])
    assert reads_input([edit]) or not wanted


def test_every_name_where_that_is_wanted() -> None:
    edit = AddNode(node=End("e", output="=input.knwon"))
    before = Workflow(inputs={"known": "int"})
    assert declared_by([edit], before, {}, every=True) == [SetWorkflow(inputs={"known": "int", "knwon": "any"})]
