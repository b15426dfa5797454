"""A history as a folder: sealed segments in Parquet, and a journal for what is not sealed yet.

    wfnb.json                                       what this folder is
    events-000000000001-000000065536.parquet        a sealed segment, with the positions of its first and last event
    definitions-000000000001-000000065536.parquet   the definitions that came meanwhile
    journal-000000065537.jsonl                      the open segment, by the position of its first event
    snapshots/...                                   see `wfnb/store/states.py`
    values/..., values.jsonl                        see `wfnb/store/index.py`

A segment is written aside, brought to the disk and renamed before its journal is removed; a small one is written anew
with what follows it.  So a kill at any point leaves all events, some of them maybe twice: a segment whose positions
another has, and lines of a journal that are sealed, do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import msgspec

from wfnb.errors import StoreError, StoreVersion
from wfnb.store.files import sync_file, sync_folder
from wfnb.store.opening import corrupt
from wfnb.store.sql import quoted
from wfnb.version import __version__

FORMAT = 1
MARK = "wfnb.json"
SMALL = 16_384
"""Events of a segment that is written anew with what follows it, ..."""
SMALL_BYTES = 8 << 20
"""... if they are no longer than this: what is sorted has to be in memory."""
_SEGMENT = re.compile(r"events-(\d{12,})-(\d{12,})\.parquet")
_JOURNAL = re.compile(r"journal-(\d{12,})\.jsonl")
_COPY = "(format parquet, compression zstd, row_group_size 20480)"


class Segment(NamedTuple):
    """Sealed events, by their positions."""

    first: int
    last: int

    def file(self, table: str) -> str:
        """The name of the file with these rows of a table."""
        return f"{table}-{self.first:012}-{self.last:012}.parquet"


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a journal: what one append brought, or a definition."""

    run: str = ""
    epoch: int = 0
    pos: int = 0
    """Of its first event."""
    seq: int = 0
    ts: tuple[int, ...] = ()
    """Of each event."""
    events: tuple[msgspec.Raw, ...] = ()
    hash: str = ""
    document: str = ""


class _Tag(msgspec.Struct):
    type: str
    node: str | None = None


def rows_of(line: Line) -> Iterator[tuple[object, ...]]:
    """The rows that a line has of the table of events."""
    for number, (ts, event) in enumerate(zip(line.ts, line.events, strict=True)):
        tag = msgspec.json.decode(event, type=_Tag)
        payload = bytes(event).decode()
        yield line.pos + number, line.run, line.epoch, line.seq + number, ts, tag.type, tag.node, payload


def mark(folder: Path, *, create: bool) -> None:
    """See that a folder is a history, or make it one.

    Raises:
        StoreVersion: a newer wfnb wrote it.
        StoreError: it is something else, or not there and `create` is false, or it can not be made.
    """
    path = folder / MARK
    if not folder.exists() and not create:
        raise StoreError(f"there is no history '{folder}'\ncheck the path; a run makes a new history")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            if others := sorted(entry.name for entry in folder.iterdir() if entry.name not in {"lock", MARK + ".part"}):
                raise StoreError(
                    f"the folder '{folder}' is no history, and has '{others[0]}' in it\n"
                    "choose a new folder, or an empty one"
                )
            part = path.with_name(MARK + ".part")
            part.write_text(f'{{"format": {FORMAT}, "wfnb": "{__version__}"}}\n', encoding="utf-8")
            sync_file(part)
            part.rename(path)
            sync_folder(folder)
        checked_mark(folder)
    except OSError as error:
        raise StoreError(f"the history '{folder}' can not be made or read: {error}\nchoose another folder") from error


def checked_mark(folder: Path) -> None:
    """See that a folder says what it is.

    Raises:
        StoreVersion: a newer wfnb wrote it.
        StoreCorrupt: it says something else.
        OSError: it says nothing, or can not be read.
    """
    path = folder / MARK
    try:
        found = msgspec.json.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise corrupt(folder, f"'{path}' is not what was written there") from error
    if not isinstance(found, dict) or not isinstance(found.get("format"), int):
        raise corrupt(folder, f"'{path}' is not what was written there")
    if found["format"] > FORMAT:
        raise StoreVersion(
            f"the history '{folder}' has format {found['format']} and was written by wfnb {found.get('wfnb')}; "
            f"wfnb {__version__} reads up to format {FORMAT}\nupgrade wfnb"
        )


