"""Whether what was recorded of a run still fits a workflow that has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wfnb.author.flow import Flow
from wfnb.author.registry import registry as default_registry
from wfnb.author.resolve import resolver
from wfnb.engine.flows import as_workflow
from wfnb.engine.past import past_machines
from wfnb.engine.run import Run
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.model.workflow import Workflow
from wfnb.store.protocol import EventStore
from wfnb.testing.enacting import Enacted
from wfnb.testing.histories import History


@dataclass(frozen=True, slots=True)
class Replayed:
    """A history that fits.

    Attributes:
        events: how many were looked at, those of children included.
        status: of the run after them: running, completed, failed or cancelled.
        ahead: what the changed workflow would do next, in words; empty where the run is over, or rests.
    """

    events: int
    status: str
    ahead: tuple[str, ...] = ()


def replay(history: History | Run | str | Path, changed: Flow | Workflow | Machine | str | Path) -> Replayed:
    """Follow a recorded run with a changed workflow: what happened outside is taken from the record, the rest is not.

    Results, errors, answers, signals and times are those of the record.  What the workflow makes of them must be what
    was recorded: which tasks, timers, children and approvals begin, what is called off, how the run ends, and what it
    gives.  No activity runs.  Arguments and names of edges may have changed; what takes no part in this run may, too.

    Args:
        history: what was recorded; a run, or the path of a file that `History.save` has written.
        changed: the workflow as it is now.

    Raises:
        ReplayMismatch: the changed workflow would have gone another way; `.seq` is the first event that does not fit,
            `.run` the run that it belongs to (a child, maybe), and the message says why.
        CompileError: the changed workflow has errors.
        UnknownName: there is no such history.
    """
    if isinstance(history, Run):
        history = History.of(history)
    elif not isinstance(history, History):
        history = History.load(history)
    machine = changed if isinstance(changed, Machine) else _compiled(changed)
    store = history.store()
    seen = _enact(store, history.run, machine)
    return Replayed(sum(one.state.seq for one in seen), seen[0].state.status, seen[0].ahead())


def _compiled(changed: Flow | Workflow | str | Path) -> Machine:
    """What a workflow compiles to; no activity needs to be known, because none runs."""
    folder = Path(changed).parent if isinstance(changed, str | Path) else None
    return compile_workflow(as_workflow(changed), None, resolver(default_registry, folder))


def _enact(store: EventStore, run: str, machine: Machine) -> Sequence[Enacted]:
    enacted = Enacted(run, machine, [one for _, one in past_machines(store, run)])
    enacted.follow(store.read(run))
    found = [enacted]
    for child, inner in enacted.children.items():
        if store.read(child, 1, 2):
            found += _enact(store, child, inner)
    return found
