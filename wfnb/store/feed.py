"""Following a history: what is there already, then what comes, page by page.

A follower pulls; nothing is pushed at it, so one that is slow holds a page in memory and no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress

from wfnb.store.protocol import Posted

PAGE = 512
"""Events that are read at once."""


async def follow(
    page: Callable[[int], Awaitable[Sequence[Posted]]],
    bells: list[Callable[[], None]],
    is_closed: Callable[[], bool],
    after: int,
) -> AsyncGenerator[Posted]:
    """Events after a position, in order, for as long as the store is open.

    Args:
        page: gives the next events after a position; none where there are none yet.
        bells: what the store calls, in any thread, when there may be more, or when it is closed.
        is_closed: whether nothing comes any more.
        after: the position.
    """
    loop, more = asyncio.get_running_loop(), asyncio.Event()

    def ring() -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody follows any more
            loop.call_soon_threadsafe(more.set)

    bells.append(ring)
    try:
        while not is_closed():
            more.clear()
            found = await page(after)
            for posted in found:
                yield posted
                after = posted.pos
            if not found and not is_closed():
                await more.wait()
    finally:
        bells.remove(ring)
