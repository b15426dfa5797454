"""The verbs that a notebook types, and the one default session behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from wfnb import formats
from wfnb.author import builtins
from wfnb.author import optimize as optimizing
from wfnb.author.comparing import Difference, compare
from wfnb.author.flow import Flow
from wfnb.author.optimize import Optimized
from wfnb.author.registry import Registry, registry
from wfnb.author.resolve import resolver
from wfnb.author.selfcontained import self_contained
from wfnb.engine.engine import Engine
from wfnb.engine.flows import as_workflow
from wfnb.engine.run import Run
from wfnb.engine.snapshots import Persistence, Snapshots
from wfnb.engine.terms import Durability
from wfnb.errors import CompileError, WfnbError
from wfnb.machine import check as checking
from wfnb.machine.analyses import never_taken
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.net import Net
from wfnb.machine.report import Report
from wfnb.machine.viewed import Machine
from wfnb.model.activity import Activity
from wfnb.model.workflow import Workflow

if TYPE_CHECKING:
    import altair as alt
    from pandas import DataFrame

    from wfnb.widgets.designer import Designer
    from wfnb.widgets.runview import RunView
    from wfnb.widgets.statemachine import StateGraph

_session: Engine | None = None
_shut: str | None = None
"""The history that was named last and is not open: closed, or never opened because that failed."""


def connect(
    history: str | Path | None = None,
    *,
    durability: Durability = "sync",
    strategy: str = "concurrent",
    persistence: Persistence | None = None,
    snapshots: Snapshots | None = None,
    capture: Literal["both", "only", "off"] = "both",
    workers: int | None = None,
    start_method: Literal["spawn", "forkserver"] = "spawn",
) -> Engine:
    """Open a history and make it the default session; the one before is closed.

    Args:
        history: path of a DuckDB file (made if there is none), or None to keep the history in memory.
        durability: what a crash can lose; see `Engine`, as for all of these.
        strategy: how many tasks are in progress at once: `"sequential"`, `"parallel(n)"` or `"concurrent"`.
        persistence: see `Engine`.
        snapshots: see `Engine`.
        capture: what becomes of what activities print.
        workers: how many processes there may be for activities.
        start_method: how those begin.

    Raises:
        StoreLocked: another process has the file open; the message names it.
        StoreVersion, StoreCorrupt: the file can not be read; it is left as it is.
        ValueError: an option is none of these; nothing is opened.
    """
    global _session, _shut  # noqa: PLW0603 - the default session is the state of this module
    close()
    builtins.define()
    _shut = None if history is None else str(history)
    _session = Engine(
        history,
        durability=durability,
        strategy=strategy,
        persistence=persistence,
        snapshots=snapshots,
        capture=capture,
        workers=workers,
        start_method=start_method,
    )
    _shut = None
    return _session


def session() -> Engine:
    """The default session; in memory if `connect` was not called.

    Raises:
        WfnbError: a history was named and is not open.  Runs that were meant to last must not go into memory instead.
    """
    if _session is None and _shut is not None:
        raise WfnbError(
            f"the history '{_shut}' is not open\nwf.connect({_shut!r}) opens it; wf.connect() keeps a history in memory"
        )
    return connect() if _session is None else _session


def close() -> None:
    """Flush and release the default session's file.  Runs in progress stop, and can be resumed later."""
    global _session, _shut  # noqa: PLW0603
    if _session is not None:
        _shut = _session.history
        _session.close()
        _session = None


def known_activities() -> Registry:
    """The activities of the default session; needs no open history."""
    builtins.define()
    return registry if _session is None else _session.registry


def load(path: str | Path, *, speed: float = 1000.0, copies: int = 1) -> Any:
    """Read a workflow from a file, whatever its format.

    Args:
        path: `*.wf.json`, the builder's Python (`.py`, which is read and never run), or WfFormat 1.5 (`.json`,
            `.json.gz`); a PNML file (`.pnml`) gives a net, for `check`.
        speed: for recorded workflows: how many times faster than recorded their tasks run.
        copies: for recorded workflows: how many to put side by side, for trials at a larger scale.

    Raises:
        DecodeError: it is no workflow document; the message has the path in it.
        FormatError: it is in another format and can not be read.
    """
    builtins.define()
    return formats.load(path, speed=speed, copies=copies)


