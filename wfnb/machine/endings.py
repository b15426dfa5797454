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


def reopened(machine: Machine, state: State, events: Sequence[Event], node: str = "") -> RunReopened:
    """The event that puts tokens before what had failed, and before what was called off with it.

    Args:
        machine: the machine.
        state: the failed run's state.
        events: its history.
        node: what is to have failed; empty for whatever did.

    Raises:
        WfnbError: that does not help, or is not possible.
    """
    if state.status != "failed":
        how = "was cancelled" if state.status == "cancelled" else state.status
        raise WfnbError(f"nothing is left to retry: the run {how}\n`run.fork(at=...)` runs part of it again")
    end = max(number for number, event in enumerate(events) if isinstance(event, RunFailed))
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
    failed = events[cause]
    caught = bool(getattr(failed, "moves", ())) or getattr(failed, "retry_at", None) is not None
    if not isinstance(failed, TaskFailed | ChildFailed | NodeFailed) or caught:
        raise WfnbError("no task failed that could run again\n`run.fork(at=..., values=...)` goes on with other values")
    if node not in ("", failed.node):
        raise WfnbError(f"'{node}' is not what failed\nretry '{failed.node}', or call run.retry()")
    came = _came(machine, events[:end])
    spawned = {event.run: event.edge for event in events[:end] if isinstance(event, ChildStarted) and event.edge >= 0}
    first = spawned.get(failed.run) if isinstance(failed, ChildFailed) else None
    again = [event.node for event in reversed(called_off) if isinstance(event, TaskCancelled | NodeCancelled)]
    moves = [came[machine.graph.number[failed.node]] if first is None else first]
    moves += [came[machine.graph.number[id]] for id in again]
    return RunReopened((*moves, *state.spawned.values()))


def _came(machine: Machine, events: Sequence[Event]) -> dict[int, int]:
    """The edge by which a token last came to each node."""
    found: dict[int, int] = {}
    for event in events:
        for move in getattr(event, "moves", ()):
            if move >= 0 and move not in machine.special.spawns:
                found[machine.graph.target[move]] = move
    return found
