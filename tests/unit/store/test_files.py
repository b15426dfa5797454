"""Which file a path leads to."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from wfnb.store import files
from wfnb.store.files import identity, is_in_place


def test_a_file_is_the_same_under_all_of_its_names(tmp_path: Path) -> None:
    file, link = tmp_path / "a", tmp_path / "b"
    file.write_text("x")
    link.symlink_to(file)
    known = identity(file)
    assert known is not None
    assert identity(link) == known
    assert identity(tmp_path / "c") is None
    assert identity(file / "c") is None
    assert is_in_place(link, known)
    file.rename(tmp_path / "c")
    assert not is_in_place(link, known)
    file.write_text("x")
    assert not is_in_place(link, known)


def test_what_nobody_may_look_at_is_taken_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(number: int) -> bool:
        def ask(_: Path) -> None:
            raise OSError(number, "no")

        monkeypatch.setattr(files, "identity", ask)
        return is_in_place(tmp_path, (1, 2))

    assert failing(errno.EACCES)
    assert not failing(errno.ESTALE)
