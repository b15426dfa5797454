"""What is wrong with a history, and which of its runs are whole; the files are only read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from wfnb.errors import StoreError, StoreLocked, StoreVersion, listed
from wfnb.store import valuetable
from wfnb.store.archive import folder_of
from wfnb.store.folderward import FolderWard, folder_opened
from wfnb.store.held import refuse_held
from wfnb.store.opening import SETTINGS, VERSION, explain, has_table
from wfnb.store.scan import Row, Scan, Unreadable, line
from wfnb.store.values.faults import faults
from wfnb.store.wal import damage
from wfnb.store.ward import KEEP_FILE, Diagnosis, Finding, Kind, Life, Ward, see


def examine(path: Path) -> Diagnosis:
    """Look at every event of a history, its log, its archived files, its values.

    Nothing is written to any of them.  It reads every event and every value once.

    Raises:
        StoreError: there is nothing at this path.
    """
    with opened(path) as ward:
        return ward.diagnosis()


class FileWard(Ward):
    """A DuckDB history that is being looked at.

    Attributes:
        connection: to it or to a copy of it; None where it can not be opened.
        unreadable: archived files that can not be read.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.connection: duckdb.DuckDBPyConnection | None = None
        self.unreadable: set[str] = set()
        self._drops: dict[str, int] | None = None

    def rows(self, file: str = "") -> Iterator[Row | Unreadable]:
        """Every event of the table, or of an archived file, in the order in which they lie there."""
        assert self.connection is not None
        return iter(Scan(self.connection, file and str(folder_of(self.path) / file)))

    def archived(self) -> dict[str, set[str]]:
        """The runs of each archived file, as the history says."""
        assert self.connection is not None
        found: dict[str, set[str]] = {}
        if has_table(self.connection, "archived"):
            for file, run in self.connection.execute("select file, run from archived order by 1").fetchall():
                found.setdefault(file, set()).add(run)
        return found

    def definitions(self) -> dict[str, str]:
        """The definitions that can be read."""
        assert self.connection is not None
        found: dict[str, str] = {}
        try:
            cursor = self.connection.execute("select hash, document from definitions")
            while row := cursor.fetchone():
                found[row[0]] = row[1]
        except duckdb.Error as error:
            finding = Finding("block", f"definitions lie in a damaged part of the file: {line(error)}", self.keep)
            if finding not in self.findings:
                self.findings.append(finding)
        return found

    def _gone(self) -> list[tuple[int, int]]:
        assert self.connection is not None
        if not has_table(self.connection, "gone"):
            return []
        return self.connection.execute("select first, last from gone order by 1").fetchall()

    def _dropped(self) -> dict[str, int]:
        assert self.connection is not None
        if self._drops is None:
            there = has_table(self.connection, "dropped")
            rows = self.connection.execute("select run, last from dropped").fetchall() if there else []
            self._drops = dict(rows)
        return self._drops

    def _faults(self) -> Iterator[tuple[str, str]]:
        assert self.connection is not None
        if not has_table(self.connection, "values"):
            return
        try:
            yield from faults(self.connection, valuetable.folder_of(self.path))
        except duckdb.Error as error:
            self._find("block", f"values lie in a damaged part of the file: {line(error)}", self.keep)

    def _see_archive(self, lives: dict[str, Life]) -> None:
        named = self.archived()
        folder = folder_of(self.path)
        for file, runs in named.items():
            why = "" if (folder / file).exists() else "it is not there"
            for row in self.rows(file) if not why else ():
                if isinstance(row, Unreadable):
                    why = row.why
                else:
                    see(self._life(lives, row.run), row)
            if why:
                self.unreadable.add(file)
                for run in runs:
                    lives.setdefault(run, Life()).fault = "archive"
                what = f"'{folder / file}' can not be read, which has {len(runs)} archived runs: {why}"
                self._find("archive", what, "put it back from where it was moved to, or from a backup", runs)
        if folder.is_dir() and (stray := sorted({entry.name for entry in folder.iterdir()} - set(named))):
            what = f"'{folder}' has {listed(stray)}, which the history does not name"
            self._find("stray", what, "a process was killed while it archived: they can be deleted")


