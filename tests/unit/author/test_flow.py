"""The builder and the registry: workflows written in Python."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from wfnb.author.document import Document
from wfnb.author.edits import AddNode, Move, SetNode
from wfnb.author.flow import Flow, flow
from wfnb.author.registry import Registry, activity, registry
from wfnb.errors import DefinitionError, EditError
from wfnb.model.activity import Activity, describe
from wfnb.model.codec import decode, definition_hash, encode
from wfnb.model.workflow import Edge, End, Retry, Start, Task, Workflow


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test defines is gone after it."""
    monkeypatch.setattr(registry, "_known", dict(registry._known))


def review() -> Flow:
    """The workflow of the design page."""

    @activity(retries=3, timeout=30)
    async def fetch(url: str) -> str:
        return url

    @activity
    def score(text: str) -> float:
        return len(text) / 10

    made = flow("review")
    page = made.task("page", fetch, url="=input.url")
    mark = made.task("mark", score, text="=page")
    gate = made.choice("gate")
    made.start >> page >> mark >> gate
    gate.when("mark > 0.8") >> made.end("kept")
    gate.otherwise() >> made.end("dropped")
    return made


def test_the_workflow_of_the_design_page() -> None:
    assert encode(review().workflow) == (
        "{\n"
        '  "wfnb": 1,\n'
        '  "name": "review",\n'
        '  "inputs": {"url": "str"},\n'
        '  "nodes": [\n'
        '    {"kind": "start", "id": "start"},\n'
        '    {"kind": "task", "id": "page", "activity": "fetch", "arguments": {"url": "=input.url"}},\n'
        '    {"kind": "task", "id": "mark", "activity": "score", "arguments": {"text": "=page"}},\n'
        '    {"kind": "choice", "id": "gate"},\n'
        '    {"kind": "end", "id": "kept"},\n'
        '    {"kind": "end", "id": "dropped"}\n'
        "  ],\n"
        '  "edges": [\n'
        '    {"source": "start", "target": "page"},\n'
        '    {"source": "page", "target": "mark"},\n'
        '    {"source": "mark", "target": "gate"},\n'
        '    {"source": "gate", "target": "kept", "when": "mark > 0.8"},\n'
        '    {"source": "gate", "target": "dropped", "otherwise": true}\n'
        "  ]\n"
        "}\n"
    )


def test_drawn_and_coded_are_one_definition() -> None:
    made = review()
    again = decode(encode(made.workflow))
    assert again == made.workflow
    assert definition_hash(again) == definition_hash(made.workflow)
    made.document.apply([Move(positions={"page": (1, 2)})])
    assert definition_hash(made.workflow) == definition_hash(again)


def test_edges_from_and_to_lists() -> None:
    made = flow("lists")
    a, b, c, d = (made.task(id, "x") for id in "abcd")
    made.start >> made.fork("fork") >> [a, b] >> made.join("join") >> [c]
    [c, a] >> d
    drawn = [(e.source, e.target) for e in made.workflow.edges]
    assert drawn == [
        ("start", "fork"), ("fork", "a"), ("fork", "b"), ("a", "join"), ("b", "join"), ("join", "c"),
        ("c", "d"), ("a", "d"),
    ]  # fmt: skip


def test_guards() -> None:
    made = flow("guards")
    gate, a, b = made.choice("gate"), made.task("a", "x"), made.task("b", "x")
    assert (gate.when("=1 > 2") >> a).id == "a"
    gate.otherwise() >> [a, b]
    assert made.workflow.edges == (
        Edge(source="gate", target="a", when="1 > 2"),
        Edge(source="gate", target="a", otherwise=True),
        Edge(source="gate", target="b", otherwise=True),
    )


def test_nodes_are_found_again() -> None:
    made = review()
    assert made.node("page").id == "page"
    assert made.start.id == "start"
    assert repr(made) == "<Flow 'review': 6 nodes, 5 edges>"
    assert repr(made.node("gate")) == "<choice 'gate' of 'review'>"
    with pytest.raises(KeyError):
        made.node("absent")
    with pytest.raises(EditError, match="there is a node 'page' already\nchoose another id"):
        made.end("page")
    with pytest.raises(EditError, match="is no node id"):
        made.end("")
    with pytest.raises(EditError, match="there is an edge from 'start' to 'page' already"):
        made.start >> made.node("page")


def test_a_start_is_made_where_there_is_none() -> None:
    made = Flow("empty", document=Document(Workflow(name="empty")))
    assert made.start.id == "start"
    other = Flow("go", document=Document(Workflow(nodes=(Start("go"),))))
    assert other.start.id == "go"


def test_options() -> None:
    made = flow("options")
    task = made.task("a", "x").options(retries=2, timeout=1.5, label="A task")
    assert task.node == Task("a", label="A task", activity="x", retry=Retry(attempts=3), timeout=1.5)
    assert task.options(retry=Retry(attempts=9)).node == Task(
        "a", label="A task", activity="x", retry=Retry(attempts=9), timeout=1.5
    )
    assert made.end().options(label="done").node == End("end", label="done")
    for wrong, message in (
        ({"retries": -1}, "retries is -1"),
        ({"timeout": 0}, "timeout is 0"),
        ({"retries": 1, "retry": Retry()}, "both retries= and retry= are given"),
    ):
        with pytest.raises(ValueError, match=message):
            task.options(**wrong)  # type: ignore[arg-type]
    with pytest.raises(
        DefinitionError, match="end 'end' has no option 'timeout': only a task has it\noptions of an end: "
    ):
        made.node("end").options(timeout=1)


