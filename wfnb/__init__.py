"""wfnb: draw a workflow in a notebook, run it, and look at everything that happened.

    import wfnb as wf
    wf.connect("history.duckdb")

Names are loaded when they are first used, so that importing wfnb costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from wfnb.version import __version__ as __version__

if TYPE_CHECKING:
    from wfnb.analysis import compare as compare
    from wfnb.analysis import conform as conform
    from wfnb.analysis import critical_path as critical_path
    from wfnb.analysis import discover as discover
    from wfnb.analysis import event_log as event_log
    from wfnb.analysis import save_log as save_log
    from wfnb.analysis import table as table
    from wfnb.api import archive as archive
    from wfnb.api import backup as backup
    from wfnb.api import check as check
    from wfnb.api import close as close
    from wfnb.api import compile as compile
    from wfnb.api import connect as connect
    from wfnb.api import design as design
    from wfnb.api import diff as diff
    from wfnb.api import forget as forget
    from wfnb.api import forget_results as forget_results
    from wfnb.api import fork as fork
    from wfnb.api import gantt as gantt
    from wfnb.api import load as load
    from wfnb.api import optimize as optimize
    from wfnb.api import resume as resume
    from wfnb.api import run as run
    from wfnb.api import runs as runs
    from wfnb.api import save as save
    from wfnb.api import show as show
    from wfnb.api import sql as sql
    from wfnb.api import start as start
    from wfnb.api import statemachine as statemachine
    from wfnb.author.bodies import WorkflowName as WorkflowName
    from wfnb.author.compose import cond as cond
    from wfnb.author.compose import loop as loop
    from wfnb.author.compose import par as par
    from wfnb.author.compose import seq as seq
    from wfnb.author.flow import Flow as Flow
    from wfnb.author.flow import flow as flow
    from wfnb.author.registry import activity as activity
    from wfnb.author.source import from_python as from_python
    from wfnb.author.source import to_python as to_python
    from wfnb.charting import concurrency as concurrency
    from wfnb.charting import critical_chart as critical_chart
    from wfnb.charting import failures as failures
    from wfnb.charting import heatmap as heatmap
    from wfnb.charting import latency as latency
    from wfnb.charting import predicted as predicted
    from wfnb.charting import queue as queue
    from wfnb.charting import report as report
    from wfnb.charting import resource_use as resource_use
    from wfnb.charting import throughput as throughput
    from wfnb.charting import trend as trend
    from wfnb.engine.engine import Engine as Engine
    from wfnb.engine.run import Run as Run
    from wfnb.engine.signs import attempt as attempt
    from wfnb.engine.signs import heartbeat as heartbeat
    from wfnb.engine.signs import progress as progress
    from wfnb.engine.snapshots import Snapshots as Snapshots
    from wfnb.errors import ActivityFailed as ActivityFailed
    from wfnb.errors import ActivityTimeout as ActivityTimeout
    from wfnb.errors import CompileError as CompileError
    from wfnb.errors import DecodeError as DecodeError
    from wfnb.errors import DefinitionError as DefinitionError
    from wfnb.errors import EditError as EditError
    from wfnb.errors import ExpressionError as ExpressionError
    from wfnb.errors import FormatError as FormatError
    from wfnb.errors import GuaranteeFailed as GuaranteeFailed
    from wfnb.errors import HeartbeatLost as HeartbeatLost
    from wfnb.errors import InputError as InputError
    from wfnb.errors import NoThread as NoThread
    from wfnb.errors import PluginError as PluginError
    from wfnb.errors import ReplayMismatch as ReplayMismatch
    from wfnb.errors import RequirementFailed as RequirementFailed
    from wfnb.errors import RunCancelled as RunCancelled
    from wfnb.errors import RunError as RunError
    from wfnb.errors import RunStuck as RunStuck
    from wfnb.errors import SourceError as SourceError
    from wfnb.errors import StoreConflict as StoreConflict
    from wfnb.errors import StoreCorrupt as StoreCorrupt
    from wfnb.errors import StoreError as StoreError
    from wfnb.errors import StoreLocked as StoreLocked
    from wfnb.errors import StoreVersion as StoreVersion
    from wfnb.errors import UnknownName as UnknownName
    from wfnb.errors import Unpicklable as Unpicklable
    from wfnb.errors import WfnbError as WfnbError
    from wfnb.errors import WorkerDied as WorkerDied
    from wfnb.machine.viewed import Machine as Machine
    from wfnb.model.workflow import Retry as Retry
    from wfnb.model.workflow import Workflow as Workflow
    from wfnb.slowness import bottlenecks as bottlenecks
    from wfnb.slowness import critical_paths as critical_paths
    from wfnb.slowness import runs_behind as runs_behind
    from wfnb.store.values.codecs import codec as codec


_HOME = {
    **dict.fromkeys(
        ("compare", "conform", "critical_path", "discover", "event_log", "save_log", "table"), "wfnb.analysis"
    ),
    **dict.fromkeys(
        (
            "archive",
            "backup",
            "check",
            "close",
            "compile",
            "connect",
            "design",
            "diff",
            "forget",
            "forget_results",
            "fork",
            "gantt",
            "load",
            "optimize",
            "resume",
            "run",
            "runs",
            "save",
            "show",
            "sql",
            "start",
            "statemachine",
        ),
        "wfnb.api",
    ),
    **dict.fromkeys(
        (
            "concurrency",
            "critical_chart",
            "failures",
            "heatmap",
            "latency",
            "predicted",
            "queue",
            "report",
            "resource_use",
            "throughput",
            "trend",
        ),
        "wfnb.charting",
    ),
    **dict.fromkeys(("cond", "loop", "par", "seq"), "wfnb.author.compose"),
    **dict.fromkeys(("Flow", "flow"), "wfnb.author.flow"),
    "activity": "wfnb.author.registry",
    **dict.fromkeys(("from_python", "to_python"), "wfnb.author.source"),
    "WorkflowName": "wfnb.author.bodies",
    "Engine": "wfnb.engine.engine",
    "Run": "wfnb.engine.run",
    "Snapshots": "wfnb.engine.snapshots",
    **dict.fromkeys(("attempt", "heartbeat", "progress"), "wfnb.engine.signs"),
    **dict.fromkeys(
        (
            "ActivityFailed",
            "ActivityTimeout",
            "CompileError",
            "DecodeError",
            "DefinitionError",
            "EditError",
            "ExpressionError",
            "FormatError",
            "GuaranteeFailed",
            "HeartbeatLost",
            "InputError",
            "PluginError",
            "NoThread",
            "ReplayMismatch",
            "RequirementFailed",
            "RunCancelled",
            "RunError",
            "RunStuck",
            "SourceError",
            "StoreConflict",
            "StoreCorrupt",
            "StoreError",
            "StoreLocked",
            "StoreVersion",
            "UnknownName",
            "Unpicklable",
            "WfnbError",
            "WorkerDied",
        ),
        "wfnb.errors",
    ),
    "Machine": "wfnb.machine.viewed",
    **dict.fromkeys(("Retry", "Workflow"), "wfnb.model.workflow"),
    **dict.fromkeys(("bottlenecks", "critical_paths", "runs_behind"), "wfnb.slowness"),
    "codec": "wfnb.store.values.codecs",
}
__all__ = sorted(_HOME)  # noqa: PLE0605 - one list, so that it can not differ from what is loaded


if not TYPE_CHECKING:  # a type checker sees the names above, and no others

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module 'wfnb' has no attribute '{name}'")
        found = getattr(import_module(_HOME[name]), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def load_ipython_extension(shell: Any) -> None:
    """Called by `%load_ext wfnb`: defines `%%wfsql`, SQL over the history in a cell of its own."""
    from wfnb.magic import load_ipython_extension as load  # noqa: PLC0415 - nothing is loaded by `import wfnb`

    load(shell)
