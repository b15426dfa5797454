"""Frames of a write-ahead log: what is a torn end and what is damage."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfnb.store.wal import COMMIT, damage

HEADER = bytes.fromhex("640062650002660010" + "a401" * 16 + "670002" + "ffff")
SUM, MARK = COMMIT[:8], COMMIT[8:]


def frame(content: bytes, checksum: bytes = b"checksum", length: int | None = None) -> bytes:
    return (len(content) if length is None else length).to_bytes(8, "little") + checksum + content


ROWS, END = frame(b"rows" * 30), frame(MARK, SUM)


@pytest.mark.parametrize(
    ("log", "position"),
    [
        (b"", None),
        (HEADER[:20], None),
        (HEADER, None),
        (HEADER + ROWS + END, None),
        (HEADER + ROWS + END + ROWS[:50], None),
        (HEADER + ROWS + END + ROWS + END[:20], None),
        (HEADER + ROWS + END + bytes(4096), None),
        (HEADER + frame(b"rows", length=1 << 40), None),
        (HEADER + frame(b"rows", length=1 << 40) + END, len(HEADER)),
        (HEADER + ROWS + END + frame(b"rows", length=500) + END, len(HEADER + ROWS + END)),
        (HEADER + ROWS + frame(MARK, SUM, length=1 << 63), len(HEADER + ROWS)),
        (b"x" + HEADER + ROWS + END, 0),
        (HEADER[:10] + ROWS + END, 0),
    ],
    ids=[
        "empty", "torn header", "no commit", "one commit", "torn rows", "torn end", "zeros", "torn only commit",
        "length of the first frame", "length of a later frame", "length of the last end", "before the header", "header",
    ],
)  # fmt: skip
def test_damage(tmp_path: Path, log: bytes, position: int | None) -> None:
    path = tmp_path / "h.duckdb.wal"
    path.write_bytes(log)
    assert damage(path) == position


def test_no_log_is_no_damage(tmp_path: Path) -> None:
    assert damage(tmp_path / "none.wal") is None
