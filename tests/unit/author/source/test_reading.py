"""Python as drawings: what is understood, and what is refused with its line and a cure."""

from __future__ import annotations

from pathlib import Path

import pytest

import wfnb as wf
from wfnb.author.flow import Flow
from wfnb.author.registry import registry
from wfnb.model.workflow import Edge, Map, Task


def test_what_a_notebook_has_is_understood() -> None:
    made = wf.from_python('''
"""A review."""
import wfnb as wf
from datetime import timedelta

flow = wf.flow("review", {"url": str, "limits": list[float] | None})
page = flow.task("page", fetch, url="=input.url").options(prerequisites=[login], compensate=(undo, {"id": 1}))
gate = flow.choice("gate")
flow.start >> page >> gate
gate.when("page > 1") >> flow.end("kept")
gate.otherwise() >> flow.end("failed", error=ValueError)
page.on_error(requests.HTTPError) >> flow.node("failed")
page.after(timedelta(minutes=2)) >> flow.node("kept")
''')
    assert made.inputs == {"url": "str", "limits": "list[float] | None"}
    page = made.node("page")
    assert isinstance(page, Task)
    assert (page.activity, page.prerequisites) == ("fetch", ("login",))
    assert page.compensate is not None
    assert (page.compensate.activity, page.compensate.arguments) == ("undo", {"id": 1})
    assert made.edges[-2:] == (
        Edge(source="page", target="failed", error="HTTPError"),
        Edge(source="page", target="kept", after=120.0),
    )


def test_inputs_are_declared_as_they_are_read() -> None:
    assert wf.from_python('flow = wf.flow("x")\nflow.task("a", "f", url="=input.url")').inputs == {"url": "any"}
    assert wf.from_python('flow = wf.flow("x", {})\nflow.task("a", "f", url="=input.url")').inputs == {}


def test_nothing_of_it_is_run_or_remembered(tmp_path: Path) -> None:
    known, workflows = dict(registry), dict(registry.workflows)
    wf.from_python('part = wf.flow("never seen")\nflow = wf.flow("x")\nflow.call("a", part)\nflow.map("b", "f", [])')
    assert dict(registry) == known
    assert dict(registry.workflows) == workflows
    file = tmp_path / "made"
    with pytest.raises(wf.SourceError):
        wf.from_python(f'flow = wf.flow(open({str(file)!r}, "w"))')
    assert not file.exists()


def test_a_flow_that_is_called_becomes_the_documents_own() -> None:
    made = wf.from_python('part = wf.flow("part")\nflow = wf.flow("x")\nflow.map("b", part, [1])')
    assert [*made.workflows] == ["part"]
    assert made.node("b") == Map("b", items=[1], workflow="part")


def test_a_plain_name_in_a_map_is_an_activity_whatever_the_notebook_has() -> None:
    registry.workflows.add(Flow("both").document)
    made = wf.from_python('flow = wf.flow("x")\nflow.map("b", "both", [1])')
    assert made.node("b") == Map("b", items=[1], activity="both")


REFUSED = [
    ("flow.task('a', 'f'", "'(' was never closed", "correct the Python there", 9),
    ("def fetch(): pass", "'fetch' is defined, and a drawing only names what it runs", "define it in the notebook", 0),
    ("import os", "'os' can not be imported here: a drawing runs no code", "import wfnb as wf", 0),
    ("from wfnb import load", "'wfnb.load' can not be imported here", "import wfnb as wf", 0),
    ("for x in []: pass", "a drawing has no 'for' statement", "one by one", 0),
    ("x = flow.task('é', 'f' + 'g')", "'f' + 'g' is nothing that a drawing is made of", "write literals", 19),
    ("flow.task('a', f'{1}')", "f'{1}' is nothing that a drawing is made of", "write literals", 15),
    ("flow.start >> pag", "'pag' is not defined", "Did you mean 'page'?", 14),
    ("flow.start >> 'page'", "'page' is no node, so no edge can touch it", "flow.start >> page", 14),
    ("flow.tusk('a', 'f')", "'flow.tusk' is no part of a drawing", "Did you mean 'task'?", 0),
    ("flow.document.apply([])", "'flow.document' is no part of a drawing", "known there", 0),
    ("page.drawing", "a drawing has no 'expr' statement", "one by one", 0),
    ("x = page.drawing", "'page.drawing' is no part of a drawing", "known there", 4),
    ("wf.save(flow, 'x')", "'wf.save' is no part of a drawing", "known there: Retry, WorkflowName, flow", 0),
    ("''.join(['a'])", "''.join' is no part of a drawing", "write the builder's calls", 0),
    ("flow.task('page', 'f')", "there is a node 'page' already", "choose another id", 0),
    ("flow.task(3, 'f')", "3 is no text", "write it in quotes", 10),
    ("flow.task('b', page)", "page is no activity", "give an activity's name", 15),
    ("flow.task('b', 'f', **['x'])", "an argument is given twice, or '**' without a dict", "once", 22),
    ("flow.join('j', need='most')", "need of join 'j' is 'most'", "known: 'all', 'any'", 0),
    ("page.options(retrys=3)", "NodeRef.options() has no option 'retrys'", "Did you mean 'retry'?", 0),
    ("page.options(timeout='soon')", "timeout is 'soon'", "positive number of seconds", 0),
    ("flow.task('b', 'f', x={1: 2})", "the keys of a dict are text here", "in quotes", 23),
    ("flow.end()\nflow.end()", "there is a node 'end' already", "choose another id", 0),
    ("flow.layout({'page': 3})", "cannot unpack", "correct the call", 0),
    ("page.when(1) >> page", "1 is no text", "write it in quotes", 10),
    ("flow.map('m', 3, [])", "3 can not be run", "give its name", 14),
    ("flow(page)", "'flow' can not be called in a drawing", "write the builder's calls", 0),
]


@pytest.mark.parametrize(("source", "what", "cure", "column"), REFUSED)
def test_what_is_refused_says_where_and_what_to_do(source: str, what: str, cure: str, column: int) -> None:
    text = f'flow = wf.flow("x")\npage = flow.task("page", "f")\n{source}\n'
    with pytest.raises(wf.SourceError) as caught:
        wf.from_python(text)
    first, _, second = str(caught.value).partition("\n")
    assert what in first
    assert cure in second
    assert first.startswith(f"line {caught.value.line}: ")
    assert caught.value.line == 3 + source.count("\nflow")
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "line 1: there is no workflow"),
        ("x = 1", "line 1: there is no workflow"),
        ("\0", "line 1: "),
        (f'flow = wf.flow("x")\nflow.end(output={"[" * 3000 + "]" * 3000})', "line "),
        (f'flow = wf.flow("x")\nx = {"-" * 5000}1', "line "),
    ],
)
def test_what_is_no_drawing_at_all_is_refused(text: str, what: str) -> None:
    with pytest.raises(wf.SourceError) as caught:
        wf.from_python(text)
    assert str(caught.value).startswith(what)
