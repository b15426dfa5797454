"""The builder and the registry: workflows written in Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from wfnb.author.document import Document
from wfnb.author.edits import AddNode, Move, SetNode, SetWorkflow
from wfnb.author.flow import Flow, flow
from wfnb.author.registry import Workflows, activity, registry
from wfnb.errors import DefinitionError, EditError
from wfnb.model.codec import decode, definition_hash, encode
from wfnb.model.workflow import (
    Approval,
    Call,
    Compensation,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Map,
    Retry,
    Signal,
    Start,
    Task,
    Wait,
    Workflow,
)


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test defines is gone after it."""
    monkeypatch.setattr(registry, "_known", dict(registry._known))
    monkeypatch.setattr(registry, "workflows", Workflows())


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
    with pytest.raises(KeyError, match=r"workflow 'review' has no node 'pge'\nknown nodes: .*Did you mean 'page'\?"):
        made.node("pge")
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


# --- every kind ---------------------------------------------------------------------------------------------------


class Refused(Exception):
    """What a task may raise."""


def test_every_kind_of_node() -> None:
    made = flow("kinds")
    for ref, node in (
        (made.fork("f"), Fork("f")),
        (made.fork("i", join="j"), Fork("i", join="j")),
        (made.join("j"), Join("j")),
        (made.join("k", need=2, rest="cancel"), Join("k", need=2, rest="cancel")),
        (made.fork("l", join=made.node("k")), Fork("l", join="k")),
        (made.wait("w"), Wait("w")),
        (made.approval("a"), Approval("a")),
        (made.approval("b", "Ship?", form={"yes": bool, "why": "str | None"}),
         Approval("b", prompt="Ship?", form={"yes": "bool", "why": "str | None"})),
        (made.end("e", "=a", terminate=True), End("e", output="=a", terminate=True)),
        (made.end("x", error=Refused, message="=str(a)"), End("x", error="Refused", message="=str(a)")),
        (made.end("y", error="Late"), End("y", error="Late")),
        (made.group("g", [made.node("w"), "a"], cancel=True, lock="one"),
         Group("g", members=("w", "a"), cancel=True, lock="one")),
    ):  # fmt: skip
        assert ref.node == node
    for need in ("most", 0, 1.5):
        with pytest.raises(ValueError, match=rf"need of join 'z' is {need!r}"):
            made.join("z", need=need)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="3 is no node\ngive a node of this flow, or its id"):
        made.group("h", [3])  # type: ignore[list-item]


def test_what_a_map_runs() -> None:
    def fetch(url: str) -> str:
        return url

    child, made = flow("child"), flow("maps")
    plain = Workflow(name="plain")
    for number, (body, expected) in enumerate(
        (
            (fetch, {"activity": "fetch"}),
            ("fetch", {"activity": "fetch"}),
            ("unknown", {"activity": "unknown"}),
            ("child", {"workflow": "child"}),
            (child, {"workflow": "child"}),
            (plain, {"workflow": "plain"}),
            ("parts/page.wf.json", {"workflow": "parts/page.wf.json"}),
            ("page.json", {"workflow": "page.json"}),
        )
    ):
        ref = made.map(f"m{number}", body, "=input.urls", width=2, failure="skip", url="=item")
        arguments = {"url": "=item"}
        assert ref.node == Map(
            f"m{number}", items="=input.urls", width=2, failure="skip", arguments=arguments, **expected
        )
    assert made.map("list", "fetch", [1, 2]).node == Map("list", items=[1, 2], activity="fetch")
    assert made.workflow.inputs == {"urls": "list"}
    assert set(registry.workflows) == {"child", "maps", "plain"}
    for wrong, message in (
        ({"width": 0}, "width of map 'w' is 0\nexpected"),
        ({"failure": "no"}, "failure of map 'w' is 'no'\nknown: 'stop', 'finish', 'skip'"),
    ):
        with pytest.raises(ValueError, match=message):
            made.map("w", "fetch", [], **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="need of join 'j' is 'most'\nknown: 'all', 'any', a whole number"):
        made.join("j", need="most")  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match="items of map 'w' is a set, which is no JSON value"):
        made.map("w", "fetch", {1})


