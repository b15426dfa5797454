"""A disabled task gives None at once; nothing of it runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.engine.kit import Activities
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import RunError
from wfnb.history import frames
from wfnb.machine.check import check
from wfnb.model.event import TaskCompleted
from wfnb.model.workflow import Edge, End, Start, Task, Workflow


@pytest.fixture
def ran(activities: Activities) -> list[str]:
    """What was run, in order."""
    done: list[str] = []

    @activities.define()
    def work(x: int = 0) -> int:
        done.append("work")
        return x

    @activities.define()
    def use(x: int | None) -> str:
        done.append("use")
        return repr(x)

    @activities.define()
    def undo() -> None:
        done.append("undo")

    return done


def drawn(ensures: str | None = None, **options: Any) -> Flow:
    """A task that is disabled, and one that reads its value."""
    made = flow("disabled")
    first = made.task("first", "work").options(disabled=True, **options)
    last = made.task("last", "use", x="=first").options(ensures=ensures)
    made.start >> first >> last >> made.end(output="=last")
    return made


def given(run: Run) -> list[str]:
    events = (record.event for record in run.records())
    return [event.given for event in events if isinstance(event, TaskCompleted)]


async def test_it_gives_none_and_the_history_says_why(engine: Engine, ran: list[str]) -> None:
    run = engine.start(drawn(requires="1 > 2", retries=3, timeout=1))
    assert (await run, ran, given(run)) == ("None", ["use"], ["disabled", ""])
    assert frames.tasks(engine.store, run.id)["note"].tolist() == ["disabled", None]


async def test_a_pin_comes_before_it_and_nothing_of_it_is_taken_back(engine: Engine, ran: list[str]) -> None:
    pinned = engine.start(drawn(), pins={"first": 4})
    assert (await pinned, given(pinned)) == ("4", ["pin", ""])
    with pytest.raises(RunError):
        await engine.start(drawn(ensures="last == ''", compensate="undo"))
    assert ran == ["use", "use"]


async def test_forks_and_migrations_follow_what_the_definition_says(engine: Engine, ran: list[str]) -> None:
    origin = engine.start(drawn())
    await origin
    assert await origin.run_from("first") == "None"
    enabled = drawn()
    enabled.node("first").options(disabled=False)
    changed = engine.start(enabled, until="first")
    assert changed.status == "paused"
    changed.migrate(drawn())
    changed.resume()
    assert (await changed, ran) == ("None", ["use"] * 3)


def test_the_check_reads_its_value_as_none_and_says_that_it_is_disabled(activities: Activities, ran: list[str]) -> None:
    assert ran == []
    (advice,) = check(drawn().workflow, activities).diagnostics
    assert (advice.code, advice.severity, advice.nodes, advice.field) == ("WF406", "advice", ("first",), "disabled")
    reader = Workflow(
        nodes=(
            Start("start"),
            Task("first", activity="work", disabled=True),
            Task("more", activity="work", arguments={"x": "=first + 1"}),
            End("end"),
        ),
        edges=tuple(Edge(source=a, target=b) for a, b in (("start", "first"), ("first", "more"), ("more", "end"))),
    )
    assert any(
        found.severity == "error" and found.nodes == ("more",) for found in check(reader, activities).diagnostics
    )
