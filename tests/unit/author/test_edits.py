"""Edits one by one: what each does, what it refuses, and that its inverse is exact."""

from __future__ import annotations

import msgspec
import pytest

from wfnb.author.document import MAX_UNDO, Document
from wfnb.author.edits import (
    AddEdge,
    AddNode,
    Edit,
    Move,
    RemoveEdge,
    RemoveNode,
    Restore,
    SetEdge,
    SetNode,
    SetWorkflow,
    apply,
)
from wfnb.errors import EditError
from wfnb.model.codec import encode
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    Compensation,
    Edge,
    End,
    Fork,
    Group,
    Map,
    Node,
    Signal,
    Start,
    Task,
    Workflow,
)

START_A, A_GATE = Edge(source="start", target="a"), Edge(source="a", target="gate")
GATE_END = Edge(source="gate", target="end", when="a > 1")
LATE = Edge(source="b", target="end", after="=a + 1", when="a > b")
BASE = Workflow(
    name="base",
    inputs={"x": "int"},
    nodes=(
        Start("start"),
        Task("a", activity="f", arguments={"x": "=input.a", "deep": {"y": "=a"}}),
        Task("b", activity="g", arguments={"x": "=a + len(values['a'])", "text": "a"}),
        Choice("gate"),
        End("end", output="=[a for a in a]"),
        Group("area", members=("a", "b", "absent")),
        Fork("ways", join="b"),
    ),
    edges=(START_A, A_GATE, GATE_END),
    layout={"start": (0.0, 0.0), "a": (1.0, 1.0), "stale": (5.0, 5.0)},
)


