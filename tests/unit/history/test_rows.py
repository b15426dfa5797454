"""Tables of a run as rows: what each event does to them, and that SQL says the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from tests.changed import grown, migrated
from tests.constructs import Construct, constructs
from tests.runner import play
from wfnb.history import frames
from wfnb.history.rows import event_rows, task_rows
from wfnb.history.tasktable import TaskRow, TaskTable
from wfnb.history.words import detail_of, moves_of
from wfnb.model.codec import encode as encode_workflow
from wfnb.model.event import (
    Event,
    Problem,
    Record,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunStarted,
    SignalReceived,
    SignalTaken,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    TimerFired,
    Unstored,
    Usage,
)
from wfnb.model.workflow import Edge, End, Start, Task, Workflow
from wfnb.store.memory import MemoryStore
from wfnb.testing import START, row

LOOP = Workflow(
    name="loop",
    nodes=(Start(id="start"), Task(id="a", activity="fetch"), Task(id="b", activity="score"), End(id="end")),
    edges=(
        Edge(source="start", target="a"),
        Edge(source="a", target="b"),
        Edge(source="b", target="a"),
        Edge(source="b", target="b"),
        Edge(source="b", target="end"),
    ),
)
BROKEN = Problem(type="ValueError", message="no", node="a", traceback="...")
OPENING = RunStarted(workflow="loop", definition="h", moves=(0,))


def recorded(*events: Event, definition: bool = True) -> MemoryStore:
    """A run 'r' with one event a millisecond."""
    store = MemoryStore()
    if definition:
        store.define("h", encode_workflow(LOOP).encode())
    store.append("r", 0, 0, [row(e, START + 1000 * n) for n, e in enumerate(events)])
    return store


def table(*events: Event, definition: bool = True) -> list[TaskRow]:
    return task_rows(recorded(*events, definition=definition), "r")


def test_a_task_is_one_row_with_its_times() -> None:
    (task,) = table(OPENING, TaskStarted("a", 1, 1), TaskCompleted("a", 1, 1, value=[1]))
    assert (task.node, task.visit, task.attempt, task.activity, task.status) == ("a", 1, 1, "fetch", "completed")
    assert (task.scheduled, task.started, task.ended) == (START, START + 1000, START + 2000)
    assert (task.first, task.last) == (2, 3)
    assert (task.seconds, task.wait) == (0.001, 0.001)
    assert (task.value, task.detail) == ([1], "[1]")


def test_a_task_that_runs_has_no_end() -> None:
    (task,) = table(OPENING, TaskStarted("a", 1, 1))
    assert (task.status, task.ended, task.last, task.seconds, task.value) == ("running", None, None, None, UNSET)


def test_each_attempt_is_a_row_and_waits_for_its_pause() -> None:
    failed, again = table(
        OPENING, TaskStarted("a", 1, 1), TaskFailed("a", 1, 1, BROKEN, START + 2500), TaskStarted("a", 1, 2)
    )
    assert (failed.status, failed.error_type, failed.error) == ("failed", "ValueError", "no")
    assert (failed.retry_at, failed.detail) == (START + 2500, "ValueError: no")
    assert (again.attempt, again.scheduled, again.wait) == (2, START + 2500, 0.0005)


def test_a_pause_that_was_called_off_is_none() -> None:
    (task,) = table(
        OPENING, TaskStarted("a", 1, 1), TaskFailed("a", 1, 1, BROKEN, START + 9000), TaskCancelled("a", 1, 1)
    )
    assert (task.status, task.ended, task.retry_at) == ("failed", START + 2000, None)


def test_a_task_whose_process_ended_is_interrupted() -> None:
    first, second = table(OPENING, TaskStarted("a", 1, 1), TaskStarted("a", 1, 2), RunCancelled("enough"))
    assert (first.status, first.ended) == ("interrupted", None)
    assert second.status == "interrupted"


def test_a_cancelled_task_ends_then() -> None:
    (task,) = table(OPENING, TaskStarted("a", 1, 1), TaskCancelled("a", 1, 1))
    assert (task.status, task.ended, task.detail) == ("cancelled", START + 2000, "")


def test_a_visit_is_scheduled_by_the_edge_that_leads_to_it() -> None:
    rows = table(
        OPENING,
        TaskStarted("a", 1, 1),
        TaskCompleted("a", 1, 1, moves=(1,)),
        TaskStarted("b", 1, 1),
        TaskCompleted("b", 1, 1, moves=(3,)),
        RunFailed(BROKEN),
        TaskStarted("b", 2, 1),
    )
    assert [(r.node, r.visit, (r.scheduled - START) // 1000) for r in rows] == [("a", 1, 0), ("b", 1, 2), ("b", 2, 4)]


def test_without_a_definition_there_are_no_activities_and_no_waits() -> None:
    (task,) = table(OPENING, TaskStarted("a", 1, 1), definition=False)
    assert (task.activity, task.wait) == ("", 0.0)


def test_a_table_gives_the_rows_that_changed() -> None:
    grows = TaskTable(LOOP)
    events: list[Event] = [OPENING, TaskStarted("a", 1, 1), TaskStarted("a", 1, 2), RunCompleted()]
    changed = [grows.apply(Record("r", 0, seq, START, e)) for seq, e in enumerate(events, 1)]
    assert [[(r.attempt, r.first) for r in rows] for rows in changed] == [[], [(1, 2)], [(1, 2), (2, 3)], [(2, 3)]]


def test_an_event_says_briefly_what_happened() -> None:
    opening = RunStarted(workflow="w", definition="h", input={"url": "x", "n": 3}, moves=(0,))
    frame = Unstored(type="pandas.DataFrame", size=10, preview="   a\n0  1")
    events: list[tuple[Event, str]] = [
        (opening, 'url="x", n=3'),
        (TaskStarted("a", 1, 1), ""),
        (TaskStarted("a", 2, 3), "visit 2, attempt 3"),
        (TaskStarted("a", 1, 1, rerun=True), "again, for its value"),
        (TaskCompleted("a", 1, 1, value={"x": [1]}), '{"x":[1]}'),
        (TaskCompleted("a", 1, 1, unstored=frame), "   a\n0  1"),
        (TaskFailed("a", 1, 1, BROKEN), "ValueError: no"),
        (TaskCancelled("a", 1, 2), "attempt 2"),
        (RunCompleted("done"), '"done"'),
        (RunFailed(BROKEN), "ValueError: no"),
        (RunCancelled("enough"), "enough"),
    ]
    assert [detail_of(event) for event, _ in events] == [text for _, text in events]
    rows = event_rows(recorded(*(event for event, _ in events)), "r")
    assert [r.detail for r in rows] == [text for _, text in events]
    assert [(r.seq, r.ts, r.type, r.node) for r in rows[:2]] == [
        (1, START, "RunStarted", None),
        (2, START + 1000, "TaskStarted", "a"),
    ]
    assert [moves_of(event) for event in (opening, TaskCompleted("a", 1, 1, moves=(1, 2)), RunCompleted())] == [
        (0,), (1, 2), (),
    ]  # fmt: skip


def test_an_unknown_run_has_no_rows() -> None:
    assert task_rows(MemoryStore(), "r") == []
    assert event_rows(MemoryStore(), "r") == []


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """What the loop may leave, crashes and retries included, cut off anywhere."""
    events: list[Event] = [OPENING]
    node, visit, attempt = "a", 1, 1
    visits = {"a": 1, "b": 0}
    while len(events) < 12 and draw(st.integers(0, 9)):
        events.append(TaskStarted(node, visit, attempt, rerun=draw(st.booleans())))
        match draw(st.sampled_from(["complete", "retry", "fail", "cancel", "crash", "retry and cancel", "timer"])):
            case "complete":
                edge = 1 if node == "a" else draw(st.sampled_from([2, 3]))
                kept: dict[str, Any] = draw(
                    st.sampled_from([{"value": None}, {"value": {"x": 1.5}}, {"unstored": Unstored(type="T", size=3)}])
                )
                usage = draw(st.sampled_from([UNSET, Usage("thread-1", 0.5), Usage("process-7", 1.25, 3_000_000)]))
                events.append(TaskCompleted(node, visit, attempt, moves=(edge,), usage=usage, **kept))
                node = LOOP.edges[edge].target
                visits[node] += 1
                visit, attempt = visits[node], 1
            case "retry":
                pause = draw(st.integers(-2000, 2000))
                retry_at = START + 1000 * len(events) + pause
                events.append(TaskFailed(node, visit, attempt, BROKEN, retry_at))
                attempt += 1
            case "retry and cancel":
                events.append(TaskFailed(node, visit, attempt, BROKEN, START + 99_000))
                events.extend([TaskCancelled(node, visit, attempt), RunCancelled()])
                break
            case "timer":
                if draw(st.booleans()):
                    events.append(TaskFailed(node, visit, attempt, BROKEN, START + 99_000))
                moves = (1 if node == "a" else 2,)
                events.append(
                    draw(
                        st.sampled_from(
                            [
                                TimerFired(node, visit, moves[0], moves),
                                SignalReceived("s", node=node, visit=visit, edge=moves[0], moves=moves),
                                SignalTaken(node, visit, moves[0], "s", moves=moves),
                            ]
                        )
                    )
                )
                if draw(st.booleans()):
                    events.append(TaskCancelled(node, visit, attempt))
                node = LOOP.edges[moves[0]].target
                visits[node] += 1
                visit, attempt = visits[node], 1
            case "fail":
                events.extend([TaskFailed(node, visit, attempt, BROKEN), RunFailed(BROKEN)])
                break
            case "cancel":
                events.extend([TaskCancelled(node, visit, attempt), RunCancelled("enough")])
                break
            case "crash":
                attempt += 1
                if draw(st.booleans()):
                    events.append(draw(st.sampled_from([RunCompleted(1), RunCancelled()])))
                    break
    return events


# One store for all examples: the run's name makes the difference, and making views is the slow part.
SHARED = MemoryStore()
SHARED.define("h", encode_workflow(LOOP).encode())


@settings(max_examples=40)  # planning the query takes longer than answering it
@given(histories())
def test_sql_gives_the_same_table_as_the_fold(events: list[Event]) -> None:
    run = f"r{len(SHARED.heads())}"
    SHARED.append(run, 0, 0, [row(e, START + 1000 * n) for n, e in enumerate(events)])

    assert by_sql(SHARED, run) == by_fold(SHARED, run)


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
@pytest.mark.parametrize("share", [1.0, 0.6])
def test_sql_gives_the_same_table_as_the_fold_for_every_construct(construct: Construct, share: float) -> None:
    played = play(construct, seed=5)
    store = MemoryStore()
    for hash, document in played.store._definitions.items():
        store.define(hash, document)
    for run, epoch, before, rows in played.log[: round(len(played.log) * share)]:
        store.append(run, epoch, before, rows)
    for head in store.heads():
        assert by_sql(store, head.run) == by_fold(store, head.run)


@pytest.mark.parametrize("name", ["waits", "interrupts", "maps", "calls"])
def test_sql_gives_the_same_table_as_the_fold_across_migrations(name: str) -> None:
    (construct,) = (one for one in constructs() if one.name == name)
    played = migrated(construct, grown(construct.workflow), 2.6, tried := list[bool]())
    assert tried == [True]
    for head in played.store.heads():
        assert by_sql(played.store, head.run) == by_fold(played.store, head.run)


def by_sql(store: MemoryStore, run: str) -> list[tuple[Any, ...]]:
    def stamp(time: Any) -> int | None:
        return None if time is None else time.value // 1000

    frame = frames.tasks(store, run)
    frame = frame.astype(object).where(frame.notna(), None)
    found = [
        (
            t.run, t.node, t.kind, t.visit, t.attempt, t.activity or "", t.status, stamp(t.scheduled), stamp(t.started),
            stamp(t.ended), stamp(t.retry_at), t.error_type or "", t.error or "", t.rerun,
            t.seconds, t.wait, t.value, t.unstored, t.note or "", t.worker, t.cpu, t.memory,
        )
        for t in frame.itertuples()
    ]  # fmt: skip
    return sorted(found, key=lambda row: (row[7], row[:5]))


def by_fold(store: MemoryStore, run: str) -> list[tuple[Any, ...]]:
    found = [
        (
            t.run, t.node, t.kind, t.visit, t.attempt, t.activity, t.status, t.scheduled, t.started,
            t.ended, t.retry_at, t.error_type, t.error, t.rerun,
            t.seconds, t.wait, None if t.value is UNSET else t.value,
            None if t.unstored is UNSET else {"type": "T", "size": 3}, t.note,
            *((None, None, None) if t.usage is UNSET else (t.usage.worker, t.usage.cpu, t.usage.memory)),
        )
        for t in task_rows(store, run)
    ]  # fmt: skip
    return sorted(found, key=lambda row: (row[7], row[:5]))
