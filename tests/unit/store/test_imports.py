"""What is slow to load is loaded only by whoever needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["wfnb.store.memory", "wfnb.store.protocol", "wfnb.history.rows", "wfnb.testing"])
def test_loads_neither_database_nor_frames(module: str) -> None:
    code = f"import sys, {module}; print({{'duckdb', 'pandas', 'altair', 'numpy'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=20)
    assert done.stdout.strip() == "set()"
