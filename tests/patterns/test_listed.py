"""The workflow patterns that the language has and the corpus lacks, or shows one side of only.

Numbers and names are those of Russell, ter Hofstede, van der Aalst and Mulyar, "Workflow Control-Flow Patterns: A
Revised View", 2006.
"""

from __future__ import annotations

import pytest

from tests.patterns.kit import given, play, task, tasks, verdict
from wfnb.author.flow import Flow
from wfnb.errors import ActivityFailed, CompileError, RunCancelled
from wfnb.machine.compiler import compile_workflow
from wfnb.model import event as events

SEEDS = range(5)


# ------------------------------------------------------------------------------------- advanced branching and joining


@pytest.mark.parametrize("taken", [(True, True), (True, False), (False, True), (False, False)])
def test_7_structured_synchronizing_merge(taken: tuple[bool, bool]) -> None:
    """7: the merge waits for every branch that was taken and for no other; where none is, `otherwise` is."""
    flow = Flow("synchronizing merge", {"left": "bool", "right": "bool"})
    left, right, neither, last = tasks(flow, "left right neither last")
    met = flow.join("met")
    fork = flow.fork("fork", join=met)
    flow.start >> fork
    fork.when("input.left") >> left >> met
    fork.when("input.right") >> right >> met
    fork.otherwise() >> neither >> met
    met >> last >> flow.end()
    ran = play(flow, left=taken[0], right=taken[1])
    names = [name for name, on in zip(("left", "right"), taken, strict=True) if on] or ["neither"]
    assert ran.started == [*names, "last"]
    assert verdict(flow) == "sound"


def test_an_unstructured_or_join_is_refused() -> None:
    """7: a merge of branches that can be entered from elsewhere could not know what to wait for."""
    flow = Flow("or-join")
    before, left, right = tasks(flow, "before left right")
    met, gate = flow.join("met"), flow.choice("gate")
    fork = flow.fork("fork", join=met)
    flow.start >> before >> gate
    gate.when("before == 'jump'") >> right
    gate.otherwise() >> fork
    fork.when("before == 'a'") >> left >> met
    fork.otherwise() >> right >> met
    met >> flow.end()
    with pytest.raises(CompileError) as refused:
        compile_workflow(flow.workflow)
    (problem,) = refused.value.diagnostics
    assert problem.code == "WF120"
    assert problem.message == "the branch from fork 'fork' to 'right' can be entered at 'right' from elsewhere"
    assert problem.help == "lead each branch to the join along one edge of its own, and nothing else into it"


@pytest.mark.parametrize("part", ["leaves", "twice", "any", "guard"])
def test_other_unstructured_or_joins_are_refused(part: str) -> None:
    """7: nor one that a branch may miss or reach twice, nor one that does not wait; nor a guard without a join."""
    flow = Flow("or-join")
    left, right = tasks(flow, "left right")
    met = flow.join("met", need="any" if part == "any" else "all")
    fork = flow.fork("fork", join="" if part == "guard" else met)
    flow.start >> fork
    fork.when("1 < 2") >> left
    fork.otherwise() >> right
    if part == "twice":
        gate = flow.choice("gate")
        left >> gate
        gate.when("left == 'x'") >> met
        gate.otherwise() >> task(flow, "more") >> met
    else:
        left >> (flow.end("out") if part == "leaves" else met)
    right >> met >> flow.end()
    with pytest.raises(CompileError) as refused:
        compile_workflow(flow.workflow)
    assert {problem.code for problem in refused.value.diagnostics} == {"WF109" if part == "guard" else "WF120"}


def discriminating(flow: Flow, *, rest: str) -> None:
    quick, slow, last = task(flow, "quick", seconds=1), task(flow, "slow", seconds=9), task(flow, "last")
    join = flow.join("first", need="any").options(rest=rest)  # type: ignore[arg-type]
    flow.start >> flow.fork("fork") >> [quick, slow] >> join >> last >> flow.end()


def test_28_blocking_discriminator() -> None:
    """28: a discriminator takes no token of the next round before every branch of this one has come.

    A round is a call: it is over when the tokens that are absorbed are.  Without that the next round may come too soon,
    and the drawing is refuted.
    """
    round_of = Flow("round")
    discriminating(round_of, rest="absorb")
    flow = given(Flow("blocking discriminator"), round_of)
    again, call = task(flow, "again"), flow.call("rounds", "round")
    gate = flow.choice("gate")
    flow.start >> call >> gate
    gate.when("reached('again')") >> flow.end()
    gate.otherwise() >> again >> call
    ran = play(flow)
    assert ran.started == ["quick", "slow", "last", "again", "quick", "slow", "last"]
    assert [span.begun for span in ran.spans if span.task == "quick"] == [0, 10]
    assert verdict(flow) == "sound"


