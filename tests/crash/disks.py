"""A small disk that can be filled up; it takes a file system in memory, which only root on Linux can mount."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 48 << 20
"""Bytes that it has."""
_BLOCK = 4096


class Disk:
    """A disk.

    Attributes:
        path: where it is mounted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def leave(self, free: int) -> None:
        """Fill it up to so many bytes."""
        with self._filler.open("ab") as filler:
            while (left := shutil.disk_usage(self.path).free - free) >= _BLOCK:
                filler.write(bytes(min(left, 1 << 20) // _BLOCK * _BLOCK))
                filler.flush()

    def clear(self) -> None:
        """Make room."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(path: Path) -> Iterator[Disk | None]:
    """A disk at a path, None where it can not be had."""
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "wfnb-test", str(path)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)
