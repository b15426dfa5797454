"""What is wrong with a history, and which of its runs are whole; the file and its log are only read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

import duckdb
import msgspec

from wfnb.errors import StoreError, StoreLocked, StoreVersion, listed
from wfnb.model.event import RunMigrated, RunStarted, decode
from wfnb.store import valuetable
from wfnb.store.archive import folder_of
from wfnb.store.opening import SETTINGS, VERSION, explain, has_table
from wfnb.store.scan import Row, Scan, Unreadable, line
from wfnb.store.values.faults import faults
from wfnb.store.wal import damage

Kind: TypeAlias = Literal[
    "locked",
    "version",
    "file",
    "log",
    "block",
    "gap",
    "run",
    "payload",
    "definition",
    "orphan",
    "archive",
    "stray",
    "value",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    kind: Kind
    what: str
    cure: str
    runs: tuple[str, ...] = ()
    """Those that can not be saved because of it."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is known of a history.

    Attributes:
        path: of the history.
        findings: everything that is wrong.
        good: the runs that are whole, with the number of their events, in the order of their first.
        runs: how many there are, as far as can be seen.
    """

    path: Path
    findings: tuple[Finding, ...]
    good: dict[str, int]
    runs: int

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def examine(path: Path) -> Diagnosis:
    """Look at every event of a history, its log, its archived files, its values.

    Nothing is written to any of them.  It reads every event and every value once.

    Raises:
        StoreError: there is nothing at this path.
    """
    with opened(path) as ward:
        return ward.diagnosis()


class _Life:
    """What is seen of one run while its events pass."""

    __slots__ = ("definitions", "dropped", "epoch", "fault", "parent", "seq")

    def __init__(self, dropped: int = 1) -> None:
        self.dropped = dropped
        self.seq = self.epoch = 0
        self.fault = ""
        self.parent = ""
        self.definitions: set[str] = set()


@dataclass(slots=True)
class Ward:
    """A history that is being looked at.

    Attributes:
        path: of the history.
        connection: to it or to a copy of it; None where it can not be opened.
        findings: what is wrong, so far.
        unreadable: archived files that can not be read.
        lost: the values that can not be read, by their hash.
        dropped: the last event that a snapshot has the place of, by run; None before it is asked for.
    """

    path: Path
    connection: duckdb.DuckDBPyConnection | None = None
    findings: list[Finding] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    dropped: dict[str, int] | None = None

    def diagnosis(self) -> Diagnosis:
        """Look at everything."""
        lives: dict[str, _Life] = {}
        if self.connection is not None:
            self._see_events(lives)
            self._see_archive(lives)
            self._judge(lives)
            self._see_values()
        good = {run: life.seq for run, life in lives.items() if not life.fault}
        return Diagnosis(self.path, tuple(self.findings), good, len(lives))

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
            finding = Finding("block", f"definitions lie in a damaged part of the file: {line(error)}", _KEEP)
            if finding not in self.findings:
                self.findings.append(finding)
        return found

    def _life(self, lives: dict[str, _Life], run: str) -> _Life:
        return lives.get(run) or lives.setdefault(run, _Life(self._dropped().get(run, 1)))

    def _dropped(self) -> dict[str, int]:
        """The last event of those that each run has a snapshot for."""
        assert self.connection is not None
        if self.dropped is None:
            there = has_table(self.connection, "dropped")
            rows = self.connection.execute("select run, last from dropped").fetchall() if there else []
            self.dropped = dict(rows)
        return self.dropped

    def _see_events(self, lives: dict[str, _Life]) -> None:
        assert self.connection is not None
        gone: list[tuple[int, int]] = []
        if has_table(self.connection, "gone"):
            gone = self.connection.execute("select first, last from gone order by 1 desc").fetchall()
        last, gaps, blocks = 0, [], []
        for row in self.rows():
            if isinstance(row, Unreadable):
                blocks.append(row)
                continue
            while gone and gone[-1][0] == last + 1:
                last = gone.pop()[1]
            if row.pos != last + 1:
                gaps.append((last, row.pos))
            last = row.pos
            _see(self._life(lives, row.run), row)
        if blocks:
            rows, why = sum(block.rows for block in blocks), blocks[0].why
            self._find("block", f"{rows} events lie in a damaged part of the file: {why}", _KEEP)
        if gaps:
            shown = listed([f"{after} to {pos}" for after, pos in gaps])
            self._find("gap", f"positions go from {shown}", _KEEP)

    def _see_archive(self, lives: dict[str, _Life]) -> None:
        named = self.archived()
        folder = folder_of(self.path)
        for file, runs in named.items():
            why = "" if (folder / file).exists() else "it is not there"
            for row in self.rows(file) if not why else ():
                if isinstance(row, Unreadable):
                    why = row.why
                else:
                    _see(self._life(lives, row.run), row)
            if why:
                self.unreadable.add(file)
                for run in runs:
                    lives.setdefault(run, _Life()).fault = "archive"
                what = f"'{folder / file}' can not be read, which has {len(runs)} archived runs: {why}"
                self._find("archive", what, "put it back from where it was moved to, or from a backup", runs)
        if folder.is_dir() and (stray := sorted({entry.name for entry in folder.iterdir()} - set(named))):
            what = f"'{folder}' has {listed(stray)}, which the history does not name"
            self._find("stray", what, "a process was killed while it archived: they can be deleted")

    def _see_values(self) -> None:
        """Compare what is stored of values with the hashes that name them."""
        assert self.connection is not None
        if not has_table(self.connection, "values"):
            return
        lost, why = self.lost, ""
        try:
            for hash, fault in faults(self.connection, valuetable.folder_of(self.path)):
                if fault:
                    lost.add(hash)
                    why = why or f"'{hash[:12]}...' {fault}"
        except duckdb.Error as error:
            self._find("block", f"values lie in a damaged part of the file: {line(error)}", _KEEP)
        if lost:
            cure = "a backup may have it; a task whose value can not be read runs again where it is missing altogether"
            self._find("value", f"{len(lost)} stored values can not be read, the first of them {why}", cure)

    def _judge(self, lives: dict[str, _Life]) -> None:
        """Say of each run whether it is whole."""
        for fault in ("payload", "run"):
            for run in [run for run, life in lives.items() if life.fault.startswith(fault)]:
                self._find(fault, lives[run].fault.partition(": ")[2], _KEEP, [run])
        known = self.definitions().keys()
        lacking: dict[str, list[str]] = {}
        for run, life in lives.items():
            if not life.fault and (missing := life.definitions - known):
                life.fault = "definition"
                lacking.setdefault(min(missing), []).append(run)
        for hash_, runs in lacking.items():
            what = f"the definition '{hash_}' is not there, which {listed(runs)} follow"
            self._find("definition", what, "a backup may have it: these runs can not be replayed without it", runs)
        for run in sorted(lives, key=lambda run: run.count("/")):
            life = lives[run]
            if not life.fault and life.parent and (life.parent not in lives or lives[life.parent].fault):
                life.fault = "orphan"
                what = f"run '{run}' is a child of '{life.parent}', which is not whole"
                self._find("orphan", what, "its parent would have to be saved with it", [run])

    def _find(self, kind: Kind, what: str, cure: str, runs: list[str] | set[str] | tuple[str, ...] = ()) -> None:
        self.findings.append(Finding(kind, what, cure, tuple(sorted(runs))))


_KEEP = "keep the file as it is; --salvage NEW writes every run that is whole to a new history"


def _see(life: _Life, row: Row) -> None:
    """Take in a run's next event."""
    life.seq = max(life.seq, life.dropped if life.seq else 0) + 1
    if life.fault:
        return
    if row.seq != life.seq or row.epoch < life.epoch:
        before = f"event {life.seq - 1}" if life.seq > 1 else "its beginning"
        life.fault = f"run: run '{row.run}' has event {row.seq} after {before}"
        return
    life.epoch = row.epoch
    try:
        event = decode(row.payload)
    except (msgspec.DecodeError, UnicodeError) as error:
        life.fault = f"payload: event {row.seq} of run '{row.run}' can not be read: {error}"
        return
    if row.seq == 1 and not isinstance(event, RunStarted):
        life.fault = f"run: run '{row.run}' begins with {row.type}"
    elif isinstance(event, RunStarted | RunMigrated):
        life.definitions |= {event.definition, *event.calls.values()}
        life.parent = event.parent if isinstance(event, RunStarted) else life.parent


