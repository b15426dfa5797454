"""Where what a canvas says is taken: in the thread that everything else of it runs in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import get_ident
from typing import Any


def at_home(receive: Callable[..., None]) -> Callable[..., None]:
    """Have a callback called in the thread in which this is called, whichever thread a message comes in.

    JupyterLab may send the messages of a widget by a subshell of the kernel, which handles them in a thread of its own,
    in the middle of whatever the kernel's loop is at.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # a script: nothing else runs
        return receive
    home = get_ident()

    def received(*message: Any) -> None:
        if get_ident() == home or loop.is_closed():
            receive(*message)
        else:
            loop.call_soon_threadsafe(receive, *message)

    return received
