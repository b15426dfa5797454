"""A history in a folder that is looked at: what others refuse to open is read as far as it goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb
import msgspec

from wfnb.errors import StoreError, StoreLocked, StoreVersion
from wfnb.store import journal, states
from wfnb.store.index import FOLDER, NAME, said
from wfnb.store.lock import FolderLock
from wfnb.store.opening import SETTINGS
from wfnb.store.scan import Row, Scan, Unreadable, line
from wfnb.store.segments import MARK, Line, checked_mark, counting, first_of, journals, rows_of
from wfnb.store.sql import quoted
from wfnb.store.values.faults import fault_of
from wfnb.store.ward import Finding, Kind, Ward


class FolderWard(Ward):
    """A history in a folder that is being looked at.

    Attributes:
        connection: what reads its Parquet files.
        segments: those that count, by their names.
        journals: those that are there.
    """

    keep = "keep the folder as it is; --salvage NEW writes every run that is whole to a new history"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.connection = duckdb.connect(":memory:", config=SETTINGS)
        self.segments = counting(path)
        self.journals = journals(path)

    def rows(self) -> Iterator[Row | Unreadable]:
        """Every event, in order: of the segments that count, then of the journals what is not sealed."""
        for segment in self.segments:
            file = segment.file("events")
            for row in Scan(self.connection, str(self.path / file)):
                if isinstance(row, Unreadable):
                    yield Unreadable(row.rows or segment.last - segment.first + 1, f"'{file}': {row.why}")
                else:
                    yield row
        last = self.segments[-1].last if self.segments else 0
        for found in self._lines():
            if found.events and found.pos > last:
                yield from map(Row._make, rows_of(found))

    def definitions(self) -> dict[str, str]:
        """The definitions that can be read."""
        found: dict[str, str] = {}
        for path in sorted(self.path.glob("definitions-*.parquet")):  # also where the events are gone
            try:
                found.update(self.connection.execute(f"select hash, document from {_parquet(path)}").fetchall())  # noqa: S608 - ours
            except duckdb.Error as error:
                self._say("block", f"definitions lie in a damaged part of the file: '{path.name}': {line(error)}")
        return found | {one.hash: one.document for one in self._lines() if one.hash}

    def values(self) -> list[tuple[str, str, int]]:
        """Hash, codec and size of each value that the history says it has."""
        return said(self._index())[0]

    def forgotten(self) -> list[tuple[str, int]]:
        """Activities whose results up to a position are not used again."""
        return said(self._index())[1]

    def snapshots(self) -> Iterator[states.Kept]:
        """Those that are as they were written; the others cost nothing but time."""
        return states.load(self.path)

    def _gone(self) -> list[tuple[int, int]]:
        return []

    def _dropped(self) -> dict[str, int]:
        return {}

    def _faults(self) -> Iterator[tuple[str, str]]:
        for hash, codec, _ in self.values():
            yield hash, fault_of(hash, codec, self.path / FOLDER / hash)

    def _end(self) -> int:
        return max((first_of(path) - 1 for path in self.journals), default=0)

    def _lines(self) -> Iterator[Line]:
        """The good lines of every journal."""
        for path in self.journals:
            yield from (msgspec.json.decode(content, type=Line) for content in self._good(path))

    def _index(self) -> Iterator[bytes]:
        path = self.path / NAME
        return self._good(path) if path.exists() else iter(())

    def _good(self, path: Path) -> Iterator[bytes]:
        bad: list[int] = []
        for position, content in journal.lines(path):
            if content is None:
                bad.append(position)
            else:
                yield content
        if bad:
            self._say("log", f"'{path}' is damaged at byte {bad[0]}: what {len(bad)} of its lines had is lost")

    def _say(self, kind: Kind, what: str) -> None:
        """Once, however often the same is met."""
        finding = Finding(kind, what, self.keep)
        if finding not in self.findings:
            self.findings.append(finding)


@contextmanager
def folder_opened(path: Path) -> Iterator[FolderWard]:
    """Open a history in a folder for looking at it; nobody can open it meanwhile, and nothing is written.

    Raises:
        StoreError: the folder can not be read.
    """
    with ExitStack() as stack:
        try:
            ward = FolderWard(path)
            stack.callback(ward.connection.close)
            ward.readable = _open(ward, stack)
        except OSError as error:
            raise StoreError(f"'{path}' can not be read: {error}\ncheck its permissions") from error
        yield ward


def _open(ward: FolderWard, stack: ExitStack) -> bool:
    """Whether it is a history that can be understood, and nobody has it."""
    path = ward.path
    try:
        if (path / "lock").exists():
            stack.callback(FolderLock(path, looking=True).release)
        checked_mark(path)
    except (StoreError, FileNotFoundError) as error:
        kind: Kind = (
            "locked" if isinstance(error, StoreLocked) else "version" if isinstance(error, StoreVersion) else "file"
        )
        what, _, cure = str(error).partition("\n")
        there = bool(ward.segments or ward.journals)
        if isinstance(error, FileNotFoundError):
            what, cure = f"'{path / MARK}' is not there", "" if there else "is it a history of wfnb?"
        elif kind == "file":
            what, cure = f"'{path / MARK}' is not what was written there", ""
        ward.findings.append(Finding(kind, what, cure or ward.keep))
        return kind == "file" and there  # what it has is read all the same
    return True


def _parquet(path: Path) -> str:
    return f"read_parquet({quoted(str(path))})"
