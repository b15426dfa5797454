"""A batch of events on its way into the table, column by column.

A few rows go through DuckDB's appender, which begins sooner.  Many go as one text a column, which DuckDB takes apart
itself: it lets go of the interpreter lock meanwhile, while the appender holds it for each row (docs/adr/0018).
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import duckdb
import msgspec

from wfnb.model.event import encode
from wfnb.store.protocol import Row

MANY = 160
"""Rows from which one statement for all of them disturbs the loop less than the appender."""
TURN = 512
"""Rows made ready, or appended, before the loop may have the interpreter lock."""
LARGE = 16 << 20
"""Bytes of payload above which a batch is not put into one text."""

_INSERT = """
insert into events
select
    unnest(range($first, $first + $count)),
    unnest(string_split($run, chr(10))),
    unnest($epoch::varchar::integer[]),
    unnest($seq::varchar::integer[]),
    unnest($ts::varchar::bigint[]),
    unnest(string_split($type, chr(10))),
    nullif(unnest(string_split($node, chr(10))), ''),
    unnest(string_split($payload, chr(10)))
"""
_numbers = msgspec.json.Encoder().encode


class Bulk:
    """Rows of the table `events`, of which the first is at position `first`."""

    __slots__ = ("_epochs", "_nodes", "_payloads", "_runs", "_seqs", "_times", "_turn", "_types", "first")

    def __init__(self, first: int) -> None:
        self.first = first
        self._runs: list[str] = []
        self._epochs: list[int] = []
        self._seqs: list[int] = []
        self._times: list[int] = []
        self._types: list[str] = []
        self._nodes: list[str | None] = []
        self._payloads: list[bytes] = []
        self._turn = TURN

    def __len__(self) -> int:
        return len(self._payloads)

    @property
    def length(self) -> int:
        """Bytes of what the events say."""
        return sum(map(len, self._payloads))

    def add(self, run: str, epoch: int, seq: int, rows: Sequence[Row]) -> None:
        """Add events of a run, the first after its event `seq`."""
        count = len(rows)
        self._runs += (run,) * count
        self._epochs += (epoch,) * count
        self._seqs += range(seq + 1, seq + count + 1)
        times, types, nodes, payloads = self._times, self._types, self._nodes, self._payloads
        for row in rows:  # their own properties would cost as much again
            event = row.event
            times.append(row.ts)
            types.append(type(event).__name__)
            nodes.append(getattr(event, "node", None))
            payloads.append(encode(event))
        if len(payloads) >= self._turn:
            self._turn = len(payloads) + TURN
            time.sleep(0)

    def texts(self) -> dict[str, str | int] | None:
        """A text a column; None where a line break in one of its values, or their size, prevents that."""
        if self.length > LARGE:
            return None
        runs, nodes = "\n".join(self._runs), "\n".join([node or "" for node in self._nodes])
        payloads = b"\n".join(self._payloads)
        breaks = len(self) - 1
        if runs.count("\n") != breaks or nodes.count("\n") != breaks or payloads.count(b"\n") != breaks:
            return None
        return {
            "first": self.first,
            "count": len(self),
            "run": runs,
            "epoch": _numbers(self._epochs).decode(),
            "seq": _numbers(self._seqs).decode(),
            "ts": _numbers(self._times).decode(),
            "type": "\n".join(self._types),
            "node": nodes,
            "payload": payloads.decode(),
        }

    def rows(self) -> list[tuple[object, ...]]:
        """The rows, one after the other."""
        return list(
            zip(
                range(self.first, self.first + len(self)),
                self._runs,
                self._epochs,
                self._seqs,
                self._times,
                self._types,
                self._nodes,
                map(bytes.decode, self._payloads),
                strict=True,
            )
        )


class Table:
    """The table `events`, as one connection puts rows into it.

    Args:
        connection: which nobody else writes through.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._appender = connection.appender("events")
        self._insert: duckdb.Statement | None = None
        """Parsed once: that is a third of what a small one takes."""

    def put(self, bulk: Bulk) -> None:
        """Put a batch into the table, as one transaction.

        Raises:
            duckdb.Error: the database refuses it.
        """
        texts = bulk.texts() if len(bulk) >= MANY else None
        if texts is not None:
            if self._insert is None:
                (self._insert,) = self._connection.extract_statements(_INSERT)
            self._connection.execute(self._insert, texts)
            return
        rows = bulk.rows()
        for start in range(0, len(rows), TURN):
            self._appender.append_rows(rows[start : start + TURN])
            time.sleep(0)
        self._appender.flush()
