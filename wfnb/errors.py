"""Every error that wfnb raises on purpose.

    WfnbError
    ├── DefinitionError            the workflow, or what it was given
    │   ├── DecodeError            a document that can not be read
    │   │   └── SourceError        Python that is no drawing: .line .column
    │   ├── ExpressionError        an expression that can not be parsed or evaluated
    │   ├── EditError              an edit that does not fit the document
    │   ├── InputError             the inputs a run was started with
    │   └── CompileError           .diagnostics
    ├── RunError                   .type .cause .node
    │   ├── ActivityFailed         the user's exception is the __cause__
    │   ├── ActivityTimeout        a TimeoutError too
    │   ├── HeartbeatLost          an attempt gave no sign of life
    │   ├── WorkerDied             the process that an activity ran in
    │   ├── NoThread               too many functions do not return
    │   ├── Unpicklable            what can not go to a process, or come back
    │   ├── RequirementFailed      a precondition of a task
    │   ├── GuaranteeFailed        a postcondition of a task
    │   ├── RunCancelled
    │   ├── RunStuck
    │   └── ReplayMismatch
    ├── StoreError
    │   ├── StoreConflict          somebody else wrote to this run
    │   ├── StoreLocked            another process has the file
    │   ├── StoreVersion           written by a newer wfnb
    │   └── StoreCorrupt
    ├── UnknownName                no node, no run of this name; a KeyError too
    ├── FormatError                a file in somebody else's format
    └── PluginError

The first line of a message says what is wrong with names quoted, the second what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any


class WfnbError(Exception):
    """The root of all of them."""


class DefinitionError(WfnbError):
    """Something is wrong with a workflow or with what it was given."""


class DecodeError(DefinitionError):
    """A document can not be read; the message has the path in it, such as `$.nodes[2].retry`."""


class SourceError(DecodeError):
    """Python is not the source of a drawing; the message begins with the line.

    Attributes:
        line: 1-based.
        column: 0-based, in characters.
        end: where the fault ends in that line, at least one character further.
    """

    def __init__(self, message: str, line: int, column: int = 0, end: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.end = column + 1 if end is None else end


class ExpressionError(DefinitionError):
    """An expression can not be parsed, is not allowed, or fails when evaluated.

    Attributes:
        source: the expression.
        column: 0-based position of the fault in `source`, None where unknown.
        node: in a run, the node whose expression it is, None where unknown.
    """

    def __init__(self, message: str, source: str = "", column: int | None = None, *, node: str | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.column = column
        self.node = node


class EditError(DefinitionError):
    """An edit does not fit the document, which stays as it was."""


class InputError(DefinitionError):
    """A run was started with inputs that the workflow does not declare, or without one that it does."""


class CompileError(DefinitionError):
    """A workflow does not compile.

    Attributes:
        diagnostics: every problem found (`wfnb.machine.diagnostic.Diagnostic`).
    """

    def __init__(self, message: str, diagnostics: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


class RunError(WfnbError):
    """A run did not complete.

    Attributes:
        type: the error's name, such as the user's exception class.
        cause: the error's message.
        node: the id of the node concerned, None where it concerns the run.
    """

    def __init__(self, message: str, *, type: str = "", cause: str = "", node: str | None = None) -> None:
        super().__init__(message)
        self.type = type or self.__class__.__name__
        self.cause = cause or message
        self.node = node


class ActivityFailed(RunError):
    """An activity raised and no attempt was left; `__cause__` is the user's exception where it is known."""


class ActivityTimeout(RunError, TimeoutError):
    """An attempt took longer than the task's timeout and no attempt was left; a `TimeoutError` as Python's own."""


class HeartbeatLost(RunError):
    """An attempt gave no sign of life for longer than its task's heartbeat and no attempt was left."""


class WorkerDied(RunError):
    """The process that an activity ran in ended before it gave a result."""


class NoThread(RunError):
    """There is no thread for an activity, because those there are never come back, or the system gives no more."""


class Unpicklable(RunError):
    """An activity, an argument or a result can not go to a process of its own, or come back from there."""


class RequirementFailed(RunError):
    """A task's precondition (`requires`) did not hold; its activity was not run."""


class GuaranteeFailed(RunError):
    """A task's postcondition (`ensures`) did not hold of its result."""


class RunCancelled(RunError):
    """The run was cancelled."""


class RunStuck(RunError):
    """Tokens are left that can never move, or two met in one place."""


class ReplayMismatch(RunError):
    """A history does not fit the definition it names, or the one that it was replayed with.

    Attributes:
        run: the run concerned; empty where it is not known.
        seq: the number of its first event that does not fit, None where it is not known.
    """

    def __init__(self, message: str, *, node: str | None = None, run: str = "", seq: int | None = None) -> None:
        super().__init__(message, node=node)
        self.run = run
        self.seq = seq


class StoreError(WfnbError):
    """The history can not be read or written."""


class StoreConflict(StoreError):
    """Events were not appended because the run is not where the writer believed it to be."""


class StoreLocked(StoreError):
    """Another process has the history open.

    Attributes:
        pid: its process id, None where unknown.
    """

    def __init__(self, message: str, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid


class StoreVersion(StoreError):
    """The history was written by a newer version of wfnb."""


class StoreCorrupt(StoreError):
    """The history is damaged; nothing was written to it."""


class UnknownName(WfnbError, KeyError):
    """Nothing has this name: no node of a workflow, no run of a history.  A `KeyError` too, as of any mapping."""

    __str__ = Exception.__str__  # a KeyError shows its argument's repr, which hides the second line


class FormatError(WfnbError):
    """A file in another format can not be read; says what, where, and what is supported."""


class PluginError(WfnbError):
    """An extension of wfnb failed."""


_SHOWN = 12
"""How many known names a message lists."""
_COMPARED = 1_000
_LONG = 200


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` for the closest known name, or an empty string; nothing is meant by what is no text."""
    if not isinstance(name, str):
        return ""
    # difflib compares letter by letter, which takes seconds for very long names and for very many.
    near = (other for other in known if 3 * len(name) <= 7 * len(other) and 3 * len(other) <= 7 * len(name))
    close = get_close_matches(name, list(islice(near, _COMPARED)), n=1) if len(name) <= _LONG else []
    return f" Did you mean '{close[0]}'?" if close else ""


def listed(names: Iterable[object], *, last: str = ", ") -> str:
    """Names in a row, cut where there are many."""
    all_names = [*map(str, names)]
    if len(all_names) > _SHOWN:
        return f"{', '.join(all_names[:_SHOWN])} and {len(all_names) - _SHOWN} more"
    return last.join([", ".join(all_names[:-1]), all_names[-1]]) if len(all_names) > 1 else "".join(all_names)
