"""A history as tables: pandas DataFrames, by SQL over any store.

All times are UTC (`datetime64[us, UTC]`), durations are seconds as floats, and what is not known is
missing (NaT, NaN or None).  The same names are views in the history's file; see `store/schema.sql`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from wfnb.errors import UnknownName, did_you_mean, listed
from wfnb.history.measures.scope import Scope
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

EVENTS = "run, seq, time, type, node, payload"
TASKS = (
    "run, node, kind, visit, attempt, activity, status, scheduled, started, ended, wait, seconds, "
    "retry_at, error_type, error, value, unstored, rerun, note, worker, cpu, memory"
)
RUNS = (
    "run, parent, origin, workflow, status, started, ended, seconds, events, error_type, error, input, output, "
    "definition"
)


def events(store: EventStore, run: str | None = None) -> DataFrame:
    """Every event, of one run or of all, in the order in which they were stored.

    Columns: `run`, `seq` (1, 2, 3, ... within the run), `time`, `type`, `node` (None where an event concerns the run),
    and `payload`, the rest of the event as a dict.

    Raises:
        StoreError: the store is closed, or its file is damaged.
    """
    frame = _table(store, EVENTS, "event_log", run, "pos")
    return _decoded(frame, payload=_rest)


def tasks(store: EventStore, run: str | None = None) -> DataFrame:
    """Every attempt of every task, and every visit of a wait, an approval, a map or a call, in the order of starts.

    Columns: `run`, `node`, `kind` (task, wait, approval, map or call), `visit` and `attempt` (both from 1), `activity`
    (of a map what it runs, of a call its workflow), `status` (running, waiting, completed, failed, cancelled, or
    interrupted where its process ended), `scheduled` (when a token reached it or the pause before the attempt was
    over), `started`, `ended`, `wait` (seconds from scheduled to started), `seconds` (from started to ended),
    `retry_at` (when the next attempt was due), `error_type` and `error`, `value` (the result as a Python value),
    `unstored` (what is known of a result that is not JSON: a dict of type, size in bytes and preview), `rerun`
    (whether only a lost value was made again), `note` (what freed or interrupted it, how many items are done, that
    it was taken back, or why its activity did not run: pinned, cached, known to the run that it was forked from), and,
    where it was not carried out on the loop and has ended, `worker` (`thread-3`, or `process-1234` by its id), `cpu`
    (seconds of a processor) and `memory` (bytes that its process had at most meanwhile; of a thread nobody can tell).
    What the children of maps and calls did stands in their own runs (`wf.runs()` names their parent).

    Raises:
        StoreError: the store is closed, or its file is damaged.
    """
    return _decoded(_table(store, TASKS, "tasks", run, "pos, node"), value=_json, unstored=_json)


def runs(store: EventStore, waits: Mapping[str, tuple[str, str]] | None = None) -> DataFrame:
    """Every run, oldest first.

    Columns: `run`, `parent` (the run whose call, map or spawning edge it serves; empty if people started it),
    `origin` (the run that it was forked from), `workflow`, `status` (running, paused, waiting, completed, failed or
    cancelled), `waits_for` (text; None where it does not
    rest), `started`, `ended`, `seconds`, `events` (how many), `error_type` and `error`, `input` (a dict), `output`, and
    `definition` (its hash).

    Args:
        store: the history.
        waits: status and what it waits for, of runs that rest: no event says so, `Engine.waiting` does.

    Raises:
        StoreError: the store is closed, or its file is damaged.
    """
    import pandas as pd

    frame = _decoded(_table(store, RUNS, "runs", None, "pos"), input=_json, output=_json)
    known = [(waits or {}).get(run, (status, None)) for run, status in zip(frame["run"], frame["status"], strict=True)]
    frame["status"] = pd.Series([status for status, _ in known], index=frame.index, dtype=object)
    frame.insert(5, "waits_for", pd.Series([what for _, what in known], index=frame.index, dtype=object))
    return frame


def table(
    store: EventStore,
    name: str,
    *,
    run: str | None = None,
    workflow: str | None = None,
    node: str | None = None,
    status: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
    at: int | None = None,
) -> DataFrame:
    """A table of the history, of all runs or of some; the filters run in the database.

    Besides `events`, `tasks` and `runs` there are:

    - `transitions`, a row an edge taken: `run`, `seq`, `time`, `node` (of the event that took it; None: the run's
    start),
      `edge` (its number in the definition), `source`, `target`, `skipped` (a branch that was not taken).
    - `values`, a row a value that a node was given (the view `node_values`): `run`, `seq`, `time`, `node`, `visit`,
      `item` (of a map), `value`, `type` and `hash` (of a value that is not JSON), `how` (completed, answered,
      signalled, edited, pinned, cached, disabled, known).
    - `variants`, a row a sequence of nodes: `workflow`, `variant`, `length`, `runs`, `share` (from 0 to 1), `seconds`
      (median), `example` (a run).
    - `resources`, a row an attempt and a resource that it asked for: `run`, `node`, `visit`, `attempt`, `resource`,
      `amount`, `started`, `ended`, `status`, and what the attempt took: `worker`, `cpu`, `memory` (as in `tasks`).
    - `state`, a row a node of one run as it stands after event `at`, just as `run.at` has it: `run`, `run_status`,
      `node`, `kind`, `status` (ready, running, retrying, waiting, or idle where no token is), `visit` (how often it was
      entered), `attempt` and `retry_at` (of what is inside), `tokens`, `edges` (on which those lie that are not
      inside), `value_seq` (the event that gave its value), `value`, `type` and `hash` (of one that is not JSON).  For
      many runs at once ask the views `states` and `run_states`.

    Args:
        store: the history.
        name: which table.
        run: only of this run.
        workflow: only of runs of workflows of this name.
        node: only of this node.
        status: only with this status.
        since: only from this time on; without a zone it is UTC.
        until: only before this time.
        limit: at most so many rows.
        at: of `state`: after which event; the last if left out, and 0 is the empty state, which has no rows.

    Raises:
        UnknownName: there is no such table, run or workflow.
        ValueError: it has no column for a filter that is given; or the run has no event `at`.
        StoreError: the store is closed, or its file is damaged.
    """
    if name not in _VIEWS:
        raise UnknownName(f"there is no table '{name}'\nknown: {listed(_VIEWS)}.{did_you_mean(name, _VIEWS)}")
    view = _VIEWS[name]
    wanted: list[tuple[str, str, Any]] = [
        ("run", "run = ?", run),
        ("workflow", "workflow = ?" if "workflow" in view.has else _OF_WORKFLOW, workflow),
        ("node", "node = ?", node),
        ("status", "status = ?", status),
        ("time", f"{view.time} >= ?", _aware(since)),
        ("time", f"{view.time} < ?", _aware(until)),
    ]
    given = [(column, clause, value) for column, clause, value in wanted if value is not None]
    for column, _, value in given:
        if column not in view.has and not (column == "workflow" and "run" in view.has):
            raise ValueError(
                f"the table '{name}' has no {column} to look for {value!r}\nit has {listed(sorted(view.has))}"
            )
    where = f"where {' and '.join(clause for _, clause, _ in given)}" if given else ""
    most = "" if limit is None else f"limit {int(limit)}"
    query = f"select {view.columns} from {view.name} {where} order by {view.order} {most}"  # noqa: S608 - ours
    if name == "state":
        given[:0] = [("run", "", run), ("at", "", _position(store, run, at))]
    elif at is not None:
        raise ValueError(f"the table '{name}' is no state after event {at}\nonly the table 'state' takes at=")
    frame = store.query(query, [value for _, _, value in given])
    if frame.empty:
        _known(store, run, workflow)
    decoded = dict[str, Callable[[Any], Any]].fromkeys(view.json, _rest if name == "events" else _json)
    return _decoded(frame, **decoded)


def _known(store: EventStore, run: str | None, workflow: str | None) -> None:
    """See that what a table is empty of is there at all; of a run whose events were dropped, little else is.

    Raises:
        UnknownName: it is not.
    """
    if run is not None and all(head.run != run for head in store.heads()):
        Scope((run,)).known(store)
    Scope(workflow=workflow).known(store)


@dataclass(frozen=True, slots=True)
class _View:
    name: str
    columns: str
    order: str
    has: frozenset[str]
    time: str = "started"
    json: frozenset[str] = frozenset()


_OF_WORKFLOW = "run in (select run from runs where workflow = ?)"
_VIEWS = {
    "events": _View("event_log", EVENTS, "pos", frozenset({"run", "node", "time"}), '"time"', frozenset({"payload"})),
    "tasks": _View(
        "tasks",
        TASKS,
        "pos, node",
        frozenset({"run", "node", "status", "time"}),
        json=frozenset({"value", "unstored"}),
    ),
    "runs": _View(
        "runs", RUNS, "pos", frozenset({"run", "workflow", "status", "time"}), json=frozenset({"input", "output"})
    ),
    "transitions": _View(
        "transitions",
        'run, seq, "time", node, edge, source, target, skipped',
        "pos, turn",
        frozenset({"run", "node", "time"}),
        '"time"',
    ),
    "values": _View(
        "node_values",
        'run, seq, "time", node, visit, item, "value", type, hash, how',
        "pos",
        frozenset({"run", "node", "time"}),
        '"time"',
        frozenset({"value"}),
    ),
    "variants": _View(
        "variants",
        "workflow, variant, length, runs, share, seconds, example",
        "workflow, runs desc, variant",
        frozenset({"workflow"}),
    ),
    "resources": _View(
        "resources",
        "run, node, visit, attempt, resource, amount, started, ended, status, worker, cpu, memory",
        "started, run, node, attempt, resource",
        frozenset({"run", "node", "status", "time"}),
    ),
}
_VIEWS["state"] = _View(
    "state_at(?, ?)",
    "run, run_status, node, kind, status, visit, attempt, retry_at, tokens, edges::json::varchar as edges, value_seq, "
    '"value", type, hash',
    "node",
    frozenset({"run", "node", "status"}),
    json=frozenset({"value", "edges"}),
)
TABLES = tuple(_VIEWS)
"""The tables of a history."""


def _position(store: EventStore, run: str | None, at: int | None) -> int:
    """The event after which a run is looked at."""
    if run is None:
        raise ValueError("the table 'state' is of one run\ngive run=")
    found = store.query("select max(seq)::bigint as count from all_events where run = ?", (run,))["count"]
    if found.isna()[0]:
        raise UnknownName(f"there is no run '{run}' in this history\nwf.runs() lists those that are")
    count = int(found[0])
    if at is not None and not 0 <= at <= count:
        raise ValueError(
            f"run '{run}' has {count} events: there is no state after event {at}\n"
            f"give a number from 0 (the empty state) to {count} (the last)"
        )
    return count if at is None else at


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def sql(store: EventStore, query: str, parameters: Sequence[Any] = ()) -> DataFrame:
    """The result of one SQL statement that only reads, in DuckDB's dialect.

    Tables: `events` (pos, run, epoch, seq, ts, type, node, payload), `definitions` (hash, document).  Views:
    `event_log`, `runs`, `tasks`, `transitions`, `node_values`, `variants`, `resources`, `nodes`, `edges`, `states`,
    `run_states`, and `state_at('run', 12)`.  `?` takes the next parameter.  JSON columns come as text.

    Raises:
        StoreError: the statement is wrong, or would write; or the store is closed or damaged.
    """
    return store.query(query, parameters)


def _table(store: EventStore, columns: str, view: str, run: str | None, order: str) -> DataFrame:
    where, parameters = ("", ()) if run is None else ("where run = ?", (run,))
    return store.query(f"select {columns} from {view} {where} order by {order}", parameters)  # noqa: S608 - ours


def _decoded(frame: DataFrame, **columns: Callable[[str], Any]) -> DataFrame:
    """The frame with JSON columns as Python values; where nothing is, text columns keep None, and numbers are NaN."""
    import pandas as pd

    for name in frame.columns:
        decode, found = columns.get(name), frame[name]
        known = found.notna()
        if decode is not None:
            values = [decode(text) if there else None for text, there in zip(found, known, strict=True)]
            frame[name] = pd.Series(values, index=frame.index, dtype=object)
        elif pd.api.types.is_extension_array_dtype(found) and pd.api.types.is_integer_dtype(found):
            frame[name] = found.astype("float64")  # NaN where nothing is, as in columns of floats
        elif pd.api.types.is_string_dtype(found) or found.dtype == object:
            frame[name] = found.astype(object).where(known, None)
    return frame


def _json(text: str) -> Any:
    return msgspec.json.decode(text)


def _rest(text: str) -> dict[str, Any]:
    event: dict[str, Any] = msgspec.json.decode(text)
    return {key: value for key, value in event.items() if key not in {"type", "node"}}
