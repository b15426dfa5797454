"""Which runs a verb of a notebook is about: the filters that all verbs on many runs have, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias

from wfnb.analysis import store_of
from wfnb.engine.run import Run
from wfnb.history.linking import Spec
from wfnb.history.measures.scope import Scope
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from wfnb.history.labchart import LabChart

Runs: TypeAlias = Run | str | Iterable[Run | str] | None
"""A run, its id, or several; None: all runs of the history that is open."""
FILTERS = """

    Args:
        runs: a run, its id, or several, each with its children; all runs if left out.
        workflow: only runs of workflows of this name.
        since: only from this time on; without a zone it is UTC.
        until: only before this time.
        title: above the chart.

    Raises:
        UnknownName: there is no such run or workflow.
"""
"""How the filters are documented."""


class OfRuns(Protocol):
    """A verb that draws many runs."""

    def __call__(
        self,
        runs: Runs = None,
        *,
        workflow: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        title: str | None = None,
    ) -> LabChart:
        """Draw what happened in these runs, in this time."""


def of_runs(draw: Callable[[EventStore, Scope, str | None], Spec]) -> OfRuns:
    """Make a verb of what draws a scope: it has the filters, and their documentation behind its own."""

    def verb(
        runs: Runs = None,
        *,
        workflow: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        title: str | None = None,
    ) -> LabChart:
        store, scope = scope_of(runs, workflow, since, until)
        return drawn(draw(store, scope, title))

    # Not functools.wraps: a person is to see the parameters of the verb, not those of what draws.
    for name in ("__module__", "__name__", "__qualname__"):
        setattr(verb, name, getattr(draw, name))
    verb.__doc__ = f"{draw.__doc__}{FILTERS}"
    return verb


def drawn(spec: Spec) -> LabChart:
    """A specification as a chart; Altair is loaded when one is drawn."""
    from wfnb.history import charts  # noqa: PLC0415 - as said

    return charts.drawn(spec)


def scope_of(
    runs: Runs, workflow: str | None, since: datetime | None, until: datetime | None
) -> tuple[EventStore, Scope]:
    """The history that these runs are of, and what of it is looked at.

    Raises:
        UnknownName: there are several, and one of them is not in the history; of a single one, who asks finds out.
    """
    store, ids = store_of(runs)
    if len(ids) > 1:
        Scope(ids).known(store)
    return store, Scope(ids, workflow, since, until)
