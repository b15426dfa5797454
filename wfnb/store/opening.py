"""Opening a history: what it must look like, and what is said where it does not.

Nothing is written to a file before it has passed every check.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import duckdb

from wfnb.errors import StoreCorrupt, StoreError, StoreLocked, StoreVersion
from wfnb.store import archive, dropping
from wfnb.store.commits import Head
from wfnb.store.sql import TABLES, VIEWS
from wfnb.store.wal import damage
from wfnb.version import __version__

FIRST_VERSION, VERSION = 1, dropping.VERSION
"""Of the tables in schema.sql: of a new history, and the newest that is known."""
Settings: TypeAlias = dict[str, str | bool | int | float | list[str]]
SETTINGS: Settings = {
    "memory_limit": "512MB",
    "threads": min(2, os.cpu_count() or 1),
    # The writer checkpoints by itself, after it has answered: an automatic one would run inside a
    # commit, and where it fails nobody could say whether the commit is in the file.
    "checkpoint_threshold": "64GB",
}
_FULL = re.compile(r"No space left|not enough space|[Qq]uota exceeded|File too large")
"""What systems say about a disk, a share of one, or a file that can hold no more."""
UNTOUCHED = "nothing was written to it: keep a copy of the file and of its .wal, and open another history"
"""What to do about a damaged history."""


def connect(path: Path, *, create: bool) -> tuple[duckdb.DuckDBPyConnection, dict[str, Head], int]:
    """Open a history, or make a new one.

    Returns:
        The connection, the head of every stream, and the last `pos`.

    Raises:
        StoreLocked, StoreVersion, StoreCorrupt: see there.
        StoreError: there is no such file and `create` is false, or it can not be opened or made.
    """
    _check_files(path, create=create)
    new = not path.exists()
    try:
        return _connected_with_room(path)
    except StoreLocked:
        raise
    except BaseException:
        if new:  # half a history would be taken for a damaged one
            with suppress(OSError):
                path.unlink(missing_ok=True)
                Path(f"{path}.wal").unlink(missing_ok=True)
        raise


def _connected_with_room(path: Path) -> tuple[duckdb.DuckDBPyConnection, dict[str, Head], int]:
    """As `_connected`, where there is too little memory for long texts with more of it."""
    try:
        return _connected(path, SETTINGS)
    except duckdb.OutOfMemoryException:
        with_room = {name: value for name, value in SETTINGS.items() if name != "memory_limit"}
        try:
            return _connected(path, with_room)
        except duckdb.OutOfMemoryException as error:
            raise StoreError(
                f"the history '{path}' has longer texts than there is memory for: {error}\n"
                "open it where there is more; let activities give tables, arrays or bytes, which are kept beside it"
            ) from error


def _connected(path: Path, settings: Settings) -> tuple[duckdb.DuckDBPyConnection, dict[str, Head], int]:
    """As `connect`; with OutOfMemoryException where the settings allow too little of it."""
    try:
        connection = duckdb.connect(str(path), config=settings)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise explain(error, path) from error
    try:
        connection.execute("pragma disable_checkpoint_on_shutdown")
        connection.execute("set enable_progress_bar = false")
        fresh = not connection.execute("select 1 from duckdb_tables() limit 1").fetchall()
        if fresh:
            heads, pos, made = {}, 0, ""
        else:
            made = _check_meta(connection, path)
            pos = check_positions(connection, path)
            heads = check_streams(connection, path)
        connection.execute("pragma enable_checkpoint_on_shutdown")
        if fresh or made != _fingerprint(connection, path):
            _prepare(connection, path, fresh=fresh)
    except duckdb.OutOfMemoryException:
        connection.close()
        raise
    except duckdb.Error as error:
        connection.close()
        raise explain(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection, heads, pos


def make_room(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection take most of the machine's memory: texts of megabytes are read and written 2,048 at once."""
    connection.execute("reset memory_limit")


def explain(error: duckdb.Error, path: Path) -> StoreError:
    """What DuckDB says about a file, as one of our errors."""
    text = str(error).partition("\n\nLINE ")[0]  # without the statement, which is ours
    if "Could not set lock" in text:
        found = re.search(r"PID (\d+)", text)
        return locked(path, int(found[1]) if found else None)
    if "different configuration" in text:
        return locked(path, os.getpid())
    if "version number" in text or "older version" in text:
        return StoreVersion(
            f"the history '{path}' was written by a newer DuckDB: {text}\n"
            f"upgrade DuckDB, which is {duckdb.__version__} here"
        )
    if _FULL.search(text):
        return StoreError(
            f"there is no room on the disk of the history '{path}': {text}\n"
            "free some, and do it again; what was acknowledged is safe"
        )
    if "WAL does not match" in text:
        return StoreCorrupt(
            f"'{path}.wal' is not the log of '{path}': one of them was replaced while the other was in use\n"
            "put back what was there; or, if the file alone is what you want, move the .wal away"
        )
    damaged = (duckdb.InternalException, duckdb.FatalException, duckdb.DataError, duckdb.ProgrammingError)
    if isinstance(error, damaged) or re.search(
        r"not a valid DuckDB|[Cc]orrupt|WAL|checksum|Could not read enough|[Ss]erializ", text
    ):
        return corrupt(path, text)
    return StoreError(f"the history '{path}' can not be opened: {text}\ncheck the path and its permissions")


def corrupt(path: Path, reason: str) -> StoreCorrupt:
    """The error for a damaged history."""
    cure = UNTOUCHED.replace("file and of its .wal", "folder") if path.is_dir() else UNTOUCHED
    return StoreCorrupt(f"the history '{path}' is damaged: {reason}\n{cure}")