def test_28_re_entry_before_the_reset_is_unsafe() -> None:
    """28: the same as one drawing: a fast branch of the next round meets its own token of the last."""
    flow = Flow("re-entry")
    quick, slow, again = task(flow, "quick", seconds=1), task(flow, "slow", seconds=9), task(flow, "again")
    join, gate = flow.join("first", need="any"), flow.choice("gate")
    fork = flow.fork("fork")
    flow.start >> fork >> [quick, slow] >> join >> gate
    gate.when("reached('again')") >> flow.end()
    gate.otherwise() >> again >> fork
    assert verdict(flow) == "unsafe"
    ran = play(flow)
    assert ran.error is not None
    assert ran.error.type == "RunStuck"
    assert ran.error.cause.startswith("a second token reached 'slow' while one was still there")


def test_29_cancelling_discriminator() -> None:
    """29: the first branch goes on and the others are withdrawn."""
    flow = Flow("cancelling discriminator")
    discriminating(flow, rest="cancel")
    ran = play(flow)
    assert ran.started == ["quick", "slow", "last"]
    assert ran.completed == ["quick", "last"]
    assert ran.spans[1].ended is None
    assert ran.types.count("TaskCancelled") == 1
    assert ran.status == "completed"
    assert verdict(flow) == "sound"


@pytest.mark.parametrize(("rest", "completed"), [("absorb", "a b last c"), ("cancel", "a b last")])
def test_30_structured_partial_join(rest: str, completed: str) -> None:
    """30: the join goes on when k of its n branches have come (34 is its variant that withdraws the rest)."""
    flow = Flow("partial join")
    branches = [task(flow, id, seconds=seconds) for id, seconds in (("a", 1), ("b", 2), ("c", 9))]
    join = flow.join("two", need=2).options(rest=rest)  # type: ignore[arg-type]
    flow.start >> flow.fork("fork") >> branches >> join >> task(flow, "last") >> flow.end()
    ran = play(flow)
    assert ran.started == ["a", "b", "c", "last"]
    assert ran.completed == completed.split()
    assert [span.begun for span in ran.spans if span.task == "last"] == [2]
    assert verdict(flow) == "sound"


def test_31_blocking_partial_join() -> None:
    """31: as 28, for k of n: the next round begins when all branches of this one are over."""
    round_of = Flow("two of three")
    branches = [task(round_of, id, seconds=seconds) for id, seconds in (("a", 1), ("b", 2), ("c", 9))]
    join = round_of.join("two", need=2)
    round_of.start >> round_of.fork("fork") >> branches >> join >> round_of.end()
    flow = given(Flow("blocking partial join"), round_of)
    rounds = flow.map("rounds", "two of three", [1, 2], width=1)
    flow.start >> rounds >> task(flow, "last") >> flow.end()
    ran = play(flow)
    assert ran.started == [*"abc", *"abc", "last"]
    assert [span.begun for span in ran.spans if span.task == "a"] == [0, 9]
    assert verdict(flow) == "sound"


# ------------------------------------------------------------------------------------------------- multiple instances


def test_12_instances_without_synchronization() -> None:
    """12: as many instances as wanted are started, and nothing waits for them."""
    flow = Flow("without synchronization")
    one, several = task(flow, "one", gives=1), task(flow, "several", seconds=5)
    gate, out = flow.choice("gate"), flow.fork("out")
    flow.start >> one >> out
    out.spawn() >> several >> flow.end("end of each")
    out >> gate
    gate.when("reached('last')") >> flow.end()
    gate.otherwise() >> task(flow, "last") >> one
    ran = play(flow)
    assert ran.started == ["one", "last", "several", "one", "several"]
    assert ran.children == ["several", "several#2"]
    assert [span.ended for span in ran.spans if span.task == "several"] == [6, 8]
    assert ran.status == "completed"
    assert verdict(flow) == "sound"


def test_13_instances_with_design_time_knowledge() -> None:
    """13: a fixed number of instances; what follows waits for all of them."""
    flow = Flow("design time")
    each = flow.map("each", "work", ["x", "y", "z"], id="=item")
    flow.start >> each >> task(flow, "last") >> flow.end(output="=each")
    ran = play(flow)
    assert ran.output == ["x", "y", "z"]
    assert [span.task for span in ran.spans] == ["x", "y", "z", "last"]
    assert [span.begun for span in ran.spans] == [0, 0, 0, 1]
    assert ran.children == ["each[0]", "each[1]", "each[2]"]
    assert verdict(flow) == "sound"