@pytest.mark.parametrize(
    "edits",
    [
        [AddNode(node=End("new"))],
        [AddNode(node=End("new"), position=(3, 4), at=1)],
        [AddNode(node=End("stale"), position=(3, 4))],
        [RemoveNode(id="b")],
        [RemoveNode(id="ways")],
        [RemoveNode(id="area"), RemoveNode(id="b")],
        [AddNode(node=End("absent"))],
        [AddNode(node=Group("more", members=("new",))), AddNode(node=End("new")), RemoveNode(id="new")],
        [SetNode(id="area", node=Group("area", members=("x",))), AddNode(node=End("x"))],
        [RemoveEdge(edge=START_A), RemoveEdge(edge=A_GATE), RemoveNode(id="a")],
        [SetNode(id="a", node=Task("a", label="A", activity="h"))],
        [SetNode(id="a", node=End("a"))],
        [SetNode(id="a", node=Task("page", activity="f", arguments={"x": "=input.a"}))],
        [SetNode(id="a", node=Task("a b", activity="f"))],
        [AddEdge(edge=Edge(source="b", target="end"))],
        [AddEdge(edge=Edge(source="b", target="end"), at=0)],
        [RemoveEdge(edge=START_A)],
        [RemoveEdge(edge=GATE_END)],
        [SetEdge(edge=A_GATE, to=Edge(source="a", target="b"))],
        [SetEdge(edge=A_GATE, to=A_GATE, at=0)],
        [SetEdge(edge=START_A, to=Edge(source="start", target="b"), at=2)],
        [Move(positions={"a": (9, 9), "b": (1, 2), "start": None})],
        [Move(positions={"b": (1, 2)}, whole=True)],
        [SetWorkflow(name="new", inputs={})],
        [SetWorkflow(description="d")],
        [SetWorkflow(signals={"paid": Signal(type="int")}, workflows={"own": Workflow(name="own")})],
        [AddEdge(edge=LATE), SetEdge(edge=LATE, to=Edge(source="b", target="end", on="paid"))],
        [Restore(nodes=(), edges=(), layout={})],
    ],
)
def test_the_inverse_is_exact(edits: list[Edit]) -> None:
    changed, inverse = apply(BASE, edits)
    assert encode(changed) != encode(BASE)
    assert encode(apply(changed, inverse)[0]) == encode(BASE)
    for edit in (*edits, *inverse):  # as they go to the canvas and back
        assert msgspec.json.decode(msgspec.json.encode(edit), type=type(edit)) == edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (AddNode(node=End("a")), "there is a node 'a' already\nchoose another id"),
        (AddNode(node=End("")), "'' is no node id\nan id is printable text"),
        (AddNode(node=End("a\n")), "'a\\n' is no node id\nan id is printable text"),
        (RemoveNode(id="a"), "an edge still touches 'a'\nremove its edges in the same gesture"),
        (RemoveNode(id="z"), "there is no node 'z'\nknown nodes: start, a, b, gate, end, area, ways"),
        (SetNode(id="z", node=End("z")), "there is no node 'z'\nknown nodes: start, a, b, gate, end, area, ways"),
        (SetNode(id="a", node=End("b")), "there is a node 'b' already\nchoose another id"),
        (SetNode(id="a", node=End("")), "'' is no node id\nan id is printable text"),
        (AddEdge(edge=START_A), "there is an edge from 'start' to 'a' already"),
        (
            AddEdge(edge=Edge(source="a", target="z")),
            "there is no node 'z'\nknown nodes: start, a, b, gate, end, area, ways",
        ),
        (RemoveEdge(edge=Edge(source="a", target="b")), "there is no such edge from 'a' to 'b'"),
        (SetEdge(edge=Edge(source="a", target="b"), to=START_A), "there is no such edge from 'a' to 'b'"),
        (SetEdge(edge=A_GATE, to=START_A), "there is an edge from 'start' to 'a' already"),
        (SetEdge(edge=A_GATE, to=Edge(source="z", target="a")), "there is no node 'z'"),
        (Move(positions={"z": (1, 1)}), "there is no node 'z'"),
        (Move(positions={"a": (9, 9), "b": (2, 2), "start": None, "z": (1, 1)}), "there is no node 'z'"),
    ],
)
@pytest.mark.parametrize("before", [[], [Move(positions={"a": (7, 7)}), AddNode(node=End("new"))]])
def test_an_edit_that_does_not_fit_changes_nothing(before: list[Edit], edit: Edit, message: str) -> None:
    document = Document(BASE)
    with pytest.raises(EditError) as refused:
        document.apply([*before, edit])
    assert str(refused.value).startswith(message)
    assert encode(document.workflow) == encode(BASE)
    assert document.revision == 0
    assert document.undo() is None
    document.apply([SetWorkflow(name="built anew")])
    assert encode(document.workflow) == encode(msgspec.structs.replace(BASE, name="built anew"))


def test_a_rename_is_followed_everywhere() -> None:
    renamed, _ = apply(BASE, [SetNode(id="a", node=Task("the page", activity="f", arguments={"x": "=input.a"}))])
    b, end = renamed.node("b"), renamed.node("end")
    assert isinstance(b, Task)
    assert isinstance(end, End)
    assert b.arguments == {"x": "=values['the page'] + len(values['the page'])", "text": "a"}
    assert end.output == "=[a for a in values['the page']]"
    assert renamed.edges == (
        Edge(source="start", target="the page"),
        Edge(source="the page", target="gate"),
        Edge(source="gate", target="end", when="values['the page'] > 1"),
    )
    assert list(renamed.layout) == ["start", "the page", "stale"]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (
            Task("t", activity="f", requires="a > 1", ensures="t > a", arguments={"x": "=a", "y": "a"}),
            Task("t", activity="f", requires="z > 1", ensures="t > z", arguments={"x": "=z", "y": "a"}),
        ),
        (
            Task("t", activity="f", compensate=Compensation(activity="g", arguments={"x": "=a + t"})),
            Task("t", activity="f", compensate=Compensation(activity="g", arguments={"x": "=z + t"})),
        ),
        (End("t", output="=a", message="=str(a)"), End("t", output="=z", message="=str(z)")),
        (End("t", output="a", message="a"), End("t", output="a", message="a")),
        (Approval("t", prompt="=a + '?'"), Approval("t", prompt="=z + '?'")),
        (
            Map("t", activity="f", items="=a", arguments={"x": "=a + item"}),
            Map("t", activity="f", items="=z", arguments={"x": "=z + item"}),
        ),
        (Call("t", workflow="a", arguments={"a": "=a"}), Call("t", workflow="a", arguments={"a": "=z"})),
        (Fork("t", join="a"), Fork("t", join="z")),
        (Fork("t", join="b"), Fork("t", join="b")),
        (Group("t", members=("b", "a")), Group("t", members=("b", "z"))),
    ],
)
def test_a_rename_is_followed_in_every_kind_of_node(node: Node, expected: Node) -> None:
    renamed, inverse = apply(BASE, [AddNode(node=node), SetNode(id="a", node=Task("z", activity="f"))])
    assert renamed.node("t") == expected
    assert encode(apply(renamed, inverse)[0]) == encode(BASE)


