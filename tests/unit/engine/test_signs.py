"""What activities tell while they run: signs of life, how far they are, what they print; and where that is kept."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import pytest

from tests.unit.engine import errands
from tests.unit.engine.kit import Activities, chain, types, until
from wfnb.author.flow import Flow, flow
from wfnb.engine import capture
from wfnb.engine.capture import Tee
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.engine.signs import heartbeat, progress
from wfnb.engine.stations import MAX_OUTPUT
from wfnb.errors import HeartbeatLost, RunCancelled, RunError, UnknownName
from wfnb.machine.semantics import replay
from wfnb.model.event import OutputCaptured, ProgressReported, Record, TaskCompensated, TaskFailed
from wfnb.model.workflow import Retry
from wfnb.testing import virtual_time


def told(run: Run) -> list[tuple[str, str, str]]:
    """Node, stream and text of what was captured."""
    return [(e.node, e.stream, e.text) for record in run.records() if isinstance(e := record.event, OutputCaptured)]


def reports(run: Run) -> list[tuple[float | None, str]]:
    return [(e.done, e.text) for record in run.records() if isinstance(e := record.event, ProgressReported)]


def side_by_side(activity: str, *names: str) -> Flow:
    made = flow("side by side")
    join = made.join("join")
    made.start >> made.fork("fork") >> [made.task(name, activity, name=name) for name in names] >> join >> made.end()
    return made


# --- heartbeats ---------------------------------------------------------------------------------------------------


def test_an_attempt_without_a_sign_of_life_fails_and_is_tried_again(engine: Engine, activities: Activities) -> None:
    calls = []

    @activities.define(retry=Retry(attempts=2, delay=1))
    async def silent() -> str:
        calls.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0 if len(calls) == 2 else 100)
        return "done"

    made = flow("watched")
    made.start >> made.task("silent", "silent").options(heartbeat=5) >> made.end()
    run = virtual_time(_over(engine, made))
    assert run.status == "completed"
    assert calls == [0, 6]
    failed = [e for record in run.records() if isinstance(e := record.event, TaskFailed)]
    assert [(e.error.type, e.error.message.partition("\n")[0]) for e in failed] == [
        ("HeartbeatLost", "activity 'silent' gave no sign of life for 5 s")
    ]


async def _over(engine: Engine, made: Flow) -> Run:
    run = engine.start(made)
    await asyncio.wait({asyncio.ensure_future(_wait(run))})
    return run


async def _wait(run: Run) -> None:
    with suppress(RunError):
        await run


def test_an_attempt_that_gives_signs_of_life_may_take_as_long_as_it_likes(
    engine: Engine, activities: Activities
) -> None:
    @activities.define(heartbeat=2)
    async def long() -> None:
        for number in range(10):
            await asyncio.sleep(1.5)
            (heartbeat if number % 2 else progress)()

    async def main() -> float:
        await engine.start(chain("long"))
        return asyncio.get_running_loop().time()

    assert virtual_time(main()) == 15


def test_a_lost_heartbeat_ends_the_run_with_an_error_of_its_own(engine: Engine, activities: Activities) -> None:
    @activities.define(heartbeat=2)
    async def silent() -> None:
        await asyncio.sleep(100)

    async def main() -> None:
        with pytest.raises(HeartbeatLost, match=r"no sign of life for 2 s\ncall wf.heartbeat\(\)") as caught:
            await engine.start(chain("silent"))
        assert caught.value.node == "silent"

    virtual_time(main())


async def test_a_thread_whose_attempt_is_over_is_told_at_its_next_sign(engine: Engine, activities: Activities) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), []

    @activities.define()
    def works() -> None:
        begun.set()
        go_on.wait()
        try:
            heartbeat()
        except asyncio.CancelledError as error:
            ended.append(str(error))
            raise

    run = engine.start(chain("works"))
    await until(begun.is_set)
    run.cancel()
    go_on.set()
    await until(lambda: ended)
    assert ended == ["the attempt is over: nobody waits for this any more"]


def test_outside_a_run_signs_are_for_nobody() -> None:
    heartbeat()
    progress(0.5, "half")


@pytest.mark.parametrize("done", [-0.1, 1.1, float("nan"), "half"])
def test_progress_is_a_share(done: Any) -> None:
    with pytest.raises(ValueError, match="give the share that is done, from 0 to 1"):
        progress(done)


# --- progress -----------------------------------------------------------------------------------------------------


def test_progress_is_shown_at_once_and_recorded_once_a_second(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def loads() -> None:
        for number in range(1, 31):
            progress(number / 30, f"{number} rows")
            await asyncio.sleep(0.1)

    seen: list[str] = []

    async def main() -> Run:
        run = engine.start(chain("loads"))
        run.on_progress(lambda report: seen.append(report.text))
        await run
        return run

    run = virtual_time(main())
    assert seen == [f"{number} rows" for number in range(1, 31)]
    assert reports(run)[0] == (1 / 30, "1 rows")
    assert reports(run)[-1] == (1, "30 rows")
    assert 4 <= len(reports(run)) <= 5
    assert types(run)[-2:] == ["TaskCompleted", "RunCompleted"]


def test_a_run_whose_listener_to_progress_fails_goes_on(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def loads() -> None:
        progress(0.5)
        await asyncio.sleep(1)

    async def main() -> list[str]:
        failures: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["message"]))
        run = engine.start(chain("loads"))
        run.on_progress(lambda _: 1 / 0)
        await run
        return failures

    (failure,) = virtual_time(main())
    assert "a listener of" in failure


# --- what is printed ----------------------------------------------------------------------------------------------


async def test_what_activities_print_and_log_is_stored_with_their_task_and_still_shown(
    engine: Engine, activities: Activities, capsys: pytest.CaptureFixture[str]
) -> None:
    @activities.define()
    async def on_loop() -> None:
        print("on the loop")
        print("complains", file=sys.stderr)

    @activities.define()
    def in_thread() -> None:
        print("in a thread")
        logging.getLogger("thread").error("logged %d", 7)

    run = engine.start(chain("on_loop", "in_thread"))
    await run
    assert told(run) == [
        ("on_loop", "stdout", "on the loop\n"),
        ("on_loop", "stderr", "complains\n"),
        ("in_thread", "stdout", "in a thread\n"),
        ("in_thread", "log", "ERROR:thread:logged 7\n"),
    ]
    assert run.output_of("in_thread") == "in a thread\nERROR:thread:logged 7\n"
    shown = capsys.readouterr()
    assert shown.out == "on the loop\nin a thread\n"
    assert shown.err.startswith("complains\n")
    with pytest.raises(UnknownName, match=r"has no node 'in_thred'.*\n.*Did you mean 'in_thread'"):
        run.output_of("in_thred")


@pytest.mark.parametrize("executor", ["loop", "thread", "process"])
async def test_what_tasks_print_side_by_side_does_not_mix(activities: Activities, executor: str) -> None:
    async def tells(name: str) -> None:
        for number in range(5):
            print(name, number)
            await asyncio.gather(_nested(name), asyncio.sleep(0))
            progress(number / 5, name)

    async def _nested(name: str) -> None:
        await asyncio.sleep(0)
        print(name, "inside")

    if executor == "process":
        activities.define(executor=executor)(errands.tells)
    else:
        activities.define(executor=executor)(tells)
    async with Engine(registry=activities, workers=2) as engine:
        names = ("one", "two", "three")
        run = engine.start(side_by_side("tells", *names))
        await run
    for name in names:
        printed = run.output_of(name).splitlines()
        assert len(printed) == (3 if executor == "process" else 10)
        assert all(name in line for line in printed)
    assert {e.text for r in run.records() if isinstance(e := r.event, ProgressReported)} <= {
        *names,
        *(f"half of {name}" for name in names),
    }


async def test_what_is_printed_when_an_event_is_sent_is_the_tasks(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def tells() -> None:
        print("heard")

    made = flow("machine")
    wait = made.wait("wait")
    made.start >> wait
    wait.on("go") >> made.task("tells", "tells") >> made.end()
    run = engine.start(made)
    await asyncio.sleep(0)
    await run.send("go")
    print("not the task's")
    assert told(run) == [("tells", "stdout", "heard\n")]


async def test_who_sends_in_an_attempt_goes_on_as_that_attempt(engine: Engine, activities: Activities) -> None:
    runs: list[Run] = []

    @activities.define()
    async def first() -> None:
        await runs[0].send("second")
        print("first")

    @activities.define()
    async def second() -> None:
        print("second")

    made = flow("machine")
    fork, one, two = made.fork("fork"), made.wait("one"), made.wait("two")
    made.start >> fork >> [one, two]
    one.on("first") >> made.task("first", "first") >> made.end("a")
    two.on("second") >> made.task("second", "second") >> made.end("b")
    runs.append(engine.start(made))
    await asyncio.sleep(0)
    await runs[0].send("first")
    assert told(runs[0]) == [("second", "stdout", "second\n"), ("first", "stdout", "first\n")]


async def test_a_run_that_an_activity_starts_has_its_own_output(engine: Engine, activities: Activities) -> None:
    inner: list[Run] = []

    @activities.define()
    async def inside() -> None:
        print("inner")

    @activities.define()
    async def outside() -> None:
        inner.append(engine.start(chain("inside")))
        await inner[0]
        print("outer")

    run = engine.start(chain("outside"))
    await run
    assert told(inner[0]) == [("inside", "stdout", "inner\n")]
    assert told(run) == [("outside", "stdout", "outer\n")]


async def test_each_attempt_has_its_own_output(engine: Engine, activities: Activities) -> None:
    calls: list[int] = []

    @activities.define(retry=Retry(attempts=2, delay=0))
    async def flaky() -> None:
        calls.append(1)
        print("attempt", len(calls))
        if len(calls) == 1:
            raise ValueError

    run = engine.start(chain("flaky"))
    await run
    assert run.output_of("flaky", attempt=1) == "attempt 1\n"
    assert run.output_of("flaky", attempt=2, visit=1) == "attempt 2\n"
    assert run.output_of("flaky", visit=2) == ""
    assert types(run) == [
        "RunStarted",
        *("TaskStarted", "OutputCaptured", "TaskFailed"),
        *("TaskStarted", "OutputCaptured", "TaskCompleted"),
        "RunCompleted",
    ]


async def test_output_is_bounded_and_what_is_left_out_is_counted(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def floods() -> None:
        for _ in range(MAX_OUTPUT // 50):
            print("x" * 99)

    run = engine.start(chain("floods"))
    await run
    captured = [e for r in run.records() if isinstance(e := r.event, OutputCaptured)]
    assert sum(len(e.text) for e in captured) == MAX_OUTPUT
    lost = MAX_OUTPUT // 50 * 100 - MAX_OUTPUT
    assert captured[-1].lost == lost
    assert run.output_of("floods").endswith(f"\n({lost:,} more characters of stdout were not kept)\n")


def test_a_long_attempts_output_is_recorded_once_a_second(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def talks() -> None:
        for number in range(30):
            print(number)
            await asyncio.sleep(0.1)

    async def main() -> Run:
        run = engine.start(chain("talks"))
        await run
        return run

    run = virtual_time(main())
    assert 3 <= len(told(run)) <= 4
    assert run.output_of("talks") == "".join(f"{number}\n" for number in range(30))


async def test_what_was_printed_before_a_run_ends_is_not_lost(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def talks() -> None:
        print("last words")
        await asyncio.Event().wait()

    run = engine.start(chain("talks"))
    await until(lambda: run.state.busy)
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    assert types(run)[-3:] == ["OutputCaptured", "TaskCancelled", "RunCancelled"]
    assert run.output_of("talks") == "last words\n"
    assert replay(run.machine, (record.event for record in run.records())) == run.state


async def test_captured_only_is_not_shown(activities: Activities, capsys: pytest.CaptureFixture[str]) -> None:
    @activities.define()
    async def talks() -> None:
        print("kept")

    async with Engine(registry=activities, capture="only") as engine:
        run = engine.start(chain("talks"))
        await run
        print("a cell's own")
    assert run.output_of("talks") == "kept\n"
    assert capsys.readouterr().out == "a cell's own\n"


async def test_capture_can_be_off(activities: Activities, capsys: pytest.CaptureFixture[str]) -> None:
    @activities.define()
    async def talks() -> None:
        print("shown")

    async with Engine(registry=activities, capture="off") as engine:
        run = engine.start(chain("talks"))
        await run
    assert run.output_of("talks") == ""
    assert capsys.readouterr().out == "shown\n"
    with pytest.raises(ValueError, match="capture is 'none'\nknown: 'both', 'only', 'off'"):
        Engine(capture="none")  # type: ignore[arg-type]


async def test_streams_are_as_before_once_the_last_engine_is_closed(
    activities: Activities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "_listening", WeakSet())  # engines of other tests do not matter

    @activities.define()
    async def talks() -> None:
        print("here")

    before = sys.stdout
    assert type(before) is not Tee
    async with Engine(registry=activities) as engine:
        await engine.start(chain("talks"))
        assert type(sys.stdout) is Tee
        assert sys.stdout.encoding == before.encoding
    assert sys.stdout is before
    assert logging.getLogRecordFactory() is not capture.record_heard


async def test_logging_can_still_be_set_up_later(
    engine: Engine, activities: Activities, monkeypatch: pytest.MonkeyPatch
) -> None:
    @activities.define()
    async def logs() -> None:
        logging.getLogger("later").error("told")
        logging.getLogger("later").error("wrong %d", "number")

    monkeypatch.setattr(logging, "raiseExceptions", False)
    handlers = list(logging.getLogger().handlers)
    run = engine.start(chain("logs"))
    await run
    assert logging.getLogger().handlers == handlers
    assert told(run) == [("logs", "log", "ERROR:later:told\n")]
    assert logging.makeLogRecord({"msg": "empty"}).msg == "empty"


async def test_text_that_can_not_be_encoded_is_stored_all_the_same(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def talks() -> None:
        print("odd \ud800 text")

    run = engine.start(chain("talks"))
    await run
    records: list[Record] = engine.store.read(run.id)
    assert any(isinstance(record.event, OutputCaptured) for record in records)
    assert run.output_of("talks") == "odd ? text\n"


# --- what takes tasks back ----------------------------------------------------------------------------------------


def taken_back(activities: Activities, undo: Any, **options: Any) -> Flow:
    """Books something, and then fails."""

    @activities.define()
    async def book() -> str:
        print("booked")
        return "a room"

    @activities.define()
    async def fail() -> None:
        raise ValueError("no")

    activities.define(name="undo", **options)(undo)
    made = flow("taken back")
    booked = made.task("booked", "book").options(compensate="undo")
    made.start >> booked >> made.task("fail", "fail") >> made.end()
    return made


@pytest.mark.parametrize("executor", ["loop", "thread"])
async def test_what_takes_a_task_back_is_heard(engine: Engine, activities: Activities, executor: str) -> None:
    seen: list[ProgressReported] = []

    def undo() -> None:
        print("called the hotel")
        progress(0.5, "half of it")

    run = engine.start(taken_back(activities, undo, executor=executor))
    run.on_progress(seen.append)
    with pytest.raises(RunError):
        await run
    assert (run.output_of("booked"), run.output_of("booked", attempt=0)) == (
        "booked\ncalled the hotel\n",
        "called the hotel\n",
    )
    assert reports(run) == [(0.5, "half of it")]
    assert [(report.node, report.attempt, report.done) for report in seen] in ([], [("booked", 0, 0.5)])
    assert types(run)[-4:] == ["OutputCaptured", "ProgressReported", "TaskCompensated", "RunFailed"]


def test_what_takes_a_task_back_must_give_signs_of_life_where_its_activity_says_so(activities: Activities) -> None:
    late: list[str] = []

    async def undo() -> None:
        for _ in range(3):
            heartbeat()
            await asyncio.sleep(4)
        try:
            await asyncio.sleep(9)
        finally:
            with suppress(asyncio.CancelledError):
                heartbeat()
                late.append("heard")

    async def scenario() -> Run:
        async with Engine(registry=activities) as engine:
            run = engine.start(taken_back(activities, undo, heartbeat=5))
            with suppress(RunError):
                await run
            return run

    run = virtual_time(scenario())
    (compensated,) = (e for record in run.records() if isinstance(e := record.event, TaskCompensated))
    assert compensated.error is not None
    assert compensated.error.type == "HeartbeatLost"
    assert run.status == "failed"
    assert late == ["heard"]
