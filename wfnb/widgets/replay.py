"""The kernel's side of a run view: a run at any of its events, and live at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, assert_never

import msgspec

from wfnb.engine.host import Host
from wfnb.engine.past import past_machines, state_at
from wfnb.engine.run import Run
from wfnb.errors import StoreError, WfnbError
from wfnb.history.progress import Progress, fold
from wfnb.history.tasktable import TaskRow, TaskTable
from wfnb.history.words import detail_of, moves_of, node_of, short
from wfnb.machine.machine import Machine
from wfnb.machine.migration import follow
from wfnb.model.event import (
    Event,
    ProgressReported,
    Record,
    RunCompleted,
    RunMigrated,
    RunStarted,
    TaskFailed,
    TaskStarted,
    Unstored,
)
from wfnb.model.state import State
from wfnb.widgets import messages as m
from wfnb.widgets import parts
from wfnb.widgets.asks import Asks, answer
from wfnb.widgets.live import PERIOD, status
from wfnb.widgets.runrows import run_rows
from wfnb.widgets.session import Send, activities, request, wire

LIST_PERIOD = 0.25
"""Seconds between two lists of runs: making one asks the history."""
MAX_RUNS = 100
"""How many runs the list shows, newest first."""


class RunSession:
    """Answers one canvas that shows runs of a history.  Nothing is executed, only replayed.

    Args:
        host: the engine's side of the history.
        run: the id of the run shown first.
        send: takes messages to the canvas, as JSON data.
        machine: the run's machine where it is at hand.
    """

    def __init__(self, host: Host[Run], run: str, send: Send, *, machine: Machine | None = None) -> None:
        self._host = host
        self._send = send
        self._timer: asyncio.TimerHandle | None = None
        self._stop: Callable[[], object] = lambda: None
        self._listing: asyncio.TimerHandle | None = None
        self._stop_listing = host.subscribe(self._list_soon)
        self._asks: Asks | None = None
        self.at: int | None = None
        """The event in focus; None follows the run."""
        self.open(run, machine)

    def open(self, id: str, machine: Machine | None = None) -> None:
        """Show a run.

        Args:
            id: the run.
            machine: its machine where it is at hand; it has the labels that the run was started with, while the history
                keeps those of the first run with this definition.

        Raises:
            KeyError: there is no such run in this history.
        """
        live = self._host.runs.get(id)
        machine = machine or (live.machine if live else None)
        records = self._host.store.read(id)
        migrated = any(type(record.event) is RunMigrated for record in records)
        machines = [(1, machine)] if machine and not migrated else past_machines(self._host.store, id)
        self._stop()
        self.at = None
        self.run = id
        self.records: list[Record] = records
        self.machine: Machine = machine or machines[-1][1]
        self._machines = [*machines[:-1], (machines[-1][0], self.machine)]
        self._tasks = TaskTable(self._machines[0][1].workflow)
        self._changed: dict[tuple[str, int, int], TaskRow] = {}
        for record in self.records:
            self._take(record)
        self._sent = len(self.records)
        self._reports: dict[str, ProgressReported] = {}
        """What activities in progress have told last, which may not be among the records yet."""
        stops = [live.subscribe(self._happened), live.on_progress(self._reported)] if live else []
        self._stop = lambda: [stop() for stop in stops]
        if self._asks is not None:
            self._asks.close()
        self._asks = Asks(live, self.report) if live else None

    def _take(self, record: Record) -> list[TaskRow]:
        """Take an event into the table of tasks."""
        if type(record.event) is RunMigrated:
            self._tasks.follow(next(machine for seq, machine in self._machines if seq == record.seq).workflow)
        return self._tasks.apply(record)

    def close(self) -> None:
        """Stop listening."""
        self._stop()
        if self._asks is not None:
            self._asks.close()
        self._stop_listing()
        for timer in (self._timer, self._listing):
            if timer is not None:
                timer.cancel()

    def receive(self, content: Any) -> None:
        """Take a message from the canvas; what is wrong with it is answered, not raised."""
        try:
            self._handle(request(content))
        except msgspec.ValidationError as error:
            self.report(m.Failure(message=f"the canvas sent what this kernel does not know: {error}\nreload the page"))
        except (WfnbError, KeyError) as error:
            self.report(m.Failure(message=str(error.args[0] if error.args else error)))

    def report(self, report: m.Report) -> None:
        """Send a message to the canvas."""
        self._send(wire(report))

    def seek(self, at: int | None) -> None:
        """Put event `at` in focus (0: before the first); None follows the run."""
        self.at = None if at is None else max(0, min(at, len(self.records)))
        self.report(self.frame())

    def progress(self) -> Progress:
        """How the nodes stand at the event in focus."""
        seen = self.records[: self.at]
        first, *then = self._followed(len(seen))
        return self._with_reports(fold(first, seen, then))

    def _followed(self, at: int) -> list[Machine]:
        """The machines that the run has followed up to an event."""
        return [machine for seq, machine in self._machines if seq <= max(at, 1)]

    def _with_reports(self, progress: Progress) -> Progress:
        """With what is told but not recorded yet, if the run is shown as it is now."""
        for report in self._reports.values() if self.at is None else ():
            progress.apply(0, report)
        return progress

    def frame(self) -> m.Frame:
        """The run at the event in focus."""
        total = len(self.records)
        at = total if self.at is None else self.at
        seen = self.records[:at]
        machines = self._followed(at)
        progress = self._with_reports(fold(machines[0], seen, machines[1:]))
        if machines[-1] is not self.machine:
            self.machine = machines[-1]
            self._draw()
        last = seen[-1] if seen else None
        if last is None or last.seq == at:
            state = follow(machines, (record.event for record in seen))[1]
        else:  # a snapshot stands for those that are missing
            state = state_at(self._host.store, self.run, self.machine, last.seq)
        return m.Frame(
            at=at,
            total=total,
            live=self.at is None,
            status=status(self.run, progress, progress.nodes, full=True, rests=self.at is None and self._rests()),
            values=_values(state, last.event if last else None),
            event=event_row(last) if last else None,
            moved=moves_of(last.event) if last else (),
        )

    def _rests(self) -> bool:
        live = self._host.runs.get(self.run)
        return live is not None and live.rests()

    def _handle(self, message: m.Request) -> None:
        match message:
            case m.Hello():
                self._greet()
            case m.Seek():
                self.seek(message.at)
            case m.OpenRun():
                self.open(message.run)
                self._greet()
            case m.CancelRequest():
                live = self._host.runs.get(self.run)
                if live is not None:
                    live.cancel()
            case m.Approve() | m.SendSignal():
                answer(self._host.runs.get(self.run), message, self.report)
            case m.RunFrom() | m.Steer() | m.RetryTask() | m.SetBreakpoints() | m.PinResult() | m.UnpinResult():
                pass  # a run view only shows
            case m.EditRequest() | m.Undo() | m.Redo() | m.RunRequest() | m.DocumentText() | m.ValueOf():
                self.report(m.Failure(message="a run view shows, it does not edit\nopen the workflow in a designer"))
            case _:
                assert_never(message)

    def _greet(self) -> None:
        self._draw()
        self.report(m.Activities(activities=activities(self._host.registry.values())))
        self._list_runs()
        if self._asks is not None:
            self._asks.tell(again=True)
        self._sent = len(self.records)
        self.report(
            m.History(
                run=self.run,
                full=True,
                events=tuple(event_row(record) for record in self.records),
                tasks=tuple(map(task_row, self._tasks.rows)),
            )
        )
        self.report(self.frame())

    def _draw(self) -> None:
        self.report(m.DocumentState(document=self.machine.workflow, revision=0, read_only=True))

    def _list_soon(self) -> None:
        if self._listing is None:
            self._listing = self._host.loop.call_later(LIST_PERIOD, self._list_now)

    def _list_now(self) -> None:
        self._listing = None
        with suppress(StoreError):  # closed meanwhile: the list stays as it was
            self._list_runs()

    def _list_runs(self) -> None:
        self.report(m.Runs(runs=run_rows(self._host, MAX_RUNS)))

    def _happened(self, run: Run, events: list[Event]) -> None:
        now = run.host.clock()
        for event in events:
            record = Record(run.id, 1, self.records[-1].seq + 1 if self.records else 1, now, event)
            self.records.append(record)
            if type(event) is RunMigrated:
                self._machines.append((record.seq, run.machine))
            for row in self._take(record):
                self._changed[row.node, row.visit, row.attempt] = row
        self._flush_soon()

    def _reported(self, report: ProgressReported) -> None:
        self._reports[report.node] = report
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._timer is None:
            self._timer = self._host.loop.call_later(PERIOD, self._flush)

    def _flush(self) -> None:
        self._timer = None
        new = self.records[self._sent :]
        self._sent = len(self.records)
        changed, self._changed = self._changed, {}
        self.report(
            m.History(
                run=self.run,
                full=False,
                events=tuple(event_row(record) for record in new),
                tasks=tuple(map(task_row, changed.values())),
            )
        )
        if self.at is None:
            self.report(self.frame())
        if self._asks is not None:
            self._asks.tell()


def event_row(record: Record) -> parts.EventRow:
    """An event as the event table shows it."""
    return parts.EventRow(
        seq=record.seq,
        ts=record.ts / 1e3,
        type=type(record.event).__name__,
        node=getattr(record.event, "node", ""),
        detail=detail_of(record.event),
    )


def task_row(row: TaskRow) -> parts.TaskRow:
    """A task attempt as the task table and the time line show it."""
    retrying = row.status == "failed" and row.retry_at is not None
    return parts.TaskRow(
        node=row.node,
        visit=row.visit,
        attempt=row.attempt,
        state="retrying" if retrying else "cancelled" if row.status == "interrupted" else row.status,
        started=row.started / 1e3,
        ended=None if row.ended is None else row.ended / 1e3,
        retry_at=None if row.retry_at is None else row.retry_at / 1e3,
        activity=row.activity,
        detail=row.detail,
        first=row.first,
        last=row.last,
        kind=row.kind,
    )


def _values(state: State, event: Event | None) -> tuple[parts.ValueText, ...]:
    changed = node_of(event) if event is not None and not isinstance(event, TaskStarted | TaskFailed) else None
    rows = [
        _value(f"input.{name}", value, changed=isinstance(event, RunStarted)) for name, value in state.input.items()
    ]
    rows += [_value(id, value, changed=id == changed) for id, value in state.values.items()]
    if state.status == "completed":
        rows.append(_value("output", state.output, changed=isinstance(event, RunCompleted)))
    return tuple(rows)


def _value(name: str, value: Any, *, changed: bool) -> parts.ValueText:
    if isinstance(value, Unstored):
        return parts.ValueText(name=name, text=value.preview or f"<{value.type}>", type=value.type, changed=changed)
    return parts.ValueText(name=name, text=short(value), type=type(value).__name__, changed=changed)