def test_a_rename_is_followed_by_timers_and_times() -> None:
    edges = [AddEdge(edge=LATE), AddEdge(edge=Edge(source="b", target="end", until="=a"))]
    renamed, _ = apply(BASE, [*edges, SetNode(id="a", node=Task("z", activity="f"))])
    assert renamed.edges[-2:] == (
        Edge(source="b", target="end", after="=z + 1", when="z > b"),
        Edge(source="b", target="end", until="=z"),
    )


def test_the_item_of_a_map_is_no_node() -> None:
    node = Map("t", activity="f", items="=item", arguments={"x": "=item + index"})
    edits = [AddNode(node=Task("item", activity="f")), AddNode(node=node)]
    renamed, _ = apply(BASE, [*edits, SetNode(id="item", node=Task("z", activity="f"))])
    assert renamed.node("t") == Map("t", activity="f", items="=z", arguments={"x": "=item + index"})


def test_a_removed_node_leaves_its_groups_and_its_fork() -> None:
    removed, _ = apply(BASE, [RemoveNode(id="b")])
    assert removed.node("area") == Group("area", members=("a", "absent"))
    assert removed.node("ways") == Fork("ways")


def test_a_broken_document_is_undone_as_well() -> None:
    twice = msgspec.structs.replace(
        BASE, nodes=(*BASE.nodes, BASE.nodes[1]), edges=(START_A, START_A, Edge(source="x", target="y"))
    )
    for edit in (
        RemoveEdge(edge=START_A),
        RemoveEdge(edge=Edge(source="x", target="y")),
        SetEdge(edge=START_A, to=A_GATE),
        SetNode(id="b", node=End("c")),
        AddNode(node=End("x")),
        SetWorkflow(name="n"),
    ):
        document = Document(twice)
        document.apply([edit])
        after = encode(document.workflow)
        document.undo()
        assert encode(document.workflow) == encode(twice)
        document.redo()
        assert encode(document.workflow) == after


def test_changes_say_who_asked() -> None:
    document, heard = Document(BASE), []
    stop = document.subscribe(heard.append)
    edit = Move(positions={"a": (2, 2)})
    change = document.apply([edit], "move a", client="canvas", id=7)
    assert (change.revision, change.edits, change.client, change.id) == (1, (edit,), "canvas", 7)
    undone = document.undo()
    assert undone is not None
    assert (undone.revision, undone.client, undone.id) == (2, "", 0)
    assert heard == [change, undone]
    stop()
    stop()
    document.redo()
    assert len(heard) == 2
    assert document.revision == 3


def test_a_new_change_forgets_what_was_undone() -> None:
    document = Document(BASE)
    document.apply([SetWorkflow(name="one")], "one")
    document.undo()
    assert (document.undo_label, document.redo_label) == (None, "one")
    document.apply([SetWorkflow(name="two")], "two")
    assert (document.undo_label, document.redo_label) == ("two", None)


def test_undo_has_an_end() -> None:
    document = Document(BASE)
    for number in range(MAX_UNDO + 10):
        document.apply([SetWorkflow(name=str(number))])
    count = 0
    while document.undo():
        count += 1
    assert count == MAX_UNDO
    assert document.workflow.name == "9"