def save(flow: Flow | Workflow | str | Path, path: str | Path) -> Path:
    """Write a workflow to a `*.wf.json` file, as Python to a `*.py` file, or its net to a `*.pnml` file.

    The file holds the workflows that it calls by name, as they stand now; files that it calls by their path stay apart.

    Raises:
        FormatError: the suffix is none that can be written.
        DefinitionError: two workflows of one name would have to go into the file.
    """
    known = known_activities()
    return formats.save(self_contained(as_workflow(flow), known.workflows), path, resolver(known))


def diff(old: Flow | Workflow | str | Path, new: Flow | Workflow | str | Path) -> Difference:
    """What is different between two versions of a workflow: nodes, edges, fields, inputs; true if anything is.

    Args:
        old: the one: a flow, a workflow or a path.
        new: the other.
    """
    from wfnb.formats.difference import pictured  # noqa: PLC0415 - what draws is not needed to run

    return pictured(compare(as_workflow(old), as_workflow(new)))


def check(flow: Flow | Workflow | Machine | Net | str | Path) -> Report:
    """Every problem of a workflow and what is proved of its behaviour; runs nothing.

    Args:
        flow: a flow, a workflow, a machine, the path of a document, or a net (as a PNML file gives one).
    """
    folder = Path(flow).parent if isinstance(flow, str | Path) else None
    if isinstance(flow, str | Path):
        flow = load(flow)
    if isinstance(flow, Net):
        return checking.check_net(flow)
    known = known_activities()
    return checking.check(as_workflow(flow), known, resolver(known, folder))


def optimize(flow: Flow | Workflow | Machine | str | Path) -> Optimized:
    """A workflow as wide as its data allow, without what can never run; see `wfnb.author.optimize`.

    The result has `.workflow`, and shows each change with why it changes no result.
    """
    known, workflow = known_activities(), as_workflow(flow)
    resolve = resolver(known, Path(flow).parent if isinstance(flow, str | Path) else None)
    try:
        never = never_taken(compile_workflow(workflow, None, resolve), known, resolve)
    except CompileError:
        never = {}  # what can not run is not looked into any deeper
    return optimizing.optimize(workflow, known, {workflow.edges[edge]: why for edge, why in never.items()})


def compile(flow: Flow | Workflow | Machine | str | Path) -> Machine:
    """Compile a workflow into the machine that runs it.

    Raises:
        CompileError: it has errors; `.diagnostics` lists every one.
    """
    if isinstance(flow, Machine):
        return flow
    known = known_activities()
    folder = Path(flow).parent if isinstance(flow, str | Path) else None
    machine = compile_workflow(as_workflow(flow), known, resolver(known, folder))
    checking.require_values(machine, known)
    return machine


def start(
    flow: Flow | Workflow | Machine | str | Path,
    /,
    *,
    input: Mapping[str, Any] | None = None,
    allow_unsound: bool = False,
    persistence: Persistence | None = None,
    snapshots: Snapshots | None = None,
    durability: Durability | None = None,
    strategy: str = "",
    key: str = "",
    breakpoints: Iterable[str] = (),
    pins: Mapping[str, Any] | None = None,
    until: str = "",
    **inputs: Any,
) -> Run:
    """Start a run in the default session and return at once; `await` it for its output.  See `Engine.start`."""
    return session().start(
        flow,
        input=input,
        allow_unsound=allow_unsound,
        durability=durability,
        strategy=strategy,
        key=key,
        breakpoints=breakpoints,
        pins=pins,
        until=until,
        persistence=persistence,
        snapshots=snapshots,
        **inputs,
    )


def fork(
    run: Run | str,
    *,
    at: int | None = None,
    values: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
) -> Run:
    """Start another run in the past of one, with other values or inputs; see `Run.fork`.

    Args:
        run: the run, or the beginning of its id.
        at: the number of the last event that both have.
        values: by node, what it gave instead.
        inputs: those that are different.
    """
    return session().fork(run, at=at, values=values, inputs=inputs)


