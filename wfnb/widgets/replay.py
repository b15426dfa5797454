"""The kernel's side of a run view: a run at any of its events, and live at its end."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, assert_never

import msgspec

from wfnb.engine.host import Host
from wfnb.engine.past import past_machines, state_at
from wfnb.engine.run import Run
from wfnb.errors import StoreError, UnknownName, WfnbError
from wfnb.history.nodestates import NodeState
from wfnb.history.progress import Progress
from wfnb.history.tasktable import TaskRow, TaskTable
from wfnb.history.words import moves_of
from wfnb.machine.machine import Machine
from wfnb.model.event import Event, ProgressReported, Record, RunMigrated
from wfnb.model.state import State
from wfnb.widgets import messages as m
from wfnb.widgets import parts
from wfnb.widgets.asks import Asks, answer
from wfnb.widgets.beside import beside, load
from wfnb.widgets.family import Children, begun, trail
from wfnb.widgets.live import PERIOD, status
from wfnb.widgets.palette import activities
from wfnb.widgets.reel import Reel
from wfnb.widgets.runlist import RunList
from wfnb.widgets.runrows import changes, event_row, task_row, value_rows, written
from wfnb.widgets.wiring import Send, request, wire


class RunSession:
    """Answers one canvas that shows runs of a history.  Nothing is executed, only replayed.

    Args:
        host: the engine's side of the history.
        run: the id of the run shown first.
        send: takes messages to the canvas, as JSON data.
        machine: the run's machine where it is at hand.
        reopen: gives a run that is over, to be forked.
        workflow: lists only runs of workflows of this name.
    """

    def __init__(
        self,
        host: Host[Run],
        run: str,
        send: Send,
        *,
        machine: Machine | None = None,
        reopen: Callable[[str], Run] | None = None,
        workflow: str = "",
    ) -> None:
        self._host = host
        self._send = send
        self._reopen = reopen
        self._timer: asyncio.TimerHandle | None = None
        self._stop: Callable[[], object] = lambda: None
        self._list = RunList(host, self.report, workflow, self._compare)
        self._asks: Asks | None = None
        self._other = ""
        """The run that is shown beside this one."""
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
        self._reel = Reel(self._machines, self.records)
        self._tasks = TaskTable(self._machines[0][1].workflow)
        self._workflow = self._machines[0][1].workflow
        self._children = Children()
        self._changed: dict[tuple[str, int, int], TaskRow] = {}
        self._changed_children: dict[str, parts.ChildRow] = {}
        for record in self.records:
            self._take(record)
        self._changed_children.clear()
        self._sent = len(self.records)
        self._reports: dict[str, ProgressReported] = {}
        """What activities in progress have told last, which may not be among the records yet."""
        stops = [live.subscribe(self._happened), live.on_progress(self._reported)] if live else []
        self._stop = lambda: [stop() for stop in stops]
        if self._asks is not None:
            self._asks.close()
        self._asks = Asks(live, self.report) if live else None

    def _take(self, record: Record) -> list[TaskRow]:
        """Take an event into the tables."""
        if type(record.event) is RunMigrated:
            self._workflow = next(machine for seq, machine in self._machines if seq == record.seq).workflow
            self._tasks.follow(self._workflow)
        child = self._children.take(record, self._workflow)
        if child is not None:
            self._changed_children[child.run] = child
        return self._tasks.apply(record)

    def close(self) -> None:
        """Stop listening."""
        self._stop()
        if self._asks is not None:
            self._asks.close()
        self._list.close()
        if self._timer is not None:
            self._timer.cancel()

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
        return self._told(self._reel.to(len(self.records) if self.at is None else self.at).progress)

    def _told(self, progress: Progress) -> Progress:
        """With what is told but not recorded yet, if the run is shown as it is now."""
        if self.at is not None or not self._reports:
            return progress
        told = progress.copy()
        for report in self._reports.values():
            told.apply(0, report)
        return told

    def frame(self) -> m.Frame:
        """The run at the event in focus."""
        total = len(self.records)
        at = total if self.at is None else self.at
        states, values = self._before(at)
        moment = self._reel.to(at)
        machine = self._reel.machine(moment)
        if machine is not self.machine:
            self.machine = machine
            self._draw()
        progress = self._told(moment.progress)
        last = self.records[at - 1] if at else None
        event = last.event if last else None
        return m.Frame(
            at=at,
            total=total,
            live=self.at is None,
            status=status(self.run, progress, progress.nodes, full=True, rests=self.at is None and self._rests()),
            values=value_rows(moment.state or self._missing(at), event, values),
            event=event_row(last) if last else None,
            moved=moves_of(event) if event else (),
            changes=changes(states, {id: node.state for id, node in moment.progress.nodes.items()}),
        )

    def _before(self, at: int) -> tuple[dict[str, NodeState], dict[str, Any]]:
        """How the nodes stood, and what values there were, before the event in focus."""
        if not at:
            return {}, {}
        moment = self._reel.to(at - 1)
        states = {id: node.state for id, node in moment.progress.nodes.items()}
        return states, {} if moment.state is None else moment.state.values.copy()

    def _missing(self, at: int) -> State:
        """The state after an event that others before it are missing of: a snapshot stands for those."""
        seq = self.records[at - 1].seq
        followed = [machine for first, machine in self._machines if first <= seq]
        return state_at(self._host.store, self.run, followed[-1], seq)

    def _rests(self) -> bool:
        live = self._host.runs.get(self.run)
        return live is not None and live.rests()

    def _handle(self, message: m.Request) -> None:  # noqa: PLR0912 - a case a message
        match message:
            case m.Hello():
                self._greet()
            case m.Seek():
                self.seek(message.at)
            case m.OpenRun():
                self.open(message.run)
                self._look_back(message)
                self._greet()
            case m.ForkRun():
                self._fork(message)
            case m.CompareWith():
                self._other = message.run
                self._compare(told=True)
            case m.ValueOf():
                moment = self._reel.to(len(self.records) if self.at is None else self.at)
                state = moment.state or self._missing(moment.at)
                self.report(m.NodeValue(node=message.node, json=written(state, message.node)))
            case m.CancelRequest():
                live = self._host.runs.get(self.run)
                if live is not None:
                    live.cancel()
            case m.Approve() | m.SendSignal():
                answer(self._host.runs.get(self.run), message, self.report)
            case m.RunFrom() | m.Steer() | m.RetryTask() | m.SetBreakpoints() | m.PinResult() | m.UnpinResult():
                pass  # a run view only shows
            case m.Inside():
                pass  # it shows one run
            case (
                m.EditRequest()
                | m.Restructure()
                | m.Undo()
                | m.Redo()
                | m.RunRequest()
                | m.DocumentText()
                | m.ForRuns()
                | m.AskSource()
                | m.LookAt()
                | m.DrawSource()
                | m.Resolve()
                | m.SaveAs()
                | m.ListRevisions()
                | m.RestoreRevision()
                | m.CompareRevision()
                | m.Kept()
                | m.Collision()
            ):
                self.report(m.Failure(message="a run view shows, it does not edit\nopen the workflow in a designer"))
            case _:
                assert_never(message)

    def _greet(self) -> None:
        self._draw()
        self.report(m.Activities(activities=activities(self._host.registry.values())))
        self._list.tell(self.run)
        if self._asks is not None:
            self._asks.tell(again=True)
        self._sent = len(self.records)
        self._changed_children.clear()
        started = begun(self._host.store, self.run)
        self.report(
            m.History(
                run=self.run,
                full=True,
                events=tuple(event_row(record) for record in self.records),
                tasks=tuple(map(task_row, self._tasks.rows)),
                children=tuple(self._children.rows.values()),
                trail=trail(self._host.store, started),
                origin=started.origin if started else "",
                origin_at=started.at if started else 0,
            )
        )
        self.report(self.frame())

    def _look_back(self, message: m.OpenRun) -> None:
        """Put in focus what a run that was just opened is to be shown at."""
        at = message.at
        if at is None and message.time is not None:
            at = bisect_right(self.records, round(message.time * 1e3), key=lambda record: record.ts)
        self.at = None if at is None else max(0, min(at, len(self.records)))

    def _fork(self, message: m.ForkRun) -> None:
        """Begin another run in the past of the one in view, and show it beside that one."""
        run = self._host.runs.get(self.run)
        if run is None and self._reopen is not None:
            run = self._reopen(self.run)
        if run is None:
            raise UnknownName(f"run '{self.run}' is over\nfork it in Python: wf.fork('{self.run}', at=...)")
        try:
            made = run.fork(at=message.at, values=message.values, inputs=message.inputs or None)
        except ValueError as error:  # no such event, or nothing to go on with after it
            raise WfnbError(str(error)) from error
        self._other = self.run
        self.open(made.id, made.machine)
        self._greet()
        self._compare(told=True)

    def _compare(self, *, told: bool = False) -> None:
        """Show the other run beside this one, if one is; or say that none is, where that was asked."""
        if self._other:
            # What compares is large: loading it would hold up the runs of this loop.
            loaded = self._host.loop.run_in_executor(None, load)
            loaded.add_done_callback(lambda _: self._put_beside())
        elif told:
            self.report(m.Compared())

    def _put_beside(self) -> None:
        if not self._other:
            return
        try:
            self.report(beside(self._host.store, self._other, self.run))
        except StoreError:
            pass  # closed meanwhile
        except WfnbError as error:
            self._other = ""
            self.report(m.Failure(message=str(error)))

    def _draw(self) -> None:
        self.report(m.DocumentState(document=self.machine.workflow, revision=0, read_only=True))

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
        children, self._changed_children = self._changed_children, {}
        self.report(
            m.History(
                run=self.run,
                full=False,
                events=tuple(event_row(record) for record in new),
                tasks=tuple(map(task_row, changed.values())),
                children=tuple(children.values()),
            )
        )
        if self.at is None:
            self.report(self.frame())
        if self._asks is not None:
            self._asks.tell()
