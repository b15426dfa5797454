"""Snapshots of a history in a folder, a file each.

    snapshots/1b4f0e9851971998-000000001000.json    a run by a digest of its id, and the last event that it covers

A file has one line, as a journal has them, and comes under its name only when it is on the disk.  One that is not as
it was written does not count: no event is dropped in its favour.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from wfnb.store.files import sync_file, sync_folder
from wfnb.store.journal import framed, read

FOLDER = "snapshots"
"""Within the history's."""
_PART = ".part"


class Kept(msgspec.Struct, frozen=True):
    """A snapshot as a file has it."""

    run: str
    seq: int
    definition: str
    ts: int
    state: msgspec.Raw

    @property
    def row(self) -> tuple[object, ...]:
        """Of the table `snapshots`."""
        return self.run, self.seq, self.definition, self.ts, bytes(self.state).decode()


def save(history: Path, snapshots: Iterable[Kept]) -> None:
    """Write snapshots; they are on the disk when it is back.

    Raises:
        OSError: they can not be written.
    """
    folder = history / FOLDER
    if not folder.exists():
        folder.mkdir()
        sync_folder(history)
    for snapshot in snapshots:
        path = folder / _name(snapshot.run, snapshot.seq)
        part = path.with_name(path.name + _PART)
        part.write_bytes(framed(msgspec.json.encode(snapshot)))
        sync_file(part)
        part.replace(path)
    sync_folder(folder)


def remove(history: Path, snapshots: Iterable[tuple[str, int]]) -> None:
    """Remove the files of snapshots, by run and event.

    Raises:
        OSError: one can not be removed.
    """
    for run, seq in snapshots:
        (history / FOLDER / _name(run, seq)).unlink(missing_ok=True)


def load(history: Path) -> Iterator[Kept]:
    """The snapshots that are as they were written, those of each run in order.

    Raises:
        OSError: one can not be read.
    """
    folder = history / FOLDER
    for path in sorted(folder.glob("*.json")) if folder.exists() else ():
        lines, _, damage = read(path)
        if len(lines) == 1 and damage is None:
            with suppress(msgspec.DecodeError):
                yield msgspec.json.decode(lines[0], type=Kept)


def tidy(history: Path) -> None:
    """Remove what a kill left half written."""
    for path in (history / FOLDER).glob("*" + _PART):
        path.unlink()


def copy(history: Path, target: Path) -> None:
    """Copy the snapshots that are there, into a folder that does not have any; some may go meanwhile.

    Raises:
        OSError: they can not be written.
    """
    folder = history / FOLDER
    if not folder.exists():
        return
    (target / FOLDER).mkdir()
    for path in folder.glob("*.json"):
        with suppress(FileNotFoundError):
            shutil.copyfile(path, target / FOLDER / path.name)
            sync_file(target / FOLDER / path.name)
    sync_folder(target / FOLDER)


def _name(run: str, seq: int) -> str:
    return f"{sha256(run.encode()).hexdigest()[:16]}-{seq:012}.json"
