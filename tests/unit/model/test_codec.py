"""Documents as text: round trips, what the hash covers, and what every wrong document is told."""

from __future__ import annotations

import difflib
import json

import msgspec
import pytest

from wfnb.errors import DecodeError
from wfnb.model import codec
from wfnb.model.codec import decode, definition_hash, encode
from wfnb.model.workflow import Choice, Edge, End, Fork, Join, Note, Retry, Start, Task, Workflow

REVIEW = Workflow(
    name="review",
    description="looks at <b>pages</b>",
    inputs={"url": "str"},
    nodes=(
        Start("start"),
        Task(
            "page",
            label="Fetch",
            activity="fetch",
            arguments={"url": "=input.url", "n": 1, "deep": {"a": [None, True, 1.5]}},
            retry=Retry(attempts=3, delay=0.5, errors=("OSError",)),
            timeout=30.0,
        ),
        Choice("gate"),
        Fork("fork"),
        Join("join ä"),
        Note("note", text='"quoted"\nand more'),
        End("kept", output="=page"),
        End("dropped"),
    ),
    edges=(
        Edge(source="start", target="page"),
        Edge(source="page", target="gate"),
        Edge(source="gate", target="fork", when="len(page) > 10"),
        Edge(source="gate", target="dropped", otherwise=True),
        Edge(source="fork", target="join ä"),
        Edge(source="join ä", target="kept"),
    ),
    layout={"page": (240.0, 80.0), "gate": (1.5, -2.25)},
)

DESIGN_PAGE = """{"wfnb": 1, "name": "review", "inputs": {"url": "str"},
 "nodes": [{"kind": "start", "id": "start"},
           {"kind": "task", "id": "page", "activity": "fetch", "arguments": {"url": "=input.url"},
            "retry": {"attempts": 3}, "timeout": 30},
           {"kind": "choice", "id": "gate"}, {"kind": "end", "id": "kept", "output": "=page"},
           {"kind": "end", "id": "dropped"}],
 "edges": [{"source": "start", "target": "page"}, {"source": "page", "target": "gate"},
           {"source": "gate", "target": "kept", "when": "len(page) > 10"},
           {"source": "gate", "target": "dropped", "otherwise": true}],
 "layout": {"page": [240, 80]}}"""

BEGINNING = 'a workflow starts as {"wfnb": 1, "name": "...", "nodes": []}'


def test_round_trip() -> None:
    assert decode(encode(REVIEW)) == REVIEW
    assert encode(decode(encode(REVIEW))) == encode(REVIEW)


def test_the_smallest_document() -> None:
    assert decode('{"wfnb": 1}') == Workflow()
    assert json.loads(encode(Workflow()))["wfnb"] == 1


def test_a_mark_before_the_text_is_no_part_of_it() -> None:
    text = '{"wfnb": 1, "name": "marked"}'
    assert decode("\ufeff" + text) == decode(b"\xef\xbb\xbf" + text.encode()) == decode(text)


def test_the_document_of_the_design_page() -> None:
    workflow = decode(DESIGN_PAGE)
    page = workflow.node("page")
    assert isinstance(page, Task)
    assert page.retry == Retry(attempts=3)
    assert page.timeout == 30
    assert workflow.layout == {"page": (240.0, 80.0)}
    assert decode(encode(workflow)) == workflow


def test_every_node_edge_and_position_has_a_line_of_its_own() -> None:
    lines = encode(REVIEW).splitlines()
    for part in (*REVIEW.nodes, *REVIEW.edges):
        text = json.dumps(json.loads(msgspec.json.encode(part)), ensure_ascii=False)
        assert sum(line.strip().rstrip(",") == text for line in lines) == 1


def test_moving_a_node_changes_its_layout_line_alone() -> None:
    moved = msgspec.structs.replace(REVIEW, layout={**REVIEW.layout, "gate": (9.0, 9.0)})
    changes = [
        line
        for line in difflib.ndiff(encode(REVIEW).splitlines(), encode(moved).splitlines())
        if line.startswith(("+ ", "- "))
    ]
    assert changes == ['-     "gate": [1.5, -2.25]', '+     "gate": [9.0, 9.0]']


