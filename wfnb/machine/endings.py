"""How runs end in their histories, and what it takes to let a failed one go on."""

from __future__ import annotations

from collections.abc import Sequence

from wfnb.errors import WfnbError
from wfnb.machine.machine import Machine
from wfnb.model.event import (
    FINAL,
    ChildFailed,
    ChildStarted,
    CompensationStarted,
    Event,
    NodeCancelled,
    NodeFailed,
    Problem,
    RunCancelled,
    RunFailed,
    RunReopened,
    TaskCancelled,
    TaskFailed,
)
from wfnb.model.state import State


def endings(events: Sequence[Event]) -> list[tuple[int, int]]:
    """The numbers of the first and the last event of each way in which a run came to its end, or began to.

    Between them it stands nowhere: what was in progress is called off, one after another.
    """
    found: list[tuple[int, int]] = []
    for number, event in enumerate(events, 1):
        if found and number <= found[-1][1]:
            continue
        if isinstance(event, (*FINAL, CompensationStarted)):
            last = number
            while not isinstance(events[last - 1], FINAL) and last < len(events):
                last += 1
            found.append((_first(events, number), last))
    return found


def _first(events: Sequence[Event], number: int) -> int:
    """The first event of an ending, from the one that says that the run ends."""
    ending = events[number - 1]
    problem: Problem | None = getattr(ending, "error", None)
    while number > 1 and isinstance(events[number - 2], TaskCancelled | NodeCancelled):
        number -= 1
    if problem is not None and problem.node is not None and number > 1:
        number -= 1  # what failed, or left its token on the way
    return number


def reopened(
    machine: Machine, state: State, events: Sequence[Event], node: str = "", *, child: bool = False
) -> RunReopened:
    """The event that puts tokens before what had failed, and before what was called off with it.

    Args:
        machine: the machine.
        state: the failed run's state.
        events: its history.
        node: what is to have failed; empty for whatever did.
        child: whether it is a child, which may have been cancelled, too.

    Raises:
        WfnbError: that does not help, or is not possible.
    """
    if state.status != "failed" and not (child and state.status == "cancelled"):
        how = "was cancelled" if state.status == "cancelled" else state.status
        raise WfnbError(f"nothing is left to retry: the run {how}\n`run.fork(at=...)` runs part of it again")
    end = max(number for number, event in enumerate(events) if isinstance(event, RunFailed | RunCancelled))
    begun = max((number for number, event in enumerate(events) if isinstance(event, RunReopened)), default=0)
    if any(isinstance(event, CompensationStarted) for event in events[begun:end]):
        raise WfnbError(
            "what the run had done was taken back\n`run.fork(at=...)` runs it again from any event before that"
        )
    called_off = []
    cause = end - 1
    while isinstance(events[cause], TaskCancelled | NodeCancelled):
        called_off.append(events[cause])
        cause -= 1
    begun_by = [event for event in events[:end] if isinstance(event, ChildStarted)]
    spawned = dict(state.spawned)
    again = [event.node for event in reversed(called_off) if isinstance(event, TaskCancelled | NodeCancelled)]
    if state.status == "failed":
        failed = _failed(events[cause], node)
        edges = {event.run: event.edge for event in begun_by if event.edge >= 0}
        if isinstance(failed, ChildFailed) and failed.run in edges:
            spawned = {failed.run: edges[failed.run], **spawned}
        else:
            again.insert(0, failed.node)
    came = _came(machine, events[:end])
    moves = [came[machine.graph.number[id]] for id in again]
    if not (moves or spawned or state.ready):
        raise WfnbError("nothing was left to be done\n`run.fork(at=...)` runs part of it again")
    served = [
        (event.node, event.index, event.run)
        for event in begun_by
        if event.edge < 0 and event.node in again and event.visit == state.visits[machine.graph.number[event.node]]
    ]
    served += [(machine.ids[machine.graph.target[edge]], -1, run) for run, edge in spawned.items()]
    return RunReopened((*moves, *spawned.values()), tuple(served))


def _failed(event: Event, node: str) -> TaskFailed | ChildFailed | NodeFailed:
    """What a run failed of, which is to be a certain node, if one is named.

    Raises:
        WfnbError: it is another one, or nothing that could run again.
    """
    caught = bool(getattr(event, "moves", ())) or getattr(event, "retry_at", None) is not None
    if not isinstance(event, TaskFailed | ChildFailed | NodeFailed) or caught:
        raise WfnbError("no task failed that could run again\n`run.fork(at=..., values=...)` goes on with other values")
    if node not in ("", event.node):
        raise WfnbError(f"'{node}' is not what failed\nretry '{event.node}', or call run.retry()")
    return event


def _came(machine: Machine, events: Sequence[Event]) -> dict[int, int]:
    """The edge by which a token last came to each node."""
    found: dict[int, int] = {}
    for event in events:
        for move in getattr(event, "moves", ()):
            if move >= 0 and move not in machine.special.spawns:
                found[machine.graph.target[move]] = move
    return found
