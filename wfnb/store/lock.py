"""One writer a folder: a lock that the operating system lets go of with the process, however that ends."""

from __future__ import annotations

import os
from pathlib import Path

from wfnb.store.opening import locked


class FolderLock:
    """Held until it is released.

    Args:
        folder: what is locked.
        looking: only to look at it: nothing is written to the file `lock`, which must be there.

    Raises:
        StoreLocked: another process, or another store of this one, has the folder.
        OSError: the file `lock` can not be made, or is not there.
    """

    def __init__(self, folder: Path, *, looking: bool = False) -> None:
        self._file = os.open(folder / "lock", os.O_RDWR | (0 if looking else os.O_CREAT), 0o666)
        try:
            _lock(self._file)
        except OSError:
            holder = os.pread(self._file, 20, 1) if hasattr(os, "pread") else b""
            os.close(self._file)
            raise locked(folder, int(holder) if holder.strip().isdigit() else None) from None
        if looking:
            return
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, f" {os.getpid()}\n".encode())

    def release(self) -> None:
        """Let the folder go."""
        os.close(self._file)


def _lock(file: int) -> None:
    """Lock the first byte of a file, or raise OSError."""
    if os.name == "nt":
        import msvcrt  # noqa: PLC0415 - there is none elsewhere

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        import fcntl  # noqa: PLC0415 - there is none on Windows

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
