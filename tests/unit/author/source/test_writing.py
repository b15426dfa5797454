"""Drawings as Python: what people read."""

from __future__ import annotations

from pathlib import Path

import pytest

import wfnb as wf
from wfnb.author.flow import Flow
from wfnb.model.codec import encode
from wfnb.model.workflow import Edge, Retry, Start, Task, Workflow


def review() -> Flow:
    flow = Flow("review")
    page = flow.task("page", "fetch", url="=input.url").options(retries=3, timeout=30)
    mark = flow.task("mark", "score", text="=page")
    gate = flow.choice("gate")
    flow.start >> page >> mark >> gate
    gate.when("mark > 0.8") >> flow.end("kept")
    gate.otherwise() >> flow.end("dropped")
    flow.layout({"page": (240, 80), "mark": (420.5, 80)})
    return flow


REVIEW = """\
import wfnb as wf

flow = wf.flow("review", {"url": "any"})

page = flow.task("page", "fetch", url="=input.url").options(retries=3, timeout=30)
mark = flow.task("mark", "score", text="=page")
gate = flow.choice("gate")

flow.start >> page >> mark >> gate
gate.when("mark > 0.8") >> flow.end("kept")
gate.otherwise() >> flow.end("dropped")

flow.layout(
    {
        "page": (240, 80),
        "mark": (420.5, 80),
    }
)
"""


def test_it_reads_as_a_person_writes_it() -> None:
    assert wf.to_python(review()) == REVIEW


def test_branches_are_lists() -> None:
    flow = Flow("parallel")
    fork, join = flow.fork("fork"), flow.join("join")
    left, right = flow.task("left", "work"), flow.task("right", "work")
    flow.start >> fork >> [left, right] >> join >> flow.end()
    assert 'flow.start >> fork >> [left, right] >> join >> flow.end("end")\n' in wf.to_python(flow)


def test_waits_timers_and_people() -> None:
    flow = Flow("waits")
    flow.signal("paid", "float", transient=True)
    paid, ask = flow.wait("paid"), flow.approval("ask", "Ship it?", form={"yes": bool})
    late = flow.end("late", error="NotPaid")
    done = flow.end("done")
    flow.start >> paid
    paid.on("paid", when="signal('paid') > 0") >> ask >> done
    paid.after(1209600) >> late
    ask.on_error() >> late
    text = wf.to_python(flow)
    assert 'flow.signal("paid", "float", transient=True)\n' in text
    assert 'ask = flow.approval("ask", "Ship it?", form={"yes": "bool"})\n' in text
    assert 'paid.on("paid", when="signal(\'paid\') > 0") >> ask >> flow.end("done")\n' in text
    assert "paid.after(1209600) >> late\n" in text
    assert "ask.on_error() >> late\n" in text


def test_what_belongs_to_a_document_comes_first_and_is_called_by_its_variable() -> None:
    child = Flow("child", {"id": "str"})
    child.start >> child.task("work", "work", id="=input.id") >> child.end()
    flow = Flow("main")
    part = flow.include(child)
    flow.start >> flow.call("one", part, id="1") >> flow.map("all", part, ["a"], width=2) >> flow.end()
    text = wf.to_python(flow)
    assert text.index('child = wf.flow("child", {"id": "str"})') < text.index('flow = wf.flow("main")')
    assert 'one = flow.call("one", child, id="1")\n' in text
    assert 'all = flow.map("all", child, ["a"], width=2)\n' in text


def test_a_map_names_a_workflow_of_the_notebook() -> None:
    flow = Flow("main")
    flow.map("all", wf.WorkflowName("elsewhere"), "=input.items")
    text = wf.to_python(flow)
    assert 'flow.map("all", wf.WorkflowName("elsewhere"), "=input.items")' in text
    assert wf.from_python(text) == flow.workflow


def test_long_options_have_a_line_each() -> None:
    flow = Flow("long")
    flow.task("send", "send", to="=input.to").options(
        retry=Retry(attempts=5, delay=0.5), resources={"cpu": 2}, requires="len(input.to) > 0", lock="the mail server"
    )
    assert """\
send = flow.task("send", "send", to="=input.to")
send.options(
    retry=wf.Retry(attempts=5, delay=0.5),
    resources={"cpu": 2},
    requires="len(input.to) > 0",
    lock="the mail server",
)
""" in wf.to_python(flow)


@pytest.mark.parametrize("id", ["the page", "class", "ﬁ", "1st", "日本", "flow", "wf", "a.b", '"', "'", "\\"])
def test_any_id_has_a_variable(id: str) -> None:
    flow = Flow("odd")
    flow.start >> flow.task(id, "work") >> flow.task(f"{id}?", "work")
    assert encode(wf.from_python(wf.to_python(flow))) == encode(flow.workflow)


def test_what_the_builder_would_refuse_is_added_as_it_is() -> None:
    twins = (Start("start"), Task("twin", activity="a"), Task("twin", activity="b"))
    edges = (Edge(source="start", target="nowhere"), Edge(source="start", target="twin", otherwise=True, when="x"))
    workflow = Workflow(name="broken", nodes=twins, edges=edges)
    text = wf.to_python(workflow)
    assert 'flow.add({"kind": "task", "id": "twin", "activity": "b"})\n' in text
    assert 'flow.add({"source": "start", "target": "nowhere"})\n' in text
    assert wf.from_python(text) == workflow


def test_files_of_python_are_saved_and_loaded(tmp_path: Path) -> None:
    file = wf.save(review(), tmp_path / "review.py")
    assert file.read_text(encoding="utf-8") == REVIEW
    assert encode(wf.load(file)) == encode(review().workflow)
    file.write_text('flow = wf.flow("x")\nflow.tusk("a", "b")\n', encoding="utf-8")
    with pytest.raises(wf.SourceError, match=r"'review.py', line 2: 'flow.tusk' is no part of a drawing") as caught:
        wf.load(file)
    assert (caught.value.line, caught.value.column) == (2, 0)
