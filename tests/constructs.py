"""Workflows that between them use every construct, for trying what must hold of all: restarts, seeds, kills.

Their tasks run `work(id, seconds, gives, fails)`.  Whoever runs them answers approvals with True a while after they are
asked, but for those called `slow`, and does what `acts` says at its second.  Each is deterministic: however its steps
interleave, it ends alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wfnb.author.edits import SetWorkflow
from wfnb.author.flow import Flow
from wfnb.author.refs import NodeRef
from wfnb.model.workflow import Retry, Workflow

Act = tuple[str, Any]
"""A signal's name and what it brings; or `cancel`, `pause` or `resume`, and why."""


@dataclass(frozen=True)
class Construct:
    """One workflow.

    Attributes:
        name: what it shows.
        workflow: the definition.
        acts: what happens outside, by second.
        status: how it ends.
    """

    name: str
    workflow: Workflow
    acts: Mapping[float, Act] = field(default_factory=dict)
    status: str = "completed"


_MAKERS: list[Callable[[], Construct]] = []


def _construct(make: Callable[[], Construct]) -> Callable[[], Construct]:
    _MAKERS.append(make)
    return make


def constructs() -> list[Construct]:
    """All of them."""
    return [make() for make in _MAKERS]


def _task(flow: Flow, id: str, **arguments: Any) -> NodeRef:
    return flow.task(id, "work", id=id, **arguments)


def _undone(flow: Flow, id: str, **arguments: Any) -> NodeRef:
    return _task(flow, id, **arguments).options(compensate=("work", {"id": f"undo {id}"}))


def _child(name: str = "child", *, seconds: float = 2, fails: str = "") -> Workflow:
    flow = Flow(name, {"n": "int"})
    gives = "=input.n * 10"
    (
        flow.start
        >> _task(flow, "one", seconds=seconds, gives=gives)
        >> _task(flow, "two", fails=fails)
        >> flow.end(output="=one")
    )
    return flow.workflow


def _with(flow: Flow, *parts: Workflow) -> Flow:
    flow.document.apply([SetWorkflow(workflows={part.name: part for part in parts})])
    return flow


@_construct
def _routing() -> Construct:
    flow = Flow("routing")
    a, b, c, last = (_task(flow, id, seconds=s) for id, s in (("a", 1), ("b", 2), ("c", 3), ("last", 1)))
    fork, join, gate = flow.fork("fork"), flow.join("join"), flow.choice("gate")
    flow.start >> fork >> [a, b, c] >> join >> gate
    gate.when("reached('again')") >> last >> flow.end()
    gate.otherwise() >> _task(flow, "again") >> fork
    return Construct("routing", flow.workflow)


@_construct
def _retries() -> Construct:
    flow = Flow("retries")
    tried = _task(flow, "tried", fails="Bad").options(retry=Retry(attempts=4, delay=3, factor=1))
    flow.start >> tried >> flow.end("never")
    tried.on_error("Bad") >> _task(flow, "mended") >> flow.end(output="=[mended, error('tried')]")
    return Construct("retries", flow.workflow)


@_construct
def _waits() -> Construct:
    flow = Flow("waits")
    a, b, c, d = (flow.wait(id) for id in "abcd")
    join = flow.join("join")
    flow.start >> flow.fork("fork") >> [a, b, c, d]
    after = _task(flow, "after a")
    a.on("go", when="signal('go') > 1") >> after >> join
    a.after(600) >> after
    b.after(7) >> _task(flow, "after b") >> join
    c.until("2030-01-01T00:00:09Z") >> join
    d.when("reached('after b')") >> _task(flow, "after d") >> join
    kept = flow.wait("kept")
    join >> kept
    kept.on("early") >> flow.end(output="=[a, b, kept]")
    acts = {2.25: ("go", 1), 3.25: ("early", "e"), 5.25: ("go", 2)}
    return Construct("waits", flow.workflow, acts)


@_construct
def _several_listeners() -> Construct:
    flow = Flow("listeners")
    a, b, join = flow.wait("a"), flow.wait("b"), flow.join("join")
    long = _task(flow, "long", seconds=600)
    flow.start >> flow.fork("fork") >> [a, b, long]
    a.on("go") >> join
    b.on("go") >> _task(flow, "after b") >> join
    instead = _task(flow, "instead")
    long >> instead
    long.on("go") >> instead >> join >> flow.end(output="=[a, b, instead]")
    return Construct("listeners", flow.workflow, {4.25: ("go", "heard")})