def first_of(journal: Path) -> int:
    """The position that a journal begins with, by its name."""
    found = _JOURNAL.fullmatch(journal.name)
    return int(found[1]) if found else 1


def sealed(folder: Path) -> list[Segment]:
    """The segments that count, in order.

    Raises:
        StoreCorrupt: one is missing.
    """
    segments, last = counting(folder), 0
    for segment in segments:
        if segment.first != last + 1:
            raise corrupt(folder, f"no segment has the events from {last + 1} to {segment.first - 1}")
        last = segment.last
    for journal in journals(folder)[:1]:
        if first_of(journal) > last + 1:
            raise corrupt(folder, f"no segment has the events from {last + 1} to {first_of(journal) - 1}")
    return segments


def counting(folder: Path) -> list[Segment]:
    """The segments whose positions no other has, in order, even where some are missing."""
    found = [Segment(int(m[1]), int(m[2])) for entry in folder.iterdir() if (m := _SEGMENT.fullmatch(entry.name))]
    segments: list[Segment] = []
    for segment in sorted(found, key=lambda s: (s.first, -s.last)):
        if not segments or segment.last > segments[-1].last:  # else it was written anew with what follows it
            segments.append(segment)
    return segments


def journals(folder: Path) -> list[Path]:
    """The journals, in order."""
    return sorted(entry for entry in folder.iterdir() if _JOURNAL.fullmatch(entry.name))


def journal_name(first: int) -> str:
    """The name of the journal whose first event has this position."""
    return f"journal-{first:012}.jsonl"


def seal(
    connection: duckdb.DuckDBPyConnection, folder: Path, segments: Sequence[Segment], last: int
) -> tuple[Segment, list[Segment]]:
    """Write what the tables `open_events` and `open_definitions` have, and a small last segment, as a segment.

    Returns:
        The new segment, and those that it has replaced, whose files can go.

    Raises:
        OSError, duckdb.Error: it can not be written.
    """
    replaced = [s for s in segments[-1:] if s.last - s.first < SMALL and _bytes_of(connection, folder, s) < SMALL_BYTES]
    first = replaced[0].first if replaced else segments[-1].last + 1 if segments else 1
    segment = Segment(first, last)
    for table, order in (("definitions", "hash"), ("events", "pos")):  # events last: they make it count
        part = folder / (segment.file(table) + ".part")
        rows = _selection(folder, replaced, table)
        connection.execute(f"copy (from ({rows}) order by {order}) to {quoted(str(part))} {_COPY}")
        sync_file(part)
        part.rename(folder / segment.file(table))
        sync_folder(folder)
    return segment, replaced


def _bytes_of(connection: duckdb.DuckDBPyConnection, folder: Path, segment: Segment) -> int:
    """How long the events of a segment are when they are read."""
    size = "select sum(total_uncompressed_size)::bigint from parquet_metadata(?)"
    found: int = connection.execute(size, [str(folder / segment.file("events"))]).fetchall()[0][0]
    return found


def view(folder: Path, segments: Iterable[Segment], table: str) -> str:
    """The statement that lets a table's name show what is sealed and what is open."""
    return f"create or replace view {table} as {_selection(folder, segments, table)}"


def _selection(folder: Path, segments: Iterable[Segment], table: str) -> str:
    files = ", ".join(quoted(str(folder / segment.file(table))) for segment in segments)
    return f"from open_{table}" + (f" union all from read_parquet([{files}])" if files else "")


def remove(folder: Path, segments: Iterable[Segment]) -> None:
    """Remove the files of segments that do not count any more."""
    for segment in segments:
        for table in ("events", "definitions"):
            (folder / segment.file(table)).unlink(missing_ok=True)
