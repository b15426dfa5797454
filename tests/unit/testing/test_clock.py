"""Virtual time."""

from __future__ import annotations

import asyncio
import time

import pytest

from wfnb.testing import Deadlock, clock, virtual_time


def test_pauses_take_no_time() -> None:
    async def main() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    began = time.perf_counter()
    assert virtual_time(main()) == 86_400
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("day", [365, 36_500])
def test_a_pause_may_take_years(day: int) -> None:
    async def main() -> float:
        await asyncio.sleep(day * 86_400.1)
        return asyncio.get_running_loop().time()

    assert virtual_time(main()) == day * 86_400.1


def test_timers_fire_in_their_order() -> None:
    order = []

    async def one(seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append(seconds)

    async def main() -> None:
        await asyncio.gather(*(one(seconds) for seconds in (3, 1, 2)))

    virtual_time(main())
    assert order == [1, 2, 3]


def test_a_seed_decides_the_order_of_what_is_ready() -> None:
    def shuffled(seed: int | None) -> list[int]:
        order: list[int] = []

        async def one(number: int) -> None:
            await asyncio.sleep(0)
            order.append(number)

        async def main() -> None:
            await asyncio.gather(*map(one, range(6)))

        virtual_time(main(), seed=seed)
        return order

    assert shuffled(None) == [0, 1, 2, 3, 4, 5]
    assert shuffled(1) == shuffled(1)
    assert len({tuple(shuffled(seed)) for seed in range(20)}) > 5


def test_threads_are_waited_for() -> None:
    async def main() -> str:
        return await asyncio.to_thread(lambda: "from a thread")

    assert virtual_time(main()) == "from a thread"


def test_a_deadlock_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "PATIENCE", 0.01)

    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock):
        virtual_time(main())
