"""What people read of a run, in progress or over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wfnb.engine import waiting
from wfnb.engine.host import Host
from wfnb.engine.past import past_child, past_state
from wfnb.engine.recording import text_of_output
from wfnb.engine.values import Lazy, refers
from wfnb.errors import (
    ActivityFailed,
    ActivityTimeout,
    GuaranteeFailed,
    HeartbeatLost,
    NoThread,
    RequirementFailed,
    RunCancelled,
    RunError,
    RunStuck,
    StoreError,
    UnknownName,
    Unpicklable,
    WorkerDied,
    did_you_mean,
)
from wfnb.machine.machine import Machine
from wfnb.model.event import Event, OutputCaptured, Problem, ProgressReported, Record, Unstored
from wfnb.model.state import State

if TYPE_CHECKING:
    from pandas import DataFrame


_OURS: Final = (
    ActivityTimeout,
    HeartbeatLost,
    WorkerDied,
    NoThread,
    Unpicklable,
    RunStuck,
    RequirementFailed,
    GuaranteeFailed,
)
"""Errors that a run gives as they are; others are activities' own."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """What a run asks a person.

    Attributes:
        node: the approval's id.
        visit: how often the run has come there.
        prompt: what is asked.
        form: type by field of the answer; empty where any value will do.
    """

    node: str
    visit: int
    prompt: str
    form: dict[str, str]


class Handle:
    """A run as people read it; `await` gives its output or raises what failed.

    Attributes:
        id: names the run in the history.
        machine: what it runs.
        host: what it shares with the other runs of its engine.
    """

    def __init__(self, host: Host[Any], id: str, machine: Machine, state: State) -> None:
        self.id = id
        self.machine = machine
        self.host = host
        self._state = state
        self._cause: BaseException | None = None
        self._blamed: dict[str, tuple[Problem, BaseException]] = {}
        """By node: how its child failed, and with what; it may have been caught."""
        self._broken: StoreError | None = None
        self._listeners: tuple[Callable[[Any, list[Event]], None], ...] = ()
        self._lookers: tuple[Callable[[ProgressReported], None], ...] = ()
        self._over: asyncio.Future[None] = host.loop.create_future()
        if state.status not in ("created", "running"):
            self._over.set_result(None)

    @property
    def status(self) -> str:
        """`running`, `paused`, `waiting`, `completed`, `failed` or `cancelled`.

        It is `waiting` where nothing is left but signals and approvals, or children that wait so or are paused.
        """
        if self._state.paused and self._state.status == "running":
            return "paused"
        return "waiting" if self.rests() else self._state.status

    @property
    def output(self) -> Any:
        """The output of a completed run; None before.

        Raises:
            StoreError: only the history has it, and it can not be read.
        """
        state = self._state
        if type(state.output) is Unstored:
            state.output = self.host.vault.load(state.output)
        return state.output

    @property
    def error(self) -> Problem | None:
        """What failed, None if nothing did."""
        return self._state.error

    @property
    def values(self) -> dict[str, Any]:
        """Results so far, by node id; what only the history has is read when it is looked at."""
        values = dict(self._state.values)
        return Lazy(values, self.host.vault.load) if any(map(refers, values.values())) else values

    @property
    def state(self) -> State:
        """The run's state now; owned by the run, so do not change it."""
        return self._state

    @property
    def cause(self) -> BaseException | None:
        """The exception that ended the run, where it is known."""
        if self._cause is not None or self.error is None:
            return self._cause
        problem, error = self._blamed.get(self.error.node or "", (None, None))
        return error if problem == self.error else None

    @property
    def broken(self) -> StoreError | None:
        """Why the run is not in progress here, though it is not over; None if it is."""
        return self._broken

    @property
    def approvals(self) -> tuple[ApprovalRequest, ...]:
        """What the run asks people now; `approve` answers."""
        ids, nodes, visits = self.machine.ids, self.machine.graph.nodes, self._state.visits
        return tuple(
            ApprovalRequest(ids[node], visits[node], prompt, dict(getattr(nodes[node], "form", {})))
            for node, prompt in self._state.asked.items()
        )

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals that something in the run listens for now, in the order of the drawing."""
        return tuple(dict.fromkeys(name for name, _ in waiting.listened(self.machine, self._state)))

    @property
    def waits_for(self) -> tuple[waiting.Awaited, ...]:
        """What can make the run or its children go on from outside: answers, signals, times and conditions."""
        return tuple(waiting.awaited(self.id, self.machine, self._state, self._child_of))

    def rests(self, *, timers: bool = False) -> bool:
        """Whether nothing but a signal or an approval can make the run go on; with `timers`, or a time that comes.

        A paused run rests once nothing of it is in progress any more.
        """
        return waiting.rests(self.machine, self._state, self._child_of, timers=timers)

    def _child_of(self, id: str) -> tuple[Machine, State] | None:
        child = self.host.runs.get(id)
        if child is not None:
            return child.machine, child.state
        return None if self.id in self.host.runs else past_child(self.host.store, id)

    def __await__(self) -> Generator[Any, None, Any]:
        while True:
            # Shielded: interrupting the cell that awaits must not cancel the run.
            yield from asyncio.shield(self._over).__await__()
            if self._over.done():  # else it goes on meanwhile, because it is tried again
                break
        if self._broken is not None:
            raise self._broken
        match self._state.status:
            case "completed":
                return self.output
            case "cancelled":
                raise RunCancelled(f"run '{self.id}' of '{self.machine.name}' was cancelled")
            case _:
                raise self._failure() from self.cause

    def _failure(self) -> RunError:
        problem = self._state.error
        if problem is None:
            return RunError(f"run '{self.id}' of '{self.machine.name}' stopped")
        text, cause, node = problem.message, problem.message, problem.node
        for known in _OURS:
            if problem.type == known.__name__:
                return known(text, type=problem.type, cause=cause, node=node)
        number = self.machine.graph.number.get(node or "", -1)
        kind = self.machine.graph.nodes[number].kind if number >= 0 else "node"
        what = f"{kind} '{node}' failed" if node is not None else f"run '{self.id}' failed"
        return ActivityFailed(f"{what}: {problem.type}: {text}", type=problem.type, cause=cause, node=node)

    def at(self, n: int) -> State:
        """The state after the first `n` events, replayed from the history; `at(0)` is the empty state.

        Raises:
            ValueError: the run has fewer events.
        """
        self.bring_up()
        return self.host.vault.opened(past_state(self.host.store, self.id, n)[1])

    def bring_up(self) -> None:
        """Give the history what has been held back of this run, so that it can be read."""

    def records(self, start: int = 1, stop: int | None = None) -> list[Record]:
        """Its events as data, from `start` up to and without `stop`."""
        self.bring_up()
        return self.host.store.read(self.id, start, stop)

    def events(self) -> DataFrame:
        """Its events as a DataFrame, one row an event."""
        from wfnb.history import frames  # noqa: PLC0415 - pandas is loaded when a table is asked for

        self.bring_up()
        return frames.events(self.host.store, self.id)

    def tasks(self) -> DataFrame:
        """Its task attempts as a DataFrame, one row an attempt."""
        from wfnb.history import frames  # noqa: PLC0415

        self.bring_up()
        return frames.tasks(self.host.store, self.id)

    def output_of(self, task: str, *, visit: int | None = None, attempt: int | None = None) -> str:
        """What the attempts of a task have printed and logged, in order, as far as it is recorded.

        A running attempt's is recorded once a second, and at its end; 64 Ki characters of an attempt are kept, and a
        last line says how many more there were.

        Args:
            task: its id.
            visit: only of this visit; of all if left out.
            attempt: only of this attempt; 0 is what took the task back.

        Raises:
            UnknownName: the workflow has no such node.
        """
        if task not in self.machine.graph.number:
            raise UnknownName(
                f"workflow '{self.machine.name}' has no node '{task}'\n"
                f"give the id of a task.{did_you_mean(str(task), self.machine.ids)}"
            )
        return "".join(
            text_of_output(event)
            for event in (record.event for record in self.records())
            if type(event) is OutputCaptured
            and event.node == task
            and visit in (None, event.visit)
            and attempt in (None, event.attempt)
        )

    def on_progress(self, listener: Callable[[ProgressReported], None]) -> Callable[[], None]:
        """Call `listener(report)` at once when an activity says how far it has come; returns what stops that.

        The history, and who is subscribed to the run's events, learn of it once a second at most.
        """
        self._lookers = (*self._lookers, listener)

        def stop() -> None:
            self._lookers = tuple(other for other in self._lookers if other is not listener)

        return stop

    def subscribe(self, listener: Callable[[Any, list[Event]], None]) -> Callable[[], None]:
        """Call `listener(run, events)` as events happen; returns what stops that."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return stop

    def when_over(self, call: Callable[[], Any]) -> None:
        """Call back once the run is over and that is recorded."""
        self._over.add_done_callback(lambda _: call())

    def __repr__(self) -> str:
        return f"<Run '{self.id}' of '{self.machine.name}': {self.status}, {self._state.seq} events>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": repr(self)}