def test_the_hash_covers_logic_alone() -> None:
    known = definition_hash(REVIEW)
    for same in (
        {"layout": {}},
        {"description": "other"},
        {"nodes": tuple(n for n in REVIEW.nodes if not isinstance(n, Note))},
        {"nodes": tuple(msgspec.structs.replace(n, label="x") for n in REVIEW.nodes)},
    ):
        assert definition_hash(msgspec.structs.replace(REVIEW, **same)) == known
    for other in (
        {"name": "other"},
        {"inputs": {}},
        {"nodes": REVIEW.nodes[:-1]},
        {"edges": REVIEW.edges[::-1]},
        {"edges": REVIEW.edges[1:]},
        {"nodes": (Start("start"), *REVIEW.nodes[2:])},
    ):
        assert definition_hash(msgspec.structs.replace(REVIEW, **other)) != known


def test_the_hash_survives_a_file() -> None:
    coded = Workflow(nodes=(Task("t", activity="a", timeout=30, retry=Retry(delay=2)),))
    assert definition_hash(decode(encode(coded))) == definition_hash(coded)
    assert encode(decode(encode(coded))) == encode(coded)


def test_the_hash_does_not_depend_on_the_order_of_arguments() -> None:
    one, other = (
        Workflow(nodes=(Task("t", activity="a", arguments=arguments),))
        for arguments in ({"x": 1, "y": 2}, {"y": 2, "x": 1})
    )
    assert definition_hash(one) == definition_hash(other)


def node(**fields: object) -> str:
    return json.dumps({"wfnb": 1, "nodes": [{"id": "a", **fields}]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'x.wf.json is empty\na workflow starts as {"wfnb": 1, "name": "...", "nodes": []}'),
        (b" \n", 'x.wf.json is empty\na workflow starts as {"wfnb": 1, "name": "...", "nodes": []}'),
        (
            '{"wfnb": 1',
            "x.wf.json is not JSON: Expecting ',' delimiter at line 1 column 11\nrepair it in a text editor",
        ),
        (
            '{"wfnb": 1} x',
            "x.wf.json is not JSON: Extra data at line 1 column 13\nrepair it in a text editor",
        ),
        (
            b"\xff",
            "x.wf.json is not JSON: JSON is malformed: invalid character (byte 0)\nrepair it in a text editor",
        ),
        (
            "null",
            f"x.wf.json: Expected `object`, got `null` at $\n{BEGINNING}",
        ),
        (
            "[]",
            f"x.wf.json: Expected `object`, got `array` at $\n{BEGINNING}",
        ),
        ("{}", "x.wf.json is no wfnb document: $.wfnb is missing\nexpected 1"),
        ('{"wfnb": 0}', "x.wf.json is no wfnb document: $.wfnb is 0\nexpected 1"),
        ('{"wfnb": "1"}', "x.wf.json is no wfnb document: $.wfnb is '1'\nexpected 1"),
        ('{"wfnb": true}', "x.wf.json: Expected `int`, got `bool` at $.wfnb\ncorrect the value there"),
        (
            '{"wfnb": 2, "rooms": []}',
            (
                "x.wf.json has document version 2 at $.wfnb, and this wfnb reads up to 1\n"
                "install a newer wfnb (pip install -U wfnb)"
            ),
        ),
        (
            '{"wfnb": 1, "nodez": []}',
            (
                "x.wf.json: Object contains unknown field `nodez` at $\n"
                "remove the field, or install the wfnb that wrote it"
            ),
        ),
        (
            node(kind="tsk"),
            (
                "x.wf.json: unknown node kind 'tsk' at $.nodes[0].kind\n"
                "known kinds: start, end, task, choice, fork, join, wait, approval, map, call, note, group. "
                "Did you mean 'task'?"
            ),
        ),
        (node(), "x.wf.json: Object missing required field `kind` at $.nodes[0]\nadd the field"),
        (node(kind=5), "x.wf.json: Expected `str` at $.nodes[0].kind\ncorrect the value there"),
        (node(kind="task"), "x.wf.json: Object missing required field `activity` at $.nodes[0]\nadd the field"),
        (node(kind="start", id=5), "x.wf.json: Expected `str`, got `int` at $.nodes[0].id\ncorrect the value there"),
        (
            node(kind="start", activity="a"),
            (
                "x.wf.json: Object contains unknown field `activity` at $.nodes[0]\n"
                "remove the field, or install the wfnb that wrote it"
            ),
        ),
        (
            node(kind="task", activity="a", retry={"attempts": 0}),
            "x.wf.json: Expected `int` >= 1 at $.nodes[0].retry.attempts\ncorrect the value there",
        ),
        (
            node(kind="task", activity="a", retry={"jitter": 2}),
            "x.wf.json: Expected `float` <= 1.0 at $.nodes[0].retry.jitter\ncorrect the value there",
        ),
        (
            node(kind="task", activity="a", timeout=0),
            "x.wf.json: Expected `float` > 0.0 at $.nodes[0].timeout\ncorrect the value there",
        ),
        (
            '{"wfnb": 1, "edges": [{"source": "a", "target": "b", "before": 3}]}',
            (
                "x.wf.json: Object contains unknown field `before` at $.edges[0]\n"
                "remove the field, or install the wfnb that wrote it"
            ),
        ),
        (
            '{"wfnb": 1, "edges": [{"source": "a"}]}',
            "x.wf.json: Object missing required field `target` at $.edges[0]\nadd the field",
        ),
        (
            '{"wfnb": 1, "layout": {"a": [1]}}',
            "x.wf.json: Expected `array` of length 2 at $.layout[...]\ncorrect the value there",
        ),
        (
            '{"wfnb": 1, "inputs": {"a": 1}}',
            "x.wf.json: Expected `str`, got `int` at $.inputs[...]\ncorrect the value there",
        ),
        ("[" * 101 + "]" * 101, "x.wf.json is nested deeper than 100\nit is no workflow"),
        ('{"a":' * 101 + "1" + "}" * 101, "x.wf.json is nested deeper than 100\nit is no workflow"),
    ],
)
def test_a_wrong_document_is_told_what_and_where(text: str | bytes, message: str) -> None:
    with pytest.raises(DecodeError) as refused:
        decode(text, "x.wf.json")
    assert str(refused.value) == message


