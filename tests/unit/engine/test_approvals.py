"""Approvals: what people are asked, what they may answer, and whom the answer frees."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tests.patterns.kit import play, task, verdict
from tests.unit.engine.kit import types, until
from wfnb.author.flow import Flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import ActivityTimeout, InputError, WfnbError
from wfnb.model.event import ApprovalRequested


def asking(prompt: str = "Go on?", form: dict[str, str] | None = None) -> Flow:
    flow = Flow("asking", {"city": "str | None"})
    flow.start >> flow.approval("ask", prompt, form=form) >> flow.end(output="=ask")
    return flow


def test_the_answer_is_the_value() -> None:
    ran = play(asking(), {5: lambda run: run.approve("ask", {"any": ["thing"]})})
    assert ran.output == {"any": ["thing"]}
    assert ran.types == ["RunStarted", "ApprovalRequested", "ApprovalGiven", "RunCompleted"]
    assert play(asking(), {5: lambda run: run.approve("ask")}).output is True
    assert verdict(asking()) == "sound"


def test_what_is_asked() -> None:
    seen: list[Any] = []
    flow = asking("='Ship to ' + input.city + '?'", {"yes": "bool", "note": "str | None"})
    ran = play(flow, {1: lambda run: seen.extend((run.status, *run.approvals))}, city="Bonn")
    assert seen[0] == "waiting"
    assert (seen[1].node, seen[1].visit, seen[1].prompt) == ("ask", 1, "Ship to Bonn?")
    assert seen[1].form == {"yes": "bool", "note": "str | None"}
    assert ran.status == "waiting"


def test_a_prompt_that_fails_fails_the_run() -> None:
    flow = asking("='Ship to ' + input.city")
    flow2 = Flow("beside", {"city": "str | None"})
    flow2.start >> flow2.fork("fork") >> [flow2.approval("ask", "='to ' + input.city"), task(flow2, "other")]
    flow2.node("ask") >> flow2.end()
    flow2.node("other") >> flow2.end("end other")
    for made in (flow, flow2):
        ran = play(made)
        assert ran.error is not None
        assert ran.error.type == "ExpressionError"
        assert (ran.types[-1], ran.started) == ("RunFailed", [])


@pytest.mark.parametrize(
    ("node", "value", "told"),
    [
        ("ask", "yes", "the answer to 'ask' is 'yes'\ngive a dict with the fields yes, note"),
        ("ask", {}, "the answer to 'ask' has no field 'yes'\nit is declared as bool"),
        ("ask", {"yes": 1}, "the field 'yes' of the answer to 'ask' is 1, of type int\nit is declared as bool"),
        (
            "ask",
            {"yes": True, "not": ""},
            "the answer to 'ask' has the field 'not', which its form has not\nknown fields: yes, note. Did you mean",
        ),
        ("ask", {"yes": object()}, "the answer {'yes': <object object at"),
        ("as", True, "the run asks nothing at 'as'\nit asks at: 'ask'"),
    ],
)
def test_answers_that_are_refused(node: str, value: Any, told: str) -> None:
    refused: list[str] = []

    def answer(run: Run) -> None:
        with pytest.raises(InputError) as error:
            run.approve(node, value)
        refused.append(str(error.value))
        run.approve("ask", {"yes": False})

    ran = play(asking(form={"yes": "bool", "note": "str | None"}), {1: answer})
    assert refused[0].startswith(told)
    assert ran.output == {"yes": False}


def test_an_answer_comes_once() -> None:
    def answer(run: Run) -> None:
        run.approve("ask", 1)
        with pytest.raises(WfnbError, match="is over: it completed"):
            run.approve("ask", 2)

    assert play(asking(), {1: answer}).output == 1


def test_an_approval_in_a_loop_is_asked_each_time() -> None:
    flow = Flow("loop")
    ask, gate = flow.approval("ask", "Enough?"), flow.choice("gate")
    flow.start >> ask >> gate
    gate.when("ask") >> flow.end()
    gate.otherwise() >> ask
    ran = play(flow, {n: lambda run, n=n: run.approve("ask", n == 3) for n in (1, 2, 3)})
    assert ran.status == "completed"
    assert [e.visit for _, e in ran.events if isinstance(e, ApprovalRequested)] == [1, 2, 3]


def test_an_approval_that_nobody_gives_in_time() -> None:
    flow = Flow("late")
    ask = flow.approval("ask")
    flow.start >> ask >> flow.end()
    ask.after(60) >> task(flow, "late") >> flow.end("end late")
    ask.on("withdrawn") >> flow.end("end withdrawn", output="withdrawn")
    assert play(flow).started == ["late"]
    assert play(flow, {3: lambda run: run.signal("withdrawn")}).output == "withdrawn"
    assert play(flow, {3: lambda run: run.approve("ask", "in time")}).output == "in time"


def test_several_are_asked_at_once() -> None:
    flow = Flow("several")
    asks = [flow.approval(id) for id in "abc"]
    flow.start >> flow.fork("fork") >> asks >> flow.join("join", need=2, rest="cancel") >> flow.end(output="done")
    seen: list[Any] = []

    def answer(run: Run) -> None:
        run.approve("c")
        seen.extend(asked.node for asked in run.approvals)
        run.approve("a")

    ran = play(flow, {1: answer})
    assert (ran.output, seen) == ("done", ["a", "b"])
    assert ran.run.state.asked == {}
    assert ran.types.count("NodeCancelled") == 1


@pytest.mark.parametrize("threaded", [False, True])
async def test_an_answer_frees_a_coroutine_that_awaits_the_run(engine: Engine, threaded: bool) -> None:
    run = engine.start(asking())
    freed = asyncio.ensure_future(_await(run))
    await until(lambda: run.approvals)
    assert not freed.done()
    if threaded:
        threading.Thread(target=run.approve, args=("ask", "from a thread")).start()
    else:
        run.approve("ask", "from a thread")
    assert await freed == "from a thread"
    assert types(run)[-1] == "RunCompleted"


async def _await(run: Run) -> Any:
    return await run


async def test_two_threads_answer_at_once(engine: Engine) -> None:
    run = engine.start(asking())
    told: list[str] = []

    def answer(value: int) -> None:
        try:
            run.approve("ask", value)
        except WfnbError as error:
            told.append(str(error))

    threads = [threading.Thread(target=answer, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    assert await run in range(4)
    for thread in threads:
        thread.join()
    assert types(run).count("ApprovalGiven") == 1


async def test_an_answer_of_another_thread_that_comes_too_late_is_nothing(engine: Engine) -> None:
    """It was in time when it was given, and the run is over before its loop hears of it."""
    run = engine.start(asking())
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    for tell in (lambda: run.approve("ask", 2), lambda: run.approve("ask", 3)):
        thread = threading.Thread(target=tell)
        thread.start()
        thread.join()  # the loop turns only then
    assert await run == 2
    await asyncio.sleep(0)
    assert heard == []


async def test_an_answer_before_a_resumed_run_has_asked_says_how_it_goes_on(engine: Engine) -> None:
    flow = Flow("later")
    wait = flow.wait("wait")
    flow.start >> wait
    wait.on("go") >> flow.approval("ask") >> flow.end()
    run = engine.start(flow)
    run.suspend()
    run.signal("go")
    with pytest.raises(InputError, match="nor anywhere else yet\nwhat it was told it goes on with"):
        run.approve("ask")


@pytest.mark.parametrize("caught", ["TimeoutError", TimeoutError, "OSError", "ActivityTimeout"])
def test_an_attempt_that_takes_too_long_is_a_timeout_error(caught: Any) -> None:
    flow = Flow("timeout")
    slow = task(flow, "slow", seconds=60).options(timeout=5)
    flow.start >> slow >> flow.end("never")
    slow.on_error(caught) >> flow.end("late", output="=error('slow')['type']")
    assert play(flow).output == "ActivityTimeout"


def test_awaiting_what_took_too_long_raises_a_timeout_error() -> None:
    flow = Flow("timeout")
    flow.start >> task(flow, "slow", seconds=60).options(timeout=5) >> flow.end()
    error = play(flow).error
    assert isinstance(error, ActivityTimeout)
    assert isinstance(error, TimeoutError)
    assert (error.type, error.node) == ("ActivityTimeout", "slow")
