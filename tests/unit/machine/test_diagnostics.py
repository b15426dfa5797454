"""Every problem that a drawing can have, by its exact text (`tests/golden/diagnostics.txt`)."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from wfnb.errors import CompileError
from wfnb.machine import names, shape, triggers, wellformed
from wfnb.machine.check import PROPERTIES, check
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.wellformed import diagnose
from wfnb.model.activity import Activity, describe
from wfnb.model.workflow import (
    Call,
    Choice,
    Compensation,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Map,
    Node,
    Note,
    Retry,
    Start,
    Task,
    Wait,
    Workflow,
)

GOLDEN = Path(__file__).parents[2] / "golden" / "diagnostics.txt"


def fetch(url: str, *, limit: int = 3) -> str:
    """An activity."""
    return url[:limit]


def score(text: str) -> float:
    """Another."""
    return len(text)


ACTIVITIES: dict[str, Activity] = {f.__name__: describe(f) for f in (fetch, score)}
START, END = Start("start"), End("end")
PAGE = Task("page", activity="fetch", arguments={"url": "=input.url"})


def edges(*pairs: str) -> tuple[Edge, ...]:
    """`a b` from a to b, `a b: x > 1` with a guard, `a b!` otherwise."""
    found = []
    for pair in pairs:
        ends, _, when = pair.partition(": ")
        source, _, target = ends.rstrip("!").partition(" ")
        found.append(Edge(source=source, target=target, when=when or None, otherwise=ends.endswith("!")))
    return tuple(found)


def drawn(*nodes: Node, by: tuple[Edge, ...], **fields: object) -> Workflow:
    return Workflow(name="bad", nodes=nodes, edges=by, **{"inputs": {"url": "str"}, **fields})  # type: ignore[arg-type]


def waiting(edge: Edge, *more: Node) -> Workflow:
    """A wait with this edge, and more nodes."""
    return drawn(START, PAGE, Wait("wait"), END, *more, by=(*edges("start page", "page wait"), edge))


def inclusive(
    fork: Fork = Fork("fork", join="join"),  # noqa: B008 - it is frozen
    join: Join = Join("join"),  # noqa: B008
    more: tuple[Node, ...] = (),
    by: tuple[Edge, ...] = (),
) -> Workflow:
    """An inclusive fork and its join: with two branches, where nothing else is said."""
    plain = edges("start fork", "fork a: input.url", "fork b!", "a join", "b join", "join end")
    return drawn(START, fork, join, *(more or SCORES), END, by=by or plain)


SCORES = tuple(Task(id, activity="score", arguments={"text": "x"}) for id in "ab")
PLAIN = edges("start page", "page end")
CASES: dict[str, Workflow] = {
    "nothing": Workflow(name="bad"),
    "no start": drawn(PAGE, END, by=edges("page end")),
    "two starts": drawn(START, Start("go"), PAGE, END, by=edges("start page", "go page", "page end")),
    "no end": drawn(START, PAGE, by=edges("start page")),
    "unreachable": drawn(START, PAGE, Task("lost", activity="score", arguments={"text": "x"}), END, by=(
        *PLAIN, *edges("lost end"))),
    "no way out": drawn(START, Fork("fork"), PAGE, Task("lost", activity="f"), END, by=edges(
        "start fork", "fork page", "fork lost", "page end")),
    "an edge from nowhere": drawn(START, PAGE, END, by=(*PLAIN, *edges("pge end"))),
    "an edge to nowhere": drawn(START, PAGE, END, by=(*PLAIN, *edges("page ennd"))),
    "two nodes, one id": drawn(START, PAGE, PAGE, END, by=PLAIN),
    "three nodes, one id": drawn(START, PAGE, PAGE, PAGE, END, by=PLAIN),
    "no id": drawn(START, PAGE, END, Fork(""), by=PLAIN),
    "an id with a line break": drawn(START, PAGE, END, Fork("a\nb"), by=PLAIN),
    "two ways on": drawn(START, PAGE, END, End("other"), by=(*PLAIN, *edges("page other"))),
    "no otherwise": drawn(START, PAGE, Choice("gate"), END, by=edges("start page", "page gate", "gate end: page")),
    "two otherwise": drawn(START, PAGE, Choice("gate"), END, End("other"), by=edges(
        "start page", "page gate", "gate end!", "gate other!")),
    "guard and otherwise": drawn(START, PAGE, Choice("gate"), END, by=(
        *edges("start page", "page gate"), Edge(source="gate", target="end", when="page", otherwise=True))),
    "no guard": drawn(START, PAGE, Choice("gate"), END, End("other"), by=edges(
        "start page", "page gate", "gate end", "gate other!")),
    "a guard on no choice": drawn(START, PAGE, END, by=edges("start page", "page end: page")),
    "into the start": drawn(START, PAGE, Fork("fork"), END, by=edges(
        "start page", "page fork", "fork start", "fork end")),
    "out of the end": drawn(START, PAGE, END, by=(*PLAIN, *edges("end page"))),
    "equal edges": drawn(START, PAGE, END, by=(*PLAIN, *edges("page end"))),
    "a note in the way": drawn(START, PAGE, Note("note"), END, by=(*PLAIN, *edges("note end", "page note"))),
    "round for ever": drawn(START, PAGE, Choice("a"), Choice("b"), END, by=edges(
        "start page", "page a", "a b: page", "a end!", "b a: page", "b end!")),
    "one branch": drawn(START, PAGE, Fork("fork"), Join("join"), END, by=edges(
        "start fork", "fork page", "page join", "join end")),
    "unknown activity": drawn(START, Task("page", activity="fetsh"), END, by=PLAIN),
    "missing argument": drawn(START, Task("page", activity="fetch"), END, by=PLAIN),
    "unknown argument": drawn(START, Task("page", activity="fetch", arguments={"url": "x", "limt": 1}), END, by=PLAIN),
    "a bad expression": drawn(START, Task("page", activity="fetch", arguments={"url": "=input.url +"}), END, by=PLAIN),
    "a refused expression": drawn(
        START, PAGE, Choice("gate"), END, by=edges("start page", "page gate", "gate end: page.lower()", "gate end!")),
    "an unknown name": drawn(START, PAGE, End("end", output="=pag"), by=PLAIN),
    "no inputs": drawn(START, PAGE, END, by=PLAIN, inputs={}),
    "an unknown input": drawn(START, PAGE, END, by=PLAIN, inputs={"ulr": "str"}),
    "many known": drawn(START, *(Task(f"t{n}", activity="f") for n in range(20)), END, by=edges(
        "start t0", *(f"t{n} t{n + 1}" for n in range(19)), "t19 ende")),
    "a long id": drawn(START, Task("x" * 201, activity="score", arguments={"text": "x"}), END, by=edges(
        f"start {'x' * 201}", f"{'x' * 201} end")),
    "three starts": drawn(START, Start("go"), Start("on"), PAGE, END, by=edges(
        "start page", "go page", "on page", "page end")),
    "a choice that leads to itself": drawn(START, PAGE, Choice("a"), END, by=edges(
        "start page", "page a", "a a: page", "a end!")),
    "into a group": drawn(START, PAGE, Group("group", members=("page",)), END, by=(*PLAIN, *edges("start group"))),
    "out of a group": drawn(START, PAGE, Group("group", members=("page",)), END, by=(*PLAIN, *edges("group end"))),
    "only triggers": drawn(START, PAGE, END, by=(*edges("start page"), Edge(source="page", target="end", after=5))),
    "two ways on and a trigger": drawn(START, PAGE, END, End("other"), End("late"), by=(
        *PLAIN, *edges("page other"), Edge(source="page", target="late", after=5))),
    "two triggers": drawn(START, PAGE, END, End("late"), by=(
        *PLAIN, Edge(source="page", target="late", after=5, on="stop"))),
    "a wait without a trigger": waiting(Edge(source="wait", target="end")),
    "a wait with otherwise": waiting(Edge(source="wait", target="end", otherwise=True)),
    "a wait that fails": waiting(Edge(source="wait", target="end", error="*")),
    "a choice with a trigger": drawn(START, PAGE, Choice("gate"), END, End("other"), by=(
        *edges("start page", "page gate", "gate end!"), Edge(source="gate", target="other", on="stop"))),
    "a trigger and otherwise": drawn(START, PAGE, END, End("late"), by=(
        *PLAIN, Edge(source="page", target="late", after=5, otherwise=True))),
    "no such join": inclusive(Fork("fork", join="jion")),
    "a join that does not wait": inclusive(join=Join("join", need="any")),
    "a branch that ends": inclusive(more=(End("other"), *SCORES), by=edges(
        "start fork", "fork a: input.url", "fork b: input.url", "a join", "b other", "join end")),
    "a branch with two ways in": inclusive(more=(*SCORES, Fork("two")), by=edges(
        "start fork", "fork a: input.url", "fork two: input.url", "two b", "two join", "a join", "b join", "join end")),
    "a branch entered from elsewhere": inclusive(more=(*SCORES, Fork("two")), by=edges(
        "start two", "two fork", "two b", "fork a: input.url", "fork b: input.url", "a join", "b join", "join end")),
    "branches that meet": inclusive(more=SCORES, by=edges(
        "start fork", "fork a: input.url", "fork a: not input.url", "a join", "fork b", "b join", "join end")),
    "more than the branches": inclusive(more=(*SCORES, Fork("two")), by=edges(
        "start two", "two fork", "two join", "fork a: input.url", "fork b: input.url", "a join", "b join", "join end")),
    "an inclusive fork without otherwise": inclusive(more=SCORES, by=edges(
        "start fork", "fork a: input.url", "fork b: not input.url", "a join", "b join", "join end")),
    "an inclusive fork with two": inclusive(more=SCORES, by=edges(
        "start fork", "fork a!", "fork b!", "a join", "b join", "join end")),
    "a guard on a fork": drawn(START, Fork("fork"), *SCORES, Join("join"), END, by=edges(
        "start fork", "fork a: input.url", "fork b", "a join", "b join", "join end")),
    "a round of inclusive forks": inclusive(more=SCORES, by=edges(
        "start fork", "fork fork: input.url", "fork a!", "a join", "fork b: input.url", "b join", "join end")),
    "too many to wait for": drawn(START, Fork("fork"), *SCORES, Join("join", need=3), END, by=edges(
        "start fork", "fork a", "fork b", "a join", "b join", "join end")),
    "spawns an end": drawn(START, PAGE, Fork("fork"), END, End("other"), by=(
        *edges("start page", "page fork", "fork end"), Edge(source="fork", target="other", spawn=True))),
    "spawns what goes on": drawn(START, PAGE, Fork("fork"), SCORES[0], END, by=(
        *edges("start page", "page fork", "fork end", "a end"), Edge(source="fork", target="a", spawn=True))),
    "spawns itself": drawn(START, Fork("fork"), SCORES[0], END, by=(
        *edges("start fork", "fork end", "a fork"), Edge(source="fork", target="a", spawn=True))),
    "a map of nothing": drawn(START, Map("each", items=[1]), END, by=edges("start each", "each end")),
    "a map of both": drawn(START, Map("each", items=[1], activity="score", workflow="other",
        arguments={"text": "=item"}), END, by=edges("start each", "each end")),
    "no such member": drawn(START, PAGE, Group("group", members=("pag",)), END, by=PLAIN),
    "no strategy": drawn(START, PAGE, Group("group", members=("page",), strategy="parallel(0)"), END, by=PLAIN),
    "a group in itself": drawn(START, PAGE, Group("group", members=("group", "page")), END, by=PLAIN),
    "groups in each other": drawn(
        START, PAGE, Group("one", members=("two", "page")), Group("two", members=("one",)), END, by=PLAIN),
    "groups in groups": drawn(
        START, PAGE, *(Group(f"g{n}", members=(f"g{n + 1}" if n < 50 else "page",)) for n in range(51)), END, by=PLAIN),
    "overlapping groups": drawn(START, PAGE, SCORES[0], SCORES[1], Group("one", members=("page", "a")),
        Group("two", members=("a", "b")), END, by=edges("start page", "page a", "a b", "b end")),
    "a lock with two ways in": drawn(START, Fork("fork"), *SCORES, Join("join"), END,
        Group("group", members=("a", "b"), lock="door"), by=edges(
            "start fork", "fork a", "fork b", "a join", "b join", "join end")),
    "a lock without a way in": drawn(START, PAGE, END, Group("group", lock="door"), by=PLAIN),
    "a lock that begins with a fork": drawn(START, Fork("fork"), *SCORES, Join("join"), END,
        Group("group", members=("fork", "a", "b", "join"), lock="door"), by=edges(
            "start fork", "fork a", "fork b", "a join", "b join", "join end")),
    "a lock in a lock": drawn(START, Task("page", activity="score", arguments={"text": "x"}, lock="other"), END,
        Group("group", members=("page",), lock="door"), by=PLAIN),
    "no time": waiting(Edge(source="wait", target="end", until="tomorrow")),
    "no delay": waiting(Edge(source="wait", target="end", after="5 minutes")),
    "a delay before now": waiting(Edge(source="wait", target="end", after=-5)),
    "no timeout": drawn(START, Task("page", activity="fetch", arguments={"url": "x"}, timeout=float("inf"),
        retry=Retry(delay=-1.0)), END, by=PLAIN),
    "a trigger that reads what is not": waiting(Edge(source="wait", target="end", after="=paus", when="input.ur")),
    "reads what has no value": drawn(START, PAGE, End("end", output="=start"), by=PLAIN),
    "an unknown milestone": waiting(Edge(source="wait", target="end", when="reached('pag')")),
    "a milestone that is a note": waiting(
        Edge(source="wait", target="end", when="reached('hint')"), Note("hint", text="x")
    ),
    "a milestone that is a group": waiting(
        Edge(source="wait", target="end", when="reached('part')"), Group("part", members=("wait",))
    ),
    "control characters in an expression": waiting(Edge(source="wait", target="end", when="a\x1b[31m b\n\x07")),
    "a call of nothing yet": drawn(START, Call("sub", workflow=""), END, by=edges("start sub", "sub end")),
    "an unknown signal": waiting(Edge(source="wait", target="end", on="paid", when="signal('piad') > 3")),
    "a signal where there is none": waiting(Edge(source="wait", target="end", when="signal('paid') > 3")),
    "an unknown error": drawn(START, PAGE, END, End("other"), by=(
        *PLAIN, Edge(source="page", target="other", error="*", when="error('pag').type == 'E'"))),
    "no argument for the way back": drawn(START, Task("page", activity="fetch", arguments={"url": "x"},
        compensate=Compensation(activity="score", arguments={"txt": "=pag"})), END, by=PLAIN),
}  # fmt: skip
ADVICE = ("no otherwise", "one branch", "no inputs", "an inclusive fork without otherwise")


def told() -> str:
    """What each case is told, as the golden file has it."""
    parts = []
    for name, workflow in CASES.items():
        lines = [f"# {name}"]
        for found in diagnose(workflow, ACTIVITIES):
            where = " ".join([*map(repr, found.nodes), *(f"edge {edge}" for edge in found.edges)])
            field = f" .{found.field}" if found.field else ""
            column = "" if found.column is None else f" column {found.column}"
            lines.append(f"{found.code} {found.severity}: {found.message}")
            lines += [f"    {line}" for line in found.help.splitlines()]
            lines.append(f"    @ {where}{field}{column}".rstrip())
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def test_the_exact_texts() -> None:
    if os.environ.get("WFNB_WRITE_GOLDEN"):
        GOLDEN.write_text(told(), encoding="utf-8")
    assert told() == GOLDEN.read_text(encoding="utf-8")


def test_every_code_has_a_case() -> None:
    sources = (Path(module.__file__).read_text(encoding="utf-8") for module in (wellformed, names, shape, triggers))
    codes = {code for source in sources for code in re.findall(r'"(WF\d{3})"', source)}
    seen = set(re.findall(r"^(WF\d{3})", GOLDEN.read_text(encoding="utf-8"), re.MULTILINE))
    assert codes - seen == {"WF100"}


def calling(name: str, **own: Workflow) -> Workflow:
    return drawn(START, Call("call", workflow=name), END, by=edges("start call", "call end"), workflows=own)


CALLS = {
    "no such workflow": (calling("other"), "WF240", "'call' calls 'other': there is no workflow 'other'",
        "add it to the document's `workflows`"),
    "itself": (calling("own", own=calling("own")), "WF241",
        "'call' calls 'own', which calls itself: bad -> own -> own", "repeat with a loop in one workflow instead"),
    "one with errors": (calling("own", own=CASES["no end"]), "WF242",
        "'call' calls 'own', which has errors: workflow 'bad' has no end", "add an end node"),
    "one that calls one with errors": (calling("own", own=calling("inner", inner=CASES["no end"])), "WF242",
        "'call' calls 'own', which has errors: 'call' calls 'inner', which has errors: workflow 'bad' has no end",
        "add an end node"),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_what_is_wrong_with_what_is_called(name: str) -> None:
    workflow, code, message, cure = CALLS[name]
    with pytest.raises(CompileError) as refused:
        compile_workflow(workflow)
    (found,) = refused.value.diagnostics
    assert (found.code, found.message, found.help) == (code, message, cure)
    assert (found.nodes, found.field) == (("call",), "workflow")


def test_too_many_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wellformed, "MAX_NODES", 2)
    (found,) = diagnose(drawn(START, PAGE, END, by=PLAIN))
    assert (found.code, found.severity, found.message) == ("WF100", "error", "the workflow has 3 nodes, more than 2")


@pytest.mark.parametrize("name", [name for name in CASES if name not in ADVICE])
def test_what_has_errors_does_not_compile(name: str) -> None:
    with pytest.raises(CompileError) as refused:
        compile_workflow(CASES[name], ACTIVITIES)
    found = [d for d in diagnose(CASES[name], ACTIVITIES) if d.severity == "error"]
    assert list(refused.value.diagnostics) == found
    lines = str(refused.value).splitlines()
    assert lines[0] == f"{len(found)} problem{'s' if len(found) > 1 else ''} in workflow 'bad'"
    assert lines[1] == f"  {found[0].code}  {found[0].message.splitlines()[0]}"


def test_warnings_and_advice_do_not_keep_from_running() -> None:
    for name in ADVICE:
        assert check(CASES[name], ACTIVITIES).ok
        compile_workflow(CASES[name], ACTIVITIES)


def test_what_is_right_is_told_nothing() -> None:
    right = drawn(START, PAGE, END, by=PLAIN)
    report = check(right, ACTIVITIES)
    assert report.ok
    assert report.diagnostics == ()
    assert repr(report) == "ok"
    assert set(report.properties) == set(PROPERTIES)
    assert "refuted" not in {p.verdict for p in report.properties.values()}
    assert report.properties["sound"].verdict == "proved"


def test_where_not_all_activities_are_known() -> None:
    unknown = CASES["unknown activity"]
    (warned,) = diagnose(unknown, ACTIVITIES, all_known=False)
    assert (warned.code, warned.severity) == ("WF201", "warning")
    assert warned.help == "name the module that defines it: --module FILE"
    assert [d.severity for d in diagnose(unknown, None)] == ["warning"]
    assert check(unknown, None).ok


def test_errors_come_first_in_a_report() -> None:
    mixed = drawn(
        START, Fork("fork"), Task("page", activity="fetsh"), END, by=edges("start fork", "fork page", "page end")
    )
    report = check(mixed, ACTIVITIES)
    assert [d.code for d in report.diagnostics] == ["WF201", "WF401"]
    assert repr(report).splitlines()[0] == "2 problems (1 error, 1 advice)"


def test_a_task_that_was_just_dropped_has_no_activity_yet() -> None:
    edges = (Edge(source="start", target="a"), Edge(source="a", target="end"))
    made = Workflow(name="new", nodes=(Start("start"), Task("a", activity=""), End("end")), edges=edges)
    (told,) = check(made, {}).diagnostics
    assert (told.code, told.message, told.help) == ("WF201", "task 'a' has no activity yet", "choose what it calls")