@pytest.mark.parametrize("count", [0, 1, 4])
def test_14_instances_with_run_time_knowledge(count: int) -> None:
    """14: as many instances as a value says that is known when they start."""
    flow = Flow("run time")
    first = task(flow, "first", gives=[f"i{number}" for number in range(count)])
    each = flow.map("each", "work", "=first", id="=item", width=2)
    flow.start >> first >> each >> flow.end(output="=each")
    ran = play(flow)
    assert ran.output == [f"i{number}" for number in range(count)]
    assert [span.begun for span in ran.spans] == [0, 1, 1, 2, 2][: count + 1]
    assert verdict(flow) == "sound"


# ------------------------------------------------------------------------------------------------------- state-based


@pytest.mark.parametrize(("acts", "taken"), [({2.0: "left"}, "left"), ({2.0: "right"}, "right"), ({}, "late")])
def test_16_deferred_choice(acts: dict[float, str], taken: str) -> None:
    """16: the branch is chosen by what happens first outside; the others are off then."""
    flow = Flow("deferred choice")
    wait = flow.wait("wait")
    flow.start >> wait
    for name in ("left", "right"):
        wait.on(name) >> task(flow, name) >> flow.end(f"end {name}")
    wait.after(60) >> task(flow, "late") >> flow.end("end late")
    ran = play(flow, {at: lambda run, name=name: run.signal(name) for at, name in acts.items()})
    assert ran.started == [taken]
    assert ran.spans[0].begun == (2 if acts else 60)
    assert verdict(flow) == "sound"


@pytest.mark.parametrize("seed", SEEDS)
def test_17_interleaved_parallel_routing(seed: int) -> None:
    """17: a partial order of tasks, of which no two are in progress at the same time."""
    flow = Flow("interleaved parallel routing")
    a1, a2, b1, b2, last = tasks(flow, "a1 a2 b1 b2 last")
    for one in (a1, a2, b1, b2):
        one.options(lock="one at a time")
    join = flow.join("join")
    flow.start >> flow.fork("fork") >> [a1, b1]
    a1 >> a2 >> join
    b1 >> b2 >> join >> last >> flow.end()
    ran = play(flow, seed=seed)
    assert sorted(ran.started) == ["a1", "a2", "b1", "b2", "last"]
    assert ran.started.index("a1") < ran.started.index("a2")
    assert ran.started.index("b1") < ran.started.index("b2")
    assert not ran.overlap("a1", "a2", "b1", "b2")
    assert [span.begun for span in ran.spans] == [0, 1, 2, 3, 4]
    assert verdict(flow) == "sound"


def test_18_milestone() -> None:
    """18: a task may begin only once another place of the run has been reached."""
    flow = Flow("milestone")
    slow, quick, after = task(flow, "slow", seconds=5), task(flow, "quick"), task(flow, "after")
    wait, join = flow.wait("wait"), flow.join("join")
    flow.start >> flow.fork("fork") >> [slow, quick]
    quick >> wait
    wait.when("reached('slow')") >> after >> join
    slow >> join >> flow.end()
    ran = play(flow)
    assert ran.started == ["slow", "quick", "after"]
    assert ran.spans[2].begun == 5
    assert verdict(flow) == "sound"


def test_39_critical_section() -> None:
    """39: of two parts of a drawing only one is in progress at any time, and runs to its end before the other."""
    flow = Flow("critical section")
    a1, a2, b1, b2, free = tasks(flow, "a1 a2 b1 b2 free")
    join = flow.join("join")
    flow.start >> flow.fork("fork") >> [a1, b1, free]
    a1 >> a2 >> join
    b1 >> b2 >> join
    free >> join >> flow.end()
    flow.group("a", [a1, a2], lock="both")
    flow.group("b", [b1, b2], lock="both")
    ran = play(flow)
    assert ran.started == ["a1", "free", "a2", "b1", "b2"]
    assert [span.begun for span in ran.spans] == [0, 0, 1, 2, 3]
    assert verdict(flow) == "sound"


