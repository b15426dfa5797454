"""Which values a history in a folder has, and which results it does not use again.

    values/6c3e226b...    the content of a value, by its hash
    values.jsonl          a line, as in a journal, for each that came, and for those that went

A value's file is on the disk before its line, and its line before an event that names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from wfnb.store.commits import Drop, Forget, Keep, Other
from wfnb.store.files import sync_file, sync_folder
from wfnb.store.journal import Journal, framed, read
from wfnb.store.opening import corrupt

FOLDER = "values"
"""Within the history's."""
NAME = "values.jsonl"
"""Beside it."""


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value that came, those that went, or an activity whose results up to an event are not used again."""

    hash: str = ""
    codec: str = ""
    size: int = 0
    gone: tuple[str, ...] = ()
    forget: str | None = None
    pos: int = 0


def said(lines: Iterable[bytes]) -> tuple[list[tuple[str, str, int]], list[tuple[str, int]]]:
    """What lines say: hash, codec and size of each value; activities, and up to which `pos` results are not used."""
    kept: dict[str, tuple[str, str, int]] = {}
    forgotten: list[tuple[str, int]] = []
    for line in (msgspec.json.decode(content, type=_Line) for content in lines):
        for hash in line.gone:
            kept.pop(hash, None)
        if line.forget is not None:
            forgotten.append((line.forget, line.pos))
        elif line.hash:
            kept[line.hash] = (line.hash, line.codec, line.size)
    return [*kept.values()], forgotten


class Index:
    """What the file says; whoever has it reads it first, and is the only one to write.

    Attributes:
        values: hash, codec and size of each value.
        forgotten: activities, each with the position up to which its results are not used again.

    Raises:
        StoreCorrupt: it is damaged.
        OSError: it can not be read.
    """

    def __init__(self, history: Path) -> None:
        self.values: list[tuple[str, str, int]] = []
        self.forgotten: list[tuple[str, int]] = []
        self._path = history / NAME
        self._journal: Journal | None = None
        self._good = self._lines = 0
        if not self._path.exists():
            return
        lines, self._good, damage = read(self._path)
        if damage is not None:
            raise corrupt(history, f"byte {damage} of '{self._path}' is not what was written there")
        self._lines = len(lines)
        self.values, self.forgotten = said(lines)

    def tidy(self) -> None:
        """Write the file anew where it has lines that say nothing any more.

        Raises:
            OSError: it can not be written.
        """
        lines = [_Line(*value) for value in self.values]
        lines += [_Line(forget=activity, pos=pos) for activity, pos in self.forgotten]
        if len(lines) == self._lines:
            return
        part = self._path.with_name(NAME + ".part")
        part.write_bytes(content := b"".join(framed(msgspec.json.encode(line)) for line in lines))
        sync_file(part)
        part.replace(self._path)
        sync_folder(self._path.parent)
        self._good, self._lines = len(content), len(lines)

    def write(self, others: Sequence[tuple[Other, int]]) -> None:
        """Add what is to be said, each with the `pos` of the last event before it; it is on the disk when it is back.

        Raises:
            OSError: it may not be.
        """
        lines: list[_Line] = []
        for work, pos in others:
            match work:
                case Keep():
                    lines.append(_Line(work.hash, work.codec, work.size))
                case Drop():
                    lines.append(_Line(gone=work.hashes))
                case Forget():
                    lines.append(_Line(forget=work.activity, pos=pos))
                case _:  # definitions go where events go
                    continue
        if lines:
            if self._journal is None:
                self._journal = Journal(self._path, self._good)
            self._journal.write(framed(msgspec.json.encode(line)) for line in lines)
            self._good = self._journal.size

    def copy(self, target: Path) -> None:
        """Copy what is on the disk into another folder.

        Raises:
            OSError: it can not be written.
        """
        if size := self._good:
            with self._path.open("rb") as source:
                (target / NAME).write_bytes(source.read(size))

    def close(self) -> None:
        """Let go of the file."""
        if self._journal is not None:
            self._journal.close()
