"""Columns of a table as Parquet columns, and back: exactly, or not at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import duckdb


_PLAIN = {"bool", "float32", "float64", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}


_ODD = re.compile(r"[^ -~]")


class Lossy(Exception):
    """It would not come back as it was."""


class Column(msgspec.Struct, omit_defaults=True):
    """How a column stands in the file."""

    name: str
    """Of the Parquet column."""
    kind: str
    """plain, number (what is counted is a time, a duration or a category), nullable, text or json."""
    dtype: str
    missing: str = ""
    """What stands for nothing among text: none or nan."""
    categories: list[Any] | None = None
    categories_dtype: str = ""
    ordered: bool = False


def write_column(column: Any, label: Any, taken: dict[str, Any]) -> Column:
    """Put what stands for a column in the file into `taken`, under a name that is not taken yet.

    Raises:
        Lossy: its values are of a kind that Parquet would not give back.
    """
    import pandas as pd

    dtype, name = column.dtype, _free(str(label), taken)
    made = Column(name, "plain", str(dtype))
    if isinstance(dtype, pd.CategoricalDtype):
        made.kind, made.ordered = "number", bool(dtype.ordered)
        made.categories = [plain(category) for category in dtype.categories.tolist()]
        made.categories_dtype = str(dtype.categories.dtype)
        made.dtype = "category"
        if not _categories(made).equals(dtype.categories):
            raise Lossy(f"the categories of column {label!r} are no text or numbers")
        taken[name] = column.cat.codes.to_numpy()
    elif isinstance(dtype, pd.StringDtype):
        if made.dtype not in {"str", "string"}:
            raise Lossy(f"column {label!r} is {dtype!r}")
        made.kind = "text"
        taken[name] = column.astype(object).where(column.notna(), None).to_numpy()
    elif isinstance(dtype, pd.DatetimeTZDtype) or dtype.kind in "mM":
        made.kind = "number"
        taken[name] = _counted(column)
    elif isinstance(column.array, pd.arrays.IntegerArray | pd.arrays.FloatingArray | pd.arrays.BooleanArray):
        made.kind = "nullable"
        taken[name] = column.array
    elif made.dtype == "object":
        _write_objects(column, label, made, taken)
    elif made.dtype in _PLAIN:
        taken[name] = column.to_numpy()
    else:
        raise Lossy(f"column {label!r} is of dtype {dtype}")
    return made


def _free(wanted: str, taken: dict[str, Any]) -> str:
    """A name that no column has yet, in whatever case; of plain characters, which every tool can ask for."""
    used = {name.lower() for name in taken}
    wanted = _ODD.sub("_", wanted) or "column"
    name, number = wanted, 1
    while name.lower() in used:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _counted(column: Any) -> Any:
    """Times as whole numbers of their unit; nothing is the least."""
    import pandas as pd

    if isinstance(column.dtype, pd.DatetimeTZDtype):
        if not _named(str(column.dtype)):
            raise Lossy(f"its time zone {column.dtype.tz} has no name")
        return column.to_numpy(f"M8[{column.dtype.unit}]").view("i8")
    return column.to_numpy().view("i8")


def _named(dtype: str) -> bool:
    """Whether pandas finds a dtype by its text."""
    import pandas as pd

    try:
        return str(pd.api.types.pandas_dtype(dtype)) == dtype
    except Exception:  # noqa: BLE001 - zones are looked up in many ways
        return False


def _write_objects(column: Any, label: Any, made: Column, taken: dict[str, Any]) -> None:
    """Text with nothing in between, or anything that is JSON."""
    cells = column.to_numpy()
    kinds = {type(cell) for cell in cells}
    if kinds <= {str, type(None)}:
        made.kind, made.missing = "text", "none"
        taken[made.name] = cells
    elif kinds <= {str, float} and all(type(cell) is str or cell != cell for cell in cells):  # noqa: PLR0124 - NaN
        made.kind, made.missing = "text", "nan"
        taken[made.name] = column.where(column.notna(), None).to_numpy()
    else:
        import numpy as np  # noqa: PLC0415

        made.kind = "json"
        try:
            written = [msgspec.json.encode(plain(cell)).decode() for cell in cells]
        except Lossy as error:
            raise Lossy(f"column {label!r}: {error}") from None
        taken[made.name] = np.array(written, dtype=object)


def plain(value: Any) -> Any:
    """The value, if it is JSON and its types come back, too.

    Raises:
        Lossy: it is not.
    """
    kind = type(value)
    if value is None or kind in (bool, str) or (kind is int and -(2**63) <= value < 2**63):
        return value
    if kind is float and value - value == 0:
        return value
    if kind is list:
        for item in value:
            plain(item)
        return value
    if kind is dict and all(type(key) is str for key in value):
        for item in value.values():
            plain(item)
        return value
    raise Lossy(f"a {kind.__qualname__} is no JSON that comes back as it was")


def read_column(cursor: duckdb.DuckDBPyConnection, column: Column, path: Path) -> Any:
    """The values of a column: what a Series or an Index is made of.  One at a time needs the least memory."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd

    quoted = column.name.replace('"', '""')
    found: Any = cursor.execute(f'select "{quoted}" from read_parquet(?)', [str(path)]).fetchnumpy()[column.name]  # noqa: S608
    mask = np.ma.getmaskarray(found) if np.ma.isMaskedArray(found) else None
    values: Any = found.data if mask is not None else found
    match column.kind:
        case "number" if column.categories is not None:
            return pd.Categorical.from_codes(values, _categories(column), ordered=column.ordered)
        case "number":
            return _times(values, column.dtype)
        case "nullable":
            return _nullable(values, mask, column.dtype)
        case "text":
            text: Any = values.astype(object)
            nothing = mask if mask is not None else np.array([cell is None for cell in text], dtype=bool)
            text[nothing] = np.nan if column.missing == "nan" else None
            return pd.array(text, dtype=column.dtype) if column.dtype != "object" else text
        case "json":
            cells = np.empty(len(values), dtype=object)
            for number, cell in enumerate(values):
                cells[number] = msgspec.json.decode(cell)
            return cells
        case _:
            if mask is not None and mask.any():  # DuckDB takes NaN in a table of pandas for nothing
                values = values.copy()
                values[mask] = np.nan
            return values.astype(column.dtype, copy=False)


def _times(values: Any, dtype: str) -> Any:
    import pandas as pd

    kind = pd.api.types.pandas_dtype(dtype)
    if isinstance(kind, pd.DatetimeTZDtype):
        return pd.DatetimeIndex(values.view(f"M8[{kind.unit}]")).tz_localize("UTC").tz_convert(kind.tz).array
    return values.view(dtype)


def _nullable(values: Any, mask: Any, dtype: str) -> Any:
    import numpy as np  # noqa: PLC0415
    import pandas as pd

    kind: Any = pd.api.types.pandas_dtype(dtype)
    missing = np.zeros(len(values), dtype=bool) if mask is None else np.array(mask, dtype=bool)
    return kind.construct_array_type()(values.astype(kind.numpy_dtype, copy=not values.flags.writeable), missing)


def _categories(column: Column) -> Any:
    import pandas as pd

    return pd.Index(column.categories or [], dtype=column.categories_dtype)
