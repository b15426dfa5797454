"""Parts made workflows of their own, and put back."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec
import pytest

from wfnb.author.extract import extract
from wfnb.author.registry import Registry
from wfnb.author.unpack import unpack
from wfnb.engine.engine import Engine
from wfnb.errors import EditError
from wfnb.machine.check import check
from wfnb.model.activity import describe
from wfnb.model.workflow import (
    Call,
    Choice,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Node,
    Note,
    Start,
    Task,
    Wait,
    Workflow,
)
from wfnb.testing import virtual_time


def flow(*nodes: Node, edges: str = "", **more: object) -> Workflow:
    """A workflow with edges written as `a>b b>c`."""
    pairs = [text.split(">") for text in edges.split()]
    made = tuple(Edge(source=source, target=target) for source, target in pairs)
    return msgspec.convert(
        {"nodes": msgspec.to_builtins(nodes), "edges": msgspec.to_builtins(made), **more}, Workflow, strict=False
    )


REVIEW = flow(
    Start("start"),
    Task("page", activity="fetch", arguments={"url": "= input.url"}),
    Task("clean", activity="strip", arguments={"text": '=page+ "!"', "mode": "=input.mode"}),
    Task("mark", activity="score", arguments={"text": "=clean", "page": "=page"}),
    End("end", output='={"mark":mark , "clean": clean}'),
    edges="start>page page>clean clean>mark mark>end",
    inputs={"url": "str", "mode": "str"},
    layout={"start": (0, 0), "page": (100, 0), "clean": (240, 10), "mark": (400, 30), "end": (500, 0)},
)


def normal(workflow: Workflow) -> object:
    """A document up to its layout and the order of what has no order."""
    nodes = [
        msgspec.structs.replace(node, members=tuple(sorted(node.members))) if isinstance(node, Group) else node
        for node in workflow.nodes
    ]
    edges = sorted(workflow.edges, key=lambda edge: edge.source)  # stable: a choice tries its edges in their order
    return sorted(map(repr, nodes)), edges, workflow.workflows, workflow.inputs, workflow.name


def test_a_part_reads_inputs_and_gives_what_others_read() -> None:
    made, call = extract(REVIEW, ["clean", "mark"], "judge")
    assert made.node(call) == Call("judge", workflow="judge", arguments={"mode": "=input.mode", "page": "=page"})
    child = made.workflows["judge"]
    assert child.inputs == {"mode": "str", "page": "any"}
    assert child.node("clean").arguments["text"] == '=input.page+ "!"'  # type: ignore[union-attr]
    assert child.node("end") == End("end", output="={'clean': clean, 'mark': mark}")
    assert made.node("end") == End("end", output="={\"mark\":judge['mark'] , \"clean\": judge['clean']}")
    assert [(edge.source, edge.target) for edge in made.edges] == [
        ("start", "page"),
        ("page", "judge"),
        ("judge", "end"),
    ]
    assert made.layout["judge"] == (320, 20)


def test_unpacking_is_the_inverse_to_the_byte() -> None:
    for ids in (["clean"], ["clean", "mark"], ["page", "clean", "mark"], ["mark"]):
        made, call = extract(REVIEW, ids)
        back, out = unpack(made, call)
        assert back == REVIEW
        assert list(out) == ids


def test_a_document_stays_sound_and_its_child_is() -> None:
    made, _ = extract(REVIEW, ["clean", "mark"])
    assert [d.message for d in check(made).diagnostics if d.severity == "error"] == []
    assert [d.message for d in check(made.workflows["part"]).diagnostics if d.severity == "error"] == []


def test_names_are_numbered_where_they_are_taken() -> None:
    one, first = extract(REVIEW, ["clean"], "page")
    assert first == "page_2"
    two, second = extract(one, ["mark"], "page")
    assert second == "page_3"
    assert unpack(unpack(two, first)[0], second)[0] == REVIEW


def test_groups_and_notes_come_along() -> None:
    grouped = msgspec.structs.replace(
        REVIEW,
        nodes=(
            *REVIEW.nodes,
            Note("why", text="hm"),
            Group("g", members=("clean", "mark")),
            Group("o", members=("g",)),
        ),
    )
    made, call = extract(grouped, ["g", "why"])
    assert {node.id for node in made.workflows[call].nodes} == {"start", "clean", "mark", "end", "g", "why"}
    assert made.node("o") == Group("o", members=(call,))
    assert normal(unpack(made, call)[0]) == normal(msgspec.structs.replace(grouped))


FORKED = flow(
    Start("start"),
    Fork("f"),
    Task("a", activity="x"),
    Task("b", activity="x"),
    Join("j"),
    End("end"),
    edges="start>f f>a f>b a>j b>j j>end",
)


@pytest.mark.parametrize(
    ("workflow", "ids", "why"),
    [
        (REVIEW, ["start", "page"], "no way leads in"),
        (REVIEW, ["mark", "end"], "no way leads out"),
        (REVIEW, ["page", "mark"], "ways lead in to 'mark' and 'page'"),
        (FORKED, ["f", "a"], "ways lead out to 'b' and 'j'"),
        (FORKED, ["a", "b"], "ways lead in to 'a' and 'b'"),
        (FORKED, ["f", "a", "b"], "join 'j' waits for each of 2 ways"),
        (REVIEW, ["nobody"], "nothing among them that runs"),
        (msgspec.structs.replace(REVIEW, nodes=(*REVIEW.nodes, Group("g", members=("clean",)))),
         ["clean", "mark"], "some of them are in a group"),
        (flow(Start("start"), Task("a", activity="x", arguments={"all": "=input"}), End("end"),
              edges="start>a a>end"), ["a"], "reads `input` as a whole"),
        (flow(Start("start"), Task("a", activity="x", lock="door"), Task("b", activity="x", lock="door"), End("end"),
              edges="start>a a>b b>end"), ["a"], "the lock 'door' is used inside and outside"),
        (flow(Start("start"), Task("a", activity="x"), Task("b", activity="y", prerequisites=("x",)), End("end"),
              edges="start>a a>b b>end"), ["a"], "prerequisites hold within one run"),
        (flow(Start("start"), Task("a", activity="x"), End("end", output="=a if reached('a') else 1"),
              edges="start>a a>end"), ["a"], "asks whether 'a' was reached"),
        (flow(Start("start"), Task("a", activity="x"), Task("b", activity="x"), Choice("c"), End("end"),
              End("other", output="=a"), edges="start>a a>b b>c c>end c>other"), ["a", "b"],
         "an end gives the value that a token brings"),
    ],
)  # fmt: skip
def test_what_would_change_a_run_is_refused(workflow: Workflow, ids: list[str], why: str) -> None:
    with pytest.raises(EditError, match=r".*\n.+") as refused:
        extract(workflow, ids)
    assert why in str(refused.value)


def test_signals_stay_with_the_run() -> None:
    waits = flow(Start("start"), Wait("w"), End("end"), edges="start>w")
    waits = msgspec.structs.replace(waits, edges=(*waits.edges, Edge(source="w", target="end", on="go")))
    with pytest.raises(EditError, match="waits for signal 'go'"):
        extract(waits, ["w"])


def _changed(**changes: object) -> Workflow:
    made, call = extract(REVIEW, ["clean", "mark"], "judge")
    node = msgspec.structs.replace(made.node(call), **changes)
    return msgspec.structs.replace(made, nodes=tuple(node if one.id == call else one for one in made.nodes))


def test_a_call_that_was_changed_is_refused_where_it_can_not_be_put_back() -> None:
    for workflow, why in [
        (_changed(arguments={"mode": "=input.mode", "page": "=page + page"}), "gives 'page' more than a name"),
        (_changed(arguments={"mode": "=input.mode"}), "gives 'page' nothing"),
        (_changed(workflow="elsewhere"), "does not belong to this document"),
    ]:
        with pytest.raises(EditError, match=why):
            unpack(workflow, "judge")
    made, _ = extract(REVIEW, ["clean", "mark"], "judge")
    twice = msgspec.structs.replace(made, nodes=(*made.nodes, Call("again", workflow="judge")))
    with pytest.raises(EditError, match="is used 2 times"):
        unpack(twice, "judge")
    clash = msgspec.structs.replace(made, nodes=(*made.nodes, Task("mark", activity="x")))
    with pytest.raises(EditError, match="both workflows have 'mark'"):
        unpack(clash, "judge")
    with pytest.raises(EditError, match="'page' is no call"):
        unpack(made, "page")


def programs(luck: random.Random, depth: int, names: Iterator[str], seen: list[str]) -> tuple[list[Node], list[Edge]]:
    """A random structured part: nodes and edges, entered at the first node and left from the last."""
    if depth == 0 or luck.random() < 0.3:
        id = next(names)
        reads = {f"a{i}": luck.choice([f"={v}", f"={v} +1", "=input.n", 3]) for i, v in enumerate(seen[-2:])}
        seen.append(id)
        return [Task(id, activity="x", arguments=reads)], []
    match luck.choice(["seq", "seq", "par", "cond"]):
        case "seq":
            nodes, edges = programs(luck, depth - 1, names, seen)
            more, others = programs(luck, depth - 1, names, seen)
            return nodes + more, [*edges, Edge(source=nodes[-1].id, target=more[0].id), *others]
        case "par":
            first: Node = Fork(next(names))
            last: Node = Join(next(names))
        case _:
            first, last = Choice(next(names)), Task(next(names), activity="x")
    nodes, edges, given = [first], [], list[str]()
    for number in range(2):
        before = list(seen)
        body, inner = programs(luck, depth - 1, names, before)
        guard = {"when": "input.n > 1"} if number == 0 else {"otherwise": True}
        begin = Edge(source=first.id, target=body[0].id, **(guard if isinstance(first, Choice) else {}))  # type: ignore[arg-type]
        nodes += body
        edges += [begin, *inner, Edge(source=body[-1].id, target=last.id)]
        given += before[len(seen) :]
    seen += given if isinstance(first, Fork) else []
    return [*nodes, last], edges


def output_of(workflow: Workflow) -> object:
    """What a run gives where every task adds up what it is given."""

    def x(a0: float = 1, a1: float = 2) -> float:
        return a0 * 3 + a1

    known = Registry()
    known.add(describe(x))

    async def main() -> object:
        async with Engine(registry=known) as engine:
            return await engine.start(workflow, input={"n": 2})

    return virtual_time(main())


def test_making_and_unpacking_random_parts_are_inverses() -> None:
    made = 0
    for seed in range(150):
        luck = random.Random(seed)
        given: list[str] = []
        body, edges = programs(luck, 3, (f"n{i}" for i in range(999)), given)
        workflow = Workflow(
            inputs={"n": "int"},
            nodes=(
                Start("start"),
                *body,
                End("end", output=luck.choice([f"={given[-1]}", "=input.n"]) if given else None),
            ),
            edges=(Edge(source="start", target=body[0].id), *edges, Edge(source=body[-1].id, target="end")),
            layout={node.id: (luck.randrange(900), luck.randrange(300)) for node in body},
        )
        for _ in range(12):
            begin = luck.randrange(len(body))
            some = [node.id for node in body[begin : begin + luck.randrange(1, 7)]]
            try:
                after, call = extract(workflow, some)
            except EditError:
                continue
            made += 1
            back, out = unpack(after, call)
            assert set(out) == set(some)
            assert normal(back) == normal(workflow)
            assert back.layout == workflow.layout
            if made % 10 == 0:
                assert output_of(after) == output_of(workflow)
    assert made > 300, made
