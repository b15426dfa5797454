"""Event logs from tables and OCEL, and how files are told apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd  # noqa: TID253 - tables are what is tested
import pytest

from tests.corpus import EVENT_LOGS, needs_event_logs
from wfnb.errors import FormatError
from wfnb.formats import ocel
from wfnb.formats.logs import log_from_frame, read_log, write_log
from wfnb.history.log import UNKNOWN_TIME

FRAME = pd.DataFrame(
    {
        "case": ["x", "y", "x", "x"],
        "activity": ["b", "a", "a", "c"],
        "timestamp": pd.to_datetime(
            ["2026-01-01T10:00Z", "2026-01-01T08:00Z", "2026-01-01T09:00Z", "2026-01-01T11:00Z"], format="ISO8601"
        ),
        "cost": [1.0, None, 2.0, 3.0],
    }
)


def test_rows_of_a_case_are_in_the_order_of_their_times() -> None:
    log = log_from_frame(FRAME)
    assert dict(zip(log.cases, log.traces(), strict=True)) == {"y": ("a",), "x": ("a", "b", "c")}
    assert log.columns == {"cost": [None, 2.0, 1.0, 3.0]}
    assert (np.diff(log.times[1:]) == 3_600_000_000).all()


def test_without_times_the_order_is_the_table_s() -> None:
    log = log_from_frame(FRAME.drop(columns="timestamp"))
    assert dict(zip(log.cases, log.traces(), strict=True)) == {"x": ("b", "a", "c"), "y": ("a",)}
    assert set(log.times.tolist()) == {UNKNOWN_TIME}


def test_columns_can_be_named() -> None:
    frame = FRAME.rename(columns={"case": "order", "activity": "what", "timestamp": "when"})
    assert log_from_frame(frame, case="order", activity="what", time="when").cases == ("y", "x")


def test_a_log_as_a_table_is_the_same_log_again() -> None:
    log = log_from_frame(FRAME)
    again = log_from_frame(log.frame())
    assert (list(again.traces()), again.times.tolist()) == (list(log.traces()), log.times.tolist())


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (FRAME.drop(columns="case"), "the table has no column that names the cases"),
        (FRAME.drop(columns="activity"), "the table has no column that names the activities"),
        (FRAME.assign(case=["x", None, "x", "x"]), "the table: row 2 has no 'case', and so have 1 rows in all"),
        (FRAME.assign(timestamp=[1, 2, 3, 4]), "the table: the column 'timestamp' has numbers, not times"),
        (
            FRAME.assign(timestamp=["2026-01-01T10:00Z", "2026-01-01", "2026-01-01T10:00Z", "2026-01-01T10:00Z"]),
            "the table: some times in 'timestamp' have an offset from UTC and others have none, first at row 2",
        ),
        (
            FRAME.assign(timestamp=["2026-01-01", "soon", "2026-01-01", "2026-01-01"]),
            "the table: 'soon' is no time, in row 2, column 'timestamp'",
        ),
        (
            FRAME.assign(timestamp=["2026-01-01", None, "2026-01-01", "2026-01-01"]),
            "the table: row 2 has no 'timestamp', and so have 1 rows in all",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_said(frame: pd.DataFrame, says: str) -> None:
    with pytest.raises(FormatError) as refused:
        log_from_frame(frame)
    assert str(refused.value).splitlines()[0] == says
    assert len(str(refused.value).splitlines()) == 2


def test_a_named_column_must_be_there() -> None:
    with pytest.raises(FormatError, match=r"the table has no column 'actvity'(?s:.*)Did you mean 'activity'\?"):
        log_from_frame(FRAME, activity="actvity")


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz", "log.jsonocel", "log.csv"])
def test_every_format_that_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    log = log_from_frame(FRAME)
    again = read_log(write_log(log, tmp_path / name))
    assert dict(zip(again.cases, again.traces(), strict=True)) == dict(zip(log.cases, log.traces(), strict=True))
    assert sorted(again.times.tolist()) == sorted(log.times.tolist())


def test_parquet_is_read(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.register("frame", FRAME)
        connection.execute("copy (from frame) to '%s'" % (tmp_path / "log.parquet"))
    assert read_log(tmp_path / "log.parquet").cases == ("y", "x")


def test_an_unknown_suffix_is_looked_into(tmp_path: Path) -> None:
    write_log(log_from_frame(FRAME), tmp_path / "log.xes")
    inside = (tmp_path / "log.xes").rename(tmp_path / "log.dat")
    assert len(read_log(inside)) == 4
    (tmp_path / "other").write_text("hello")
    with pytest.raises(FormatError, match=r"'other' has no suffix of an event log"):
        read_log(tmp_path / "other")
    with pytest.raises(FormatError, match=r"'log\.doc' has no suffix that can be written"):
        write_log(log_from_frame(FRAME), tmp_path / "log.doc")


def test_a_broken_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(b"")
    with pytest.raises(FormatError, match=r"'log\.csv' can not be read as a table"):
        read_log(tmp_path / "log.csv")


def document(**changed: Any) -> bytes:
    said = {
        "objectTypes": [],
        "eventTypes": [],
        "objects": [
            {"id": "o1", "type": "order", "attributes": [{"name": "size", "value": 3, "time": "1970-01-01T00:00:00Z"}]},
            {"id": "i1", "type": "item"},
        ],
        "events": [
            {"id": "e2", "type": "ship", "time": "2026-01-02T00:00:00Z", "relationships": [{"objectId": "o1"}]},
            {"id": "e1", "type": "make", "time": "2026-01-01T00:00:00Z", "relationships": [{"objectId": "o1"}]},
        ],
    }
    return json.dumps(said | changed).encode()


def test_the_objects_of_one_type_are_the_cases() -> None:
    log = ocel.parse(document(), "a.jsonocel")
    assert dict(zip(log.cases, log.traces(), strict=True)) == {"o1": ("make", "ship")}
    assert log.case_columns == {"size": [3]}
    assert log.columns == {"id": ["e1", "e2"]}


def test_an_object_without_events_is_an_empty_case() -> None:
    log = ocel.parse(document(), "a.jsonocel", "item")
    assert list(log.traces()) == [()]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"{", "a.jsonocel is no JSON"),
        (b"{}", "a.jsonocel is no OCEL 2.0"),
        (document(objects=[{"id": "o1", "type": "order"}] * 2), "a.jsonocel has two objects with the id 'o1'"),
        (document(objects=[]), "a.jsonocel has events of 0 types of object"),
        (
            document(events=[{"id": "e", "type": "a", "time": "x", "relationships": [{"objectId": "o1"}]}]),
            "a.jsonocel: 'x' is no time, at event 'e'",
        ),
        (
            document(
                events=[
                    {"id": "e", "type": "a", "time": "2026-01-01T00:00:00Z", "relationships": [{"objectId": "o1"}]},
                    {"id": "f", "type": "a", "time": "2026-01-01T00:00:00Z", "relationships": [{"objectId": "o9"}]},
                ]
            ),
            "a.jsonocel: event 'f' names the object 'o9', which is not there",
        ),
    ],
)
def test_what_is_wrong_with_ocel_is_said(data: bytes, says: str) -> None:
    with pytest.raises(FormatError) as refused:
        ocel.parse(data, "a.jsonocel")
    assert str(refused.value).startswith(says)
    assert len(str(refused.value).splitlines()) == 2


@needs_event_logs
def test_a_real_ocel_log_needs_to_know_which_objects_are_the_cases() -> None:
    path = EVENT_LOGS / "ocel20_example.jsonocel"
    with pytest.raises(FormatError, match=r"say which are the cases: object_type='...'"):
        read_log(path)
    with pytest.raises(FormatError, match=r"has no object of type 'Invoce'(?s:.*)Did you mean 'Invoice'"):
        read_log(path, object_type="Invoce")
    traces = sorted(read_log(path, object_type="Purchase Order").traces())
    assert traces == [
        ("Create Purchase Order",),
        ("Create Purchase Order", "Change PO Quantity", "Insert Invoice", "Insert Invoice"),
    ]


@needs_event_logs
def test_the_older_ocel_is_named() -> None:
    with pytest.raises(FormatError, match=r"supported: OCEL 2\.0 as JSON"):
        read_log(EVENT_LOGS / "example_log.jsonocel")
