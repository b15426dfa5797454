"""Numbers that a page can not tell apart stay what they were where an edit brings them back."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from wfnb.author.document import Document
from wfnb.author.edits import AddNode, Edit, SetNode, SetWorkflow, Within
from wfnb.model.workflow import Call, Compensation, End, Map, Task, Workflow
from wfnb.widgets.numbers import as_they_were
from wfnb.widgets.session import DesignSession

BIG = 12345678901234567890
VALUES = {"x": 1.0, "big": BIG, "deep": [2.0, {"y": -BIG}], "huge": 10**400, "whole": 3, "half": 0.5, "yes": True}
INNER = Workflow(name="in", nodes=(Call("c", workflow="w", arguments={"x": 1e21}),))
DOCUMENT = Workflow(
    nodes=(
        Task("t", activity="f", arguments=VALUES, compensate=Compensation(activity="g", arguments={"x": 4.0})),
        Map("m", items=[1.0, BIG], activity="f", arguments={"x": 5.0}),
        End("e", output={"x": 6.0}),
    ),
    workflows={"in": INNER},
)


def as_a_page_reads(value: Any) -> Any:
    """JSON as a page gets it and gives it back."""
    if isinstance(value, dict):
        return {key: as_a_page_reads(one) for key, one in value.items()}
    if isinstance(value, list):
        return list(map(as_a_page_reads, value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    shortest = float(value) if abs(value) < 10**300 else 1e300
    return int(f"{shortest:.0f}") if shortest.is_integer() and abs(shortest) < 1e22 else shortest


def back(workflow: Workflow, **changes: Any) -> list[SetNode]:
    nodes = [as_a_page_reads(json.loads(msgspec.json.encode(node))) | changes for node in workflow.nodes]
    return [msgspec.convert({"op": "set_node", "id": node["id"], "node": node}, SetNode) for node in nodes]


def test_what_comes_back_as_a_page_took_it_is_what_it_was() -> None:
    whole = msgspec.structs.replace(DOCUMENT.nodes[0], arguments={k: v for k, v in VALUES.items() if k != "huge"})
    document = msgspec.structs.replace(DOCUMENT, nodes=(whole, *DOCUMENT.nodes[1:]))
    for edit, node in zip(as_they_were(back(document, label="L"), document), document.nodes, strict=True):
        assert isinstance(edit, SetNode)
        found = msgspec.json.encode(edit.node)
        assert found == msgspec.json.encode(msgspec.structs.replace(node, label="L"))
    inside = Within(workflow="in", edits=tuple(back(INNER)))
    (kept,) = as_they_were([inside], document)
    assert isinstance(kept, Within)
    assert msgspec.json.encode(kept.edits[0]) == msgspec.json.encode(SetNode(id="c", node=INNER.nodes[0]))
    taken = msgspec.structs.replace(INNER, nodes=(back(INNER)[0].node,))
    (all_of_them,) = as_they_were([SetWorkflow(workflows={"in": taken, "more": taken})], document)
    assert isinstance(all_of_them, SetWorkflow)
    assert all_of_them.workflows
    assert repr(all_of_them.workflows["in"]) == repr(INNER)
    assert repr(all_of_them.workflows["more"]) == repr(taken)


@pytest.mark.parametrize(
    ("name", "new"),
    [("x", 2), ("x", True), ("whole", 4), ("whole", 3.0), ("big", BIG + 10**6), ("half", 1), ("huge", 1)],
)
def test_what_somebody_changed_is_changed(name: str, new: float) -> None:
    edit = SetNode(id="t", node=Task("t", activity="f", arguments={**VALUES, name: new}))
    (kept,) = as_they_were([edit], DOCUMENT)
    assert kept == edit
    assert repr(kept) == repr(edit)


def test_another_kind_or_another_node_keeps_its_own_numbers() -> None:
    edits: list[Edit] = [
        SetNode(id="t", node=Call("t", workflow="in", arguments={"x": 1})),
        SetNode(id="nobody", node=Task("nobody", activity="f", arguments={"x": 1})),
        AddNode(node=Task("new", activity="f", arguments={"x": 1})),
        Within(workflow="nobody", edits=()),
    ]
    assert repr(as_they_were(edits, DOCUMENT)) == repr(tuple(edits))


def test_a_canvas_that_gives_a_node_a_label_changes_no_argument() -> None:
    document = Document(Workflow(nodes=(Task("t", activity="f", arguments={"x": 1.0, "big": BIG}),)))

    def no_engine() -> Any:
        raise AssertionError("nothing runs here")

    session = DesignSession(document, no_engine, lambda _: None)
    node = {
        "kind": "task",
        "id": "t",
        "label": "L",
        "activity": "f",
        "arguments": {"x": 1, "big": 12345678901234567000},
    }
    edits = [{"op": "set_node", "id": "t", "node": node}]
    session.receive({"type": "edit", "client": "c", "id": 1, "label": "l", "edits": edits})
    task = document.node("t")
    assert isinstance(task, Task)
    assert task.label == "L"
    assert repr(task.arguments) == repr({"x": 1.0, "big": BIG})
    session.close()
