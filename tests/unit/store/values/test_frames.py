"""Tables come back from Parquet as they were, to the dtype of every column and index, or are refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd  # noqa: TID253 - a test may
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wfnb.store.values.columns import Lossy
from wfnb.store.values.frames import ArrowTables, Frames
from wfnb.store.values.spool import content_hash, spool

DAYS = pd.to_datetime(["2020-01-01", None])
TABLES: dict[str, Any] = {
    "plain": pd.DataFrame(
        {
            "b": [True, False],
            "u8": np.array([1, 255], dtype="u1"),
            "i16": np.array([1, -2], dtype="i2"),
            "u64": np.array([2**64 - 1, 0], dtype="u8"),
            "f4": np.array([1.5, np.inf], dtype="f4"),
            "f8": [np.nan, -0.0],
        }
    ),
    "text": pd.DataFrame(
        {
            "str": ["x", None],
            "object": pd.Series(["x\0y", None], dtype=object),
            "nan": pd.Series(["", np.nan], dtype=object),
            "string": pd.array(["a", None], dtype="string"),
        }
    ),
    "times": pd.DataFrame(
        {
            "us": DAYS,
            "ns": DAYS.as_unit("ns"),
            "s": np.array(["-9999-01-01", "NaT"], dtype="M8[s]"),
            "zone": DAYS.tz_localize("Europe/Berlin"),
            "fixed": DAYS.tz_localize(dt.timezone(dt.timedelta(hours=1))),
            "duration": pd.to_timedelta([1, None], unit="s"),
        }
    ),
    "categories": pd.DataFrame(
        {
            "c": pd.Categorical(["a", None], ["b", "a", "z"], ordered=True),
            "i": pd.Categorical([3, 1]),
            "none": pd.Categorical([None, None]),
        }
    ),
    "nullable": pd.DataFrame(
        {
            "i": pd.array([1, None], dtype="Int64"),
            "u": pd.array([1, 2], dtype="UInt8"),
            "f": pd.array([1.5, None], dtype="Float32"),
            "b": pd.array([True, None], dtype="boolean"),
        }
    ),
    "json cells": pd.DataFrame({"j": [[1, 2], {"a": None}], "m": [1, "x"], "n": [1.0, True]}),
    "nothing at all": pd.DataFrame(),
    "rows without columns": pd.DataFrame(index=[1, 2, 3]),
    "columns without rows": pd.DataFrame({"a": [], "o": pd.Series([], dtype=object), "s": pd.Series([], dtype="str")}),
    "numbered columns": pd.DataFrame(np.arange(6).reshape(2, 3)),
    "labels in two levels": pd.DataFrame(
        np.arange(4).reshape(2, 2), columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None])
    ),
    "labels twice": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "labels that differ in case": pd.DataFrame({"a": [1], "A": [2]}),
    "odd labels": pd.DataFrame({"": [1], 'it\'s "q"': [2], "ä; drop": [3]}),
    "labels of two kinds": pd.DataFrame({1: [1], "x": [2]}),
    "an index in two levels": pd.DataFrame(
        {"a": range(4)}, index=pd.MultiIndex.from_product([["x", "y"], [1, 2]], names=["l", "m"])
    ),
    "an index of days": pd.DataFrame({"a": range(3)}, index=pd.date_range("2020", periods=3, freq="D", name="when")),
    "a range that begins later": pd.DataFrame({"a": [1]}, index=pd.RangeIndex(5, 6, name="r")),
    "an index of categories": pd.DataFrame({"a": [1, 2]}, index=pd.CategoricalIndex(["x", "y"])),
    "a series": pd.Series([1, 2], name="n"),
    "a series without a name": pd.Series(["a", None]),
    "a series with a pair for a name": pd.Series([1.0], index=["k"], name=("a", 1)),
    "a slice": pd.DataFrame(np.arange(20).reshape(4, 5))[1:3],
}
REFUSED: dict[str, Any] = {
    "objects": pd.DataFrame({"o": [object()]}),
    "periods": pd.DataFrame({"p": pd.period_range("2020", periods=2, freq="D")}),
    "complex numbers": pd.DataFrame({"c": [1j]}),
    "half floats": pd.DataFrame({"h": np.array([1], dtype="f2")}),
    "bytes": pd.DataFrame({"b": [b"x", None]}),
    "dates": pd.DataFrame({"d": [dt.date(2020, 1, 1)]}),
    "dates as labels": pd.DataFrame({dt.date(2020, 1, 1): [1]}),
    "both kinds of nothing": pd.DataFrame({"o": pd.Series(["x", None, np.nan], dtype=object)}),
    "half a character": pd.Series(["\ud800"], dtype=object),
    "intervals": pd.DataFrame({"a": [1]}, index=pd.interval_range(0, 1)),
    "a tuple in a cell": pd.DataFrame({"t": [(1, 2)]}),
}


def there_and_back(table: Any) -> Any:
    with spool() as path:
        Frames().write(table, path)
        return Frames().read(path)


def alike(found: Any, table: Any) -> None:
    """Fails unless two tables are equal in all that pandas compares."""
    assert type(found) is type(table)
    compare = pd.testing.assert_series_equal if isinstance(table, pd.Series) else pd.testing.assert_frame_equal
    compare(found, table, check_exact=True, check_freq=True, check_flags=True)
    assert found.attrs == table.attrs


@pytest.mark.parametrize("name", TABLES)
def test_a_table_comes_back_as_it_was(name: str) -> None:
    alike(there_and_back(TABLES[name]), TABLES[name])


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_parquet_would_change_is_refused(name: str) -> None:
    with spool() as path, pytest.raises((Lossy, duckdb.Error, UnicodeError)):
        Frames().write(REFUSED[name], path)


def test_attributes_come_back() -> None:
    table = pd.DataFrame({"a": [1]})
    table.attrs["unit"] = {"a": "m"}
    alike(there_and_back(table), table)


def test_cells_come_back_with_their_types() -> None:
    found = there_and_back(TABLES["json cells"])
    assert [type(cell) for cell in found["n"]] == [float, bool]
    assert [type(cell) for cell in there_and_back(TABLES["text"])["object"]] == [str, type(None)]


def test_what_comes_back_can_be_changed() -> None:
    for table in (TABLES["plain"], TABLES["times"], TABLES["nullable"], TABLES["text"]):
        found = there_and_back(table)
        for column in found:
            found.loc[0, column] = found.loc[1, column]


def test_equal_tables_have_equal_hashes(tmp_path: Path) -> None:
    for number in range(2):
        Frames().write(pd.DataFrame({"a": np.arange(300_000), "s": ["x"] * 300_000}), tmp_path / str(number))
    assert content_hash("parquet", tmp_path / "0") == content_hash("parquet", tmp_path / "1")


def test_other_tools_can_read_it(tmp_path: Path) -> None:
    Frames().write(pd.DataFrame({"n": [1, 2], "s": ["x", None]}), tmp_path / "value")
    with duckdb.connect() as connection:
        rows = connection.execute("select n, s from read_parquet(?)", [str(tmp_path / "value")]).fetchall()
    assert rows == [(1, "x"), (2, None)]


def test_only_pandas_own_classes_are_taken() -> None:
    class Own(pd.DataFrame):
        pass

    assert Frames().takes(pd.DataFrame())
    assert not Frames().takes(Own())
    assert not Frames().takes({})


COLUMNS = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(lambda v: np.array(v, dtype="i8")),
    st.lists(st.floats(), min_size=3, max_size=3).map(np.array),
    st.lists(st.booleans(), min_size=3, max_size=3).map(np.array),
    st.lists(st.none() | st.text(), min_size=3, max_size=3).map(lambda v: pd.Series(v, dtype=object)),
    st.lists(st.text() | st.none(), min_size=3, max_size=3).map(lambda v: pd.Series(v, dtype="str")),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(lambda v: np.array(v, "i8").view("M8[ns]")),
    st.lists(st.none() | st.integers(-100, 100), min_size=3, max_size=3).map(lambda v: pd.array(v, dtype="Int16")),
    st.lists(st.sampled_from("abc"), min_size=3, max_size=3).map(pd.Categorical),
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | st.text(max_size=3),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
            max_leaves=4,
        ),
        min_size=3,
        max_size=3,
    ).map(lambda v: pd.Series(v, dtype=object)),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(max_size=4), COLUMNS, max_size=4))
def test_any_table_comes_back_as_it_was(columns: dict[str, Any]) -> None:
    table = pd.DataFrame(columns)
    try:
        found = there_and_back(table)
    except (Lossy, duckdb.Error, UnicodeError):
        return
    alike(found, table)


def test_arrow_tables_come_back_with_their_schema(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"a": [1, None], "s": ["x", "y"], "l": [[1], [2, 3]]}, metadata={"k": "v"})
    assert ArrowTables().takes(table)
    ArrowTables().write(table, tmp_path / "value")
    assert ArrowTables().read(tmp_path / "value").equals(table, check_metadata=True)
