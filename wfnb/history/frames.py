"""A history as tables: pandas DataFrames, by SQL over any store.

All times are UTC (`datetime64[us, UTC]`), durations are seconds as floats, and what is not known is
missing (NaT, NaN or None).  The same names are views in the history's file; see `store/schema.sql`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

EVENTS = "run, seq, time, type, node, payload"
TASKS = (
    "run, node, kind, visit, attempt, activity, status, scheduled, started, ended, wait, seconds, "
    "retry_at, error_type, error, value, unstored, rerun, note"
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
    (whether only a lost value was made again), and `note` (what freed or interrupted it, how many items are done, or
    why its activity did not run: pinned, cached, or known to the run that this one was forked from).
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


def sql(store: EventStore, query: str, parameters: Sequence[Any] = ()) -> DataFrame:
    """The result of one SQL statement that only reads, in DuckDB's dialect.

    Tables: `events` (pos, run, epoch, seq, ts, type, node, payload), `definitions` (hash, document).  Views:
    `event_log`, `runs`, `tasks`, `nodes`, `edges`.  `?` takes the next parameter.  JSON columns come as text.

    Raises:
        StoreError: the statement is wrong, or would write; or the store is closed or damaged.
    """
    return store.query(query, parameters)


def _table(store: EventStore, columns: str, view: str, run: str | None, order: str) -> DataFrame:
    where, parameters = ("", ()) if run is None else ("where run = ?", (run,))
    return store.query(f"select {columns} from {view} {where} order by {order}", parameters)  # noqa: S608 - ours


def _decoded(frame: DataFrame, **columns: Callable[[str], Any]) -> DataFrame:
    """The frame with JSON columns as Python values, and text columns that keep None where nothing is."""
    import pandas as pd

    for name in frame.columns:
        decode, found = columns.get(name), frame[name]
        known = found.notna()
        if decode is not None:
            values = [decode(text) if there else None for text, there in zip(found, known, strict=True)]
            frame[name] = pd.Series(values, index=frame.index, dtype=object)
        elif pd.api.types.is_string_dtype(found) or found.dtype == object:
            frame[name] = found.astype(object).where(known, None)
    return frame


def _json(text: str) -> Any:
    return msgspec.json.decode(text)


def _rest(text: str) -> dict[str, Any]:
    event: dict[str, Any] = msgspec.json.decode(text)
    return {key: value for key, value in event.items() if key not in {"type", "node"}}
