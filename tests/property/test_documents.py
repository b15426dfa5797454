"""Random documents and edits: what is written is read, what is done is undone."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from wfnb.author.document import Change, Document
from wfnb.author.edits import (
    AddEdge,
    AddNode,
    Edit,
    Move,
    RemoveEdge,
    RemoveNode,
    SetEdge,
    SetNode,
    SetWorkflow,
    apply,
)
from wfnb.errors import EditError
from wfnb.machine.wellformed import diagnose
from wfnb.model.codec import decode, definition_hash, encode
from wfnb.model.workflow import Edge, Fork, Group, Map, Node, Signal, Task, Workflow
from wfnb.testing.workflows import documents, ids, json, texts

places = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
somewhere = st.none() | st.integers(0, 8)


@given(documents())
@settings(max_examples=70)
def test_what_is_written_is_read(workflow: Workflow) -> None:
    text = encode(workflow)
    again = decode(text)
    assert encode(again) == text
    assert definition_hash(again) == definition_hash(workflow)
    assert [(n.kind, n.id) for n in again.nodes] == [(n.kind, n.id) for n in workflow.nodes]


@given(documents())
@settings(max_examples=70)
def test_any_document_can_be_diagnosed(workflow: Workflow) -> None:
    for found in diagnose(workflow, {}):
        assert found.code.startswith("WF")
        assert "\n" not in found.message.replace(workflow.name, "") or not found.message.isprintable()


intents = st.tuples(
    st.sampled_from(("add", "remove", "set", "rename", "connect", "cut", "rewire", "move", "describe")),
    st.integers(0, 7),
    st.integers(0, 7),
    ids,
    texts,
    json,
    somewhere,
    st.none() | places,
)
"""What an edit is made from; built once, because building strategies takes longer than drawing from them."""
gestures = st.lists(st.lists(intents, min_size=1, max_size=3), min_size=1, max_size=6)


TRIGGERS: tuple[dict[str, Any], ...] = (
    {}, {}, {"error": "*"}, {"after": "=a"}, {"after": 3.0}, {"until": "=b"}, {"on": "go"}, {"spawn": True},
)  # fmt: skip


def edit(workflow: Workflow, intent: Any) -> Edit:
    """An edit that often fits the document."""
    what, one, other, id, text, value, at, place = intent
    known = [node.id for node in workflow.nodes] or [id]
    a, b = known[one % len(known)], known[other % len(known)]
    trigger: dict[str, Any] = TRIGGERS[one % len(TRIGGERS)]
    new = Edge(source=a, target=b, when=text if one % 2 else None, otherwise=other % 2 == 0, **trigger)
    there = workflow.edges[one % len(workflow.edges)] if workflow.edges else new
    task = Task(id, activity=text, arguments={text: value, "read": f"={a}"}, ensures=a)
    made: Node = (task, Group(id, members=(a, b)), Fork(id, join=a), Map(id, items=f"={b}", activity=text))[other % 4]
    match what:
        case "add":
            return AddNode(node=made, position=place, at=at)
        case "remove":
            return RemoveNode(id=a)
        case "set":
            return SetNode(id=a, node=Task(a, activity=text))
        case "rename":
            node = workflow.node(a) if workflow.nodes and other % 2 else task
            return SetNode(id=a, node=msgspec.structs.replace(node, id=id))
        case "connect":
            return AddEdge(edge=new, at=at)
        case "cut":
            return RemoveEdge(edge=there)
        case "rewire":
            return SetEdge(edge=there, to=new, at=at)
        case "move":
            return Move(positions={a: place, id if one % 4 == 3 else b: (0.0, 1.0)}, whole=other % 2 == 0)
        case _:
            signals = {text: Signal(type=id)} if other % 2 else None
            own = {id: Workflow(name=text)} if other % 3 else None
            return SetWorkflow(name=text, inputs={text: id} if one % 2 else None, signals=signals, workflows=own)


@given(documents(), gestures)
@settings(max_examples=70)
def test_undo_all_the_way_restores_the_start_to_the_byte(workflow: Workflow, gestures: list[list[Any]]) -> None:
    document = Document(workflow)
    seen = [encode(workflow)]
    for gesture in gestures:
        try:
            document.apply([edit(document.workflow, intent) for intent in gesture])
        except EditError:
            assert encode(document.workflow) == seen[-1]
        else:
            seen.append(encode(document.workflow))
    for text in reversed(seen[:-1]):
        assert document.undo() is not None
        assert encode(document.workflow) == text
    assert document.undo() is None
    for text in seen[1:]:
        assert document.redo() is not None
        assert encode(document.workflow) == text
    assert document.redo() is None


@given(documents(), gestures, st.integers(0, 2**12))
@settings(max_examples=70)
def test_two_views_stay_equal(workflow: Workflow, gestures: list[list[Any]], back: int) -> None:
    document = Document(workflow)
    views = [workflow, workflow]
    revisions: list[list[int]] = [[], []]

    def follow(number: int, change: Change) -> None:
        views[number], _ = apply(views[number], change.edits)
        revisions[number].append(change.revision)

    document.subscribe(lambda change: follow(0, change))
    document.subscribe(lambda change: follow(1, change))
    for number, gesture in enumerate(gestures):
        with suppress(EditError):
            document.apply([edit(document.workflow, intent) for intent in gesture], client="a")
        if back >> 2 * number & 1:
            document.undo()
        if back >> 2 * number & 2:
            document.redo()
    assert encode(views[0]) == encode(views[1]) == encode(document.workflow)
    assert revisions[0] == revisions[1] == list(range(1, document.revision + 1))


@given(documents(), st.lists(intents, max_size=4))
@settings(max_examples=70)
def test_the_inverse_of_edits_is_exact(workflow: Workflow, intents: list[Any]) -> None:
    try:
        changed, inverse = apply(workflow, [edit(workflow, intent) for intent in intents])
    except EditError:
        return
    assert encode(apply(changed, inverse)[0]) == encode(workflow)