def test_what_a_call_runs() -> None:
    child, made = flow("child", {"n": int}), flow("calls")
    assert made.call("a", child, n="=input.n").node == Call("a", workflow="child", arguments={"n": "=input.n"})
    assert made.workflow.inputs == {"n": "int"}
    assert made.call("b", "later").node == Call("b", workflow="later")
    assert made.call("c", made).node == Call("c", workflow="calls")  # the check says what is wrong with it
    with pytest.raises(DefinitionError, match="argument 'n' of call 'd' is a object"):
        made.call("d", child, n=object())
    with pytest.raises(DefinitionError, match="5 is no workflow\ngive a flow, a workflow, its name, or a path"):
        made.call("d", 5)  # type: ignore[arg-type]
    made.document.apply([SetWorkflow(workflows={"child": Workflow(name="child"), "own": Workflow(name="own")})])
    with pytest.raises(DefinitionError, match="workflow 'calls' has its own workflow 'child', which is another one"):
        made.call("d", child)
    assert made.call("d", Workflow(name="own")).node == Call("d", workflow="own")
    assert made.map("e", "own", []).node == Map("e", items=[], workflow="own")


def test_every_trigger_of_an_edge() -> None:
    made = flow("edges")
    a, b = made.wait("a"), made.task("b", "x")
    paid = made.signal("paid", float, transient=True)
    a.on(paid) >> b
    a.on("paid", when="=signal('paid') > 1") >> b
    a.on("paid").when("signal('paid') > 2") >> b
    a.after(30) >> b
    a.after(0) >> b
    a.after(timedelta(minutes=1)) >> b
    a.after("=input.pause", when="x") >> b
    a.until("2030-01-01T00:00:00Z") >> b
    a.until(datetime(2030, 1, 1, tzinfo=UTC)) >> b
    a.until("=input.opening").when("x") >> b
    a.when("reached('b')") >> b
    b.on_error() >> a
    b.on_error(Refused) >> a
    b.on_error("Late", when="error('b').message") >> a
    b.spawn() >> a
    b.spawn(when="x") >> a
    assert made.workflow.signals == {"paid": Signal(type="float", transient=True)}
    assert made.workflow.inputs == {"pause": "float", "opening": "any"}
    told = [{f: v for f in edge.__struct_fields__ if (v := getattr(edge, f))} for edge in made.workflow.edges]
    assert [{f: v for f, v in edge.items() if f not in ("source", "target")} for edge in told] == [
        {"on": "paid"},
        {"on": "paid", "when": "signal('paid') > 1"},
        {"on": "paid", "when": "signal('paid') > 2"},
        {"after": 30},
        {},  # after 0
        {"after": 60},
        {"after": "=input.pause", "when": "x"},
        {"until": "2030-01-01T00:00:00Z"},
        {"until": "2030-01-01T00:00:00+00:00"},
        {"until": "=input.opening", "when": "x"},
        {"when": "reached('b')"},
        {"error": "*"},
        {"error": "Refused"},
        {"error": "Late", "when": "error('b').message"},
        {"spawn": True},
        {"spawn": True, "when": "x"},
    ]
    assert made.workflow.edges[4].after == 0
    assert decode(encode(made.workflow)) == made.workflow


@pytest.mark.parametrize(
    ("method", "value", "message"),
    [
        ("after", -1, "after is -1\ngive 0 or more seconds"),
        ("after", timedelta(-1), "after is -1 day, 0:00:00\ngive 0 or more seconds"),
        ("after", float("nan"), "after is nan"),
        ("after", "30", "after is '30'\ngive seconds, a timedelta, or an expression"),
        ("until", "tomorrow", "until is 'tomorrow'\ngive a time such as '2030"),
        ("until", datetime(2030, 1, 1), "until is 2030-01-01T00:00:00, which has no time zone"),  # noqa: DTZ001
    ],
)
def test_what_is_no_time(method: str, value: Any, message: str) -> None:
    wait = flow("w").wait("w")
    with pytest.raises(ValueError, match=message):
        getattr(wait, method)(value)


