"""Files that are on the disk when they are said to be, and those that are where they were."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

Identity: TypeAlias = tuple[int, int]
"""What tells a file apart from all others, whatever it is called: its device, and its number there."""


def identity(path: Path) -> Identity | None:
    """Which file or folder a path leads to; None where there is none.

    Raises:
        OSError: that can not be told.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - half the time, and asked with each commit
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def is_in_place(path: Path, known: Identity | None) -> bool:
    """Whether a path still leads to the same file, as far as that can be told."""
    try:
        return identity(path) == known
    except PermissionError:
        return True
    except OSError:
        return False


def sync_file(path: Path) -> None:
    """Wait until a file's content is on the disk.

    Raises:
        OSError: it will not be.
    """
    file = os.open(path, os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def sync_folder(path: Path) -> None:
    """Wait until a folder's names are on the disk; where folders can not be opened (Windows), that is left to it.

    Raises:
        OSError: they will not be.
    """
    if os.name == "nt":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
