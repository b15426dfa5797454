"""Activities in processes of their own: what goes there and comes back, how they are stopped, what a crash does."""

from __future__ import annotations

import functools
import os
import sys
import threading
import types as kinds
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.engine import errands
from tests.unit.engine.kit import Activities, chain, until
from wfnb.author.flow import flow
from wfnb.engine.engine import Engine
from wfnb.engine.executors import processes, sending
from wfnb.errors import ActivityFailed, ActivityTimeout, HeartbeatLost, RunCancelled, Unpicklable, WorkerDied
from wfnb.model.workflow import Retry

FUNCTIONS: tuple[Callable[..., Any], ...] = (
    errands.beats,
    errands.blocks,
    errands.double,
    errands.gives_a_lock,
    errands.ignores_being_asked,
    errands.is_killed,
    errands.leaves,
    errands.pid,
    errands.raises,
    errands.segfaults,
    errands.waits,
)


@pytest.fixture
async def engine(activities: Activities) -> AsyncIterator[Engine]:
    for function in FUNCTIONS:
        activities.define(executor="process")(function)
    async with Engine(registry=activities, workers=1) as made:
        yield made


async def test_activities_run_in_a_process_that_is_kept_for_the_next(engine: Engine) -> None:
    first = await engine.start(chain("pid"))
    assert first != os.getpid()
    assert await engine.start(chain("pid")) == first
    assert await engine.start(chain("double", x=4)) == 8
    assert await engine.start(chain("waits", x=1)) == [1, first]


async def test_a_task_says_where_its_activity_runs(engine: Engine, activities: Activities) -> None:
    activities.define(name="where")(errands.pid)
    made = flow("where")
    made.start >> made.task("there", "where").options(executor="process") >> made.end()
    assert await engine.start(made) != os.getpid()
    here = flow("here")
    here.start >> here.task("here", "pid").options(executor="thread") >> here.end()
    assert await engine.start(here) == os.getpid()