def locked(path: Path, pid: int | None) -> StoreLocked:
    """The error for a history that somebody else has open."""
    if pid == os.getpid():
        who, cure = (
            "this very process",
            "use the session that has it, or run wf.close() (of an engine: engine.close()) first",
        )
    else:
        who = f"process {pid}" if pid else "another process"
        cure = "run wf.close() there, or shut that kernel down"
    return StoreLocked(f"the history '{path}' is in use by {who}\n{cure}", pid)


def _check_files(path: Path, *, create: bool) -> None:
    wal = Path(f"{path}.wal")
    if not path.exists():
        if wal.exists() and wal.stat().st_size:
            # DuckDB would make an empty file and delete the log.
            raise corrupt(path, f"'{wal}' is there, but the file it belongs to is not")
        if not create:
            raise StoreError(f"there is no history '{path}'\ncheck the path; a run makes a new history")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the history '{path}' can not be made: {error}\nchoose another folder") from error
    elif path.is_file() and not path.stat().st_size and not (wal.exists() and wal.stat().st_size):
        raise StoreCorrupt(
            f"the history '{path}' is an empty file: nothing was ever in it\ndelete it, and open it again"
        )
    try:
        position = damage(wal)
    except OSError as error:
        raise StoreError(f"'{wal}' can not be read: {error}\ncheck its permissions") from error
    if position is not None:
        raise corrupt(path, f"byte {position} of '{wal}' is not what was written there")


def _check_meta(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Refuse what is no history of ours, or of a newer format; gives the fingerprint of what was made in it."""
    tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    if "meta" not in tables:
        raise StoreError(f"'{path}' is a DuckDB database, but not a history of wfnb\nchoose another file")
    if missing := {"events", "definitions"} - tables:
        raise corrupt(path, f"it has no table '{min(missing)}'")
    found = connection.execute("select version, wfnb, views from meta").fetchall()
    if len(found) != 1:
        raise corrupt(path, f"its table 'meta' has {len(found)} rows, not 1")
    version, writer, views = found[0]
    if version > VERSION:
        raise StoreVersion(
            f"the history '{path}' has format {version} and was written by wfnb {writer}; "
            f"wfnb {__version__} reads up to format {VERSION}\nupgrade wfnb"
        )
    return str(views)


def check_positions(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """The last `pos`, if it and those before it are 1, 2, 3, ..."""
    if has_table(connection, "gone"):
        ranges, gone, end = connection.execute(
            "select count(*), coalesce(sum(last - first + 1), 0), coalesce(max(last), 0) from gone"
        ).fetchall()[0]
    else:
        ranges = gone = end = 0
    count, first, last, prints = connection.execute(
        "select count(*), coalesce(min(pos), 1), coalesce(max(pos), 0), coalesce(sum(hash(pos)), 0) from events"
    ).fetchall()[0]
    last = max(last, end)
    # Numbers that are as many as they should be, and whose hashes add up as they should, are those that they should be.
    missing = (
        "+ (select sum(hash(pos)) from (select unnest(range(first, last + 1)) as pos from gone))" if ranges else ""
    )
    whole = f"select coalesce(sum(hash(pos)), 0) = ?::hugeint {missing} from range(1, ?) as numbers(pos)"  # noqa: S608
    if count + gone != last or not connection.execute(whole, [prints, last + 1]).fetchall()[0][0]:
        without = f", and {gone} that were archived, forgotten or dropped" if gone else ""
        raise corrupt(path, f"it has {count} events at positions from {first} to {last}{without}")
    return int(last)


def check_streams(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, Head]:
    """The head of every run, if its events are 1, 2, 3, ..."""
    dropped: dict[str, int] = {}
    if has_table(connection, "dropped"):
        left = "where run not in (select run from archived)" if has_table(connection, "archived") else ""
        dropped = dict(connection.execute(f"select run, last from dropped {left}").fetchall())  # noqa: S608 - ours
    # Two sums, because a duplicate and a gap can leave one of them as it should be.
    streams = connection.execute(
        "select run, max(epoch), max(seq), min(pos), max(pos), min(seq), count(*), sum(seq), sum(seq::bigint * seq) "
        "from events group by run"
    )
    heads: dict[str, Head] = {}
    for run, epoch, seq, first, last, start, *sums in streams.fetchall():
        without = dropped.pop(run, 1)
        if start != 1 or sums != [whole - gone + 1 for whole, gone in zip(_sums(seq), _sums(without), strict=True)]:
            raise corrupt(path, f"events of run '{run}' are missing, or there twice")
        heads[run] = Head(epoch, seq, first, last, without)
    if dropped:
        raise corrupt(path, f"events of run '{min(dropped)}' are missing")
    return heads


def _sums(n: int) -> tuple[int, int, int]:
    """How many numbers from 1 to n there are, their sum, and that of their squares."""
    return n, n * (n + 1) // 2, n * (n + 1) * (2 * n + 1) // 6


def has_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether an older history has a table, too."""
    return bool(connection.execute("select 1 from duckdb_tables() where table_name = ?", [name]).fetchall())


def _fingerprint(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    return archive.fingerprint(connection, archive.folder_of(path)) if has_table(connection, "archived") else "older"


def _prepare(connection: duckdb.DuckDBPyConnection, path: Path, *, fresh: bool) -> None:
    """Make the tables that are not there, and the views anew."""
    connection.execute("begin")
    connection.execute(TABLES)
    if fresh:
        connection.execute("insert into meta values (?, ?, '')", [FIRST_VERSION, __version__])
    connection.execute(VIEWS)
    archive.show(connection, archive.folder_of(path))
    connection.execute("commit")
    connection.execute("checkpoint")