@contextmanager
def opened(path: Path) -> Iterator[FileWard | FolderWard]:
    """Open a history for looking at it: itself where that changes nothing, else a copy of it and its log.

    Raises:
        StoreError: there is nothing at this path.
    """
    if path.is_dir():
        with folder_opened(path) as found:
            yield found
        return
    ward, log = FileWard(path), Path(f"{path}.wal")
    if not path.exists():
        if not log.exists():
            raise StoreError(f"there is no history '{path}'\ncheck the path")
        ward.findings.append(Finding("file", f"'{log}' is there, but not the file it belongs to", "find that file"))
        yield ward
        return
    with TemporaryDirectory(prefix="wfnb-") as folder:
        try:
            ward.connection = _connected(ward, log, Path(folder))
            ward.readable = ward.connection is not None
            yield ward
        finally:
            if ward.connection is not None:
                ward.connection.close()


def _connected(ward: FileWard, log: Path, folder: Path) -> duckdb.DuckDBPyConnection | None:
    """A connection to what can be read; what can not becomes a finding."""
    try:
        refuse_held(ward.path)  # closing a copied file would let go of the lock that this process has
    except StoreLocked as error:
        what, _, cure = str(error).partition("\n")
        ward.findings.append(Finding("locked", what, cure))
        return None
    position = damage(log)
    if position is None:
        try:
            return _checked(ward, duckdb.connect(str(ward.path), read_only=True, config=SETTINGS))
        except duckdb.Error as error:
            told = explain(error, ward.path)
        if isinstance(told, StoreLocked | StoreVersion) or not _size(log):
            kind: Kind = (
                "locked" if told.__class__ is StoreLocked else "version" if told.__class__ is StoreVersion else "file"
            )
            what, _, cure = str(told).partition("\n")
            ward.findings.append(Finding(kind, what, cure if kind != "file" else "a backup is all that can help"))
            return None
        position = 0
    # Of a damaged log everything before the damage is good, and where that does not help, the file without it.
    for kept in sorted({position, 0}, reverse=True):
        copy = folder / f"{kept}.duckdb"
        shutil.copyfile(ward.path, copy)
        if kept:
            shutil.copyfile(log, f"{copy}.wal")
            os.truncate(f"{copy}.wal", kept)
        try:
            connection = duckdb.connect(str(copy), config=SETTINGS)
        except duckdb.Error as error:
            told = explain(error, ward.path)
            continue
        lost = _size(log) - kept
        what = f"'{log}' is damaged at byte {position}: what its last {lost} bytes had is lost"
        ward.findings.append(Finding("log", what, KEEP_FILE))
        return _checked(ward, connection)
    ward.findings.append(Finding("file", str(told).partition("\n")[0], "a backup is all that can help"))
    return None


def _checked(ward: FileWard, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection | None:
    """The connection, if it is one to a history that can be understood."""
    for table in ("meta", "events", "definitions"):
        if not has_table(connection, table):
            ward.findings.append(Finding("file", f"'{ward.path}' has no table '{table}'", "is it a history of wfnb?"))
            connection.close()
            return None
    versions = connection.execute("select version, wfnb from meta").fetchall()
    if len(versions) == 1 and versions[0][0] > VERSION:
        what = f"it has format {versions[0][0]} and was written by wfnb {versions[0][1]}; up to {VERSION} is known here"
        ward.findings.append(Finding("version", what, "upgrade wfnb"))
        connection.close()
        return None
    if len(versions) != 1:
        ward.findings.append(Finding("file", f"its table 'meta' has {len(versions)} rows, not 1", KEEP_FILE))
    return connection


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
