"""Which engines this process has open."""

from __future__ import annotations

from wfnb.engine.engine import Engine
from wfnb.engine.opened import open_engines


def test_an_engine_is_among_those_open_until_it_is_closed() -> None:
    one, two = Engine(), Engine()
    assert {id(one), id(two)} <= {id(engine) for engine in open_engines()}
    one.close()
    assert one not in open_engines()
    assert two in open_engines()
    two.close()
    assert two not in open_engines()
