"""The long form of `test_construct_kill.py`: 200 kills of each store, and as many of every other misfortune."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.crash.lives import failed, filled, killed, limited

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here"),
    pytest.mark.timeout(600),
]
each_store = pytest.mark.parametrize("name", ["history.duckdb", "history/"], ids=["file", "folder"])
points = pytest.mark.parametrize("seed", range(40), ids=lambda seed: f"{5 * seed + 1} to {5 * seed + 5}")


@points
@each_store
def test_kill_9_at_200_random_points(tmp_path: Path, name: str, seed: int) -> None:
    killed(f"{tmp_path}/{name}", kills=5, seed=seed)


@points
@each_store
def test_a_failing_write_at_200_random_points(tmp_path: Path, name: str, seed: int) -> None:
    failed(f"{tmp_path}/{name}", failures=5, seed=seed)


@points
def test_files_that_can_not_grow_at_200_random_points(tmp_path: Path, seed: int) -> None:
    limited(f"{tmp_path}/history/", failures=5, seed=seed)


@points
@each_store
def test_a_full_disk_at_200_random_points(tmp_path: Path, name: str, seed: int) -> None:
    filled(tmp_path, name, failures=5, seed=seed)
