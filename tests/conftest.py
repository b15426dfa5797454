"""What holds for every test: a time limit (pyproject.toml), warnings as errors, slow ones last, long ones on demand."""

from __future__ import annotations

import faulthandler
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("wfnb", deadline=None, print_blob=True)  # the time limit is pytest's
settings.load_profile("wfnb")

LAST = ("packaging", "browser")
"""Folders whose tests run after all others: they are slow, and Playwright keeps an event loop running."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort by folder, otherwise as collected; leave out what takes long, unless that is asked for."""
    here = Path(__file__).parent
    if config.getoption("-m") != "long":
        later = pytest.mark.skip(reason="takes minutes: make test-long")
        for item in items:
            if item.get_closest_marker("long") is not None:
                item.add_marker(later)
    items.sort(key=lambda item: _rank(item.path.relative_to(here).parts[0]))


def pytest_unconfigure() -> None:
    """Let no thread that a test left behind keep the run from ending; say where it is, and fail."""
    faulthandler.dump_traceback_later(60, exit=True)


def _rank(folder: str) -> int:
    return LAST.index(folder) + 1 if folder in LAST else 0
