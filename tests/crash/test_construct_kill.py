"""A process that is killed, or whose disk fails, in the middle of every construct.

Nothing that was acknowledged is lost, there is no gap, nothing recorded is done again, and each run ends as if nothing
had happened.

`test_many_kills.py` has the long form.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.crash.lives import failed, filled, killed, limited

pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here"),
    pytest.mark.timeout(120),
]
each_store = pytest.mark.parametrize("name", ["history.duckdb", "history/"], ids=["file", "folder"])


@each_store
def test_kill_9_in_the_middle_of_every_construct(tmp_path: Path, name: str) -> None:
    killed(f"{tmp_path}/{name}", kills=2, seed=1)


def test_a_write_that_fails_in_the_middle_of_every_construct(tmp_path: Path) -> None:
    failed(f"{tmp_path}/history.duckdb", failures=2, seed=1)


def test_files_that_can_not_grow_in_the_middle_of_every_construct(tmp_path: Path) -> None:
    limited(f"{tmp_path}/history/", failures=2, seed=1)


def test_a_full_disk_in_the_middle_of_every_construct(tmp_path: Path) -> None:
    filled(tmp_path, "history.duckdb", failures=2, seed=1)
