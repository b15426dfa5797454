"""Types that do not go where they are used, by their exact text (`tests/golden/types.txt`), and those that do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.unit.machine.inference.activities import ACTIVITIES
from tests.unit.machine.sketch import sketch, task, told
from wfnb.errors import DefinitionError
from wfnb.machine.inference.infer import Typing, infer
from wfnb.model.workflow import (
    Approval,
    Call,
    Compensation,
    End,
    Map,
    Signal,
    Task,
    Wait,
    Workflow,
)

GOLDEN = Path(__file__).parents[3] / "golden" / "types.txt"


DOUBLE = sketch(
    "start > d > end", task("d", "whole", n="=input.n * 2"), End("end", output="=d"), inputs={"n": "int", "m": "any"},
    name="double",
)  # fmt: skip


def flow(text: str, *nodes: Any, **fields: Any) -> Workflow:
    fields.setdefault("inputs", {"n": "int", "text": "str", "ratio": "float", "maybe": "int | None"})
    fields.setdefault("workflows", {"double": DOUBLE})
    return sketch(text, *nodes, **fields)


def one(activity: str, /, **arguments: Any) -> Workflow:
    return flow("start > t > end", task("t", activity, **arguments))


def reading(source: str, activity: str, /, **arguments: Any) -> Workflow:
    """An activity whose result an end reads."""
    return flow("start > v > end", task("v", activity, **arguments), End("end", output=source))


GOOD: dict[str, Workflow] = {
    "plain": one("fetch", url="=input.text", limit=3),
    "an int is a float": one("score", text="=input.text", factor="=input.n"),
    "a dataclass as a dict": one("charge", order={"amount": 3, "tags": ["a"]}, mode="slow"),
    "a dataclass from an activity": flow(
        "start > o > c > end", task("o", "order", id=1), task("c", "charge", order="=o", mode="=['fast', 'slow'][0]")
    ),
    "its fields and properties": reading("=f'{v.amount + 1} {v.large} {len(v.tags)} {v.tags[0]}'", "order", id=1),
    "a parent that may be missing": reading("=v.parent.amount if v.parent else v.amount", "order", id=1),
    "a TypedDict": reading("=v.name + v['name']", "customer", name="x"),
    "a NamedTuple": reading("=v.x + v[1]", "point", x=1),
    "a frame": flow("start > f > m > end", task("f", "frame", path="x"), task("m", "mean", data="=f")),
    "behind a guard": flow(
        """start > page > choice
        choice > s: page is not None
        choice > end_b: else
        s > end""",
        task("page", "fetch", url="x"),
        task("s", "score", text="=page"),
    ),
    "behind the others": flow(
        """start > page > choice
        choice > end_b: page is None
        choice > s: else
        s > end""",
        task("page", "fetch", url="x"),
        task("s", "score", text="=page"),
    ),
    "behind two guards": flow(
        """start > page > choice
        choice > end_b: not page or len(page) > 100
        choice > w: else
        w > s > end""",
        task("page", "fetch", url="x"),
        task("w", "whole", n=1),
        task("s", "score", text="=page"),
    ),
    "until it is there": flow(
        """start > page > choice
        choice > page: page is None
        choice > s: else
        s > end""",
        task("page", "fetch", url="x"),
        task("s", "score", text="=page"),
    ),
    "in an expression": flow(
        "start > page > s > end", task("page", "fetch", url="x"), task("s", "score", text="=page or ''")
    ),
    "a map over an activity": flow(
        "start > l > m > s > end",
        task("l", "lines", count=3),
        Map("m", items="=l", activity="score", arguments={"text": "=item.sku", "factor": "=item.count * index"}),
        task("s", "score", text="x", factor="=sum(m)"),
    ),
    "a map that passes on its items": flow(
        "start > m > end", Map("m", items=["a", "b"], activity="score", arguments={"text": "=item"})
    ),
    "a call": flow(
        "start > c > w > end", Call("c", workflow="double", arguments={"n": 1, "m": 2}), task("w", "whole", n="=c")
    ),
    "an approval": flow(
        "start > ask > w > end",
        Approval("ask", form={"count": "int", "note": "str"}),
        task("w", "whole", n="=ask.count + len(ask.note)"),
    ),
    "a signal": flow(
        """start > wait
        wait > w [on='go']
        wait > end_b [after=3.0]
        w > end""",
        Wait("wait"),
        task("w", "whole", n="=wait.count + signal('go').count"),
        signals={"go": Signal(type="{'count': int}")},
    ),
    "an error": flow(
        """start > w > end
        w > s: error('w').type == 'ValueError' [error='*']
        s > end_b""",
        task("w", "whole", n=1),
        task("s", "score", text="=error('w').message"),
    ),
    "contracts": flow(
        "start > w > end", Task("w", activity="whole", arguments={"n": 1}, requires="input.n > 3", ensures="w > 3")
    ),
    "delays": flow(
        """start > w > end
        w > end_b [after='=input.ratio * 60']
        w > end_c [until='=input.text']""",
        task("w", "whole", n=1),
    ),
    "taken back": flow(
        "start > w > end",
        Task(
            "w", activity="whole", arguments={"n": 1}, compensate=Compensation(activity="whole", arguments={"n": "=w"})
        ),
    ),
}
BAD: dict[str, Workflow] = {
    "text for a number": one("whole", n="=input.text"),
    "a number for text": one("fetch", url="=input.n"),
    "a float for an int": one("whole", n="=input.ratio"),
    "a bool for an int": one("whole", n="=input.n > 3"),
    "a list of text for an order": one("charge", order="=['x']"),
    "may be None": one("whole", n="=input.maybe"),
    "may be text": one("whole", n="=input.text or input.n"),
    "a wrong constant": one("whole", n="3"),
    "a wrong constant inside": one("charge", order={"amount": "3"}, mode="fast"),
    "a missing field": one("charge", order={"tags": []}),
    "a wrong literal": one("charge", order={"amount": 3}, mode="fats"),
    "a literal that is computed": one("charge", order={"amount": 3}, mode="='fats'"),
    "text and a number": reading("=input.text + 1", "whole", n=1),
    "in Unicode": reading("='äöü' + v", "whole", n=1),
    "in two lines": reading("=len(\n  v)", "whole", n=1),
    "a comparison": reading("=v < 'a'", "whole", n=1),
    "an unknown field": reading("=v.amont", "order", id=1),
    "an unknown key": reading("=v['nam']", "customer", name="x"),
    "a method": reading("=v.method", "order", id=1),
    "a field of a number": reading("=v.amount", "whole", n=1),
    "a field that may be of None": reading("=v.parent.amount", "order", id=1),
    "an index that may be of None": reading("=v[0]", "fetch", url="x"),
    "a key for a list": reading("=v['a']", "lines", count=1),
    "too far": reading("=v[2]", "point", x=1),
    "no items": reading("=[x for x in v]", "whole", n=1),
    "a wrong function": reading("=upper(v)", "whole", n=1),
    "joined numbers": reading("=join(', ', [v])", "whole", n=1),
    "after it was written again": flow(
        """start > page > choice
        choice > again: page is not None
        choice > end_b: else
        again > page_2
        page_2 > s > end""",
        task("page", "fetch", url="x"),
        task("again", "whole", n="=len(page)"),
        task("page_2", "fetch", url="=page"),
        task("s", "score", text="=page_2"),
    ),
    "on the other branch": flow(
        """start > page > choice
        choice > end_b: page is not None
        choice > s: else
        s > end""",
        task("page", "fetch", url="x"),
        task("s", "score", text="=page"),
    ),
    "where the branches meet": flow(
        """start > page > choice
        choice > w: page is not None
        choice > s: else
        w > s > end""",
        task("page", "fetch", url="x"),
        task("w", "score", text="=page"),
        task("s", "score", text="=page"),
    ),
    "a map over a number": flow(
        "start > m > end", Map("m", items="=input.n", activity="score", arguments={"text": "=item"})
    ),
    "a map over text": flow("start > m > end", Map("m", items="abc", activity="score", arguments={"text": "=item"})),
    "a map over a dict": flow(
        "start > m > end", Map("m", items="={'a': 1}", activity="whole", arguments={"n": "=item"})
    ),
    "items of another type": flow(
        "start > m > end", Map("m", items=[1, 2], activity="score", arguments={"text": "=item"})
    ),
    "items passed on as they are": flow("start > m > end", Map("m", items=["a"], workflow="double")),
    "a call with other inputs": flow("start > c > end", Call("c", workflow="double", arguments={"n": "x", "k": 1})),
    "the output of a call": flow(
        "start > c > s > end", Call("c", workflow="double", arguments={"n": 1, "m": 1}), task("s", "score", text="=c")
    ),
    "a frame as a condition": flow(
        """start > f > choice
        choice > end: f
        choice > end_b: else""",
        task("f", "frame", path="x"),
    ),
    "text for a frame": one("mean", data="=input.text"),
    "a frame for a number": flow("start > f > w > end", task("f", "frame", path="x"), task("w", "whole", n="=f")),
    "a delay in words": flow(
        """start > w > end
        w > end_b [after='=input.text']
        w > end_c [until='=[1]']""",
        task("w", "whole", n=1),
    ),
    "types that are none": flow(
        "start > ask > end",
        Approval("ask", form={"n": "integr"}),
        inputs={"n": "in", "m": "list[", "k": "1 + 1", "text": "str"},
        signals={"go": Signal(type="strr")},
    ),
    "what a signal brings": flow(
        """start > wait
        wait > w [on='go']
        wait > w [after=3.0]
        w > end""",
        Wait("wait"),
        task("w", "whole", n="=wait"),
        signals={"go": Signal(type="int")},
    ),
    "taken back with another type": flow(
        "start > w > end",
        Task(
            "w",
            activity="whole",
            arguments={"n": 1},
            compensate=Compensation(activity="score", arguments={"text": "=w"}),
        ),
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_no_alarm(name: str) -> None:
    types = infer(GOOD[name], ACTIVITIES)
    assert told(types.diagnostics) == ""
    if name != "a dataclass from an activity":  # the text that an index gives is of no single value
        assert (types.verdict.verdict, types.verdict.why) == (
            "proved",
            "every type is known, and fits where it is used",
        )


def test_the_exact_texts() -> None:
    parts = []
    for name, workflow in BAD.items():
        types = infer(workflow, ACTIVITIES)
        parts.append(f"# {name}: {types.verdict.verdict}\n{told(types.diagnostics)}")
    text = "\n\n".join(parts) + "\n"
    if os.environ.get("WFNB_WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_what_is_not_known_is_said() -> None:
    def why(workflow: Workflow) -> str:
        verdict = infer(workflow, ACTIVITIES).verdict
        assert verdict.verdict == "unknown"
        return verdict.why

    assert why(one("nobody", x=1)) == "activity 'nobody' is not known"
    assert why(one("loose", x=1, y=2)) == "parameter 'x' of loose has no annotation"
    assert why(reading("=v", "loose", x="=input.n")) == ("parameter 'x' of loose has no annotation, and 1 more")
    assert why(reading("=v.a + 1", "later", x=1)) == "end 'end': 'v.a' has no known type"
    assert why(one("charge", order="={'amount': 1}", mode="=input.text")) == (
        "task 't' passes str as 'mode' to charge, which takes Literal['fast', 'slow']"
    )
    assert why(flow("start > c > end", Call("c", workflow="nobody"))) == "workflow 'nobody' is not known"


@pytest.mark.parametrize(
    ("workflow", "output"),
    [
        (one("whole", n=1), "int"),
        (one("fetch", url="x"), "str | None"),
        (reading("=v > 3", "whole", n=1), "bool"),
        (flow("start > end"), "None"),
        (flow("start > end", End("end", output={"a": 1, "b": ["x"]})), "{'a': Literal[1], 'b': list[Literal['x']]}"),
        (
            flow(
                "start > fork > a > join > end\nfork > b > join", task("a", "whole", n=1), task("b", "score", text="x")
            ),
            "{'a': int, 'b': float}",
        ),
        (
            flow("start > fork > a > end_a\nfork > b > end_b", task("a", "whole", n=1), task("b", "whole", n=1)),
            "int | dict[str, int]",
        ),
        (
            flow("start > choice\nchoice > a: input.n > 1\nchoice > end_b: else\na > end_a", task("a", "whole", n=1)),
            "int | None",
        ),
        (
            flow("start > m > end", Map("m", items=[1], activity="whole", arguments={"n": "=item"}, failure="skip")),
            "list[int | None]",
        ),
        (
            flow("start > w\nw > end [on='go']\nw > end [after=1.0]", Wait("w"), signals={"go": Signal(type="int")}),
            "int | None",
        ),
        (flow("start > w\nw > end [on='go']", Wait("w"), signals={"go": Signal(type="int")}), "int"),
        (flow("start > ask > end", Approval("ask", form={"a": "int"})), "{'a': int}"),
        (flow("start > ask > end", Approval("ask")), "any"),
    ],
)
def test_what_a_run_gives(workflow: Workflow, output: str) -> None:
    assert str(infer(workflow, ACTIVITIES).output) == output


def test_kinds_for_guards() -> None:
    drawing = flow(
        """start > page > o > choice
        choice > choice_2: page is not None and o.amount > input.ratio
        choice > end: else
        choice_2 > end: len(page) > 3 and error('o')
        choice_2 > end_b: else""",
        task("page", "fetch", url="x"),
        task("o", "order", id=1),
    )
    types = infer(drawing, ACTIVITIES)
    assert types.kinds_at("choice") == {
        "page": "str | None",
        "o": "Order",
        "o.amount": "float",
        "o.tags": "list[str]",
        "o.parent": "Order | None",
        "o.parent.amount": "float",
        "o.parent.tags": "list[str]",
        "o.parent.parent": "Order | None",
        "o.parent.large": "bool",
        "o.large": "bool",
        "input.ratio": "float",
    }
    assert types.kinds_at("choice_2") == {
        "page": "str",
        "error('o')": "dict | None",
        "error('o').type": "str",
        "error('o').message": "str",
    }
    assert types.kinds_at(5) == types.kinds_at("choice_2")


def test_expressions_one_by_one() -> None:
    types = infer(GOOD["behind a guard"], ACTIVITIES)
    assert str(types.expression("s", "arguments.text")) == "str"
    assert str(types.expression(2, "when")) == "bool"
    assert str(types.value("page")) == "str | None"
    assert str(types.value("nobody")) == "any"
    with pytest.raises(KeyError, match="s has no expression 'requires'"):
        types.expression("s", "requires")


def test_workflows_from_outside_and_in_circles() -> None:
    def resolve(name: str, _: Workflow) -> Workflow:
        if name == "other":
            return DOUBLE
        if name == "loop":
            return sketch("start > c > end", Call("c", workflow="loop"), name="loop")
        raise DefinitionError(f"there is no workflow '{name}'")

    def output(name: str) -> str:
        drawing = flow("start > c > end", Call("c", workflow=name, arguments={"n": 1, "m": 1}))
        return str(infer(drawing, ACTIVITIES, workflows=resolve).output)

    assert output("other") == "int"
    assert output("loop") == "any"
    assert output("nobody") == "any"


def test_nothing_is_known_without_activities() -> None:
    types: Typing = infer(one("fetch", url="=input.n"))
    assert types.diagnostics == ()
    assert types.verdict.verdict == "unknown"


def test_what_is_large_or_deep_is_inferred_in_bounded_time() -> None:
    deep = "input.maybe"
    for _ in range(25):
        deep = f"({deep} and input.text) or (not input.n)"
    wide = " + ".join(["input.maybe"] * 200)
    listed = ", ".join(f"{{'a{n}': input.n}}" for n in range(400))
    for source in (deep, wide, f"[{listed}]", "-" * 50 + "input.n", " and ".join(["input.maybe"] * 500)):
        types = infer(flow("start > end", End("end", output=f"={source}")), ACTIVITIES)
        assert str(types.output)
        assert len(types.diagnostics) <= 1  # each part that may be None is told once