@contextmanager
def opened(path: Path) -> Iterator[Ward]:
    """Open a history for looking at it: itself where that changes nothing, else a copy of it and its log.

    Raises:
        StoreError: there is nothing at this path.
    """
    ward, log = Ward(path), Path(f"{path}.wal")
    if not path.exists():
        if not log.exists():
            raise StoreError(f"there is no history '{path}'\ncheck the path")
        ward.findings.append(Finding("file", f"'{log}' is there, but not the file it belongs to", "find that file"))
        yield ward
        return
    with TemporaryDirectory(prefix="wfnb-") as folder:
        try:
            ward.connection = _connected(ward, log, Path(folder))
            yield ward
        finally:
            if ward.connection is not None:
                ward.connection.close()


def _connected(ward: Ward, log: Path, folder: Path) -> duckdb.DuckDBPyConnection | None:
    """A connection to what can be read; what can not becomes a finding."""
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
        ward.findings.append(Finding("log", what, _KEEP))
        return _checked(ward, connection)
    ward.findings.append(Finding("file", str(told).partition("\n")[0], "a backup is all that can help"))
    return None


def _checked(ward: Ward, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection | None:
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
        ward.findings.append(Finding("file", f"its table 'meta' has {len(versions)} rows, not 1", _KEEP))
    return connection


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
