"""The DuckDB store keeps the contract of event stores, and what its file adds to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfnb.store.duckdb import DuckDBStore
from wfnb.store.protocol import EventStore
from wfnb.testing import EventStoreContract


class TestDuckDBStore(EventStoreContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "history.duckdb"

    def open(self) -> EventStore:
        return DuckDBStore(self.path)
