"""Every problem that a drawing can have, by its exact text (`tests/golden/diagnostics.txt`)."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from wfnb.errors import CompileError
from wfnb.machine import wellformed
from wfnb.machine.check import PROPERTIES, check
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.wellformed import diagnose
from wfnb.model.activity import Activity, describe
from wfnb.model.workflow import Choice, Edge, End, Fork, Join, Node, Note, Start, Task, Workflow

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
}  # fmt: skip


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
    source = Path(wellformed.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'"(WF\d{3})"', source))
    seen = set(re.findall(r"^(WF\d{3})", GOLDEN.read_text(encoding="utf-8"), re.MULTILINE))
    assert codes - seen == {"WF100"}


def test_too_many_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wellformed, "MAX_NODES", 2)
    (found,) = diagnose(drawn(START, PAGE, END, by=PLAIN))
    assert (found.code, found.severity, found.message) == ("WF100", "error", "the workflow has 3 nodes, more than 2")


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("no otherwise", "one branch", "no inputs")])
def test_what_has_errors_does_not_compile(name: str) -> None:
    with pytest.raises(CompileError) as refused:
        compile_workflow(CASES[name], ACTIVITIES)
    found = [d for d in diagnose(CASES[name], ACTIVITIES) if d.severity == "error"]
    assert list(refused.value.diagnostics) == found
    lines = str(refused.value).splitlines()
    assert lines[0] == f"{len(found)} problem{'s' if len(found) > 1 else ''} in workflow 'bad'"
    assert lines[1] == f"  {found[0].code}  {found[0].message.splitlines()[0]}"


def test_warnings_and_advice_do_not_keep_from_running() -> None:
    for name in ("no otherwise", "one branch", "no inputs"):
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
    assert (warned.code, warned.severity, warned.help) == ("WF201", "warning", "name the module that defines it")
    assert [d.severity for d in diagnose(unknown, None)] == ["warning"]
    assert check(unknown, None).ok


def test_errors_come_first_in_a_report() -> None:
    mixed = drawn(
        START, Fork("fork"), Task("page", activity="fetsh"), END, by=edges("start fork", "fork page", "page end")
    )
    report = check(mixed, ACTIVITIES)
    assert [d.code for d in report.diagnostics] == ["WF201", "WF401"]
    assert repr(report).splitlines()[0] == "1 error"
