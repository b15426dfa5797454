"""An engine in memory with activities of its own, for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.engine.kit import Activities
from wfnb.engine.engine import Engine


@pytest.fixture
def activities() -> Activities:
    return Activities()


@pytest.fixture
def engine(activities: Activities) -> Iterator[Engine]:
    made = Engine(registry=activities)
    yield made
    made.close()
