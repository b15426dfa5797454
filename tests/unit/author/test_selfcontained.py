"""A document that is saved holds what it calls by name."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wfnb.author.selfcontained import self_contained
from wfnb.errors import DefinitionError
from wfnb.machine.compiler import compile_workflow
from wfnb.model.workflow import Call, Edge, End, Map, Start, Workflow


def calling(name: str, *others: str, own: tuple[Workflow, ...] = ()) -> Workflow:
    calls = tuple(Call(f"c{number}", workflow=other) for number, other in enumerate(others))
    ids = ["start", *(call.id for call in calls), "end"]
    edges = tuple(Edge(source=a, target=b) for a, b in pairwise(ids))
    nodes = (Start("start"), *calls, End("end"))
    return Workflow(name=name, nodes=nodes, edges=edges, workflows={one.name: one for one in own})


def test_what_is_called_goes_along_however_deep() -> None:
    defined = {one.name: one for one in (calling("a", "b"), calling("b", "c"), calling("c"), calling("unused"))}
    made = self_contained(calling("top", "a", "c"), defined)
    assert set(made.workflows) == {"a", "b", "c"}
    assert compile_workflow(made).name == "top"
    assert self_contained(made, {}) is made


def test_bodies_of_maps_go_along_and_paths_and_unknown_names_stay() -> None:
    each = Map("each", items=[], workflow="a")
    top = Workflow(name="top", nodes=(*calling("", "x/y.wf.json", "unknown").nodes, each))
    assert set(self_contained(top, {"a": calling("a"), "x/y.wf.json": calling("y")}).workflows) == {"a"}


def test_own_workflows_come_first_and_what_they_call_goes_along() -> None:
    top = calling("top", "a", own=(calling("a", "b"),))
    made = self_contained(top, {"a": calling("a", "other"), "b": calling("b")})
    assert made.workflows == {"a": calling("a", "b"), "b": calling("b")}


def test_a_workflow_that_calls_itself_ends() -> None:
    top = calling("top", "a")
    assert set(self_contained(top, {"a": calling("a", "top", "a"), "top": top}).workflows) == {"a"}


def test_one_name_for_two_workflows_is_refused() -> None:
    top = calling("top", "a", "b", own=(calling("b"),))
    with pytest.raises(DefinitionError, match=r"'a' calls workflow 'b', and 'top' has its own 'b'.*\nrename one"):
        self_contained(top, {"a": calling("a", "b"), "b": calling("b", "a")})