@pytest.mark.parametrize("seed", SEEDS)
def test_40_interleaved_routing(seed: int) -> None:
    """40: each of some tasks once, in any order, one at a time."""
    flow = Flow("interleaved routing")
    some = [one.options(lock="one at a time") for one in tasks(flow, "a b c")]
    flow.start >> flow.fork("fork") >> some >> flow.join("join") >> task(flow, "last") >> flow.end()
    ran = play(flow, seed=seed)
    assert sorted(ran.started) == ["a", "b", "c", "last"]
    assert ran.started[-1] == "last"
    assert not ran.overlap("a", "b", "c")
    assert verdict(flow) == "sound"


# ------------------------------------------------------------------------------------- cancellation, force completion


def test_19_cancel_task() -> None:
    """19: a task is withdrawn, before it is done, by something from outside."""
    flow = Flow("cancel task")
    long, instead = task(flow, "long", seconds=60), task(flow, "instead")
    flow.start >> long >> flow.end()
    long.on("stop") >> instead >> flow.end("stopped")
    ran = play(flow, {3: lambda run: run.signal("stop")})
    assert ran.started == ["long", "instead"]
    assert (ran.completed, ran.spans[1].begun) == (["instead"], 3)
    assert play(flow).started == ["long"]
    assert verdict(flow) == "sound"


def test_20_cancel_case() -> None:
    """20: a run ends with everything in it, children too."""
    inner = Flow("inner")
    inner.start >> task(inner, "deep", seconds=60) >> inner.end()
    flow = given(Flow("cancel case"), inner)
    flow.start >> flow.fork("fork") >> [task(flow, "long", seconds=60), flow.call("called", "inner"), flow.wait("wait")]
    flow.node("wait").on("never") >> flow.join("join")
    [flow.node("long"), flow.node("called")] >> flow.node("join") >> flow.end()
    ran = play(flow, {3: lambda run: run.cancel("enough")})
    assert isinstance(ran.error, RunCancelled)
    assert (ran.status, ran.completed) == ("cancelled", [])
    assert sorted(ran.types[-4:-1]) == ["NodeCancelled", "NodeCancelled", "TaskCancelled"]
    assert [run for run, event in ran.events if isinstance(event, events.RunCancelled)] == [
        ran.run.id,
        f"{ran.run.id}/called",
    ]
    assert ran.run.host.runs == {}
    assert verdict(flow) == "sound"


def test_25_cancel_region() -> None:
    """25: what is in a part of the drawing is withdrawn, and what is outside goes on."""
    flow = Flow("cancel region")
    a, b, outside = task(flow, "a", seconds=60), task(flow, "b"), task(flow, "outside", seconds=5)
    instead, after, last = tasks(flow, "instead after last")
    inner, met, join = flow.fork("inner"), flow.join("met"), flow.join("join")
    flow.start >> flow.fork("fork") >> [inner, outside]
    inner >> [a, b] >> met >> after >> join
    flow.group("region", [inner, a, b, met]).on("stop") >> instead >> after
    outside >> join >> last >> flow.end()
    ran = play(flow, {3: lambda run: run.signal("stop")})
    assert ran.started == ["outside", "a", "b", "instead", "after", "last"]
    assert ran.completed == ["b", "instead", "outside", "after", "last"]
    assert verdict(flow) == "sound"


def test_26_cancel_instances() -> None:
    """26: the instances of a multiple task that are not over are withdrawn, and those that did not begin never do."""
    flow = Flow("cancel instances")
    each = flow.map("each", "work", ["x", "y", "z"], width=1, id="=item", seconds=2)
    flow.start >> each >> task(flow, "all") >> flow.end()
    each.on("stop") >> flow.end("stopped")
    ran = play(flow, {3: lambda run: run.signal("stop")})
    assert [(span.task, span.ended) for span in ran.spans] == [("x", 2), ("y", None)]
    assert ran.status == "completed"
    assert ran.types.count("NodeCancelled") == 1
    assert verdict(flow) == "sound"


def test_27_complete_instances() -> None:
    """27: the same, and what follows the multiple task goes on."""
    flow = Flow("complete instances")
    each = flow.map("each", "work", ["x", "y", "z"], width=1, id="=item", seconds=2)
    last = task(flow, "last")
    flow.start >> each >> last >> flow.end()
    each.on("enough") >> last
    ran = play(flow, {5: lambda run: run.signal("enough")})
    assert [(span.task, span.begun, span.ended) for span in ran.spans] == [
        ("x", 0, 2),
        ("y", 2, 4),
        ("z", 4, None),
        ("last", 5, 6),
    ]
    assert ran.status == "completed"
    assert verdict(flow) == "sound"


# ------------------------------------------------------------------------------- iteration, termination, and triggers


