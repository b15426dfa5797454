"""Damage to a write-ahead log that DuckDB takes for a torn end.

After a crash the last frame of a log may be torn, and DuckDB drops it, as it must.  But damage to
the length of any frame, or to the log's header, looks the same to it: it opens without a word and
without everything behind that place.  A commit found behind it tells the two apart.

A log is a header and frames; a frame is its length and checksum, 8 bytes each, and its content; the
last frame of a commit is always the same (DuckDB 2.0, and unchanged for years).
"""

from __future__ import annotations

import re
from pathlib import Path

VARINT = rb"[\x80-\xff]*[\x00-\x7f]"
HEADER = re.compile(rb"\x64\x00\x62\x65\x00%b(\x66\x00\x10(?:%b){16}\x67\x00%b)?\xff\xff" % (VARINT, VARINT, VARINT))
"""The log's version, the file it belongs to, and the number of that file's checkpoint."""
COMMIT = bytes.fromhex("e7fe7d722fed3d5e 640064ffff")
"""Checksum and content of the frame that ends a commit."""
FRAME = 16
"""Bytes of a frame before its content."""


def damage(path: Path) -> int | None:
    """The position of damage that would silently swallow commits, None where there is none.

    Raises:
        OSError: the log exists but can not be read.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    with file:
        start = file.read(256)
        header = HEADER.match(start)
        if header is None:
            return 0 if COMMIT in start + file.read() else None
        position, size = header.end(), path.stat().st_size
        while position < size:
            file.seek(position)
            length = int.from_bytes(file.read(FRAME)[:8], "little")
            if length == 0 or position + FRAME + length > size:
                # Zeros are what a file system leaves where a torn write was to be.
                file.seek(position)
                return position if length and COMMIT in file.read() else None
            position += FRAME + length
    return None
