"""One run: what it gives, what it raises, and what it records."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tests.unit.engine.kit import Activities, chain, types
from wfnb.author.flow import flow
from wfnb.engine.engine import Engine
from wfnb.errors import (
    ActivityFailed,
    ActivityTimeout,
    CompileError,
    DefinitionError,
    InputError,
    RunCancelled,
    RunStuck,
    StoreError,
    UnknownName,
    WfnbError,
)
from wfnb.machine.semantics import replay
from wfnb.model.event import RunCancelled as Cancelled
from wfnb.model.event import TaskCompleted, TaskFailed, TaskStarted
from wfnb.model.workflow import Retry
from wfnb.testing import virtual_time


async def test_a_chain_gives_the_last_value(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def one() -> int:
        return 1

    @activities.define()
    def two(x: int) -> int:
        return x + 1

    made = flow("sum")
    made.start >> made.task("a", "one") >> made.task("b", "two", x="=a") >> made.end()
    run = engine.start(made)
    assert run.status == "running"
    assert await run == 2
    assert (run.status, run.output, run.error, run.values) == ("completed", 2, None, {"a": 1, "b": 2})
    assert types(run) == ["RunStarted", *["TaskStarted", "TaskCompleted"] * 2, "RunCompleted"]
    assert [record.seq for record in run.records()] == [1, 2, 3, 4, 5, 6]
    assert repr(run) == f"<Run '{run.id}' of 'sum': completed, 6 events>"
    assert engine.runs == {}


async def test_a_second_await_gives_the_same(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def one() -> list[int]:
        return [1]

    run = engine.start(chain("one"))
    assert await run is await run
    assert await asyncio.gather(run, run) == [[1], [1]]


async def test_plain_functions_run_in_threads_with_the_callers_context(engine: Engine, activities: Activities) -> None:
    variable = contextvars.ContextVar("variable", default="none")

    @activities.define()
    def where() -> list[Any]:
        return [threading.current_thread() is threading.main_thread(), variable.get()]

    variable.set("set")
    assert await engine.start(chain("where")) == [False, "set"]


async def test_the_loop_turns_while_a_plain_function_blocks(engine: Engine, activities: Activities) -> None:
    gate = threading.Event()

    @activities.define()
    def block() -> bool:
        return gate.wait(10)

    run = engine.start(chain("block"))
    for _ in range(100):
        await asyncio.sleep(0)
    assert run.status == "running"
    gate.set()
    assert await run is True


async def test_a_hundred_blocking_functions_share_the_threads(engine: Engine, activities: Activities) -> None:
    @activities.define()
    def quick(n: int) -> int:
        return n

    runs = [engine.start(chain("quick", n=n)) for n in range(200)]
    assert await asyncio.gather(*runs) == list(range(200))
    assert threading.active_count() < 100


async def test_threads_that_finish_together_are_all_heard(engine: Engine, activities: Activities) -> None:
    barrier = threading.Barrier(8)

    @activities.define()
    def together() -> None:
        barrier.wait(10)

    for _ in range(50):
        await asyncio.gather(*(engine.start(chain("together")) for _ in range(8)))


async def test_a_plain_function_may_return_a_coroutine(engine: Engine, activities: Activities) -> None:
    async def inner() -> str:
        return threading.current_thread().name

    @activities.define()
    def outer() -> Any:
        return inner()

    assert await engine.start(chain("outer")) == "MainThread"


class Boom(Exception):
    """What activities raise here."""


@pytest.mark.parametrize("kind", [Boom, SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError])
@pytest.mark.parametrize("threaded", [False, True])
async def test_whatever_is_raised_fails_the_run_alone(
    engine: Engine, activities: Activities, kind: type[BaseException], threaded: bool
) -> None:
    if threaded:

        @activities.define()
        def bad() -> None:
            raise kind("told")

    else:

        @activities.define(name="bad")
        async def _() -> None:
            raise kind("told")

    run = engine.start(chain("bad"))
    with pytest.raises(ActivityFailed, match=rf"^task 'bad' failed: {kind.__name__}: told$") as failed:
        await run
    assert type(failed.value.__cause__) is kind
    assert (failed.value.type, failed.value.cause, failed.value.node) == (kind.__name__, "told", "bad")
    assert types(run) == ["RunStarted", "TaskStarted", "TaskFailed", "RunFailed"]
    assert run.error is not None
    assert run.error.traceback.rstrip().endswith("told")
    assert "in bad" in run.error.traceback or "in _" in run.error.traceback
    assert "wfnb/engine" not in run.error.traceback
    with pytest.raises(ActivityFailed) as again:
        await run
    assert again.value.__cause__ is failed.value.__cause__


async def test_stop_iteration_from_a_thread(engine: Engine, activities: Activities) -> None:
    @activities.define()
    def bad() -> None:
        raise StopIteration

    with pytest.raises(ActivityFailed, match="StopIteration"):
        await engine.start(chain("bad"))


async def test_an_exception_that_can_not_be_shown(engine: Engine, activities: Activities) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no")

        __repr__ = __str__

    @activities.define()
    async def bad() -> None:
        raise Mute

    @activities.define()
    async def surrogates() -> None:
        raise Boom("\ud800")

    for name, told in (("bad", "<str failed: ValueError>"), ("surrogates", "?")):
        run = engine.start(chain(name))
        with pytest.raises(ActivityFailed):
            await run
        assert run.error is not None
        assert run.error.message == told
        assert len(run.records()) == 4


async def test_an_activity_that_cancels_itself_fails(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def suicidal() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(3600)

    with pytest.raises(ActivityFailed, match="CancelledError"):
        await engine.start(chain("suicidal"))


# --- retries and timeouts ---------------------------------------------------------------------------------------


def flaky(activities: Activities, failures: int, retry: Retry | None, error: type[Exception] = Boom) -> list[float]:
    """Defines `flaky`, which fails that often; gives when it was called."""
    calls: list[float] = []

    @activities.define(name="flaky", retry=retry)
    async def _() -> int:
        calls.append(round(asyncio.get_running_loop().time(), 3))
        if len(calls) <= failures:
            raise error(f"failure {len(calls)}")
        return len(calls)

    return calls


def test_retries_back_off(engine: Engine, activities: Activities) -> None:
    calls = flaky(activities, 3, Retry(attempts=5, delay=2, factor=3, maximum=10))

    async def main() -> None:
        run = engine.start(chain("flaky"))
        assert await run == 4
        failed = [r.event for r in run.records() if isinstance(r.event, TaskFailed)]
        assert [f.error.message for f in failed] == ["failure 1", "failure 2", "failure 3"]
        started = [r.event for r in run.records() if isinstance(r.event, TaskStarted)]
        assert [(s.visit, s.attempt) for s in started] == [(1, 1), (1, 2), (1, 3), (1, 4)]

    virtual_time(main())
    assert calls == [0, 2, 8, 18]  # 2, then 2 * 3, then no more than 10


def test_jitter_shortens_pauses(engine: Engine, activities: Activities) -> None:
    calls = flaky(activities, 2, Retry(attempts=3, delay=100, factor=1, maximum=100, jitter=0.5))

    async def main() -> None:
        await engine.start(chain("flaky"))

    virtual_time(main())
    first, second = calls[1], calls[2] - calls[1]
    assert 50 <= first <= 100
    assert 50 <= second <= 100
    assert first != second


def test_the_last_failure_fails_the_run(engine: Engine, activities: Activities) -> None:
    calls = flaky(activities, 9, Retry(attempts=3, delay=1))

    async def main() -> None:
        run = engine.start(chain("flaky"))
        with pytest.raises(ActivityFailed, match="failure 3"):
            await run
        assert types(run).count("TaskFailed") == 3

    virtual_time(main())
    assert len(calls) == 3


def test_only_named_errors_are_tried_again(engine: Engine, activities: Activities) -> None:
    calls = flaky(activities, 9, Retry(attempts=3, delay=1, errors=("Boom",)))
    other = Activities()
    others = flaky(other, 9, Retry(attempts=3, delay=1, errors=("OSError",)))

    async def main() -> None:
        with pytest.raises(ActivityFailed):
            await engine.start(chain("flaky"))
        async with Engine(registry=other) as second:
            with pytest.raises(ActivityFailed):
                await second.start(chain("flaky"))

    virtual_time(main())
    assert (len(calls), len(others)) == (3, 1)


class Gone(ConnectionResetError):
    """An error far below those that people name."""


@pytest.mark.parametrize(
    ("error", "again"),
    [(Gone, 3), (ConnectionError, 3), ("OSError", 3), (Exception, 3), ("*", 3), (TimeoutError, 1), ("object", 1)],
)
def test_errors_are_known_by_the_classes_above_them(
    error: type[Exception] | str, again: int, engine: Engine, activities: Activities
) -> None:
    name = error if isinstance(error, str) else error.__name__
    calls = flaky(activities, 9, Retry(attempts=3, delay=1, errors=(name,)), Gone)
    made = chain("flaky")
    made.node("flaky").on_error(error) >> made.end("caught", output="caught")

    async def main() -> Any:
        with suppress(ActivityFailed):
            return await engine.start(made)

    assert virtual_time(main()) == ("caught" if again == 3 else None)
    assert len(calls) == again


def test_an_error_of_a_child_is_known_by_the_classes_above_it(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def gone(item: int) -> None:
        raise Gone(item)

    outer = flow("outer")
    outer.start >> outer.map("each", "gone", [1]) >> outer.end()
    outer.node("each").on_error(OSError) >> outer.end("caught", output="=error('each').type")

    async def main() -> Any:
        return await engine.start(outer)

    assert virtual_time(main()) == "Gone"


def test_a_tasks_policy_goes_before_its_activitys(engine: Engine, activities: Activities) -> None:
    calls = flaky(activities, 9, Retry(attempts=5, delay=1))
    made = chain("flaky")
    made.node("flaky").options(retries=1)

    async def main() -> None:
        with pytest.raises(ActivityFailed):
            await engine.start(made)

    virtual_time(main())
    assert len(calls) == 2


def test_a_new_visit_has_all_its_retries(engine: Engine, activities: Activities) -> None:
    calls = []

    @activities.define(retry=Retry(attempts=2, delay=1))
    async def odd() -> int:
        calls.append(1)
        if len(calls) % 2:
            raise Boom
        return len(calls)

    made = flow("loop")
    gate = made.choice("gate")
    made.start >> made.task("odd", "odd") >> gate
    gate.when("odd < 6") >> made.node("odd")
    gate.otherwise() >> made.end()

    async def main() -> None:
        run = engine.start(made)
        assert await run == 6
        started = [r.event for r in run.records() if isinstance(r.event, TaskStarted)]
        assert [(s.visit, s.attempt) for s in started] == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]

    virtual_time(main())


def test_a_timeout_ends_an_attempt(engine: Engine, activities: Activities) -> None:
    @activities.define(timeout=5, retry=Retry(attempts=2, delay=1))
    async def slow() -> None:
        await asyncio.sleep(3600)

    async def main() -> float:
        run = engine.start(chain("slow"))
        with pytest.raises(ActivityTimeout, match=r"activity 'slow' took longer than 5 s") as late:
            await run
        assert (late.value.type, late.value.node) == ("ActivityTimeout", "slow")
        assert isinstance(late.value.__cause__, ActivityTimeout)
        assert types(run) == ["RunStarted", *["TaskStarted", "TaskFailed"] * 2, "RunFailed"]
        return asyncio.get_running_loop().time()

    assert virtual_time(main()) == pytest.approx(11)


def test_a_tasks_timeout_goes_before_its_activitys(engine: Engine, activities: Activities) -> None:
    @activities.define(timeout=5)
    async def slow() -> int:
        await asyncio.sleep(7)
        return 7

    made = chain("slow")
    made.node("slow").options(timeout=10)

    async def main() -> int:
        return await engine.start(made)

    assert virtual_time(main()) == 7


def test_a_timeout_of_the_activitys_own_is_its_failure(engine: Engine, activities: Activities) -> None:
    @activities.define(timeout=50)
    async def impatient() -> None:
        async with asyncio.timeout(1):
            await asyncio.sleep(3600)

    async def main() -> None:
        with pytest.raises(ActivityFailed, match="TimeoutError"):
            await engine.start(chain("impatient"))

    virtual_time(main())


async def test_a_timeout_abandons_a_thread(engine: Engine, activities: Activities) -> None:
    gate = threading.Event()

    @activities.define(timeout=0.01)
    def stuck() -> None:
        gate.wait(10)

    with pytest.raises(ActivityTimeout):
        await engine.start(chain("stuck"))
    gate.set()


# --- cancelling -------------------------------------------------------------------------------------------------


async def test_cancel_ends_the_run_at_once(engine: Engine, activities: Activities) -> None:
    cleaned = []

    @activities.define()
    async def forever() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            cleaned.append(1)

    run = engine.start(chain("forever"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    run.cancel("enough")
    assert run.status == "cancelled"
    with pytest.raises(RunCancelled, match=rf"^run '{run.id}' of 'chain' was cancelled$"):
        await run
    await asyncio.sleep(0)
    assert cleaned == [1]
    assert types(run) == ["RunStarted", "TaskStarted", "TaskCancelled", "RunCancelled"]
    assert run.records()[-1].event == Cancelled("enough")
    run.cancel()
    assert len(run.records()) == 4


async def test_cancel_before_anything_ran(engine: Engine, activities: Activities) -> None:
    ran = []

    @activities.define()
    async def one() -> None:
        ran.append(1)

    run = engine.start(chain("one"))
    run.cancel("\ud800")  # can not be encoded
    with pytest.raises(RunCancelled):
        await run
    assert ran == []
    assert run.records()[-1].event == Cancelled("?")


async def test_a_cancelled_thread_is_left_behind(engine: Engine, activities: Activities) -> None:
    gate = threading.Event()

    @activities.define()
    def stuck() -> str:
        gate.wait(10)
        return "late"

    run = engine.start(chain("stuck"))
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    gate.set()
    await asyncio.sleep(0.01)
    assert types(run)[-1] == "RunCancelled"


async def test_an_activity_that_refuses_to_be_cancelled_is_not_heard(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def stubborn() -> str:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            return "done all the same"
        return ""

    run = engine.start(chain("stubborn"))
    await asyncio.sleep(0.01)
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    await asyncio.sleep(0)
    assert run.values == {}


async def test_cancel_from_a_thread(engine: Engine, activities: Activities) -> None:
    @activities.define()
    def own_goal() -> None:
        run.cancel("from inside")

    run = engine.start(chain("own_goal"))
    with pytest.raises(RunCancelled):
        await run


async def test_an_activity_may_cancel_its_own_run(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def own_goal() -> str:
        run.cancel()
        return "no matter"

    run = engine.start(chain("own_goal"))
    with pytest.raises(RunCancelled):
        await run


async def test_cancel_while_waiting_for_a_retry(engine: Engine, activities: Activities) -> None:
    flaky(activities, 1, Retry(attempts=2, delay=3600))
    run = engine.start(chain("flaky"))
    await asyncio.sleep(0.01)
    assert run.state.retrying
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    assert types(run)[-2:] == ["TaskCancelled", "RunCancelled"]


async def test_who_awaits_may_give_up(engine: Engine, activities: Activities) -> None:
    gate = asyncio.Event()

    @activities.define()
    async def wait() -> int:
        await gate.wait()
        return 1

    run = engine.start(chain("wait"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(run, 0.01)
    assert run.status == "running"
    gate.set()
    assert await run == 1


async def test_a_failure_calls_the_others_off(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def forever() -> None:
        await asyncio.sleep(3600)

    @activities.define()
    async def bad() -> None:
        raise Boom

    made = flow("fan")
    fork, join = made.fork("fork"), made.join("join")
    made.start >> fork >> [made.task("a", "forever"), made.task("b", "bad")] >> join >> made.end()
    run = engine.start(made)
    with pytest.raises(ActivityFailed):
        await run
    assert types(run)[-3:] == ["TaskFailed", "TaskCancelled", "RunFailed"]


# --- routing that can not go on ---------------------------------------------------------------------------------


def guarded(condition: str) -> Any:
    made = flow("guarded")
    gate = made.choice("gate")
    made.start >> made.task("value", "value") >> gate
    gate.when(condition) >> made.end("yes")
    gate.otherwise() >> made.end("no")
    return made


class Ambiguous:
    """As an array: neither true nor false."""

    def __bool__(self) -> bool:
        raise ValueError("ambiguous")


@pytest.mark.parametrize(
    ("condition", "given", "told"),
    [
        ("value > 1", "text", "TypeError"),
        ("value", Ambiguous(), "ValueError: ambiguous"),
        ("value['\\ud800']", {}, "KeyError"),
    ],
)
async def test_a_guard_that_raises_fails_the_run(
    engine: Engine, activities: Activities, condition: str, given: Any, told: str
) -> None:
    @activities.define()
    async def value() -> Any:
        return given

    run = engine.start(guarded(condition))
    with pytest.raises(ActivityFailed, match="guard of 'gate' to 'yes' failed") as failed:
        await run
    assert told in str(failed.value)
    assert failed.value.type == "ExpressionError"
    assert types(run)[-2:] == ["TaskCompleted", "RunFailed"]
    assert run.records()


async def test_a_guard_that_raises_calls_the_others_off(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def forever() -> None:
        await asyncio.sleep(3600)

    @activities.define()
    async def value() -> str:
        return "text"

    made = flow("two")
    gate, join = made.choice("gate"), made.join("join")
    made.start >> made.fork("fork") >> [made.task("a", "forever"), made.task("value", "value")]
    made.node("a") >> join
    made.node("value") >> gate
    gate.when("value > 1") >> join
    gate.otherwise() >> join
    join >> made.end()
    run = engine.start(made, allow_unsound=True)
    with pytest.raises(ActivityFailed):
        await run
    assert types(run)[-3:] == ["TaskCompleted", "TaskCancelled", "RunFailed"]


async def test_no_guard_holds(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def value() -> int:
        return 0

    made = flow("guarded")
    gate = made.choice("gate")
    made.start >> made.task("value", "value") >> gate
    gate.when("value > 1") >> made.end()
    with pytest.raises(ActivityFailed, match="no guard of choice 'gate' holds"):
        await engine.start(made)


async def test_a_join_whose_branch_is_not_taken_is_stuck(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def value() -> int:
        return 0

    made = flow("stuck")
    gate, join = made.choice("gate"), made.join("join")
    made.start >> made.fork("fork") >> [made.task("a", "value"), made.task("b", "value")]
    made.node("a") >> join
    made.node("b") >> gate
    gate.when("b > 0") >> join
    gate.otherwise() >> made.end("away")
    join >> made.end("together")
    run = engine.start(made, allow_unsound=True)
    with pytest.raises(RunStuck, match="'join' waits for a branch that was not taken") as stuck:
        await run
    assert stuck.value.node == "join"


async def test_a_second_token_is_stuck(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def value() -> int:
        return 0

    @activities.define()
    async def slow() -> None:
        await asyncio.sleep(3600)

    made = flow("unsafe")
    made.start >> made.fork("fork") >> [made.task("a", "value"), made.task("b", "value")]
    [made.node("a"), made.node("b")] >> made.task("c", "slow") >> made.end()
    run = engine.start(made, allow_unsound=True)
    with pytest.raises(RunStuck, match="a second token reached 'c' while one was still there"):
        await run
    assert types(run)[-2:] == ["TaskCancelled", "RunFailed"]


async def test_an_argument_that_fails(engine: Engine, activities: Activities) -> None:
    @activities.define(retry=Retry(attempts=9, delay=0))
    async def one(x: int) -> int:
        return x

    run = engine.start(chain("one", x="=1 / 0"))
    with pytest.raises(ActivityFailed, match="ZeroDivisionError") as failed:
        await run
    assert failed.value.type == "ExpressionError"
    assert types(run) == ["RunStarted", "TaskStarted", "TaskFailed", "RunFailed"]


async def test_an_output_that_fails(engine: Engine) -> None:
    made = flow("output")
    made.start >> made.end(output="=1 / 0")
    run = engine.start(made)
    with pytest.raises(ActivityFailed, match="ZeroDivisionError"):
        await run
    assert types(run) == ["RunStarted", "RunFailed"]


# --- looking back -----------------------------------------------------------------------------------------------


async def test_at_gives_every_state(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def one() -> int:
        return 1

    run = engine.start(chain("one"))
    await run
    assert [run.at(n).status for n in range(5)] == ["created", "running", "running", "running", "completed"]
    assert [run.at(n).seq for n in range(5)] == [0, 1, 2, 3, 4]
    assert run.at(0).values == {}
    assert run.at(3).values == {"one": 1}
    assert run.at(4) == replay(run.machine, (r.event for r in run.records())) == run.state
    for wrong in (5, -1, 10**9):
        with pytest.raises(ValueError, match=rf"^run '{run.id}' has 4 events: .* event {wrong}\n"):
            run.at(wrong)


async def test_listeners_hear_every_event_and_disturb_nothing(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def one() -> int:
        await asyncio.sleep(0)
        return 1

    heard: list[str] = []
    blamed: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: blamed.append(context))
    run = engine.start(chain("one"))
    stop = run.subscribe(lambda _, events: heard.extend(type(e).__name__ for e in events))
    run.subscribe(lambda *_: 1 / 0)
    await run
    assert heard == ["TaskCompleted", "RunCompleted"]
    assert [type(context["exception"]) for context in blamed] == [ZeroDivisionError]
    stop()
    stop()


# --- starting ---------------------------------------------------------------------------------------------------


@dataclass
class Charged:
    """What an activity takes."""

    amount: float


def with_inputs(**inputs: str) -> Any:
    made = flow("typed", inputs)
    made.start >> made.end(output="=input")
    return made


@pytest.mark.parametrize(
    ("declared", "given", "message"),
    [
        ({"url": "str"}, {}, "workflow 'typed' needs the input 'url'\nstart it with url=..."),
        ({"a": "str", "b c": "int"}, {}, "needs the input 'a', 'b c'\nstart it with a=..., **{'b c': ...}"),
        (
            {"url": "str"},
            {"url": "x", "ulr": "x"},
            "has no input 'ulr'\nknown inputs: url. Did you mean 'url'?",
        ),
        ({"url": "str"}, {"url": 5}, "input 'url' of workflow 'typed' is 5, of type int\nit is declared as str"),
        (
            {"n": "list[int]"},
            {"n": [1, "2"]},
            "input 'n[1]' of workflow 'typed' is '2', of type str\nit is declared as int",
        ),
        (
            {"orders": "list[{'amount': float, 'note?': str}]"},
            {"orders": [{"amount": 1}, {"amount": "x"}]},
            "input 'orders[1].amount' of workflow 'typed' is 'x', of type str\nit is declared as float",
        ),
        (
            {"order": "{'amount': float}"},
            {"order": {}},
            "input 'order.amount' of workflow 'typed' is missing\nit is declared as float",
        ),
        (
            {"mode": "Literal['fast', 'slow']"},
            {"mode": "fats"},
            "is 'fats', of type str\nit is declared as Literal['fast', 'slow']",
        ),
        (
            {"by": "dict[str, int | None]"},
            {"by": {"a": None, "b": 1.5}},
            "input 'by['b']' of workflow 'typed' is 1.5, of type float",
        ),
        ({}, {"\ud800": 1}, "names of inputs are text"),
    ],
)
async def test_inputs_that_do_not_fit(
    engine: Engine, declared: dict[str, str], given: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as refused:
        engine.start(with_inputs(**declared), input=given)
    assert message in str(refused.value)
    assert engine.runs == {}
    assert engine.store.heads() == []


async def test_an_input_of_a_class_that_an_activity_takes(engine: Engine, activities: Activities) -> None:
    @activities.define()
    def charge(order: Charged) -> float:
        return order.amount

    assert await engine.start(with_inputs(order="Charged"), order=Charged(1.5)) == {"order": Charged(1.5)}
    with pytest.raises(InputError, match=r"input 'order\.amount' of workflow 'typed' is 'x', of type str"):
        engine.start(with_inputs(order="Charged"), order={"amount": "x"})
    with pytest.raises(InputError, match="it is declared as Charged"):
        engine.start(with_inputs(order="Charged"), order=3)


async def test_input_is_a_mapping(engine: Engine) -> None:
    with pytest.raises(InputError, match="input= is a list, no mapping"):
        engine.start(with_inputs(), input=[1])  # type: ignore[arg-type]


async def test_inputs_that_fit(engine: Engine) -> None:
    declared = {"a": "str", "b": "int | None", "c": "list[float]", "d": "any", "e": "Widget"}
    given = {"a": "x", "c": [1, 2.5], "d": None, "e": 1}
    assert await engine.start(with_inputs(**declared), input=given) == {**given, "b": None}
    assert await engine.start(with_inputs(), input={"any name": 1}, other=2) == {"any name": 1, "other": 2}


async def test_a_workflow_with_errors_does_not_start(engine: Engine) -> None:
    with pytest.raises(CompileError, match="unknown activity 'absent'") as refused:
        engine.start(chain("absent"))
    assert [d.code for d in refused.value.diagnostics] == ["WF201"]
    assert engine.store.heads() == []


async def test_what_is_no_workflow(engine: Engine) -> None:
    with pytest.raises(DefinitionError, match="int is no workflow\ngive a flow, a workflow or a path"):
        engine.start(5)  # type: ignore[arg-type]


async def test_a_compiled_machine_starts(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def one() -> int:
        return 1

    machine = engine.compile(chain("one"))
    assert engine.compile(machine) is machine
    assert await engine.start(machine) == 1
    async with Engine(registry=Activities()) as other:
        with pytest.raises(ActivityFailed, match="activity 'one' is not defined\nrun the cell that defines it"):
            await other.start(machine)


async def test_an_activity_defined_again_is_what_the_next_task_runs(engine: Engine, activities: Activities) -> None:
    @activities.define(name="one")
    async def _() -> int:
        return 1

    made = chain("one")
    assert await engine.start(made) == 1

    @activities.define(name="one")
    async def _() -> int:
        return 2

    assert await engine.start(made) == 2

    @activities.define(name="one")
    async def _(needed: int) -> int:
        return needed

    with pytest.raises(CompileError, match="gives no argument 'needed'"):
        engine.start(made)


async def test_arguments_are_each_calls_own(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def grow(items: list[int]) -> list[int]:
        items.append(len(items))
        return items

    made = chain("grow", items=[])
    assert await engine.start(made) == [0]
    assert await engine.start(made) == [0]


def test_without_a_loop_nothing_starts(engine: Engine) -> None:
    with pytest.raises(WfnbError, match="no event loop is running\nin a script"):
        engine.start(with_inputs())


def test_one_loop_after_another(engine: Engine, activities: Activities) -> None:
    @activities.define()
    def slow() -> int:
        return 1

    async def once() -> int:
        return await engine.start(chain("slow"))

    assert [asyncio.run(once()) for _ in range(3)] == [1, 1, 1]


def test_two_loops_at_once_are_refused(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def forever() -> None:
        await asyncio.sleep(3600)

    async def begin() -> None:
        engine.start(chain("forever"))
        await asyncio.sleep(0)

    first = asyncio.new_event_loop()
    first.run_until_complete(begin())
    with pytest.raises(WfnbError, match="runs in another event loop"):
        asyncio.run(begin())
    for run in engine.runs.values():
        first.call_soon(run.cancel)
    first.run_until_complete(asyncio.sleep(0.01))
    first.close()
    asyncio.run(begin())


def test_a_script_that_ends_leaves_its_runs_to_be_resumed(engine: Engine, activities: Activities) -> None:
    gate = []

    @activities.define()
    async def forever() -> int:
        if not gate:
            await asyncio.sleep(3600)
        return 1

    async def begin() -> None:
        for _ in range(20):
            engine.start(chain("forever"))
        await asyncio.sleep(0.01)

    async def end() -> list[int]:
        return [await run for run in await engine.resume()]

    asyncio.run(begin())
    assert {head.status for head in engine.store.heads()} == {"running"}
    gate.append(1)
    assert asyncio.run(end()) == [1] * 20


def test_a_late_thread_of_an_old_loop_does_not_stop_the_new_one(engine: Engine, activities: Activities) -> None:
    gate = threading.Event()

    @activities.define()
    def slow() -> None:
        gate.wait(10)

    @activities.define()
    def quick() -> int:
        return 1

    async def begin() -> None:
        engine.start(chain("slow"))
        await asyncio.sleep(0.01)
        gate.set()
        time.sleep(0.05)  # noqa: ASYNC251 - the result comes, and the loop ends before it is heard

    async def go_on() -> list[int]:
        return await asyncio.gather(*(engine.start(chain("quick")) for _ in range(3)))

    asyncio.run(begin())
    assert asyncio.run(go_on()) == [1, 1, 1]


async def test_a_thousand_runs_at_once(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def turn(n: int) -> int:
        await asyncio.sleep(0)
        return n

    made = flow("many", {"n": int})
    made.start >> made.task("a", "turn", n="=input.n") >> made.task("b", "turn", n="=a + 1") >> made.end()
    runs = [engine.start(made, n=n) for n in range(1_000)]
    assert [run.id for run in runs] == sorted({run.id for run in runs})
    assert await asyncio.gather(*runs) == [n + 1 for n in range(1_000)]


async def test_runs_are_found_by_the_beginning_of_their_id(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def one() -> int:
        return 1

    run = engine.start(chain("one"))
    assert engine.run(run.id) is run
    await run
    past = engine.run(run.id[:-1])
    assert past is not run
    assert await past == 1
    with pytest.raises(UnknownName, match=r"no run of the history in memory is called 'zzz'\nwf.runs\(\) lists them"):
        engine.run("zzz")
    with pytest.raises(UnknownName, match=f"Did you mean '{run.id}'"):
        engine.run(run.id + "x")
    other = engine.start(chain("one"))
    with pytest.raises(KeyError, match=f"2 runs of .* begin with ''\ngive more of it: {run.id}, {other.id}"):
        engine.run("")
    with pytest.raises(TypeError, match="3 is no run\ngive a run, or its id"):
        engine.run(3)  # type: ignore[arg-type]
    with pytest.raises(
        ValueError, match=r"has 4 events: there is no state after event 99\ngive a number from 0 .* to 4"
    ):
        past.at(99)


async def test_what_is_closed_starts_nothing(activities: Activities) -> None:
    engine = Engine(registry=activities)
    assert not engine.closed
    engine.close()
    engine.close()
    assert engine.closed
    with pytest.raises(WfnbError, match="this engine is closed"):
        engine.start(with_inputs())
    with pytest.raises(ValueError, match="durability is 'never'"):
        Engine(durability="never")  # type: ignore[arg-type]


async def test_closing_ends_the_wait_for_runs(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def forever() -> None:
        await asyncio.sleep(3600)

    run = engine.start(chain("forever"))
    await asyncio.sleep(0)
    engine.close()
    with pytest.raises(StoreError, match=r"is not in progress here\n`await wf.resume\(\)` takes it up again"):
        await run
    assert run.status == "running"


async def test_events_stand_in_the_order_of_the_state(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def one() -> int:
        return 1

    run = engine.start(chain("one"))
    await run
    first, *_ = run.records()
    assert first.run == run.id
    assert [r.event for r in run.records(3, 4)] == [TaskCompleted("one", 1, 1, 1, (1,))]


def test_a_process_ends_although_a_function_never_does() -> None:
    code = """
import asyncio, threading
import wfnb as wf

@wf.activity
def forever() -> None:
    threading.Event().wait()

async def main():
    flow = wf.flow("forever")
    flow.start >> flow.task("a", forever) >> flow.end()
    run = wf.start(flow)
    await asyncio.sleep(0.01)
    run.cancel()
    try:
        await run
    except wf.RunCancelled:
        print("cancelled")

asyncio.run(main())
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=15, check=True)
    assert (told.stdout, told.stderr) == ("cancelled\n", "")
