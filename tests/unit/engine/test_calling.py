"""From when the time of an attempt counts that has to wait for a thread or a process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.unit.engine.kit import Activities, chain
from wfnb.engine.calling import _Beginning, _limited, _watched
from wfnb.engine.engine import Engine
from wfnb.engine.executors.threads import ThreadPool
from wfnb.errors import ActivityTimeout, HeartbeatLost
from wfnb.model.activity import describe
from wfnb.testing import virtual_time


class Heard:
    """The ears and the place of an attempt that gives no sign of life."""

    alive = 0.0

    def ears(self) -> Heard:
        return self

    def beat(self) -> None:
        self.alive = asyncio.get_running_loop().time()


async def waits(begins: _Beginning, takes: float) -> str:
    """Get a thread after a hundred seconds, and take so many more."""
    await asyncio.sleep(100)
    begins._tell()
    await asyncio.sleep(takes)
    return "done"


def limited(called: Awaitable[Any], seconds: float, begins: _Beginning) -> Awaitable[Any]:
    return _limited(called, describe(waits), seconds, begins)


def watched(called: Awaitable[Any], seconds: float, begins: _Beginning) -> Awaitable[Any]:
    place: Any = Heard()
    return _watched(called, describe(waits), seconds, place, begins)


@pytest.mark.parametrize(("within", "error"), [(limited, ActivityTimeout), (watched, HeartbeatLost)])
def test_the_time_before_an_attempt_begins_does_not_count(
    within: Callable[..., Awaitable[Any]], error: type[Exception]
) -> None:
    async def main() -> None:
        loop, begins = asyncio.get_running_loop(), _Beginning()
        assert (await within(waits(begins, 4), 5, begins), loop.time()) == ("done", 104)
        begins._tell()  # too late, and harmless
        begins = _Beginning()
        with pytest.raises(error):
            await within(waits(begins, 6), 5, begins)
        assert loop.time() == 104 + 105

    virtual_time(main())


def test_an_attempt_that_waits_for_a_thread_does_not_run_out_of_time(engine: Engine, activities: Activities) -> None:
    goes_on, ran = threading.Event(), []

    @activities.define()
    def blocks() -> None:
        goes_on.wait()

    @activities.define(timeout=5, heartbeat=5)
    def quick() -> None:
        ran.append(1)

    async def main() -> None:
        engine.host.attach()
        engine.host._calling._threads = pool = ThreadPool(1, grows=False)
        first = engine.start(chain("blocks"))
        while not pool._busy:  # noqa: ASYNC110 - what is waited for knows no events
            await asyncio.sleep(0)
        second = engine.start(chain("quick"))
        await asyncio.sleep(3600)
        assert (second.status, ran) == ("running", [])
        second.cancel()
        goes_on.set()
        await first

    virtual_time(main())
