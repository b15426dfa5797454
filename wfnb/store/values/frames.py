"""Tables as Parquet: DuckDB writes and reads those of pandas, pyarrow those of Arrow.

What Parquet has no place for (index, dtypes, labels) stands as JSON in the file's own metadata.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from wfnb.store.values.columns import Column, Lossy, plain, read_column, write_column

if TYPE_CHECKING:
    import duckdb

_KEY = "wfnb"


class _Level(msgspec.Struct, omit_defaults=True):
    """A level of an index, or all of a range."""

    name: Any = None
    column: Column | None = None
    range: tuple[int, int, int] | None = None
    freq: str | None = None


class _Meta(msgspec.Struct, omit_defaults=True):
    """What a file says of the table in it."""

    rows: int
    columns: list[Column]
    index: list[_Level]
    labels: list[Any] = []
    dtype: str = ""
    """Of the labels."""
    names: list[Any] = []
    """Of the levels of the labels."""
    range: tuple[int, int, int] | None = None
    """The labels, where they are a range."""
    series: bool = False
    attrs: dict[str, Any] = {}


class Frames:
    """DataFrames and Series whose columns are numbers, times, text, categories or JSON."""

    name = "parquet"

    def takes(self, value: Any) -> bool:
        """Whether it is one of pandas' own; a GeoDataFrame is more."""
        pandas = sys.modules.get("pandas")
        return pandas is not None and type(value) in (pandas.DataFrame, pandas.Series)

    def write(self, value: Any, path: Path) -> None:
        """Write it; `Lossy` tells what of it Parquet would not give back."""
        import pandas as pd

        series = isinstance(value, pd.Series)
        columns: list[Any] = [value] if series else [value.iloc[:, n] for n in range(value.shape[1])]
        taken: dict[str, Any] = {}
        meta = _Meta(
            rows=len(value),
            columns=[write_column(column, column.name, taken) for column in columns],
            index=_levels(value.index, taken),
            series=series,
            attrs=plain(dict(value.attrs)),
        )
        if series:
            meta.labels = [_label(value.name)]
        else:
            _describe_labels(meta, value.columns)
        if not taken:  # Parquet knows no rows without columns
            taken["rows"] = pd.RangeIndex(len(value)).to_numpy()
        stored = {
            name: pd.Series(values, dtype="object" if values.dtype == "object" else None, copy=False)
            for name, values in taken.items()
        }
        _write(pd.DataFrame(stored, copy=False), msgspec.json.encode(meta).decode(), path)

    def read(self, path: Path) -> Any:
        """Read it."""
        import pandas as pd

        with _cursor() as cursor:
            ((text,),) = cursor.execute(
                "select value from parquet_kv_metadata(?) where key = ?", [str(path), _KEY.encode()]
            ).fetchall()
            meta = msgspec.json.decode(text, type=_Meta)
            index = _index(cursor, meta, path)
            columns = [
                pd.Series(read_column(cursor, column, path), index=index, dtype=_object(column), copy=False)
                for column in meta.columns
            ]
        made: Any
        if meta.series:
            made = columns[0].rename(_tuple(meta.labels[0]))
        else:
            made = pd.DataFrame(dict(enumerate(columns)), index=index, copy=False)
            made.columns = _labels(meta)
        made.attrs.update(meta.attrs)
        return made


class ArrowTables:
    """Tables of pyarrow."""

    name = "arrow-parquet"

    def takes(self, value: Any) -> bool:
        """Whether it is one."""
        pyarrow = sys.modules.get("pyarrow")
        return pyarrow is not None and type(value) is pyarrow.Table

    def write(self, value: Any, path: Path) -> None:
        """Write it with its Arrow schema."""
        from pyarrow import parquet  # noqa: PLC0415 - whoever has a table has pyarrow

        parquet.write_table(value, path, use_compliant_nested_type=False)
        if not parquet.read_schema(path).equals(value.schema, check_metadata=True):
            raise Lossy("Parquet has no place for its schema")

    def read(self, path: Path) -> Any:
        """Read it."""
        from pyarrow import parquet  # noqa: PLC0415

        return parquet.read_table(path)


