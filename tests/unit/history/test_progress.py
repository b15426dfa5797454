"""How nodes stand in a run, for every event there is."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from tests.unit.history.everything import BROKEN, EVERYTHING, OPENING, compiled, records
from wfnb.history.progress import Progress
from wfnb.history.words import detail_of, moves_of
from wfnb.model import event as e
from wfnb.model.workflow import Edge, Workflow
from wfnb.testing import START


def progress(*events: e.Event, workflow: Workflow = EVERYTHING) -> Progress:
    found = Progress(compiled(workflow))
    for record in records(OPENING, *events):
        found.apply(record.ts, record.event)
    return found


def states(found: Progress) -> dict[str, str]:
    return {id: node.state for id, node in found.nodes.items()}


def test_tokens_wait_where_they_rest() -> None:
    found = progress(e.TimerStarted("paid", 1, 7, START + 5_000_000), e.TimerStarted("paid", 1, 7, START + 9))
    assert states(found) == {
        "start": "completed", "split": "completed", "paid": "waiting",
        "ask": "ready", "each": "ready", "sub": "ready", "work": "ready",
    }  # fmt: skip
    paid = found.nodes["paid"]
    assert (paid.note, paid.due, paid.visits) == ("'money', a time", START + 9, 1)


def test_a_signal_frees_a_wait_and_is_kept_where_none_listens() -> None:
    freed = progress(e.SignalReceived("money", value=3, node="paid", visit=1, edge=6, moves=(6,)))
    assert (freed.nodes["paid"].state, freed.nodes["paid"].value, freed.nodes["paid"].note) == (
        "completed", "3", "'money'",
    )  # fmt: skip
    assert freed.nodes["two"].state == "waiting"
    taken = progress(
        e.SignalReceived("money", value=1),
        e.SignalReceived("money", value=2),
        e.SignalTaken("paid", 1, 6, "money", at=1, moves=(6,)),
    )
    assert taken.nodes["paid"].value == "2"
    again = progress(e.SignalReceived("ping", value=4), e.SignalTaken("paid", 1, 6, "ping", at=-1))
    assert again.nodes["paid"].value == "4"


def test_an_approval_says_what_it_asks_and_what_was_answered() -> None:
    asked = progress(e.ApprovalRequested("ask", 1, "Publish?")).nodes["ask"]
    assert (asked.state, asked.note) == ("waiting", "Publish?")
    given = progress(e.ApprovalRequested("ask", 1, "Publish?"), e.ApprovalGiven("ask", 1, True, (8,))).nodes["ask"]
    assert (given.state, given.value, given.note) == ("completed", "true", "")


def test_children_are_counted() -> None:
    child = ("each", 1, "r/each[0]")
    one = [e.MapStarted("each", 1, 2), e.ChildStarted(*child, 0), e.ChildCompleted(*child, 0, value=1)]
    node = progress(*one).nodes["each"]
    assert (node.state, node.done, node.children) == ("running", 1, 2)
    done = progress(*one, e.MapCompleted("each", 1, (9,))).nodes["each"]
    assert (done.state, done.value) == ("completed", "2 outputs")
    failed = progress(*one, e.ChildFailed("each", 1, "r/each[1]", BROKEN, 1)).nodes["each"]
    assert (failed.state, failed.error) == ("failed", "ValueError: no")
    called = progress(e.ChildStarted("sub", 1, "r/sub"), e.ChildCompleted("sub", 1, "r/sub", value=[3]))
    assert (called.nodes["sub"].state, called.nodes["sub"].value) == ("completed", "[3]")
    uncaught = progress(e.ChildStarted("sub", 1, "r/sub"), e.ChildFailed("sub", 1, "r/sub", BROKEN)).nodes["sub"]
    assert (uncaught.state, uncaught.error) == ("failed", "ValueError: no")


def test_what_a_map_skips_is_counted_apart() -> None:
    each = next(node for node in EVERYTHING.nodes if node.id == "each")
    nodes = tuple(msgspec.structs.replace(node, failure="skip") if node is each else node for node in EVERYTHING.nodes)
    skipping = msgspec.structs.replace(EVERYTHING, nodes=nodes)
    over = [
        e.MapStarted("each", 1, 2),
        e.ChildFailed("each", 1, "r/each[0]", BROKEN, 0),
        e.ChildCompleted("each", 1, "r/each[1]", 1, value=1),
    ]
    node = progress(*over, workflow=skipping).nodes["each"]
    assert (node.state, node.done, node.skipped, node.children) == ("running", 1, 1, 2)
    node = progress(*over, e.MapCompleted("each", 1, (9,)), workflow=skipping).nodes["each"]
    assert (node.state, node.value) == ("completed", "1 output, 1 skipped")
    again = progress(*over, e.MapCompleted("each", 1, (9,)), e.MapStarted("each", 2, 3), workflow=skipping)
    assert (again.nodes["each"].done, again.nodes["each"].skipped) == (0, 0)


def test_spawned_children_stand_on_the_node_that_they_begin_with() -> None:
    spawn = [e.ChildStarted("split", 1, f"r/{n}", edge=14) for n in range(2)]
    over = [e.ChildCompleted("split", 1, f"r/{n}") for n in range(2)]
    assert progress(*spawn, over[0]).nodes["child"].state == "running"
    found = progress(*spawn, *over).nodes["child"]
    assert (found.state, found.done, found.children) == ("completed", 2, 2)


@pytest.mark.parametrize(("failure", "state"), [("stop", "failed"), ("finish", "running"), ("skip", "running")])
def test_a_failing_child_does_what_the_map_says(failure: str, state: str) -> None:
    nodes = [n if n.id != "each" else msgspec.structs.replace(n, failure=failure) for n in EVERYTHING.nodes]
    workflow = msgspec.structs.replace(EVERYTHING, nodes=tuple(nodes))
    found = progress(e.MapStarted("each", 1, 2), e.ChildFailed("each", 1, "r/each[0]", BROKEN, 0), workflow=workflow)
    assert found.nodes["each"].state == state


def test_an_interrupted_group_withdraws_what_rests_inside() -> None:
    found = progress(e.TaskStarted("work", 1, 1), e.TimerFired("inner", 1, 13, (13,)), e.TaskCancelled("work", 1, 1))
    assert {id: found.nodes[id].state for id in ("work", "paid", "ask", "end")} == {
        "work": "cancelled", "paid": "cancelled", "ask": "ready", "end": "completed",
    }  # fmt: skip


def test_a_group_that_cancels_is_emptied_by_the_first_that_leaves() -> None:
    nodes = [n if n.id != "inner" else msgspec.structs.replace(n, cancel=True) for n in EVERYTHING.nodes]
    workflow = msgspec.structs.replace(EVERYTHING, nodes=tuple(nodes))
    found = progress(e.TaskStarted("work", 1, 1), e.TaskCompleted("work", 1, 1, moves=(11,)), workflow=workflow)
    assert found.nodes["paid"].state == "cancelled"


def test_an_early_join_is_done_once_and_absorbs_the_rest() -> None:
    given = [e.ApprovalRequested("ask", 1), e.ApprovalGiven("ask", 1, 1, (8,))]
    second = e.ChildCompleted("sub", 1, "r/sub", moves=(10, 12))
    found = progress(*given, e.ChildStarted("sub", 1, "r/sub"), second)
    assert (found.nodes["two"].state, found.nodes["two"].visits) == ("completed", 1)
    late = e.TimerFired("paid", 1, 7, (7,))
    assert progress(*given, second, late).nodes["two"].state == "completed"
    # Branches that were not taken count as come: the join is as new, and waits again.
    renewed = progress(*given, second, e.TimerFired("paid", 1, 7, (7, ~6, ~9, ~11)), late)
    assert renewed.nodes["two"].state == "waiting"
    assert renewed.edges == {**dict.fromkeys((0, 1, 2, 3, 4, 5, 8, 10, 12), 1), 7: 2}


def test_what_was_compensated_counts_no_more() -> None:
    done = [e.TaskStarted("work", 1, 1), e.TaskCompleted("work", 1, 1, value=1, moves=(11,))]
    back = progress(*done, e.CompensationStarted(BROKEN), e.TaskCompensated("work", 1))
    assert (back.nodes["work"].state, back.nodes["work"].note, back.error) == (
        "cancelled", "taken back", "ValueError: no",
    )  # fmt: skip
    kept = progress(*done, e.CompensationStarted(reason="enough"), e.TaskCompensated("work", 1, BROKEN))
    assert (kept.nodes["work"].state, kept.nodes["work"].error) == ("failed", "ValueError: no")


def test_when_the_run_is_over_nothing_waits() -> None:
    found = progress(e.RunCompleted(1))
    assert set(states(found).values()) == {"completed", "cancelled"}


SAMPLES: list[tuple[e.Event, str]] = [
    (e.TimerStarted("paid", 1, 7, START), "due "),
    (e.TimerFired("paid", 2, 7, (7,)), "visit 2"),
    (e.SignalReceived("money", value={"n": 1}, node="paid", visit=1, edge=6, moves=(6,)), 'money = {"n":1}'),
    (e.SignalReceived("money"), "money, nothing waited for it"),
    (e.SignalTaken("paid", 1, 6, "money"), "money"),
    (e.ConditionMet("paid", 1, 6, (6,)), ""),
    (e.ApprovalRequested("ask", 1, "Publish?"), "Publish?"),
    (e.ApprovalGiven("ask", 1, True, (8, ~9)), "true"),
    (e.MapStarted("each", 1, 1), "1 item"),
    (e.MapCompleted("each", 1, (9,)), ""),
    (e.ChildStarted("each", 1, "r/each[2]", 2), "r/each[2], item 3"),
    (e.ChildStarted("sub", 1, "r/sub"), "r/sub"),
    (e.ChildCompleted("sub", 1, "r/sub", value=4, moves=(10,)), "4"),
    (e.ChildFailed("sub", 1, "r/sub", BROKEN), "ValueError: no"),
    (e.NodeFailed("each", 1, BROKEN), "ValueError: no"),
    (e.NodeCancelled("paid", 1), ""),
    (e.CompensationStarted(BROKEN), "ValueError: no"),
    (e.CompensationStarted(reason="enough"), "enough"),
    (e.TaskCompensated("work", 1), ""),
    (e.TaskCompensated("work", 1, BROKEN), "ValueError: no"),
    (e.ChildCompensated("sub", 1, "r/sub"), "r/sub"),
    (e.ChildCompensated("sub", 1, "r/sub", BROKEN), "ValueError: no"),
    (e.RunPaused("breakpoint", "work"), "breakpoint at work"),
    (e.BreakpointsChanged(("work", "ask")), "work, ask"),
    (e.BreakpointsChanged(), "none"),
    (e.ValueEdited("work", {"n": 1}), '{"n":1}'),
    (e.ValuePinned("work", unstored=e.Unstored(type="Frame", preview="<frame>")), "<frame>"),
    (e.ValueUnpinned("work"), ""),
    (e.ProgressReported("work", 1, 1, 0.25, "rows"), "25% rows"),
    (e.OutputCaptured("work", 1, 1, "hello"), '"hello"'),
    (e.AlertRaised("deadline", "too late", "work"), "too late"),
]


def test_every_event_says_briefly_what_happened_and_can_come_first() -> None:
    for event, text in SAMPLES:
        found = detail_of(event)
        assert found.startswith(text) if text.startswith("due") else found == text
        assert all(edge >= 0 for edge in moves_of(event))
        progress(event)
    told = {type(event) for event, _ in SAMPLES}
    assert told >= {kind for kind in get_args(e.Event) if not kind.__name__.startswith(("Run", "Task"))}


def test_progress_is_shown_on_a_node_as_long_as_its_attempt_is_in_progress() -> None:
    found = progress(e.TaskStarted("work", 1, 1), e.ProgressReported("work", 1, 1, 0.25, "rows"))
    node = found.nodes["work"]
    assert (node.share, node.note) == (0.25, "25% rows")
    found.apply(START, e.ProgressReported("work", 1, 2, 0.5))
    assert node.share == 0.25  # of an attempt that is not there
    found.apply(START, e.TaskCompleted("work", 1, 1, 3))
    assert (node.share, node.note) == (None, "")
    found.apply(START, e.ProgressReported("work", 1, 1, 0.75))
    assert (node.share, node.note) == (None, "")


def test_a_spawned_run_begins_with_its_token_and_has_no_start() -> None:
    found = Progress(compiled(EVERYTHING))
    found.apply(START, e.RunStarted(workflow="everything", definition="h", moves=(14,), parent="r"))
    assert states(found) == {"child": "ready"}
    assert EVERYTHING.edges[14] == Edge(source="split", target="child", spawn=True)
