"""What a report says, and what starting refuses."""

from __future__ import annotations

import json

import msgspec
import pytest

from wfnb.author.flow import Flow, flow
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.errors import CompileError
from wfnb.machine.check import check, require_sound
from wfnb.machine.compiler import compile_workflow
from wfnb.model.activity import describe


async def work() -> int:
    return 1


def registry() -> Registry:
    made = Registry()
    made.add(describe(work))
    return made


def half_joined() -> Flow:
    """A join behind a choice: it waits for a branch that was not taken."""
    made = flow("bad", {"n": "int"})
    gate, join = made.choice("gate"), made.join("join")
    made.start >> gate
    gate.when("input.n > 1") >> made.task("a", "work") >> join
    gate.otherwise() >> made.task("b", "work") >> join
    join >> made.end()
    return made


def test_a_counterexample_is_told_step_by_step_and_as_json() -> None:
    report = check(half_joined().workflow, registry())
    told = json.loads(json.dumps(report.as_json()))
    sound = told["properties"]["sound"]
    assert sound["verdict"] == "refuted"
    assert sound["trace"] == ["the run starts", "'gate' takes 'gate -> a'", "'a' completes"]
    assert [step["marked_nodes"] for step in sound["steps"]] == [["gate"], ["a"], []]
    assert sound["steps"][-1]["marked_edges"] == [2]
    assert told["properties"]["no dead node"]["why"] == "'end' can never run"
    (wrong,) = (found for found in told["diagnostics"] if found["severity"] == "error")
    assert wrong["code"] == "WF301"
    assert wrong["message"].startswith("a run can get stuck: 'join' waits for 'b -> join', as after the run starts;")


def test_what_is_not_sound_is_not_started() -> None:
    machine = compile_workflow(half_joined().workflow, registry())
    with pytest.raises(CompileError, match="allow_unsound=True") as refused:
        require_sound(machine)
    assert [found.code for found in refused.value.diagnostics] == ["WF301"]


async def test_unless_it_is_allowed() -> None:
    async with Engine(registry=registry()) as engine:
        with pytest.raises(CompileError, match="can get stuck"):
            engine.start(half_joined(), n=5)
        run = engine.start(half_joined(), n=5, allow_unsound=True)
        with pytest.raises(Exception, match="waits for a branch that was not taken"):
            await run


async def test_an_unsound_child_is_found_through_its_parent() -> None:
    known = registry()
    child = half_joined()
    known.workflows.add(child.document)
    made = flow("parent")
    made.start >> made.call("sub", "bad", n=3) >> made.end()
    report = check(made.workflow, known, lambda name, _: known.workflows[name])
    assert [found.code for found in report.diagnostics] == ["WF307"]
    async with Engine(registry=known) as engine:
        with pytest.raises(CompileError, match="1 problem in workflow 'bad'"):
            engine.start(made)


async def test_a_value_that_is_read_before_it_is_written_is_refused() -> None:
    made = flow("early")
    made.start >> made.task("a", "work") >> made.end(output="=b")
    made.node("a")
    with pytest.raises(CompileError, match="reads 'b', which is no task"):
        Engine(registry=registry()).compile(made)
    gate = flow("gated", {"n": "int"})
    choice, end = gate.choice("gate"), gate.end(output="=a")
    gate.start >> choice
    choice.when("input.n > 1") >> gate.task("a", "work") >> end
    choice.otherwise() >> end
    with pytest.raises(CompileError, match="reads 'a', which has no value yet on the path start -> gate -> end"):
        Engine(registry=registry()).compile(gate)


def test_a_report_in_a_notebook_shows_every_verdict() -> None:
    shown = check(half_joined().workflow, registry())._repr_html_()
    assert shown.count("<td") == shown.count(left := '<td style="text-align: left">')  # a notebook's sheet says right
    assert f"✗&nbsp;refuted</td>{left}sound" in shown
    assert f"✓&nbsp;proved</td>{left}no read-before-write" in shown
    assert "&#x27;join&#x27; waits for" in shown


def test_what_nothing_acts_on_yet_is_told() -> None:
    made = flow("kept")
    made.start >> made.task("a", "work").options(heartbeat=5, priority=2, deadline=9, cache=True) >> made.end()
    report = check(made.workflow, registry())
    assert report.ok
    assert [(found.code, found.severity, found.field) for found in report.diagnostics] == [
        ("WF402", "advice", "deadline"),
    ]
    assert report.diagnostics[0].message == (
        "'deadline' of task 'a' is only kept in the document: "
        "no run tells when it has passed, nor begins the task before others because of it"
    )
    assert "task.after" in report.diagnostics[0].help


def test_a_verdict_says_what_it_takes_for_granted() -> None:
    made = flow("waits")
    wait, gate = made.wait("w"), made.choice("gate")
    made.start >> made.task("a", "work") >> gate
    gate.when("a > 1") >> made.end("one")
    gate.otherwise() >> wait
    wait.when("a == 0") >> made.end("two")
    sound = check(made.workflow, registry()).properties["sound"]
    assert (sound.verdict, sound.why) == ("proved", "whatever the guards say, if a condition of 'w' comes to hold")
    wait.after(5) >> made.end("late")
    assert check(made.workflow, registry()).properties["sound"].why == "whatever the guards say"
    milestone = flow("milestone")
    fork, join, rests = milestone.fork("f"), milestone.join("j"), milestone.wait("w")
    milestone.start >> fork >> [milestone.task("a", "work"), rests]
    milestone.node("a") >> join
    rests.when('reached("a")') >> join
    join >> milestone.end()
    assert check(milestone.workflow, registry()).properties["sound"].why == "whatever the guards say"


def test_a_signal_that_is_nearly_a_declared_one_is_told_with_it() -> None:
    made = flow("typo")
    made.signal("payment")
    wait = made.wait("w")
    made.start >> wait
    wait.on("paymnt") >> made.end("a")
    wait.on("payment") >> made.end("b")
    wait.on("other") >> made.end("c")
    (found,) = check(made.workflow, registry()).diagnostics
    assert (found.code, found.severity, found.edges, found.field) == ("WF403", "advice", (1,), "on")
    assert found.message == "the edge from 'w' to 'a' waits for signal 'paymnt', not a declared one"
    assert found.help == "declared signals: payment. Did you mean 'payment'?"


def test_guards_of_an_inclusive_fork_may_overlap() -> None:
    made = flow("both", {"n": "int"})
    join = made.join("met")
    both = made.fork("both", join=join)
    made.start >> both
    both.when("input.n > 1") >> made.task("a", "work") >> join
    both.when("input.n > 0") >> made.task("b", "work") >> join
    both.otherwise() >> join >> made.end()
    assert check(made.workflow, registry()).properties["guards disjoint"].verdict == "proved"


def test_of_many_equal_edges_some_are_shown() -> None:
    made = flow("equal")
    made.start >> made.end()
    workflow = msgspec.structs.replace(made.workflow, edges=made.workflow.edges * 1000)
    (found,) = [one for one in check(workflow).diagnostics if one.code == "WF112"]
    assert found.message == "1000 equal edges go from 'start' to 'end'"
    assert (found.help, found.edges) == (
        "delete all but one; the first 20 are shown, and 980 more are alike",
        tuple(range(20)),
    )