# ------------------------------------------------------------------------------------------------ index and labels


def _levels(index: Any, taken: dict[str, Any]) -> list[_Level]:
    import pandas as pd

    if type(index) is pd.RangeIndex:
        return [_Level(_label(index.name), range=(index.start, index.stop, index.step))]
    levels = []
    for number in range(index.nlevels):
        level = index.get_level_values(number)
        column = write_column(level.to_series(), f"index {number}", taken)
        freq = getattr(level, "freqstr", None) if index.nlevels == 1 else None
        levels.append(_Level(_label(level.name), column, freq=freq))
    return levels


def _index(cursor: duckdb.DuckDBPyConnection, meta: _Meta, path: Path) -> Any:
    import pandas as pd

    made = []
    for level in meta.index:
        if level.column is None:
            assert level.range is not None
            return pd.RangeIndex(*level.range, name=_tuple(level.name))
        values = read_column(cursor, level.column, path)
        read: Any = pd.Index(values, dtype=_object(level.column), name=_tuple(level.name), copy=False)
        if level.freq is not None:
            read = type(read)(read, freq=level.freq)
        made.append(read)
    return made[0] if len(made) == 1 else pd.MultiIndex.from_arrays(made)


def _object(column: Column) -> str | None:
    """What pandas must be told, lest it makes text of objects."""
    return "object" if column.dtype == "object" else None


def _describe_labels(meta: _Meta, labels: Any) -> None:
    import pandas as pd

    meta.names = [_label(name) for name in labels.names]
    if type(labels) is pd.RangeIndex:
        meta.range = (labels.start, labels.stop, labels.step)
    else:
        meta.labels = [_label(label) for label in labels.tolist()]
        meta.dtype = str(labels.dtype)
        if not _labels(meta).equals(labels) or str(_labels(meta).dtype) != meta.dtype:
            raise Lossy("the labels of its columns are no text or numbers")


def _labels(meta: _Meta) -> Any:
    import pandas as pd

    names = [_tuple(name) for name in meta.names]
    if meta.range is not None:
        return pd.RangeIndex(*meta.range, name=names[0])
    labels = [_tuple(label) for label in meta.labels]
    if len(names) > 1:
        return pd.MultiIndex.from_tuples(labels, names=names)
    return pd.Index(labels, dtype=meta.dtype, name=names[0], tupleize_cols=False)


def _label(label: Any) -> Any:
    return [plain(part) for part in label] if type(label) is tuple else plain(label)


def _tuple(label: Any) -> Any:
    return tuple(label) if isinstance(label, list) else label


# ------------------------------------------------------------------------------------------------------- DuckDB

_lock = threading.Lock()
_connections: list[duckdb.DuckDBPyConnection] = []


def _cursor() -> duckdb.DuckDBPyConnection:
    """A cursor of a database of its own, which holds nothing."""
    import duckdb  # noqa: PLC0415 - a history in memory needs no DuckDB

    with _lock:
        if not _connections:
            settings: dict[str, str | bool | int | float | list[str]] = {
                "threads": 1,  # with which the same table gives the same bytes
                "temp_directory": "",
                # Else what is done with stays with the allocator: a tenth of a gigabyte for a table of one.
                "allocator_flush_threshold": "1MB",
                "allocator_bulk_deallocation_flush_threshold": "1MB",
            }
            _connections.append(duckdb.connect(":memory:", config=settings))
        return _connections[0].cursor()


def _write(frame: Any, meta: str, path: Path) -> None:
    with _cursor() as cursor:
        cursor.register("frame", frame)
        said, where = (text.replace("'", "''") for text in (meta, str(path)))
        cursor.execute(f"copy frame to '{where}' (format parquet, kv_metadata {{{_KEY}: '{said}'}})")
        cursor.unregister("frame")
