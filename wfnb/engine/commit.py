"""What a run does once the store has acknowledged an append, in place of a future: thousands may be waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from wfnb.errors import StoreError


class Commit:
    """Waits for an acknowledgement.

    Args:
        loop: where it is acknowledged.
        then: goes on, with the error that kept it from being durable, if any.
        what: what it goes on with.
    """

    __slots__ = ("_future", "_loop", "_then", "what")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, then: Callable[[Any, StoreError | None], None], what: Any
    ) -> None:
        self.what = what
        self._loop = loop
        self._then: Callable[[Any, StoreError | None], None] | None = then
        self._future: asyncio.Future[None] | None = None

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The loop in which it has to be acknowledged."""
        return self._loop

    def done(self) -> bool:
        """Whether it has been."""
        return self._then is None

    def set_result(self, _: None) -> None:
        """It is durable."""
        self._resolve(None)

    def set_exception(self, error: BaseException) -> None:
        """It will not be."""
        self._resolve(error if isinstance(error, StoreError) else StoreError(str(error)))

    def _resolve(self, error: StoreError | None) -> None:
        then, self._then = self._then, None
        if then is None:
            return
        try:
            then(self, error)
        except Exception as raised:  # noqa: BLE001 - others wait for the same commit
            self._loop.call_exception_handler({"message": "a run could not go on", "exception": raised})
        if self._future is not None and not self._future.done():
            if error is None:
                self._future.set_result(None)
            else:
                self._future.set_exception(error)

    async def wait(self) -> None:
        """Wait for it.

        Raises:
            StoreError: it could not be made durable.
        """
        if not self.done():
            self._future = self._future or self._loop.create_future()
            await asyncio.shield(self._future)  # others may wait for it, too
