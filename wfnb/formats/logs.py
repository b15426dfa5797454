"""Event logs from files and tables: XES, OCEL 2.0, CSV, Parquet, DataFrames; told apart by suffix and content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wfnb.errors import FormatError, did_you_mean, listed
from wfnb.formats import ocel, xes
from wfnb.history.log import UNKNOWN_TIME, EventLog, log_of
from wfnb.history.recorded import parquet_frame

if TYPE_CHECKING:
    from pandas import DataFrame, Series

CASE = ("case", "case_id", "caseid", "case:concept:name", "case id", "trace", "run")
ACTIVITY = ("activity", "concept:name", "activity_name", "event", "node", "task")
TIME = ("timestamp", "time:timestamp", "time", "completed", "end", "ended", "complete timestamp")
MAX_BYTES = 4 << 30
_SUFFIXES = (".xes", ".xes.gz", ".jsonocel", ".json", ".csv", ".csv.gz", ".parquet")


def read_log(
    path: str | Path,
    *,
    case: str | None = None,
    activity: str | None = None,
    time: str | None = None,
    object_type: str | None = None,
) -> EventLog:
    """The event log in a file.

    Args:
        path: `.xes`, `.xes.gz`, `.jsonocel`, `.csv`, `.csv.gz` or `.parquet`.
        case: of a table: the column that names the cases; found by its usual names if left out.
        activity: the same for the activities.
        time: the same for the times.
        object_type: of an OCEL log: which objects are the cases.

    Raises:
        FormatError: the file is none of these, or broken, or inconsistent; says where.
        FileNotFoundError: there is no such file.
    """
    file = Path(path)
    name = file.name.lower()
    if name.endswith((".xes", ".xes.gz")):
        return xes.read(file)
    if name.endswith((".jsonocel", ".json")):
        return ocel.read(file, object_type)
    if name.endswith((".csv", ".csv.gz", ".parquet")):
        return log_from_frame(_table(file), case=case, activity=activity, time=time, where=file.name)
    with file.open("rb") as opened:
        head = opened.read(512).lstrip()
    if head.startswith((b"<", b"\x1f\x8b", b"\xef\xbb\xbf<")):
        return xes.read(file)
    if head.startswith(b"{"):
        return ocel.read(file, object_type)
    raise FormatError(f"'{file.name}' has no suffix of an event log\nknown suffixes: {listed(_SUFFIXES)}")


def write_log(log: EventLog, path: str | Path) -> Path:
    """Write an event log as `.xes`, `.xes.gz`, `.jsonocel` or `.csv`.  The file appears when it is whole.

    Raises:
        FormatError: the suffix is none of these, or the log has what the format can not hold.
    """
    file = Path(path)
    name = file.name.lower()
    if name.endswith((".xes", ".xes.gz")):
        xes.write(log, file)
    elif name.endswith(".jsonocel"):
        ocel.write(log, file)
    elif name.endswith(".csv"):
        log.frame().to_csv(file, index=False)
    else:
        raise FormatError(
            f"'{file.name}' has no suffix that can be written\nknown suffixes: .xes, .xes.gz, .jsonocel, .csv"
        )
    return file


def log_from_frame(
    frame: DataFrame,
    *,
    case: str | None = None,
    activity: str | None = None,
    time: str | None = None,
    where: str = "the table",
) -> EventLog:
    """The log in a table with a row an event.  Rows of a case are in the order of their times, else of the table.

    Times say their offset from UTC, or none does and they are taken for UTC.  A table without a column of times has
    none.

    Args:
        frame: the table.
        case: the column that names the cases; found by its usual names if left out.
        activity: the same for the activities.
        time: the same for the times.
        where: what errors call it.

    Raises:
        FormatError: a column is not there, or a row has no case or activity or no time that can be read; says which
            row.
    """
    import pandas as pd

    case = _column(frame, case, CASE, "cases", where)
    activity = _column(frame, activity, ACTIVITY, "activities", where)
    time = _column(frame, time, TIME, "times", where, needed=False)
    for column in (case, activity):
        _none_missing(frame[column], column, where)
    times = np.full(len(frame), UNKNOWN_TIME) if time is None else _ticks(frame[time], time, where)
    if time is not None and len(times):
        order = np.argsort(times, kind="stable")
        frame, times = frame.iloc[order], times[order]
    numbers, cases = pd.factorize(frame[case].astype(str))
    codes, activities = pd.factorize(frame[activity].astype(str))
    others = [name for name in frame.columns if name not in {case, activity, time}]
    return log_of(
        tuple(map(str, cases)),
        tuple(map(str, activities)),
        numbers.astype(np.int64),
        codes.astype(np.int32),
        times,
        {str(name): _plain(frame[name]) for name in others},
    )


def _table(file: Path) -> DataFrame:
    import pandas as pd

    if file.stat().st_size > MAX_BYTES:
        raise FormatError(f"'{file.name}' has more than {MAX_BYTES >> 30} GiB\nsplit it, or read it with DuckDB")
    try:
        if file.suffix == ".parquet":
            return parquet_frame(file)
        return pd.read_csv(file, dtype_backend="numpy_nullable", low_memory=False)
    except (ValueError, OSError, EOFError, ImportError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise FormatError(
            f"'{file.name}' can not be read as a table: {error}\nrepair it, or export it once more"
        ) from error


def _column(
    frame: DataFrame, given: str | None, usual: tuple[str, ...], what: str, where: str, *, needed: bool = True
) -> Any:
    known = [str(name) for name in frame.columns]
    if given is not None:
        if given not in frame.columns:
            raise FormatError(
                f"{where} has no column '{given}'\nits columns: {listed(known)}.{did_you_mean(given, known)}"
            )
        return given
    lowered = {str(name).strip().lower(): name for name in reversed(list(frame.columns))}
    for name in usual:
        if name in lowered:
            return lowered[name]
    if not needed:
        return None
    one = {"cases": "case", "activities": "activity"}[what]
    raise FormatError(
        f"{where} has no column that names the {what}\nits columns: {listed(known)}; say which: {one}='...'"
    )


def _none_missing(column: Series[Any], name: str, where: str) -> None:
    missing = np.flatnonzero(column.isna().to_numpy())
    if len(missing):
        raise FormatError(
            f"{where}: row {missing[0] + 1} has no '{name}', and so have {len(missing)} rows in all\n"
            "give each row one, or leave the rows out"
        )


def _ticks(column: Series[Any], name: str, where: str) -> Any:
    """Microseconds since the epoch, UTC."""
    import pandas as pd

    _none_missing(column, name, where)
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        found = column.dt.tz_convert("UTC").dt.tz_localize(None)
    elif pd.api.types.is_datetime64_any_dtype(column.dtype):
        found = column
    elif pd.api.types.is_numeric_dtype(column.dtype):
        raise FormatError(
            f"{where}: the column '{name}' has numbers, not times\n"
            f"convert it first: pd.to_datetime(frame['{name}'], unit='s')"
        )
    else:
        found = _parsed(column.astype(str), name, where)
    return found.astype("datetime64[us]").astype("int64").to_numpy()


def _parsed(texts: Series[str], name: str, where: str) -> Series[Any]:
    import pandas as pd

    zoned = texts.str.contains(r"(?:[zZ]|[+-]\d\d:?\d\d|UTC)\s*$", regex=True).to_numpy()
    if zoned.any() and not zoned.all():
        other = int(np.flatnonzero(zoned != zoned[0])[0])
        raise FormatError(
            f"{where}: some times in '{name}' have an offset from UTC and others have none, first at row {other + 1}\n"
            "write every time with its offset, such as +01:00, or none of them"
        )
    parsed = pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601")
    wrong = np.flatnonzero(parsed.isna().to_numpy())
    if len(wrong):
        raise FormatError(
            f"{where}: '{texts.iloc[wrong[0]][:80]}' is no time, in row {wrong[0] + 1}, column '{name}'\n"
            "write times as 2026-11-25T10:00:00+01:00, or convert the column first"
        )
    return parsed.dt.tz_localize(None)


def _plain(column: Series[Any]) -> list[Any]:
    """Its values as Python's own, None where there is none."""
    there = column.notna().to_numpy()
    values = column.astype(object).tolist()
    return [value if known else None for value, known in zip(values, there, strict=True)]