async def test_an_activity_stands_where_its_function_was_defined(
    activities: Activities, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `@wf.activity` leaves it: the module has the activity, pickle would find something else than the function."""
    made = activities.define()(errands.pid)
    monkeypatch.setattr(errands, "pid", made)
    assert sending.reference_to("pid", made.function) == (errands.__name__, "pid.function")


# --- stopping -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("activity", ["blocks", "ignores_being_asked"])
async def test_cancelling_ends_the_process_and_the_next_has_a_new_one(
    engine: Engine, activity: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.01)
    file = tmp_path / "begun"
    run = engine.start(chain(activity, file=str(file)))
    await until(lambda: file.exists() and file.read_text())
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    assert await engine.start(chain("pid")) != int(file.read_text())
    assert _is_gone(int(file.read_text()))


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_timeout_ends_the_process(engine: Engine, tmp_path: Path) -> None:
    await engine.start(chain("pid"))  # so that it has begun
    file = tmp_path / "begun"
    made = flow("late")
    made.start >> made.task("late", "blocks", file=str(file)).options(timeout=0.3) >> made.end()
    with pytest.raises(ActivityTimeout):
        await engine.start(made)
    await until(lambda: not file.exists() or _is_gone(int(file.read_text())))


async def test_a_heartbeat_that_is_lost_ends_the_process(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "begun"
    made = flow("silent")
    made.start >> made.task("silent", "blocks", file=str(file)).options(heartbeat=0.5) >> made.end()
    with pytest.raises(HeartbeatLost):
        await engine.start(made)
    await until(lambda: not file.exists() or _is_gone(int(file.read_text())))


async def test_signs_of_life_come_from_a_process(engine: Engine) -> None:
    await engine.start(chain("pid"))
    made = flow("alive")
    made.start >> made.task("alive", "beats", times=30).options(heartbeat=10) >> made.end()
    assert await engine.start(made) == 30


async def test_closing_the_engine_ends_its_processes(activities: Activities, tmp_path: Path) -> None:
    activities.define(executor="process")(errands.blocks)
    file = tmp_path / "begun"
    async with Engine(registry=activities) as engine:
        engine.start(chain("blocks", file=str(file)))
        await until(lambda: file.exists() and file.read_text())
    await until(lambda: _is_gone(int(file.read_text())))


# --- crashes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activity", "arguments", "message"),
    [
        ("segfaults", {}, "the process of activity 'segfaults' crashed (SIGSEGV)\nlook for native code"),
        ("leaves", {"code": 3}, "the process of activity 'leaves' ended itself with exit code 3 (os._exit, say)"),
        ("leaves", {"code": 0}, "the process of activity 'leaves' ended itself with exit code 0 (os._exit, say)"),
        ("is_killed", {}, "was killed (SIGKILL), as happens where memory is short\ngive it less at once"),
    ],
)
async def test_a_process_that_dies_fails_its_attempt_and_the_next_has_a_new_one(
    engine: Engine, activity: str, arguments: dict[str, Any], message: str
) -> None:
    run = engine.start(chain(activity, **arguments))
    with pytest.raises(WorkerDied) as caught:
        await run
    assert message in str(caught.value)
    assert (caught.value.node, caught.value.type) == (activity, "WorkerDied")
    assert await engine.start(chain("double", x=2)) == 4


async def test_a_process_that_dies_is_tried_again_by_the_policy(engine: Engine) -> None:
    made = flow("again")
    again = Retry(attempts=2, delay=0, errors=("WorkerDied",))
    made.start >> made.task("again", "leaves", code=1).options(retry=again) >> made.end()
    run = engine.start(made)
    with pytest.raises(WorkerDied):
        await run
    assert list(run.tasks()["error_type"]) == ["WorkerDied", "WorkerDied"]


# --- what goes there and comes back -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["SystemExit", "ValueError", "Odd"])
async def test_what_is_raised_in_a_process_fails_the_run_with_its_traceback(engine: Engine, kind: str) -> None:
    run = engine.start(chain("raises", kind=kind))
    with pytest.raises(ActivityFailed) as caught:
        await run
    assert caught.value.type == kind
    assert type(caught.value.__cause__).__name__ == kind
    assert run.error is not None
    assert "in raises" in run.error.traceback


async def test_a_result_that_can_not_be_sent_is_told_with_the_cure(engine: Engine) -> None:
    with pytest.raises(Unpicklable) as caught:
        await engine.start(chain("gives_a_lock"))
    what, cure = str(caught.value).splitlines()
    assert what.startswith(
        "activity 'gives_a_lock' gave a lock, which can not be sent back from its process: TypeError"
    )
    assert cure == 'return data (write a file and return its path, say), or use executor="thread"'


async def test_what_can_not_be_sent_is_not_tried_again(engine: Engine) -> None:
    made = flow("once")
    made.start >> made.task("once", "gives_a_lock").options(retry=Retry(attempts=5)) >> made.end()
    run = engine.start(made)
    with pytest.raises(Unpicklable):
        await run
    assert len(run.tasks()) == 1


async def test_an_argument_that_can_not_be_sent_is_named(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def opened() -> Any:
        return threading.Lock()

    activities.define(executor="process")(errands.double)
    made = flow("argument")
    made.start >> made.task("opened", "opened") >> made.task("double", "double", x="=opened") >> made.end()
    with pytest.raises(Unpicklable, match=r"'x' of activity 'double', a lock, can not be sent to a process: "):
        await engine.start(made)


def test_a_function_of_a_notebook_can_not_go_to_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "__main__", kinds.ModuleType("__main__"))

    def work() -> None: ...

    work.__module__, work.__qualname__ = "__main__", "work"
    with pytest.raises(Unpicklable) as caught:
        sending.reference_to("work", work)
    assert str(caught.value) == (
        "activity 'work' can not run in a process of its own: it is defined in the notebook, which the process can not "
        'import\nwrite it into a module (%%writefile work.py) and import it, or use executor="thread"'
    )


def test_functions_that_a_process_can_not_find() -> None:
    def inner() -> None: ...

    with pytest.raises(Unpicklable, match=r"is defined inside a function or has no name"):
        sending.reference_to("inner", inner)

    def double() -> None: ...

    double.__module__, double.__qualname__ = errands.__name__, "double"
    with pytest.raises(Unpicklable, match=r"'tests\.unit\.engine\.errands\.double' is something else now"):
        sending.reference_to("double", double)
    with pytest.raises(Unpicklable, match=r"can not run in a process of its own: .*\nmake it a function at the top"):
        sending.reference_to("partial", functools.partial(inner))


async def test_a_partial_goes_to_a_process(engine: Engine, activities: Activities) -> None:
    activities.define(name="four", executor="process")(functools.partial(errands.double, x=2))
    assert await engine.start(chain("four")) == 4


def test_what_a_process_gives_must_be_known_here_too() -> None:
    with pytest.raises(Unpicklable, match="what activity 'a' gave in its process can not be read here: "):
        processes.result("a", "gave", [b"cnowhere\nnothing\n."])
    with pytest.raises(Unpicklable, match="activity 'a' can not be loaded in a process of its own: ImportError: no"):
        processes.result("a", "unloaded", ["ImportError: no"])


def test_an_exception_that_is_not_known_here_keeps_its_name() -> None:
    error = processes.raised(b"cnowhere\nnothing\n.", "Nothing", "is here", "trace")
    assert (type(error).__name__, str(error)) == ("Nothing", "is here")