def test_21_structured_loop() -> None:
    """21: a part is repeated while a condition holds, tested before (while) or after it (repeat)."""
    flow = Flow("loop", {"rounds": "int"})
    count = task(flow, "count")
    body, again = flow.choice("again"), flow.choice("more")
    flow.start >> body
    body.when("input.rounds > 0") >> count >> again
    body.otherwise() >> flow.end("none")
    again.when("not reached('second')") >> task(flow, "second") >> count
    again.otherwise() >> flow.end()
    assert play(flow, rounds=0).started == []
    assert play(flow, rounds=2).started == ["count", "second", "count"]
    assert verdict(flow) == "sound"


@pytest.mark.parametrize(("sent", "heard"), [(1, False), (5, True)])
def test_23_transient_trigger(sent: float, heard: bool) -> None:
    """23: a trigger is lost where nothing waits for it when it comes."""
    flow = Flow("transient trigger")
    flow.signal("go", transient=True)
    wait = flow.wait("wait")
    flow.start >> task(flow, "before", seconds=3) >> wait
    wait.on("go") >> task(flow, "after") >> flow.end()
    ran = play(flow, {sent: lambda run: run.signal("go")})
    assert ran.started == (["before", "after"] if heard else ["before"])
    assert ran.status == ("completed" if heard else "waiting")
    assert verdict(flow) == "sound"


@pytest.mark.parametrize(("sent", "begun"), [(1, 3), (5, 5)])
def test_24_persistent_trigger(sent: float, begun: float) -> None:
    """24: a trigger is kept until something waits for it."""
    flow = Flow("persistent trigger")
    wait = flow.wait("wait")
    flow.start >> task(flow, "before", seconds=3) >> wait
    wait.on("go") >> task(flow, "after") >> flow.end(output="=wait")
    ran = play(flow, {sent: lambda run: run.signal("go", {"n": 1})})
    assert ran.started == ["before", "after"]
    assert ran.spans[1].begun == begun
    assert ran.output == {"n": 1}
    assert verdict(flow) == "sound"


def test_11_implicit_termination_with_children() -> None:
    """11: a run completes when neither a token nor a child that it has spawned is left."""
    flow = Flow("implicit termination")
    out = flow.fork("out")
    flow.start >> out
    out.spawn() >> task(flow, "spawned", seconds=9) >> flow.end("end of it")
    out >> task(flow, "own") >> flow.end()
    ran = play(flow)
    assert ran.types[-1] == "RunCompleted"
    assert ran.run.records()[-1].ts - ran.run.records()[0].ts == 9_000_000
    assert ran.output == "own"
    assert verdict(flow) == "sound"


def test_43_explicit_termination() -> None:
    """43: the first token at such an end ends the run, whatever else is in progress."""
    flow = Flow("explicit termination")
    quick, slow = task(flow, "quick"), task(flow, "slow", seconds=60)
    wait = flow.wait("wait")
    flow.start >> flow.fork("fork") >> [quick, slow, wait]
    quick >> flow.end("done", output="=quick", terminate=True)
    slow >> flow.end("slow end")
    wait.on("never") >> flow.end("wait end")
    ran = play(flow)
    assert (ran.status, ran.output, ran.completed) == ("completed", "quick", ["quick"])
    assert ran.run.records()[-1].ts - ran.run.records()[0].ts == 1_000_000
    assert not ran.run.state.marking
    assert verdict(flow) == "sound"


def test_43_failing_termination() -> None:
    """43: or it ends the run as failed."""
    flow = Flow("failing termination")
    flow.start >> flow.fork("fork") >> [task(flow, "quick"), task(flow, "slow", seconds=60)]
    flow.node("quick") >> flow.end("refused", error="Refused", message="='no: ' + quick")
    flow.node("slow") >> flow.end()
    ran = play(flow)
    assert isinstance(ran.error, ActivityFailed)
    assert (ran.error.type, ran.error.cause) == ("Refused", "no: quick")
    assert ran.completed == ["quick"]
    assert verdict(flow) == "sound"


def test_every_pattern_is_here() -> None:
    """Each listed pattern has a test here or among the nets of the corpus."""
    from tests.patterns import test_corpus

    texts = [
        test.__doc__ or "" for module in (globals(), vars(test_corpus)) for test in module.values() if callable(test)
    ]
    here = {int(text.split(":")[0].split(" ")[0]) for text in texts if text[:1].isdigit()}
    assert here >= {*range(1, 8), 8, 9, 10, 11, *range(12, 15), *range(16, 22), *range(23, 32), 39, 40, 43}
