"""The kernel's side of JupyterLab's list of runs, and of the run views that it opens.

A panel asks a kernel for the runs of the engines that are open in it, or to read the folder's history, of which no
kernel has an engine.  What is read is a copy: a run view that stays open keeps nobody from opening the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from wfnb.engine.engine import Engine
from wfnb.engine.host import Host
from wfnb.engine.keeping import Keeping
from wfnb.engine.opened import open_engines
from wfnb.engine.run import Run
from wfnb.errors import UnknownName, WfnbError
from wfnb.model.event import Event, RunPaused, RunResumed
from wfnb.store.protocol import RunHead
from wfnb.widgets import messages as m
from wfnb.widgets import parts
from wfnb.widgets.editor import history_of
from wfnb.widgets.home import at_home, opened_at_home
from wfnb.widgets.replay import RunSession
from wfnb.widgets.wiring import wire

LIST_TARGET = "wfnb.runs"
VIEW_TARGET = "wfnb.run"
PERIOD = 0.25
"""Seconds between two lists of runs: making one asks the histories."""
MAX_RUNS = 500
"""How many runs a panel lists, newest first."""

_tasks: set[asyncio.Task[None]] = set()


def run_rows(host: Host[Any], most: int) -> tuple[parts.RunRow, ...]:
    """The newest runs of a history as lists show them, newest first."""
    return tuple(_row(host, head) for head in reversed(host.store.heads()[-most:]))


def _row(host: Host[Any], head: RunHead) -> parts.RunRow:
    live = host.runs.get(head.run)
    paused = live is not None and live.state.paused and head.status == "running"
    return parts.RunRow(
        run=head.run,
        name=head.workflow,
        state="paused" if paused else cast(parts.RunState, head.status),
        started=head.started / 1e3,
        ended=None if head.ended is None else head.ended / 1e3,
        events=head.events,
    )


class OpenRuns:
    """Tells one panel which runs there are, again after each change.

    Args:
        comm: the line to the panel.
        file: the history to read; None tells the runs of all engines that are open in this process.
    """

    def __init__(self, comm: Any, file: Path | None = None) -> None:
        self._comm = comm
        self._file = file
        self._stop: list[Callable[[], object]] = []
        self._timer: asyncio.TimerHandle | None = None
        comm.on_msg(at_home(lambda _message: self.tell()))
        comm.on_close(at_home(lambda _message: self.close()))
        self.tell()

    def close(self) -> None:
        """Stop listening."""
        for stop in self._stop:
            stop()
        self._stop = []
        if self._timer is not None:
            self._timer.cancel()

    def tell(self) -> None:
        """Tell the panel, and follow what is open now."""
        self.close()
        self._timer = None
        try:
            rows = self._open_rows() if self._file is None else read_rows(self._file)
        except WfnbError as error:
            self._comm.send(wire(m.Failure(message=str(error))))
            return
        newest = sorted(rows, key=lambda row: row.started, reverse=True)[:MAX_RUNS]
        self._comm.send(wire(m.Runs(runs=tuple(newest))))

    def _open_rows(self) -> list[parts.RunRow]:
        rows: list[parts.RunRow] = []
        for engine in open_engines():
            rows += run_rows(engine.host, MAX_RUNS)
            self._stop.append(engine.host.subscribe(self._soon))
            self._stop += [run.subscribe(self._happened) for run in engine.host.runs.values()]
        return rows

    def _happened(self, run: Run, events: list[Event]) -> None:
        """Of what happens in a run, only this stands in the list; its beginning and end its host tells."""
        del run
        if any(isinstance(event, RunPaused | RunResumed) for event in events):
            self._soon()

    def _soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PERIOD, self.tell)


def read_rows(file: Path) -> tuple[parts.RunRow, ...]:
    """The runs of a history that nobody has open; none if there is no such file.

    Raises:
        StoreLocked: another process has it open.
        StoreVersion, StoreCorrupt: it can not be read.
    """
    if not file.exists():
        return ()
    engine = Engine(file)
    try:
        return run_rows(engine.host, MAX_RUNS)
    finally:
        engine.close()


class RunPage:
    """Answers one run view that a panel opened.

    Args:
        comm: the line to the view.
        run: the id of the run.
        file: the history to read it from; None finds the engine that holds it.
    """

    def __init__(self, comm: Any, run: str, file: Path | None = None) -> None:
        self._comm = comm
        self._session: RunSession | None = None
        self._waiting: list[dict[str, Any]] = []
        self._copy: tuple[Engine, TemporaryDirectory[str]] | None = None
        self._closed = False
        comm.on_msg(at_home(self._receive))
        comm.on_close(at_home(lambda _message: self.close()))
        if file is None:
            self._show(run, lambda: holder_of(run))
        else:
            _begin(self._read(run, file))

    def close(self) -> None:
        """Stop listening, and let go of what was copied."""
        self._closed = True
        if self._session is not None:
            self._session.close()
        if self._copy is not None:
            engine, folder = self._copy
            engine.close()
            folder.cleanup()

    async def _read(self, run: str, file: Path) -> None:
        try:
            self._copy = await copy_of(file)
        except WfnbError as error:
            self._comm.send(wire(m.Failure(message=str(error))))
            return
        copy = self._copy[0]
        if self._closed:
            self.close()
        else:
            self._show(run, lambda: copy)

    def _show(self, run: str, engine: Callable[[], Keeping]) -> None:
        try:
            self._session = RunSession(engine().host, run, self._comm.send)
        except WfnbError as error:
            self._comm.send(wire(m.Failure(message=str(error))))
            return
        for message in self._waiting:
            self._receive(message)

    def _receive(self, message: dict[str, Any]) -> None:
        if self._session is None:
            self._waiting.append(message)
        else:
            self._session.receive(message["content"]["data"])


def holder_of(run: str) -> Keeping:
    """The open engine whose history has a run.

    Raises:
        UnknownName: none has.
    """
    for engine in open_engines():
        if any(head.run == run for head in engine.store.heads()):
            return engine
    raise UnknownName(f"no open history has the run '{run}'\nopen the history again with wf.connect(...)")


async def copy_of(file: Path) -> tuple[Engine, TemporaryDirectory[str]]:
    """An engine on a copy of a history, and the folder to clean up after it.

    Raises:
        StoreError: the history can not be opened or copied.
    """
    folder = TemporaryDirectory(prefix="wfnb-", ignore_cleanup_errors=True)
    async with Engine(file) as engine:
        copied = await engine.backup(Path(folder.name) / file.name)
    return Engine(copied), folder


def _begin(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.get_running_loop().create_task(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def _asked_file(data: dict[str, Any]) -> Path | None:
    """The history of the folder that this kernel works in, if it is to be read."""
    return history_of(Path("any").resolve()) if data.get("read") else None


def _list_opened(comm: Any, message: dict[str, Any]) -> None:
    OpenRuns(comm, _asked_file(message["content"]["data"]))


def _view_opened(comm: Any, message: dict[str, Any]) -> None:
    data = message["content"]["data"]
    RunPage(comm, data["run"], _asked_file(data))


def register() -> None:
    """Let panels open comms to this kernel; done when this module is imported in one."""
    from IPython import get_ipython  # noqa: PLC0415 - only a kernel has comms

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is not None:
        kernel.comm_manager.register_target(LIST_TARGET, opened_at_home(_list_opened))
        kernel.comm_manager.register_target(VIEW_TARGET, opened_at_home(_view_opened))


register()
