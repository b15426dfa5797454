"""Two versions compared by what they mean, and put together where they can be."""

from __future__ import annotations

import msgspec

from wfnb.author.comparing import compare
from wfnb.author.edits import Move, RemoveEdge, RemoveNode, SetEdge, SetNode, SetWorkflow
from wfnb.author.flow import Flow
from wfnb.author.merging import merge
from wfnb.model.workflow import Edge, End, Task, Workflow


def review() -> Flow:
    flow = Flow("review", {"url": "str"})
    page = flow.task("page", "fetch", url="=input.url").options(retries=3, timeout=30)
    mark = flow.task("mark", "score", text="=page").options(ensures="mark >= 0")
    gate = flow.choice("gate")
    flow.start >> page >> mark >> gate
    gate.when("mark > 0.8") >> flow.end("kept")
    gate.otherwise() >> flow.end("dropped")
    flow.layout({"page": (240, 80), "mark": (420, 80)})
    return flow


def test_nothing_is_no_difference() -> None:
    found = compare(review().workflow, review().workflow)
    assert not found
    assert str(found) == "no difference"
    assert found._repr_html_() == "<p>No difference.</p>"


def test_each_field_is_named() -> None:
    flow = review()
    flow.node("page").options(timeout=60, arguments={"url": "=input.link"})
    flow.document.apply([SetWorkflow(inputs={"link": "str"})])
    assert [*compare(review().workflow, flow.workflow).lines()] == [
        '~ changed inputs.url: "str" → none',
        '~ changed inputs.link: none → "str"',
        '~ changed task page (arguments.url: "=input.url" → "=input.link"; timeout: 30 → 60)',
    ]


def test_a_rename_is_one_change_whatever_names_the_node() -> None:
    flow = review()
    mark = flow.document.node("mark")
    assert isinstance(mark, Task)
    flow.document.apply([SetNode(id="mark", node=msgspec.structs.replace(mark, id="grade"))])
    found = compare(review().workflow, flow.workflow)
    assert [*found.lines()] == ["= renamed task mark → grade"]
    assert not found.only_layout


def test_moves_are_told_apart_from_changes() -> None:
    flow = review()
    flow.document.apply([Move(positions={"page": (1.0, 2.0)})])
    found = compare(review().workflow, flow.workflow)
    assert found.only_layout
    assert [*found.lines()] == ["→ moved task page"]


def test_edges_between_the_same_nodes_are_changed_others_come_and_go() -> None:
    flow = review()
    guarded, otherwise = flow.workflow.edges[-2:]
    flow.document.apply(
        [
            SetEdge(edge=guarded, to=msgspec.structs.replace(guarded, when="mark > 0.9")),
            RemoveEdge(edge=otherwise),
            RemoveNode(id="dropped"),
        ]
    )
    gate = flow.node("gate")
    gate.otherwise() >> flow.node("page")
    assert [*compare(review().workflow, flow.workflow).lines()] == [
        "- removed end dropped",
        '~ changed edge gate → kept (when: "mark > 0.8" → "mark > 0.9")',
        "+ added edge gate → page (otherwise: none → true)",
        "- removed edge gate → dropped (otherwise: true → none)",
    ]


def test_the_order_of_edges_counts() -> None:
    old = review().workflow
    new = msgspec.structs.replace(old, edges=old.edges[::-1])
    assert [*compare(old, new).lines()] == ["~ changed the order of nodes or edges"]


def test_names_are_safe_in_html() -> None:
    old = Workflow(name="x")
    new = Workflow(name="x", nodes=(End("<script>"),))
    assert "<script>" not in compare(old, new)._repr_html_()


def test_what_two_made_of_one_is_put_together() -> None:
    base = review().workflow
    mine, theirs = review(), review()
    mine.node("page").options(timeout=60)
    mine.layout({"page": (1, 1), "mark": (420, 80)})
    theirs.node("gate").when("mark > 0.5") >> theirs.end("maybe")
    theirs.layout({"page": (240, 80), "mark": (2, 2)})
    merged, clashes = merge(base, mine.workflow, theirs.workflow)
    assert clashes == ()
    page = merged.node("page")
    assert isinstance(page, Task)
    assert page.timeout == 60
    assert merged.layout == {"page": (1.0, 1.0), "mark": (2.0, 2.0)}
    assert merged.edges[-1] == Edge(source="gate", target="maybe", when="mark > 0.5")
    assert [node.id for node in merged.nodes] == [node.id for node in theirs.workflow.nodes]


def test_what_both_changed_is_a_clash() -> None:
    base = review().workflow
    mine, theirs = review(), review()
    mine.node("page").options(timeout=60)
    theirs.node("page").options(timeout=90)
    guarded = base.edges[-2]
    mine.document.apply([SetEdge(edge=guarded, to=msgspec.structs.replace(guarded, when="mark > 1"))])
    theirs.document.apply([RemoveEdge(edge=guarded), RemoveNode(id="kept")])
    _, clashes = merge(base, mine.workflow, theirs.workflow)
    assert clashes == ("node 'page'", "edge from 'gate' to 'kept'", "edges from 'gate' to 'kept'")
