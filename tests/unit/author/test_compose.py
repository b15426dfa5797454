"""Workflows put together: what is made, and what it gives."""

from __future__ import annotations

from typing import Any

import pytest

from wfnb.author.compose import cond, loop, par, seq
from wfnb.author.flow import Flow, flow
from wfnb.author.parts import Part
from wfnb.author.registry import Registry, Workflows, registry
from wfnb.engine.engine import Engine
from wfnb.errors import DefinitionError, ExpressionError, RunError
from wfnb.machine.check import check
from wfnb.model.activity import Activity, describe
from wfnb.model.workflow import Call, Edge, End, Group, Map, Signal, Start, Task, Workflow
from wfnb.testing import virtual_time


async def fetch(url: str) -> str:
    return url * 3


async def score(fetch: str) -> int:
    return len(fetch)


async def double(n: int, times: int = 2) -> int:
    return n * times


def counter() -> Activity:
    """Gives 1, 2, 3, ... at its calls."""
    calls: list[None] = []

    async def count() -> int:
        calls.append(None)
        return len(calls)

    return describe(count)


@pytest.fixture(autouse=True)
def _own_workflows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test defines is gone after it."""
    monkeypatch.setattr(registry, "_known", dict(registry._known))
    monkeypatch.setattr(registry, "workflows", Workflows())


FETCH, SCORE, DOUBLE = describe(fetch), describe(score), describe(double)


def run(workflow: Workflow, *more: Activity, **inputs: Any) -> Any:
    """What it gives, after a check without errors."""
    known = Registry()
    for activity in (FETCH, SCORE, DOUBLE, *more):
        known.add(activity)
    report = check(workflow, known)
    assert report.ok, report

    async def main() -> Any:
        async with Engine(registry=known) as engine:
            return await engine.start(workflow, input=inputs)

    return virtual_time(main())


def kinds(workflow: Workflow) -> list[str]:
    return [f"{node.kind} {node.id}" for node in workflow.nodes]


def edges(workflow: Workflow) -> list[str]:
    return [
        f"{edge.source} {edge.target}" + (f" if {edge.when}" if edge.when else "") + (" else" if edge.otherwise else "")
        for edge in workflow.edges
    ]


def test_one_after_another() -> None:
    made = seq(FETCH, SCORE)
    assert made.name == "seq"
    assert made.inputs == {"url": "str"}
    assert kinds(made) == ["start start", "task fetch", "task score", "end end"]
    assert edges(made) == ["start fetch", "fetch score", "score end"]
    assert made.node("score") == Task("score", activity="score", arguments={"fetch": "=fetch"})
    assert run(made, url="ab") == 6


def test_side_by_side() -> None:
    made = par(FETCH, DOUBLE, name="both")
    assert made.name == "both"
    assert edges(made) == ["start fork", "fork fetch", "fetch join", "fork double", "double join", "join end"]
    assert made.inputs == {"url": "str", "n": "int"}
    assert run(made, url="a", n=4) == {"fetch": "aaa", "double": 8}
    assert edges(par(FETCH)) == ["start fetch", "fetch end"]


def test_one_of_several() -> None:
    made = cond("input.n > 1", DOUBLE, FETCH)
    assert edges(made) == [
        "start choice", "choice double if input.n > 1", "double end", "choice fetch else", "fetch end_2",
    ]  # fmt: skip
    assert run(made, url="a", n=2) == 4
    assert run(made, url="a", n=1) == "aaa"
    several = cond(("input.n > 9", FETCH), ("=input.n > 1", DOUBLE), otherwise=seq(FETCH, SCORE))
    assert [run(several, url="a", n=n) for n in (10, 2, 0)] == ["aaa", 4, 3]
    assert run(cond("input.n > 1", DOUBLE), n=1) is None
    assert cond("input.go", FETCH).inputs == {"go": "any", "url": "str"}


def test_again_and_again() -> None:
    made = loop(counter(), until="count > 3")
    assert edges(made) == ["start count", "again count if not (count > 3)", "count again", "again end else"]
    assert run(made, counter()) == 4
    assert run(loop(counter(), while_="count < 3"), counter()) == 3
    first = loop(DOUBLE, while_="input.n > 5 and not reached('double')")
    assert run(first, n=1) == 2  # what it reads of the body is known after it only
    tested = loop(counter(), while_="input.go")
    assert edges(tested) == ["start again", "again count if input.go", "count again", "again end else"]
    assert run(tested, counter(), go=False) is None


def test_a_limit() -> None:
    assert run(loop(counter(), limit=3), counter()) == 3
    assert run(loop(counter(), until="count > 1", limit=3), counter()) == 2
    assert run(loop(counter(), until="count > 9", limit=3), counter()) == 3
    assert run(loop(counter(), while_="input.go", limit=3), counter(), go=True) == 3
    assert run(loop(loop(counter(), limit=3), limit=2), counter()) == 6
    assert run(loop(seq(loop(counter(), limit=2), DOUBLE), limit=3), counter(), n=1) == 2


def test_equal_ids_are_called_after_their_part() -> None:
    page = flow("page")
    page.start >> page.task("text", FETCH, url="=input.url") >> page.task("mark", SCORE, fetch="=text") >> page.end()
    made = seq(page, page, page, cond("mark > 1", DOUBLE))
    assert (
        [node.id for node in made.workflow.nodes if isinstance(node, Task)]
        if isinstance(made, Flow)
        else [node.id for node in made.nodes if isinstance(node, Task)]
        == ["text", "mark", "page_text", "page_mark", "page_text_2", "page_mark_2", "double"]
    )
    assert made.node("page_mark_2") == Task("page_mark_2", activity="score", arguments={"fetch": "=page_text_2"})
    assert "choice double if page_mark_2 > 1" in edges(made)  # of two with one id, the later is meant
    tasks = [node.id for node in made.nodes if isinstance(node, Task)]
    assert tasks == ["text", "mark", "page_text", "page_mark", "page_text_2", "page_mark_2", "double"]
    assert made.node("page_mark_2") == Task("page_mark_2", activity="score", arguments={"fetch": "=page_text_2"})
    assert "choice double if page_mark_2 > 1" in edges(made)  # of two with one id, the later is meant
    assert [n.id for n in seq(FETCH, FETCH).nodes] == ["start", "fetch", "fetch_2", "end"]
    assert run(made, url="a", n=5) == 10


def test_of_several_values_the_last_sure_one_is_meant() -> None:
    def x(n: int) -> Task:
        return Task("x", activity="double", arguments={"n": n})

    made = seq(x(1), cond("input.go", x(2)), Task("y", activity="double", arguments={"n": "=x"}))
    assert made.node("y") == Task("y", activity="double", arguments={"n": "=x"})
    assert [run(made, go=go) for go in (True, False)] == [4, 4]
    made = seq(x(1), cond("input.go", x(2), x(3)), x(4), Task("y", activity="double", arguments={"n": "=x"}))
    assert run(made, go=True) == 16


def test_a_name_that_is_read_from_outside_stays_free() -> None:
    inner = par(Task("a", activity="double", arguments={"n": 1}), Task("b", activity="double", arguments={"n": "=a"}))
    assert inner.node("a_2") == Task("a_2", activity="double", arguments={"n": 1})
    made = seq(Task("a", activity="double", arguments={"n": 5}), inner)
    assert run(made) == {"a_2": 2, "b": 20}


def test_inputs_are_one_set() -> None:
    one = Task("one", activity="double", arguments={"n": "=input.n"})
    assert seq(DOUBLE, one).inputs == {"n": "int"}  # any and int are int
    drawn = one_task("other")
    other = Workflow(name="other", inputs={"n": "str"}, nodes=drawn.nodes, edges=drawn.edges)
    with pytest.raises(DefinitionError, match="input 'n' is declared as 'int' and as 'str'\nrename it in one"):
        par(DOUBLE, other)
    signals = [
        Workflow(
            name=str(kind), signals={"go": Signal(type=kind)}, nodes=one_task(kind).nodes, edges=one_task(kind).edges
        )
        for kind in ("int", "str")
    ]
    with pytest.raises(DefinitionError, match="signal 'go' is declared as Signal"):
        seq(*signals)


def one_task(id: str, **arguments: Any) -> Workflow:
    made = flow(id)
    made.start >> made.task(id, "double", **(arguments or {"n": 1})) >> made.end()
    return made.workflow


def test_only_what_is_sure_becomes_an_input() -> None:
    maybe = cond("input.go", FETCH)
    assert seq(maybe, SCORE).inputs == {"go": "any", "url": "str", "fetch": "str"}
    sure = seq(par(FETCH, DOUBLE), SCORE)
    assert sure.inputs == {"url": "str", "n": "int"}
    assert run(sure, url="ab", n=1) == 6
    again = seq(loop(FETCH, limit=2), SCORE)
    assert again.inputs == {"url": "str"}


def test_a_part_that_can_not_be_taken_apart_is_called() -> None:
    apart = flow("apart", {"n": int})
    fork = apart.fork("f")
    apart.start >> fork
    for id in "ab":
        fork >> apart.task(id, "double", n="=input.n") >> apart.end(f"end {id}")
    made = seq(apart, SCORE, name="whole")
    assert made.node("apart") == Call("apart", workflow="apart", arguments={"n": "=input.n"})
    assert made.workflows == {"apart": apart.workflow}
    assert run(seq(DOUBLE, apart), n=1) == {"end a": 2, "end b": 2}  # the last one's ends are those of the whole
    assert run(par(apart, FETCH), n=1, url="a") == {"apart": {"end a": 2, "end b": 2}, "fetch": "aaa"}


def test_what_a_called_part_reads_is_given_to_it() -> None:
    apart = flow("apart")
    fork = apart.fork("f")
    apart.start >> fork
    for id in "ab":
        fork >> apart.task(id, "double", n="=fetch + 'x'") >> apart.end(f"end {id}")
    made = seq(FETCH, apart, SCORE)
    assert made.node("apart") == Call("apart", workflow="apart", arguments={"fetch": "=fetch"})
    assert made.workflows["apart"].inputs == {"fetch": "any"}
    assert made.workflows["apart"].node("a") == Task("a", activity="double", arguments={"n": "=input.fetch + 'x'"})
    assert run(made, url="a") == 3


@pytest.mark.parametrize("what", ["whole input", "absorbs", "spawns"])
def test_other_parts_that_are_called(what: str) -> None:
    made = flow("odd", {"n": int})
    fork, join = made.fork("f"), made.join("j", need="any" if what == "absorbs" else "all")
    (
        made.start
        >> fork
        >> [made.task(id, "double", n="=len(input)" if what == "whole input" else 1) for id in "ab"]
        >> join
    )
    if what == "spawns":
        fork.spawn() >> made.task("c", "double", n=1) >> made.end("c_end")
    join >> made.end()
    whole = seq(made, FETCH)
    assert isinstance(whole.node("odd"), Call)
    assert run(whole, n=1, url="a") == "aaa"


def test_ends_that_say_what_they_give() -> None:
    def part(id: str, n: int) -> Workflow:
        made = flow("part")
        made.start >> made.task(id, "double", n=n) >> made.end("end", f"={id} + 100")
        return made.workflow

    assert run(seq(part("a", 1), part("b", 2))) == 104
    assert run(cond("1 > 2", part("a", 1), part("b", 2))) == 104
    both = par(part("a", 1), part("a", 1), part("b", 2))
    assert sorted(both.workflows) == ["part", "part_2"]  # equal ones are one
    assert run(both) == {"part": 102, "part_2": 102, "part_3": 104}
    assert run(loop(part("a", 1), limit=2)) == 102


def test_ends_that_fail_or_terminate_stay() -> None:
    made = flow("early")
    gate = made.choice("gate")
    made.start >> gate
    gate.when("input.how == 'fail'") >> made.end("bad", error="Refused", message="as asked")
    gate.when("input.how == 'stop'") >> made.end("stop", "stopped", terminate=True)
    gate.otherwise() >> made.task("t", "double", n=1) >> made.end()
    for whole in (seq(made, FETCH), par(made, FETCH), loop(seq(made, FETCH), limit=1)):
        assert {"bad", "stop"} <= {node.id for node in whole.nodes if isinstance(node, End)}
        assert run(whole, how="stop", url="a") == "stopped"
        with pytest.raises(RunError, match="as asked"):
            run(whole, how="fail", url="a")
    assert run(seq(made, FETCH), how="", url="a") == "aaa"
    dead = flow("dead")
    dead.start >> dead.end("bad", error="Refused")
    for refused in (lambda: seq(dead, FETCH), lambda: par(dead, FETCH), lambda: loop(dead, limit=1)):
        with pytest.raises(DefinitionError, match="no way leads out of 'dead'\nlead one to an end"):
            refused()
    assert [node.kind for node in seq(FETCH, dead).nodes] == ["start", "task", "end"]


def test_groups_pairs_and_own_workflows_come_along() -> None:
    made = flow("rich")
    fork, join = made.fork("f", join="j"), made.join("j")
    made.start >> fork
    a, b = made.task("a", "double", n=1), made.task("b", "double", n=2)
    fork.when("input.n > 0") >> a >> join
    fork.otherwise() >> b >> join
    group = made.group("g", [fork, a, b, made.start, join])
    late = made.end("end")
    join >> late
    group.after(9) >> late
    made.note("why", "because")
    whole = seq(made, made)
    assert whole.node("rich_g") == Group("rich_g", members=("rich_f", "rich_a", "rich_b", "rich_j"))
    assert {"j rich_f", "g rich_f", "rich_j end", "rich_g end"} <= set(edges(whole))
    assert "note rich_why" in kinds(whole)
    assert run(whole, n=1) == {"rich_a": 2}


def test_clashing_own_workflows_are_kept_apart() -> None:
    def calling(child: Workflow) -> Workflow:
        call = Call("c", workflow="child")
        made = seq(call, name="calls")
        return Workflow(name="calls", nodes=made.nodes, edges=made.edges, workflows={"child": child})

    one, two = one_task("one", n=1), one_task("two", n=2)
    made = seq(calling(one), calling(two))
    assert made.workflows.keys() == {"child", "calls"}
    assert run(made) == 4
    assert run(seq(calling(one), calling(one))) == 2
    known = Call("d", workflow="child")  # one that is defined, which the document's own would hide
    mixed = seq(calling(one), known)
    assert mixed.node("d") == Call("d", workflow="d")
    assert mixed.workflows["d"].node("d") == known


def test_single_nodes_and_functions() -> None:
    mapped = Map("each", items="=input.ns", activity="double", arguments={"n": "=item"})
    made = seq(mapped, Task("sum", activity="double", arguments={"n": "=sum(each)"}))
    assert made.inputs == {"ns": "list"}
    assert run(made, ns=[1, 2]) == 12
    assert seq(fetch).inputs == {"url": "str"}
    nothing: Any
    for nothing in (5, "fetch", None):
        with pytest.raises(DefinitionError, match="can not be put together\ngive workflows, activities, or tasks"):
            seq(nothing)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (seq, DefinitionError, "seq has no parts"),
        (par, DefinitionError, "par has no parts"),
        (cond, DefinitionError, "cond has no condition"),
        (lambda: cond(FETCH, SCORE), DefinitionError, "is no branch\ngive a condition, a part"),
        (lambda: cond("x"), DefinitionError, "is no branch"),
        (lambda: loop(FETCH), DefinitionError, "a loop has one of while_= and until="),
        (lambda: loop(FETCH, until="x", while_="y"), DefinitionError, "a loop has one of"),
        (lambda: loop(FETCH, limit=0), ValueError, "limit is 0\ngive how often"),
    ],
)
def test_what_can_not_be_put_together(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Workflow(name="w"), "it has no start"),
        (Workflow(name="w", nodes=(Start("a"), Start("b"))), "it has 2 starts"),
        (Workflow(name="w", nodes=(Start("a"), End("a"))), "two of its nodes have one id"),
        (Workflow(name="w", nodes=(Start("a"),)), "no edges leave its start"),
        (
            Workflow(
                name="w",
                nodes=(Start("a"), End("b"), End("c")),
                edges=(Edge(source="a", target="b"), Edge(source="a", target="c")),
            ),
            "2 edges leave its start",
        ),
        (Workflow(name="w", nodes=(Start("a"),), edges=(Edge(source="a", target="a"),)), "an edge goes into its start"),
        (Workflow(name="w", nodes=(Start("a"),), edges=(Edge(source="a", target="b"),)), "an edge of it leads nowhere"),
    ],
)
def test_drawings_that_are_no_workflow_yet(part: Workflow, message: str) -> None:
    with pytest.raises(DefinitionError, match=f"'w' can not be put together: {message}\nwf.check says"):
        seq(part)


def test_a_part_that_does_nothing() -> None:
    empty = flow("empty")
    empty.start >> empty.end()
    made: Part = seq(empty, FETCH, empty)
    assert isinstance(made, Workflow)
    assert edges(made) == ["start fetch", "fetch end"]
    assert run(par(empty, FETCH), url="a") == {"fetch": "aaa"}
    assert isinstance(loop(empty, limit=2).node("empty"), Call)


def test_a_condition_that_is_none_is_refused_at_once() -> None:
    for make in (
        lambda: cond("x >", FETCH),
        lambda: cond(("input.n > 1", FETCH), ("import os", DOUBLE)),
        lambda: loop(FETCH, until="x >", limit=2),
        lambda: loop(FETCH, while_="=x >", limit=2),
    ):
        with pytest.raises(ExpressionError):
            make()