@_construct
def _approvals() -> Construct:
    flow = Flow("approvals")
    ask, slow = flow.approval("ask", "Go on?"), flow.approval("slow", "And here?")
    flow.start >> _task(flow, "first") >> flow.fork("fork") >> [ask, slow]
    slow.after(0.5) >> _task(flow, "late") >> flow.end("end late")
    slow >> flow.end("end slow")
    ask >> _task(flow, "last") >> flow.end(output="=ask")
    return Construct("approvals", flow.workflow)


@_construct
def _interrupts() -> Construct:
    flow = Flow("interrupts")
    inner, a, b, met = flow.fork("inner"), _task(flow, "a", seconds=2), _task(flow, "b", seconds=900), flow.join("met")
    limited, join = _task(flow, "limited", seconds=900), flow.join("join")
    flow.start >> _task(flow, "first") >> flow.fork("fork") >> [inner, limited]
    late, given_up = _task(flow, "late"), _task(flow, "given up")
    limited >> late >> join
    limited.after(8) >> late
    inner >> [a, b] >> met >> given_up
    group = flow.group("group", [inner, a, b, met])
    group.after(12) >> given_up >> join >> _task(flow, "last") >> flow.end()
    group.on("stop") >> given_up
    return Construct("interrupts", flow.workflow)


@_construct
def _regions() -> Construct:
    flow = Flow("regions")
    quick, slow, wait = _task(flow, "quick", seconds=9), _task(flow, "slow", seconds=900), flow.wait("wait")
    fork, after = flow.fork("fork"), _task(flow, "after")
    flow.start >> fork >> [quick, slow, wait]
    wait.on("never") >> after
    slow >> after
    quick >> after >> flow.end()
    flow.group("group", [fork, quick, slow, wait], cancel=True)
    return Construct("regions", flow.workflow)


@_construct
def _partial_joins() -> Construct:
    flow = Flow("partial joins")
    absorb, cancel = flow.join("absorb", need=2), flow.join("cancel", need="any", rest="cancel")
    join = flow.join("join")
    flow.start >> flow.fork("fork") >> [flow.fork("one"), flow.fork("two")]
    flow.node("one") >> [_task(flow, f"a{n}", seconds=n * 5) for n in (1, 2, 3)] >> absorb >> _task(flow, "x") >> join
    flow.node("two") >> [_task(flow, f"c{n}", seconds=n * 9) for n in (1, 2, 99)] >> cancel >> _task(flow, "y") >> join
    join >> flow.end(output="=[x, y]")
    return Construct("partial joins", flow.workflow)


@_construct
def _inclusive() -> Construct:
    flow = Flow("inclusive")
    join, first = flow.join("join"), _task(flow, "first", gives=6)
    fork = flow.fork("fork", join=join)
    flow.start >> first >> fork
    fork.when("first % 2 == 0") >> _task(flow, "two") >> join
    fork.when("first % 3 == 0") >> _task(flow, "three") >> join
    fork.when("first % 5 == 0") >> _task(flow, "five") >> join
    fork.otherwise() >> _task(flow, "none") >> join >> _task(flow, "last") >> flow.end()
    return Construct("inclusive", flow.workflow)


@_construct
def _calls() -> Construct:
    flow = _with(Flow("calls"), _child(), _child("failing", fails="Deep"))
    call, bad, gate = flow.call("call", "child", n=4), flow.call("bad", "failing", n=1), flow.choice("gate")
    flow.start >> call >> bad >> flow.end("never")
    bad.on_error("Deep") >> gate
    gate.when("reached('again')") >> flow.end(output="=[call, error('bad')]")
    gate.otherwise() >> _task(flow, "again") >> call
    return Construct("calls", flow.workflow)


