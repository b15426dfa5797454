"""Rows of what rests or has children: waits, approvals, maps and calls beside tasks."""

from __future__ import annotations

from msgspec import UNSET

from tests.unit.history.everything import BROKEN, EVERYTHING, OPENING, records
from wfnb.history.tasktable import TaskRow, TaskTable
from wfnb.model.event import (
    ApprovalGiven,
    ApprovalRequested,
    ChildCompleted,
    ChildFailed,
    ChildStarted,
    ConditionMet,
    Event,
    MapCompleted,
    MapStarted,
    NodeCancelled,
    NodeFailed,
    RunCancelled,
    SignalReceived,
    SignalTaken,
    TaskCancelled,
    TaskStarted,
    TimerFired,
    TimerStarted,
)
from wfnb.model.workflow import Map, Workflow
from wfnb.testing import START


def rows(*events: Event, known: bool = True) -> dict[str, TaskRow]:
    table = TaskTable(EVERYTHING if known else None)
    for record in records(OPENING, *events):
        table.apply(record)
    return {row.node: row for row in table.rows}


def test_a_wait_has_a_row_from_its_token_to_what_freed_it() -> None:
    resting = rows(TimerStarted("paid", 1, 7, START))["paid"]
    assert (resting.kind, resting.status, resting.first, resting.started) == ("wait", "waiting", 1, START)
    freed = rows(SignalReceived("money", value=12, node="paid", visit=1, edge=6, moves=(6,)))["paid"]
    assert (freed.status, freed.last, freed.detail) == ("completed", 2, "'money': 12")
    assert rows(SignalTaken("paid", 1, 6, "money"))["paid"].detail == "'money'"
    assert rows(TimerFired("paid", 1, 7))["paid"].detail == "timer"
    assert rows(ConditionMet("paid", 1, 7))["paid"].detail == "condition"
    gone = rows(NodeCancelled("paid", 1))["paid"]
    assert (gone.status, gone.detail, gone.value) == ("cancelled", "", UNSET)


def test_an_approval_waits_from_when_it_is_asked_until_it_is_answered() -> None:
    row = rows(ApprovalRequested("ask", 1, "Publish?"), ApprovalGiven("ask", 1, {"ok": True}))["ask"]
    assert (row.kind, row.status, row.scheduled, row.started) == ("approval", "completed", START, START + 1000)
    assert row.detail == '{"ok":true}'
    failed = rows(ApprovalRequested("ask", 1), NodeFailed("ask", 1, BROKEN))["ask"]
    assert (failed.status, failed.detail) == ("failed", "ValueError: no")


def test_a_map_counts_its_children_and_a_call_gives_its_output() -> None:
    opening = (MapStarted("each", 1, 2), ChildStarted("each", 1, "r/each[0]", 0))
    row = rows(*opening, ChildCompleted("each", 1, "r/each[0]", 0, value=1))["each"]
    assert (row.kind, row.activity, row.status, row.detail) == ("map", "fetch", "running", "1 done")
    assert rows(*opening, MapCompleted("each", 1))["each"].status == "completed"
    assert rows(*opening, ChildFailed("each", 1, "r/each[0]", BROKEN, 0))["each"].detail == "ValueError: no"
    called = rows(ChildStarted("sub", 1, "r/sub"), ChildCompleted("sub", 1, "r/sub", value=[3]))["sub"]
    assert (called.kind, called.activity, called.status, called.detail) == ("call", "other", "completed", "[3]")


def test_what_a_map_skips_is_counted_apart() -> None:
    each = Map("each", items="=input.items", activity="fetch", failure="skip")
    table = TaskTable(Workflow(name="skipping", nodes=(each,), edges=()))
    for record in records(
        MapStarted("each", 1, 2),
        ChildFailed("each", 1, "r/each[0]", BROKEN, 0),
        ChildCompleted("each", 1, "r/each[1]", 1, value=1),
    ):
        table.apply(record)
    assert [(row.status, row.detail) for row in table.rows] == [("running", "1 done, 1 skipped")]


def test_what_interrupts_a_task_ends_its_attempt_and_what_follows_changes_nothing() -> None:
    started = TaskStarted("work", 1, 1)
    row = rows(started, TimerFired("work", 1, 11, (11,)), TaskCancelled("work", 1, 1))["work"]
    assert (row.status, row.last, row.note) == ("cancelled", 3, "interrupted: timer")
    # A group is interrupted as a whole: what is inside has events of its own.
    inside = rows(started, TimerFired("inner", 1, 13, (13,)), TaskCancelled("work", 1, 1), NodeCancelled("paid", 1))
    assert (inside["work"].status, inside["work"].last, inside["paid"].status) == ("cancelled", 4, "cancelled")


def test_a_spawned_child_and_a_skipped_branch_make_no_row_here() -> None:
    found = rows(
        ChildStarted("split", 1, "r/child", edge=14),
        ChildCompleted("split", 1, "r/child", value=1),
        ApprovalRequested("ask", 1),
        ApprovalGiven("ask", 1, True, (8, ~11)),
    )
    assert set(found) == {"paid", "ask"}


def test_a_run_that_ends_leaves_nothing_open() -> None:
    found = rows(TaskStarted("work", 1, 1), MapStarted("each", 1, 0), RunCancelled())
    assert {node: row.status for node, row in found.items()} == {
        "paid": "cancelled", "work": "interrupted", "each": "cancelled",
    }  # fmt: skip


def test_without_a_definition_the_events_tell_what_a_row_is_of() -> None:
    found = rows(
        ApprovalRequested("ask", 1), MapStarted("each", 1, 1), ChildStarted("sub", 1, "r/sub"),
        TaskCancelled("work", 1, 1), TimerFired("paid", 1, 7, (7,)), known=False,
    )  # fmt: skip
    assert {node: row.kind for node, row in found.items()} == {"ask": "approval", "each": "map", "sub": "call"}
