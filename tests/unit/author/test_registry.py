"""The registry: activities and workflows by name."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from wfnb.author.edits import AddNode, SetWorkflow
from wfnb.author.flow import Flow, flow
from wfnb.author.registry import Registry, Workflows, activity, registry
from wfnb.model.activity import Activity, describe
from wfnb.model.workflow import Note, Retry, Workflow


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test defines is gone after it."""
    monkeypatch.setattr(registry, "_known", dict(registry._known))
    monkeypatch.setattr(registry, "workflows", Workflows())


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


def test_prerequisites_of_an_activity() -> None:
    @activity
    def pay() -> None: ...

    def pack() -> None: ...

    @activity(prerequisites=[pay, pack, "call"])
    def ship() -> None: ...

    @activity(prerequisites="pay")
    def send() -> None: ...

    assert ship.prerequisites == ("pay", "pack", "call")
    assert send.prerequisites == ("pay",)
    assert pay.prerequisites == ()


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
        ({"executor": "processes"}, "executor is 'processes'\nknown: 'loop', 'thread', 'process'"),
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
    made.add(describe(flow))
    made.add(describe(flow))
    stop()
    stop()
    made.add(describe(flow, name="other"))
    assert heard == [1, 2]
    assert len(made) == 2
    assert list(made) == ["flow", "other"]


def test_a_plain_function_is_registered_when_it_is_used() -> None:
    def plain(x: int) -> int:
        return x

    made = flow("plain")
    made.task("t", plain, x=1)
    assert registry["plain"].function is plain


# --- workflows ----------------------------------------------------------------------------------------------------


def test_a_flow_is_known_by_its_name_as_it_stands_now() -> None:
    made = flow("child")
    assert registry.workflows["child"] is made.workflow
    made.task("t", "x")
    assert registry.workflows["child"].node("t").id == "t"
    again = flow("child")
    assert registry.workflows["child"] is again.workflow
    version = registry.workflows.version
    made.task("u", "x")  # nobody can find it any more
    assert registry.workflows.version == version


def test_workflows_tell_who_listens() -> None:
    known, heard = Workflows(), []
    stop = known.subscribe(lambda: heard.append((known.version, list(known))))
    plain, made = Workflow(name="plain"), Flow("made")
    known.add(plain)
    known.add(plain)
    known.add(made.document)
    made.document.apply([AddNode(node=Note("n"))])
    made.document.apply([SetWorkflow(name="renamed")])
    made.document.apply([AddNode(node=Note("m"))])
    made.document.apply([SetWorkflow(name="plain")])
    stop()
    known.add(Workflow(name="unheard"))
    assert [names for _, names in heard] == [
        ["plain"], ["plain", "made"], ["plain", "made"], ["plain", "renamed"], ["plain", "renamed"], ["plain"],
    ]  # fmt: skip
    assert [version for version, _ in heard] == [1, 2, 3, 4, 5, 6]
    assert known["plain"] is made.workflow
    assert len(known) == 2
    with pytest.raises(KeyError):
        known["made"]


def test_a_registry_of_ones_own_knows_no_others() -> None:
    flow("child")
    assert "child" not in Registry().workflows


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"timeout": "3 s"}, "timeout is '3 s'\ngive a positive number of seconds"),
        ({"heartbeat": -1}, "heartbeat is -1\ngive a positive number of seconds"),
        ({"timeout": 0}, "timeout is 0\ngive a positive number of seconds"),
        ({"retry": 3}, r"retry is 3\ngive a wf.Retry\(...\), or a number of times as retries="),
    ],
)
def test_options_of_the_wrong_type(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        activity(**options)
    made = flow("wrong")
    with pytest.raises(ValueError, match=told.partition("\n")[0]):
        made.task("a", "fetch").options(**options)
