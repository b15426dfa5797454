"""A journal: lines that are on the disk before anybody is told so, and what a crash may do to the last of them.

A line is the checksum of what follows it (CRC-32, 8 hexadecimal digits), a blank, and JSON; so a journal can be read
by eye.  After a crash the last line may be torn: cut off, or padded with what a file system leaves.  It was
acknowledged to nobody, and is dropped.  A bad line before a good one is damage.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from zlib import crc32

from wfnb.store.files import identity, is_in_place, sync_folder

_SUM = 8


def framed(content: bytes) -> bytes:
    """The line for some JSON."""
    return b"%08x %b\n" % (crc32(content), content)


def read(path: Path) -> tuple[list[bytes], int, int | None]:
    """What a journal has: the JSON of each line, the length of what is good, and where damage begins, None if nowhere.

    Raises:
        OSError: it can not be read.
    """
    content = path.read_bytes()
    lines: list[bytes] = []
    good = 0
    while good < len(content):
        end = content.find(b"\n", good)
        line = content[good:end]
        if end < 0 or not is_good(line):
            break
        lines.append(line[_SUM + 1 :])
        good = end + 1
    # A line that is good behind one that is not: what is between was there once.
    damaged = any(map(is_good, content[good:].split(b"\n")[1:]))
    return lines, good, good if damaged else None


def lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Where each line of a journal that may be damaged begins, and its JSON, None where it is not as it was written.

    What a crash left of its last line is not one of them.

    Raises:
        OSError: it can not be read.
    """
    content = path.read_bytes()
    begin = 0
    bad: list[int] = []
    for line in content.split(b"\n"):
        if is_good(line):
            yield from ((position, None) for position in bad)
            yield begin, line[_SUM + 1 :]
            bad.clear()
        else:
            bad.append(begin)
        begin += len(line) + 1


def is_good(line: bytes) -> bool:
    """Whether a line is as it was written."""
    return line[_SUM : _SUM + 1] == b" " and line[:_SUM] == b"%08x" % crc32(line[_SUM + 1 :])


class Journal:
    """A journal that is written.

    Raises:
        OSError: it can not be opened.
    """

    def __init__(self, path: Path, good: int = 0) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        os.ftruncate(self._file, good)
        os.lseek(self._file, good, os.SEEK_SET)
        self.size = good
        """Bytes that are on the disk."""
        self._known = identity(path)
        sync_folder(path.parent)

    def is_in_place(self) -> bool:
        """Whether its path still leads to it."""
        return is_in_place(self.path, self._known)

    def write(self, lines: Iterable[bytes]) -> None:
        """Add lines; they are on the disk when it is back.

        Raises:
            OSError: they may not be, and nothing can be added any more.
        """
        content = memoryview(b"".join(lines))
        done = 0
        while done < len(content):
            done += os.write(self._file, content[done:])
        sync = getattr(os, "fdatasync", os.fsync)
        sync(self._file)
        self.size += done

    def close(self) -> None:
        """Let go of it."""
        os.close(self._file)