@_construct
def _maps() -> Construct:
    flow = _with(Flow("maps"), _child(), _child("failing", fails="Deep"))
    each = flow.map("each", "child", [1, 2, 3], width=2).options(arguments={"n": "=item"})
    skip = flow.map("skip", "failing", [1, 2], failure="skip").options(arguments={"n": "=item"})
    finish = flow.map("finish", "failing", [1, 2], failure="finish", width=1).options(arguments={"n": "=item"})
    work = flow.map("work", "work", ["x", "y"]).options(arguments={"id": "=item", "seconds": "=index + 1"})
    stop = flow.map("stop", "work", [1, 2, 3], width=2)
    stop.options(arguments={"id": "=str(item)", "seconds": "=index * 300 + 1", "fails": "='Bad' if item == 1 else ''"})
    flow.start >> each >> skip >> finish >> flow.end("never")
    finish.on_error() >> work >> stop >> flow.end("nor this")
    stop.on_error() >> flow.map("none", "work", [], id="=item") >> flow.end(output="=[each, skip, work, none]")
    return Construct("maps", flow.workflow)


@_construct
def _spawns() -> Construct:
    flow = Flow("spawns")
    out, gate, count = flow.fork("out"), flow.choice("gate"), _task(flow, "count")
    flow.start >> count >> out
    out.spawn() >> _task(flow, "spawned", seconds=5) >> _task(flow, "more", gives="=count") >> flow.end("end of it")
    out >> gate
    gate.when("reached('second')") >> flow.end()
    gate.otherwise() >> _task(flow, "second") >> count
    return Construct("spawns", flow.workflow)


@_construct
def _locks() -> Construct:
    flow = _with(Flow("locks"), _child())
    a, b, c, d = (_task(flow, id) for id in "abcd")
    join, call = flow.join("join"), flow.call("call", "child", n=1)
    flow.start >> flow.fork("fork") >> [a, c, d, call]
    a >> b
    [b, c, d, call] >> join >> flow.end(output="done")
    for one in (c, d):
        one.options(lock="one")
    flow.group("pair", [a, b], lock="one")
    flow.group("alone", [call], lock="one")
    return Construct("locks", flow.workflow)


@_construct
def _compensation() -> Construct:
    flow = Flow("compensation")
    at = flow.start
    for id in ("hotel", "flight", "car"):
        at = at >> _undone(flow, id)
    flow.node("flight").options(compensate=("work", {"id": "undo flight", "fails": "Worse"}))
    at >> _task(flow, "last", fails="Bad") >> flow.end()
    return Construct("compensation", flow.workflow, status="failed")


@_construct
def _saga() -> Construct:
    """Children that had completed, and children of those, are taken back with their parent."""
    inner = Flow("inner", {"n": "int"})
    inner.start >> _undone(inner, "deep") >> inner.end(output="=input.n")
    middle = Flow("middle")
    (
        middle.start
        >> _undone(middle, "before")
        >> middle.call("part", "inner", n=1)
        >> _undone(middle, "after")
        >> middle.end()
    )
    middle.node("before").options(compensate=("work", {"id": "undo before", "fails": "Worse"}))
    flow = _with(Flow("saga"), middle.workflow, inner.workflow)
    each = flow.map("each", "inner", [1, 2, 3], width=1).options(arguments={"n": "=item"})
    out = flow.fork("out")
    flow.start >> _undone(flow, "first") >> out >> flow.call("call", "middle") >> _undone(flow, "second") >> each
    out.spawn() >> _undone(flow, "spawned", seconds=40) >> flow.end("end of it")
    each >> _task(flow, "last", seconds=60, fails="Bad") >> flow.end()
    return Construct("saga", flow.workflow, status="failed")


@_construct
def _called_off_saga() -> Construct:
    """A run is cancelled that has children of all kinds: in progress, failed, called off, and complete."""
    inner = Flow("inner", {"n": "int"})
    inner.start >> _undone(inner, "deep") >> _task(inner, "long", seconds="=3 * input.n") >> inner.end()
    flow = _with(Flow("called off saga"), inner.workflow)
    slow, quick = flow.map("slow", "inner", [1, 2, 900]), flow.call("quick", "inner", n=1)
    broken = flow.map("broken", "inner", [1, 2, None], failure="finish")
    for each in (slow, broken):
        each.options(arguments={"n": "=item"})
    flow.start >> _undone(flow, "first") >> flow.fork("fork") >> [slow, quick, broken]
    slow >> flow.end("never")
    quick >> _undone(flow, "then") >> flow.end("too early")
    broken >> flow.end("nor this")
    broken.on_error() >> _task(flow, "caught", seconds=2000) >> flow.end("nor that")
    return Construct("called off saga", flow.workflow, {90.25: ("cancel", "enough")}, "cancelled")