async def resume(run: str | None = None, *, skip_missing: bool = False) -> list[Run]:
    """Take up every unfinished run of the default session's history, or one.  See `Engine.resume`."""
    return await session().resume(run, skip_missing=skip_missing)


def statemachine(flow: Flow | Workflow | Machine | str | Path, *, limit: int = 300) -> StateGraph:
    """The explicit state machine of a small workflow, drawn: every marking that can be reached, and what leads on.

    Args:
        flow: a flow, a workflow, a machine or a path.
        limit: how many states to draw at most.

    Raises:
        CompileError: the workflow has errors.
    """
    from wfnb.widgets.statemachine import StateGraph  # noqa: PLC0415 - ipycytoscape costs seconds

    return StateGraph(compile(flow).states(limit=limit))


def run(id: str) -> Run:
    """A run of the history, in progress or over; the beginning of its id is enough."""
    return session().run(id)


def runs() -> DataFrame:
    """Every run of the history, one row each; see `wfnb.history.frames.runs`."""
    from wfnb.history import frames  # noqa: PLC0415 - pandas is loaded when a table is asked for

    waits = {id: (run.status, run.text) for id, run in session().waiting().items()}
    return frames.runs(session().store, waits)


def sql(query: str, parameters: list[Any] | None = None) -> DataFrame:
    """Ask the history in SQL."""
    return session().sql(query, parameters)


async def archive(*, runs: Iterable[str] = (), older_than: timedelta | datetime | None = None) -> list[str]:
    """Move runs that are over from the history into Parquet files beside it; see `Engine.archive`."""
    return await session().archive(runs=runs, older_than=older_than)


async def forget(
    *,
    runs: Iterable[str] = (),
    keep: int | None = None,
    older_than: timedelta | datetime | None = None,
    keep_failed: bool = False,
) -> list[str]:
    """Delete runs that are over from the history; see `Engine.forget`."""
    return await session().forget(runs=runs, keep=keep, older_than=older_than, keep_failed=keep_failed)


async def backup(path: str | Path) -> Path:
    """Make a copy of the history while runs go on; see `Engine.backup`."""
    return await session().backup(path)


def forget_results(activity: Activity | str = "") -> None:
    """Do not use cached results of the default session again that are recorded already: of one activity, or of all."""
    session().forget_results(activity)


def gantt(run: Run | str, *, compress: bool = True) -> alt.LayerChart:
    """A chart of a run's tasks over time.

    Args:
        run: the run, or the beginning of its id.
        compress: draw long times in which nothing was done shorter than they were, between broken lines.

    Raises:
        UnknownName: there is no such run.
    """
    from wfnb.history import charts, frames  # noqa: PLC0415 - altair is loaded when a chart is asked for

    shown = run if isinstance(run, Run) else session().run(run)
    name, tasks = shown.machine.name, frames.tasks(shown.host.store, shown.id)
    goes_on = shown.id in shown.host.runs and shown.state.status == "running"
    now = shown.host.clock() if goes_on else 0
    title = f"{name} · {shown.id}"
    return charts.gantt(tasks, title=title, compress=compress, run=shown.id, workflow=name, now=now)


def design(flow: Flow | Workflow | str | Path | None = None) -> Designer:
    """The drag-and-drop designer on a workflow.

    Args:
        flow: a flow, or the name of one that is defined, which then changes with the drawing; a workflow to start from;
            the path of a document, which is saved as it changes and made if there is none; or nothing for a new
            workflow.  Of a Python file (`*.py`), which is never run, the builder's calls follow the drawing and all
            else stays as it is; where something would get lost by that, the designer says so and writes nothing.
    """
    from wfnb.widgets.designer import Designer  # noqa: PLC0415 - widgets are loaded when one is shown
    from wfnb.widgets.opened import open_flow  # noqa: PLC0415

    builtins.define()
    return Designer(open_flow(flow), session)


def show(run: Run | str) -> RunView:
    """A run on the canvas, with a slider over its events; live while it is in progress."""
    from wfnb.widgets.runview import RunView  # noqa: PLC0415

    shown = run if isinstance(run, Run) else session().run(run)
    return RunView(shown, lambda other: session().run(other))