@pytest.mark.parametrize("bomb", ["[" * 10_000_000, '{"a":' * 1_000_000, '["' * 1_000_000, "\ud800", '{"wfnb": 1e999}'])
def test_a_bomb_is_refused(bomb: str) -> None:
    with pytest.raises(DecodeError):
        decode(bomb)


def test_brackets_in_text_do_not_nest() -> None:
    text = "[" * 200 + '"' + "\\" + "{" * 200
    assert decode(encode(Workflow(name=text))).name == text


def test_nesting_is_allowed_up_to_the_limit() -> None:
    inner = 95
    deep = node(kind="task", activity="a", arguments={"x": json.loads("[" * inner + "]" * inner)})
    assert decode(deep).nodes
    with pytest.raises(DecodeError, match="nested deeper"):
        decode(node(kind="task", activity="a", arguments={"x": json.loads("[" * 97 + "]" * 97)}))


def test_a_document_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "MAX_BYTES", 100)
    with pytest.raises(DecodeError, match=r"^x has 101 bytes, more than 100\nsplit the workflow$"):
        decode(b" " * 101, "x")
    assert codec.MAX_BYTES == 100


def test_the_largest_size_is_32_mb() -> None:
    with pytest.raises(DecodeError, match="more than 33554432"):
        decode(b" " * (32 * 1024 * 1024 + 1))


def test_a_thousand_nodes_are_read_at_once() -> None:
    tasks = tuple(Task(f"t{n}", activity="a", arguments={"x": f"=t{n - 1}"}) for n in range(1_000))
    large = Workflow(nodes=tasks, edges=tuple(Edge(source=f"t{n}", target=f"t{n + 1}") for n in range(999)))
    assert decode(encode(large)) == large