@_construct
def _cancelled() -> Construct:
    inner = Flow("inner")
    inner.start >> _undone(inner, "deep") >> _task(inner, "long", seconds=900) >> inner.end()
    flow = _with(Flow("cancelled"), inner.workflow)
    out, wait = flow.fork("out"), flow.wait("wait")
    each = flow.map("each", "inner", [1, 2])
    flow.start >> _undone(flow, "first") >> flow.fork("fork") >> [flow.call("call", "inner"), each, out, wait]
    wait.on("never") >> flow.end("never")
    [flow.node("call"), each] >> flow.join("join") >> flow.end()
    out.spawn() >> _task(flow, "spawned", seconds=900) >> flow.end("end of it")
    out >> flow.end("end out")
    return Construct("cancelled", flow.workflow, {6.25: ("cancel", "enough")}, "cancelled")


@_construct
def _terminated() -> Construct:
    flow = _with(Flow("terminated"), _child(seconds=900))
    call, wait, slow = flow.call("call", "child", n=1), flow.wait("wait"), _task(flow, "slow", seconds=900)
    flow.start >> flow.fork("fork") >> [call, wait, slow, _task(flow, "quick", seconds=5)]
    [call, slow] >> flow.join("join") >> flow.end("never")
    wait.after(990) >> flow.end("nor this")
    flow.node("quick") >> flow.end(terminate=True)
    return Construct("terminated", flow.workflow)


@_construct
def _called_off() -> Construct:
    """Children that are called off while their parent goes on."""
    flow = _with(Flow("called off"), _child(seconds=900))
    call, each = flow.call("call", "child", n=1), flow.map("each", "child", [1, 2], width=1)
    each.options(arguments={"n": "=item"})
    flow.start >> flow.fork("fork") >> [call, each]
    call >> flow.end("never")
    each >> flow.end("nor this")
    call.after(5) >> _task(flow, "late", seconds=9) >> flow.end(output="=late")
    each.on("stop") >> flow.end("stopped", output=1)
    return Construct("called off", flow.workflow, {7.25: ("stop", None)})


@_construct
def _failing_end() -> Construct:
    flow = Flow("failing end", {})
    first = _undone(flow, "first").options(requires="1 < 2", ensures="first == 'first'")
    flow.start >> first >> flow.fork("fork") >> [_task(flow, "slow", seconds=900), _task(flow, "quick")]
    flow.node("slow") >> flow.end()
    flow.node("quick") >> flow.end("refused", error="Refused", message="='no: ' + quick")
    return Construct("failing end", flow.workflow, status="failed")


@_construct
def _limits() -> Construct:
    """What orders, limits and guards tasks, and says where and how they run."""
    flow = Flow("limits")
    first = _task(flow, "first").options(timeout=500, heartbeat=500, executor="loop")
    hurry = _task(flow, "hurry", seconds=3).options(priority=5, deadline=2, resources={"cpu": 1}, durability="sync")
    others = [_task(flow, id).options(cache=True) for id in ("one", "two")]
    last = _task(flow, "last").options(prerequisites=("work",))
    off = _task(flow, "off").options(disabled=True)
    flow.start >> first >> off >> flow.fork("fork") >> [*others, hurry] >> flow.join("join") >> last
    flow.group("turns", [*others, hurry], strategy="sequential")
    last >> flow.end(output="=[one, two, hurry]")
    return Construct("limits", flow.workflow)


@_construct
def _paused() -> Construct:
    """A run that is paused for a while, and meanwhile misses one signal and keeps another."""
    flow = Flow("paused")
    missed, kept = flow.signal("missed", transient=True), flow.signal("kept", int)
    long, wait = _task(flow, "long", seconds=6), flow.wait("wait")
    asked = flow.approval("asked", "='Is it ' + long + '?'", form={"yes": bool, "why": str})
    flow.start >> long >> wait
    wait.on(missed) >> flow.end("never")
    wait.on(kept, when="signal('kept') > 2") >> asked >> flow.end(output="=[wait, asked]")
    acts = {2.25: ("pause", "for a while"), 3.25: ("missed", 1), 4.25: ("kept", 3), 9.25: ("resume", "")}
    return Construct("paused", flow.workflow, acts)
