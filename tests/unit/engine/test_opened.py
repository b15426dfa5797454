"""Which engines this process has open."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfnb.engine.engine import Engine
from wfnb.engine.opened import open_engines
from wfnb.errors import StoreError


def test_an_engine_is_among_those_open_until_it_is_closed() -> None:
    one, two = Engine(), Engine()
    assert {id(one), id(two)} <= {id(engine) for engine in open_engines()}
    one.close()
    assert one not in open_engines()
    assert two in open_engines()
    two.close()
    assert two not in open_engines()


async def test_an_engine_whose_history_can_not_be_written_is_closed_at_the_end_of_its_block(tmp_path: Path) -> None:
    """Or its file would be in use until the process ends, and nobody could open it again."""
    path = tmp_path / "h.duckdb"
    engine = Engine(path)
    await engine.__aenter__()
    path.unlink()
    engine.store.define("h", b"{}")
    with pytest.raises(StoreError, match="was moved, deleted or replaced"):
        await engine.__aexit__(None, None, None)
    assert engine.closed
    Engine(path).close()
