"""Documents that were made to hurt: each is refused with a diagnostic or compiles, within the time that a test has."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest

from wfnb.errors import CompileError, DecodeError, DefinitionError
from wfnb.machine import calls
from wfnb.machine.check import check
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.graph import MAX_NESTING
from wfnb.machine.machine import Machine
from wfnb.machine.parts import called_by
from wfnb.machine.wellformed import MAX_EDGES, MAX_FOUND, MAX_NODES, MAX_TEXT, diagnose
from wfnb.model import codec
from wfnb.model.codec import decode, definition_hash
from wfnb.model.workflow import Edge, End, Group, Retry, Start, Task, Workflow

MANY = 10_000
Json = dict[str, Any]
START, END = {"kind": "start", "id": "s"}, {"kind": "end", "id": "e"}


def node(kind: str, id: str, **fields: Any) -> Json:
    return {"kind": kind, "id": id, **fields}


def task(id: str, **fields: Any) -> Json:
    return node("task", id, activity="f", **fields)


def edge(source: str, target: str, **fields: Any) -> Json:
    return {"source": source, "target": target, **fields}


def row(ids: Sequence[str], **fields: Any) -> list[Json]:
    return [edge(a, b, **fields) for a, b in pairwise(["s", *ids, "e"])]


def names(count: int) -> list[str]:
    return [f"t{number}" for number in range(count)]


def document(nodes: Sequence[Json], edges: Sequence[Json], **fields: Any) -> Json:
    return {"wfnb": 1, "name": "hostile", "nodes": [START, *nodes, END], "edges": list(edges), **fields}


def chain(count: int, **fields: Any) -> Json:
    return document([task(id, **fields) for id in names(count)], row(names(count)))


def fan(count: int, join: Json | None = None, **guard: Any) -> Json:
    """A fork of many tasks, and a join."""
    nodes = [
        node("fork", "fork", join="join" if guard else ""),
        *map(task, names(count)),
        node("join", "join", **(join or {})),
    ]
    edges = [edge("s", "fork"), edge("join", "e")]
    edges += [edge("fork", id, **guard) for id in names(count)] + [edge(id, "join") for id in names(count)]
    return document(nodes, edges)


def more(made: Json, *nodes: Json) -> Json:
    return {**made, "nodes": [*made["nodes"], *nodes]}


def within(depth: int, fork: Json, join: Json, **guard: Any) -> Json:
    """Forks and their joins, each pair inside of the one before."""
    nodes, edges, at = [], [], "s"
    for level in range(depth):
        joined = {"join": f"j{level}"} if guard else {}
        nodes += [node("fork", f"f{level}", **joined, **fork), task(f"u{level}"), node("join", f"j{level}", **join)]
        edges += [edge(at, f"f{level}", **(guard if level else {})), edge(f"f{level}", f"u{level}", **guard)]
        edges.append(edge(f"u{level}", f"j{level}"))
        at = f"f{level}"
    edges.append(edge(at, "middle", **guard))
    back = ["middle", *(f"j{level}" for level in reversed(range(depth))), "e"]
    return document([*nodes, task("middle")], [*edges, *(edge(a, b) for a, b in pairwise(back))])


def groups(count: int, members: Callable[[int], list[str]], edges: Sequence[Json] = ()) -> Json:
    inner = names(100)
    made = [node("group", f"g{number}", members=members(number), cancel=True) for number in range(count)]
    return document([*map(task, inner), *made], [*row(inner), *edges])


def nested(number: int) -> list[str]:
    return [f"g{number + 1}"] if number + 1 < MANY else names(100)


def layers(depth: int) -> Json:
    """Workflows that each call both of the next layer: 2**depth ways down."""
    made = {}
    for level in range(depth):
        for name in "xy":
            below = [node("call", f"c{other}", workflow=f"{other}{level + 1}") for other in "xy"]
            inner = below if level + 1 < depth else [task("t")]
            made[f"{name}{level}"] = {**document(inner, row([one["id"] for one in inner])), "name": f"{name}{level}"}
    return document([node("call", "c", workflow="x0")], row(["c"]), workflows=made)


def spawning(count: int) -> Json:
    """Parts that each spawn the next."""
    nodes, edges, at = [], [], "s"
    for number in range(count):
        nodes += [task(f"t{number}"), node("fork", f"f{number}"), node("end", f"e{number}")]
        edges += [edge(at, f"t{number}", spawn=number > 0), edge(f"t{number}", f"f{number}")]
        edges.append(edge(f"f{number}", f"e{number}"))
        at = f"f{number}"
    return {**document(nodes, edges), "nodes": [START, *nodes]}


def compiled(made: Json | str) -> Machine:
    return compile_workflow(decode(made if isinstance(made, str) else json.dumps(made)))


FINE: dict[str, Callable[[], Json]] = {
    "a long chain": lambda: chain(MANY),
    "a wide fork": lambda: fan(MANY),
    "a wide inclusive fork": lambda: fan(MANY, when="input.x > 1"),
    "a join of nearly all": lambda: fan(MANY, {"need": MANY - 1, "rest": "cancel"}),
    "forks in forks": lambda: within(500, {}, {}),
    "inclusive forks in each other": lambda: within(200, {}, {}, when="input.x"),
    "cancelling joins in each other": lambda: within(200, {}, {"need": "any", "rest": "cancel"}),
    "a wait for many signals": lambda: document(
        [node("wait", "w")], [edge("s", "w"), *(edge("w", "e", on=f"signal {n}") for n in range(MANY))]
    ),
    "many waits for one signal": lambda: document([node("wait", id) for id in names(MANY)], [
        edge("s", "t0"), *row(names(MANY), on="go")[1:]]),
    "many timers": lambda: document(
        [node("wait", "w")], [edge("s", "w"), *(edge("w", "e", after=n) for n in range(MANY))]
    ),
    "many locks": lambda: document([task(id, lock=id) for id in names(MANY)], row(names(MANY))),
    "many groups with locks": lambda: document(
        [*map(task, names(MANY)), *(node("group", f"g {id}", members=[id], lock="one") for id in names(MANY))],
        row(names(MANY))),
    "a group of many with many edges": lambda: document(
        [*map(task, names(5_000)), node("group", "g", members=names(5_000), cancel=True)],
        [*row(names(5_000)), *(edge("g", "e", on=f"signal {n}") for n in range(5_000))]),
    "branches that all leave a group": lambda: more(fan(MANY), node("group", "g", members=names(MANY), cancel=True)),
    "groups as deep as allowed": lambda: groups(
        MAX_NESTING, lambda n: [f"g{n + 1}"] if n + 1 < MAX_NESTING else names(100),
        [edge(f"g{n}", "e", on=f"signal {n}") for n in range(MAX_NESTING)]),
    "many maps": lambda: document([node("map", id, items=[], activity=id) for id in names(2_000)], row(names(2_000))),
    "calls in 2**18 ways": lambda: layers(18),
    "parts in parts": lambda: spawning(12),
    "a call of what has the caller's name": lambda: document(
        [node("call", "c", workflow="hostile")], row(["c"]), workflows={"hostile": chain(1)}),
    "a join of more than there are numbers": lambda: chain(1, priority=2**63 - 1),
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_what_is_only_large_compiles(name: str) -> None:
    assert compiled(FINE[name]()).plans is not None


REFUSED: dict[str, tuple[str, Callable[[], Json]]] = {
    "many nodes": ("WF100", lambda: chain(MAX_NODES)),
    "many edges": ("WF100", lambda: document([], [edge("s", "e", when=str(n)) for n in range(MAX_EDGES + 1)])),
    "equal edges": ("WF112", lambda: document([], [edge("s", "e")] * MAX_EDGES)),
    "pairs of equal edges": ("WF112", lambda: {**fan(MANY), "edges": fan(MANY)["edges"] * 2}),
    "edges to nowhere": ("WF104", lambda: document([], [edge("s", f"nowhere {n}") for n in range(MANY)])),
    "a long id": ("WF114", lambda: document([task("x" * 1_000_000)], row(["x" * 1_000_000]))),
    "an odd id": ("WF114", lambda: document([task("\u202e\u0000")], row(["\u202e\u0000"]))),
    "a cycle of choices": ("WF116", lambda: document(
        [node("choice", id) for id in names(MANY)],
        [edge("s", "t0"), *(edge(a, b, when="1") for a, b in pairwise([*names(MANY), "t0"])),
         *(edge(id, "e", otherwise=True) for id in names(MANY))])),
    "forks that lead to themselves": ("WF116", lambda: document(
        [node("fork", "f", join="j"), node("join", "j")],
        [edge("s", "f"), edge("f", "f", when="1"), edge("f", "j", when="1"), edge("j", "e")])),
    "edges of an inclusive fork to one node": ("WF120", lambda: {**fan(MANY, when="1"), "edges": [
        edge("s", "fork"), *(edge("fork", "t0", when=str(n)) for n in range(MANY)),
        *(edge(a, b) for a, b in pairwise([*names(MANY), "join", "e"]))]}),
    "inclusive forks in each other": ("WF100", lambda: within(3_000, {}, {}, when="input.x")),
    "cancelling joins in each other": ("WF100", lambda: within(3_000, {}, {"need": "any", "rest": "cancel"})),
    "a join of more than there are": ("WF121", lambda: fan(10, {"need": 10**30})),
    "groups without end": ("WF124", lambda: groups(MANY, nested)),
    "groups without end, with edges": (
        "WF124", lambda: groups(MANY, nested, [edge(f"g{n}", "e", on="x") for n in range(MANY)])),
    "a ring of groups": ("WF124", lambda: groups(MANY, lambda n: [f"g{(n + 1) % MANY}", "t0"])),
    "a group in itself": ("WF124", lambda: groups(1, lambda _: ["g0", "t0"])),
    "groups that all overlap": ("WF124", lambda: groups(MAX_NESTING + 1, lambda _: names(100))),
    "groups in 2**1000 ways": ("WF124", lambda: groups(2_000, lambda n: (
        [f"g{n // 2 * 2 + 2}", f"g{n // 2 * 2 + 3}"] if n < 1_998 else ["t0"]))),
    "a time of a megabyte": ("WF126", lambda: document(
        [node("wait", "w")], [edge("s", "w"), edge("w", "e", until="x" * 1_000_000)])),
    "a delay of a megabyte": ("WF126", lambda: document(
        [node("wait", "w")], [edge("s", "w"), edge("w", "e", after="x" * 1_000_000)])),
    "a delay before now": ("WF126", lambda: document([node("wait", "w")], [edge("s", "w"), edge("w", "e", after=-1)])),
    "a delay beyond all clocks": ("WF126", lambda: document(
        [node("wait", "w")], [edge("s", "w"), edge("w", "e", after=1e308)])),
    "an expression of a megabyte": ("WF204", lambda: document(
        [node("wait", "w")], [edge("s", "w"), edge("w", "e", until="=" + "x" * 1_000_000)])),
    "expressions without end": ("WF100", lambda: chain(1, arguments={f"a{n}": f"=input.x{n}" for n in range(30_000)})),
    "large expressions": ("WF204", lambda: chain(1, arguments={"x": "=" + "+".join(["1"] * 4_000)})),
    "calls without end": ("WF241", lambda: layers(40)),
    "parts that spawn parts": ("WF241", lambda: spawning(60)),
    "parts without end": ("WF100", lambda: spawning(1_000)),
    "a part that spawns itself": ("WF122", lambda: document(
        [task("a"), node("fork", "f"), task("b")],
        [edge("s", "a"), edge("a", "f"), edge("f", "b", spawn=True), edge("f", "e"), edge("b", "f")])),
    "a workflow that calls itself": ("WF241", lambda: document(
        [node("call", "c", workflow="w")], row(["c"]),
        workflows={"w": document([node("map", "m", items=[1], workflow="w")], row(["m"]))})),
    "workflows that call each other": ("WF241", lambda: document(
        [node("call", "c", workflow="a")], row(["c"]),
        workflows={a: document([node("call", "c", workflow=b)], row(["c"])) for a, b in ("ab", "bc", "ca")})),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_too_much_is_refused(name: str) -> None:
    code, make = REFUSED[name]
    with pytest.raises(CompileError) as refused:
        compiled(make())
    found = refused.value.diagnostics
    assert code in {problem.code for problem in found}
    assert len(found) <= MAX_FOUND
    assert all(len(problem.message) <= MAX_TEXT and problem.help for problem in found)


UNREADABLE: dict[str, Callable[[], str]] = {
    "lists in lists": lambda: '{"wfnb": 1, "nodes": ' + "[" * 1_000_000,
    "lists in lists, closed": lambda: '{"wfnb": 1, "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "many lists": lambda: '{"wfnb": 1, "x": [' + "[]," * codec.MAX_VALUES + "[]]}",
    "a text of quotes without end": lambda: "[" * 200 + '"' + '\\"' * 1_000_000,
    "a text of backslashes without end": lambda: "[" * 200 + '"' + "\\\\" * 1_000_000 + "\\",
    "quotes and backslashes": lambda: "[" * 200 + '"\\' * 1_000_000,
    "workflows in workflows": lambda: '{"wfnb": 1, "workflows": {"w": ' * 200 + '{"wfnb": 1}' + "}}" * 200,
    "half a surrogate": lambda: '{"wfnb": 1, "name": "\\ud800"}',
    "half a surrogate, not escaped": lambda: '{"wfnb": 1, "name": "\ud800"}',
    "a kind of a megabyte": lambda: json.dumps(document([node("x" * 1_000_000, "n")], [])),
    "no number": lambda: '{"wfnb": 1, "nodes": [{"kind": "task", "id": "t", "activity": "f", "timeout": NaN}]}',
    "a number without end": lambda: '{"wfnb": 1, "edges": [{"source": "a", "target": "b", "after": 1e999}]}',
    "a negative timeout": lambda: '{"wfnb": 1, "nodes": [{"kind": "task", "id": "t", "activity": "f", "timeout": -1}]}',
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_document_is_not_read(name: str) -> None:
    with pytest.raises(DecodeError) as refused:
        decode(UNREADABLE[name]())
    assert len(str(refused.value).splitlines()[0]) < 2_000_000


def test_a_workflow_is_compiled_once_however_often_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    count = calls.Calls.count

    def counting(self: calls.Calls, unit: calls.Unit) -> None:
        counted.append(unit.workflow.name)
        count(self, unit)

    monkeypatch.setattr(calls.Calls, "count", counting)
    machine = compiled(layers(12))
    assert sorted(counted) == sorted(["hostile", "x0", *(f"{name}{level}" for name in "xy" for level in range(1, 12))])
    assert called_by(machine) == {}


def test_all_that_is_called_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MAX_TOTAL", 20)
    with pytest.raises(CompileError, match="more than 20 nodes with all that it calls and spawns"):
        compiled(layers(12))


def test_calls_that_never_come_to_an_end() -> None:
    """A resolver that finds another workflow for every name."""

    def resolve(name: str, _: Workflow) -> Workflow:
        if len(name) > 1_000:
            raise DefinitionError("there is an end")
        inner = document([node("call", "c", workflow=f"{name}x"), node("call", "d", workflow=f"{name}y")], row("cd"))
        return decode(json.dumps({**inner, "name": name}))

    made = decode(json.dumps(document([node("call", "c", workflow="x")], row(["c"]))))
    with pytest.raises(CompileError, match="calls nest deeper than 20"):
        compile_workflow(made, None, resolve)


def test_what_a_name_means_depends_on_where_it_stands() -> None:
    """A workflow of the document sees those beside it, whoever calls it."""
    inner = document([task("inner")], row(["inner"]))
    outer = document([task("outer")], row(["outer"]))
    calling = document([node("call", "c", workflow="same")], row(["c"]))
    made = document(
        [node("call", "a", workflow="a"), node("call", "b", workflow="b")],
        row("ab"),
        workflows={"same": outer, "b": calling, "a": {
            **document([node("call", "c", workflow="b"), node("call", "d", workflow="same")], row("cd")),
            "workflows": {"same": inner}}},
    )  # fmt: skip
    machine = compiled(made)
    a, b = (machine.children[machine.graph.number[id]].machine for id in "ab")
    assert a.children[a.graph.number["c"]].machine is b
    assert a.children[a.graph.number["d"]].machine.ids == ("s", "inner", "e")
    assert b.children[b.graph.number["c"]].machine.ids == ("s", "outer", "e")


def deep(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    "value", [object(), deep(100_000), "\ud800", {1: {2}, (3,): 4}], ids=["object", "deep", "surrogate", "keys"]
)
def test_what_is_no_json_in_code(value: Any) -> None:
    made = Workflow(
        name="coded",
        nodes=(Start("s"), Task("t", activity="f", arguments={"x": value}), End("e")),
        edges=(Edge(source="s", target="t"), Edge(source="t", target="e")),
    )
    with pytest.raises(CompileError) as refused:
        compile_workflow(made)
    (found,) = refused.value.diagnostics
    assert (found.code, found.nodes) == ("WF127", ("t",))
    assert found.message.startswith("task 't' has a value that is no JSON: ")


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0, 1e300])
def test_durations_that_are_none_in_code(seconds: float) -> None:
    slow = Task("t", activity="f", timeout=seconds, retry=Retry(delay=seconds))
    wait = Edge(source="t", target="e", after=seconds)
    made = Workflow(
        name="coded",
        nodes=(Start("s"), slow, End("e")),
        edges=(Edge(source="s", target="t"), Edge(source="t", target="e"), wait),
    )
    found = diagnose(made)
    assert [(d.code, d.field) for d in found if d.severity == "error"] == [
        ("WF126", "timeout"),
        ("WF126", "retry.delay"),
        ("WF126", "after"),
    ]


def test_keys_that_are_no_text_are_those_of_a_file() -> None:
    def with_key(key: Any) -> Workflow:
        return Workflow(name="w", nodes=(Task("t", activity="f", arguments={"x": {key: 1}}),))

    assert definition_hash(with_key(10)) == definition_hash(with_key("10"))


def nested_groups(groups: int, tasks: int) -> Workflow:
    """Groups around each other, each with an edge that empties it: one transition an edge and a task."""
    members = tuple(f"t{i}" for i in range(tasks))
    return Workflow(
        nodes=(
            Start("start"),
            End("end"),
            End("out"),
            *(Task(id, activity="a") for id in members),
            Group("g0", members=members),
            *(Group(f"g{i}", members=(f"g{i - 1}",)) for i in range(1, groups)),
        ),
        edges=(
            Edge(source="start", target="t0"),
            *(Edge(source=a, target=b) for a, b in pairwise(members)),
            Edge(source=members[-1], target="end"),
            *(Edge(source=f"g{i}", target="out", on="stop") for i in range(groups)),
        ),
    )


def shared_lock(tasks: int) -> Workflow:
    ids = [f"t{i}" for i in range(tasks)]
    return Workflow(
        nodes=(Start("start"), End("end"), *(Task(id, activity="a", lock="one") for id in ids)),
        edges=(
            Edge(source="start", target=ids[0]),
            *(Edge(source=a, target=b) for a, b in pairwise(ids)),
            Edge(source=ids[-1], target="end"),
        ),
    )


@pytest.mark.parametrize("drawn", [nested_groups(20, 2_000), shared_lock(6_000)], ids=["groups", "lock"])
def test_a_net_that_would_be_too_large_is_not_known(drawn: Workflow) -> None:
    report = check(drawn)
    assert report.properties["sound"].verdict == "unknown"
    assert "its net would have more than 2000000 arcs" in report.properties["sound"].why
    assert [found.code for found in report.diagnostics if found.code == "WF306"] == ["WF306"]