def test_inputs_appear_where_arguments_name_them() -> None:
    @activity
    def both(a: int, b: list[str]) -> None: ...

    made = flow("inferred")
    made.task("t", both, a="=input.n", b="=[input.x, input['y z']]")
    made.task("u", "unknown", c="=input.n", d="=not an expression (", e="=input")
    assert made.workflow.inputs == {"n": "int", "x": "any", "y z": "any"}


def test_declared_inputs_stay_as_they_are() -> None:
    made = flow("declared", {"a": int, "b": "str | None", "c": list[str], "d": Any})
    made.task("t", "x", a="=input.typo")
    assert made.workflow.inputs == {"a": "int", "b": "str | None", "c": "list[str]", "d": "Any"}


@pytest.mark.parametrize("value", [(1,), {1: 2}, b"x", float("nan"), object(), {"a": {1}}, lambda: 0])
def test_arguments_are_json(value: Any) -> None:
    made = flow("json")
    with pytest.raises(DefinitionError, match=r"argument 'a' of task 't' is a .*, which is no JSON value"):
        made.task("t", "x", a=value)
    with pytest.raises(DefinitionError, match="output of end 'end' is a"):
        made.end(output=value)
    assert len(made.workflow.nodes) == 1


def test_parameters_may_have_any_name() -> None:
    made = flow("names")
    made.task("t", "x", id=1, self=2, activity=3)
    assert made.workflow.node("t") == Task("t", activity="x", arguments={"id": 1, "self": 2, "activity": 3})


def test_undo_takes_back_what_was_coded_and_drawn() -> None:
    made = flow("undo")
    made.task("a", "x", n="=input.n")
    made.document.apply([AddNode(node=End("drawn"))], "add drawn", client="canvas")
    assert made.document.undo_label == "add drawn"
    made.undo()
    made.undo()
    assert made.workflow == flow("undo").workflow
    made.redo()
    assert [node.id for node in made.workflow.nodes] == ["start", "a"]
    made.document.apply([SetNode(id="a", node=Task("b", activity="x"))])
    made.redo()
    assert made.document.redo_label is None
    assert made.node("b").id == "b"


# --- activities ---------------------------------------------------------------------------------------------------


def test_an_activity_is_registered_and_still_a_function() -> None:
    @activity
    def double(x: int, *, by: float = 2.0, **rest: str) -> float:
        """Double it."""
        return x * by + len(rest)

    assert isinstance(double, Activity)
    assert registry["double"] is double
    assert double(3) == 6
    assert (double.open, double.is_async, double.returns, double.doc) == (True, False, "float", "Double it.")
    assert [(p.name, p.annotation, p.required, p.default) for p in double.parameters] == [
        ("x", "int", True, ""),
        ("by", "float", False, "2.0"),
    ]
    assert double.missing({}) == ["x"]
    assert double.unknown({"y": 1}) == []
    assert double.__wrapped__ is not None


def test_options_of_an_activity() -> None:
    @activity(retries=2, timeout=5, name="other name")
    async def named() -> None: ...

    assert registry["other name"] is named
    assert "named" not in registry
    assert (named.retry, named.timeout, named.is_async) == (Retry(attempts=3), 5, True)

    again = activity(named)
    assert again.function is named.function
    for options, message in (
        ({"retries": 1, "retry": Retry()}, "both"),
        ({"retries": -1}, "retries is -1"),
        ({"timeout": 0}, "timeout is 0"),
    ):
        with pytest.raises(ValueError, match=message):
            activity(**options)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda *args: args, r"has the parameter '\*args', which can not be passed by name"),
        (eval("lambda x, /: x"), "has the parameter 'x', which can not be passed by name"),
        (functools.partial(int), "an activity is a named function"),
    ],
)
def test_what_is_no_activity(function: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        describe(function)


def test_annotations_as_people_write_them() -> None:
    def many(a: int | None, b: dict[str, Any], c: Any, *, d: None, e) -> list[int]:  # type: ignore[no-untyped-def]
        return [a, b, c, d, e]

    found = [p.annotation for p in describe(many).parameters]
    assert found == ["int | None", "dict[str, Any]", "Any", "None", ""]


def test_a_registry_tells_who_listens() -> None:
    made, heard = Registry(), []
    stop = made.subscribe(lambda: heard.append(made.version))
    made.add(describe(review))
    made.add(describe(review))
    stop()
    stop()
    made.add(describe(review, name="other"))
    assert heard == [1, 2]
    assert len(made) == 2
    assert list(made) == ["review", "other"]


def test_a_plain_function_is_registered_when_it_is_used() -> None:
    def plain(x: int) -> int:
        return x

    made = flow("plain")
    made.task("t", plain, x=1)
    assert registry["plain"].function is plain