def test_options_of_every_kind() -> None:
    @activity
    def refund(id: str) -> None: ...

    def fetch(url: str) -> str:
        return url

    made = flow("options")
    task = made.task("charge", "x").options(
        heartbeat=5, priority=3, deadline=timedelta(hours=1), resources={"cpu": 2}, requires="=input.n > 0",
        ensures="charge", compensate=(refund, {"id": "=charge"}), cache=True, lock="till", timeout=timedelta(seconds=9),
        prerequisites=[fetch, "other"],
    )  # fmt: skip
    assert task.node == Task(
        "charge", activity="x", heartbeat=5, priority=3, deadline=3600, resources={"cpu": 2}, requires="input.n > 0",
        ensures="charge", compensate=Compensation(activity="refund", arguments={"id": "=charge"}), cache=True,
        lock="till", timeout=9, prerequisites=("fetch", "other"),
    )  # fmt: skip
    assert made.workflow.inputs == {"n": "any"}
    for given in (refund, "refund", Compensation(activity="refund")):
        node = task.options(compensate=given).node
        assert isinstance(node, Task)
        assert node.compensate == Compensation(activity="refund")
    join = made.join("j").options(need="any", rest="cancel")
    assert made.fork("f").options(join=join).node == Fork("f", join="j")
    assert join.node == Join("j", need="any", rest="cancel")
    assert made.approval("a").options(prompt="?", form={"n": int}).node == Approval("a", prompt="?", form={"n": "int"})
    sized = made.approval("b", form={"size": Literal["small", "large"], "some": list[int]}).node
    assert sized == Approval("b", form={"size": "Literal['small', 'large']", "some": "list[int]"})
    assert made.map("m", "x", []).options(items=[1], width=2, failure="skip", arguments={"width": 1}).node == Map(
        "m", activity="x", items=[1], width=2, failure="skip", arguments={"width": 1}
    )
    assert made.call("c", "x").options(arguments={"n": 1}).node == Call("c", workflow="x", arguments={"n": 1})
    assert made.end("e").options(output=1, terminate=True, error=Refused, message="m").node == End(
        "e", output=1, terminate=True, error="Refused", message="m"
    )
    assert made.group("g", []).options(members=[join], cancel=True, lock="l").node == Group(
        "g", members=("j",), cancel=True, lock="l"
    )


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"need": 1},
            DefinitionError,
            "task 't' has no option 'need': only a join has it\noptions of a task: arguments, ",
        ),
        ({"width": 1}, DefinitionError, "only a map and a note have it"),
        ({"members": ["t"]}, DefinitionError, "only a group has it"),
        ({"terminate": True}, DefinitionError, "only an end has it"),
        ({"arguments": {"x": {1}}}, DefinitionError, "argument 'x' of task 't' is a set"),
        ({"compensate": ("undo", {"x": b""})}, DefinitionError, "argument 'x' of what takes task 't' back is a bytes"),
        ({"compensate": ("undo", 5)}, TypeError, "compensate of task 't' is"),
        ({"priority": 1.5}, ValueError, "priority of task 't' is 1.5\nexpected `int`, got `float`"),
        ({"resources": {"cpu": "all"}}, ValueError, "resources of task 't' is"),
        ({"heartbeat": 0}, ValueError, "heartbeat is 0"),
        ({"deadline": timedelta(0)}, ValueError, "deadline is 0:00:00"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], error: type[Exception], message: str) -> None:
    made = flow("options")
    task = made.task("t", "x")
    with pytest.raises(error, match=message):
        task.options(**options)
    assert task.node == Task("t", activity="x")


def test_an_option_of_several_kinds() -> None:
    with pytest.raises(
        DefinitionError, match="wait 'w' has no option 'arguments': only a task, a map and a call have it"
    ):
        flow("w").wait("w").options(arguments={})


def test_an_edge_leads_to_nodes() -> None:
    made = review()
    page = made.node("page")
    with pytest.raises(TypeError, match=r"None is no node, so no edge can lead to it from 'page'\nlead it to a node"):
        page >> None
    with pytest.raises(TypeError, match=r"'gate' is no node.*\nwrite flow.node\(\"gate\"\)"):
        page >> "gate"
    with pytest.raises(TypeError, match="7 is no node"):
        page.after(3) >> [page, 7]


def test_a_misspelt_option_is_told_with_the_one_that_was_meant() -> None:
    made = flow("w")
    with pytest.raises(
        TypeError, match=r"Flow.join\(\) has no option 'ned'\nknown options: need, rest. Did you mean 'need'"
    ):
        made.join("j", ned=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"has no option 'retires'\n.* Did you mean 'retries'\?"):
        made.task("t", "a").options(retires=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"activity\(\) has no option 'timout'\n.* Did you mean 'timeout'\?"):
        activity(timout=3)  # type: ignore[call-overload]
    assert made.node("t").options(retries=1).node == Task("t", activity="a", retry=Retry(attempts=2))


def test_an_id_that_is_no_text() -> None:
    made = flow("w")
    with pytest.raises(EditError, match=r"the id of a task is 7, which is no text\ngive it a name"):
        made.task(7, "work")  # type: ignore[arg-type]
    with pytest.raises(EditError, match="the id of a choice is None"):
        made.choice(None)  # type: ignore[arg-type]
    assert [node.id for node in made.workflow.nodes] == ["start"]
