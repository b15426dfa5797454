"""Batches of events: whichever way they go into the table, they are the same there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfnb.model.event import Event, RunCancelled, TaskStarted, encode
from wfnb.store import bulk
from wfnb.store.bulk import MANY, Bulk, Table
from wfnb.store.protocol import Row

TABLE = (
    "create table events (pos bigint not null, run varchar not null, epoch integer not null, seq integer not null, "
    "ts bigint not null, type varchar not null, node varchar, payload json not null)"
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute(TABLE)
        yield made


def events(count: int, node: str = "n") -> list[Event]:
    """Some of a node, and some of none."""
    return [
        RunCancelled(reason=f"line\n{number}") if number % 3 else TaskStarted(f"{node}{number}", 1, number + 1)
        for number in range(count)
    ]


def filled(connection: duckdb.DuckDBPyConnection, given: list[tuple[str, int, int, list[Event]]]) -> None:
    made = Bulk(8)
    for run, epoch, seq, batch in given:
        made.add(run, epoch, seq, [Row(1_700_000_000_000_000 + at, event) for at, event in enumerate(batch)])
    assert len(made) == sum(len(batch) for *_, batch in given)
    Table(connection).put(made)


def expected(given: list[tuple[str, int, int, list[Event]]]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for run, epoch, seq, batch in given:
        for at, event in enumerate(batch):
            ts, type_, node = 1_700_000_000_000_000 + at, type(event).__name__, getattr(event, "node", None)
            rows.append((len(rows) + 8, run, epoch, seq + 1 + at, ts, type_, node, encode(event).decode()))
    return rows


@pytest.mark.parametrize("count", [1, MANY - 1, MANY, 3_000])
def test_a_batch_of_any_size(connection: duckdb.DuckDBPyConnection, count: int) -> None:
    given = [("one", 1, 0, events(count // 2)), ("two", 2, 40, events(count - count // 2, "ß 'x' \\ ☃"))]
    filled(connection, given)
    assert connection.execute("from events order by pos").fetchall() == expected(given)


@pytest.mark.parametrize("odd", ["a\nb", "\n", "", "a\tb", "\x00", '"', "a,b"])
def test_names_of_any_kind(connection: duckdb.DuckDBPyConnection, odd: str) -> None:
    given = [(odd, 1, 0, events(MANY, odd)), ("other", 1, 0, events(MANY))]
    filled(connection, given)
    assert connection.execute("from events order by pos").fetchall() == expected(given)


def test_a_large_batch(connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LARGE", 1_000)
    given = [("one", 1, 0, events(MANY))]
    filled(connection, given)
    assert connection.execute("from events order by pos").fetchall() == expected(given)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=MANY, max_size=MANY))
@settings(max_examples=20)
def test_payloads_come_back_to_the_byte(texts: list[str]) -> None:
    with duckdb.connect() as connection:
        connection.execute(TABLE)
        given: list[tuple[str, int, int, list[Event]]] = [("one", 1, 0, [RunCancelled(reason=text) for text in texts])]
        filled(connection, given)
        rows = connection.execute("select pos, payload from events order by pos").fetchall()
    assert [payload for _, payload in rows] == [row[-1] for row in expected(given)]
    assert all(after[0] == before[0] + 1 for before, after in pairwise(rows))
