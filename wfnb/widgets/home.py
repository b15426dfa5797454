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


def opened_at_home(opened: Callable[[Any, dict[str, Any]], None]) -> Callable[[Any, dict[str, Any]], None]:
    """As `at_home`, of what a page opens: called with a comm, on which it says who takes its messages and its end.

    What comes on the comm meanwhile waits for that, in its order.
    """
    begin = at_home(opened)
    if begin is opened:
        return opened
    message, close = (
        at_home(lambda comm, said: comm.handle_msg(said)),
        at_home(lambda comm, said: comm.handle_close(said)),
    )

    def opened_anywhere(comm: Any, said: dict[str, Any]) -> None:
        comm.on_msg(lambda later: message(comm, later))
        comm.on_close(lambda later: close(comm, later))
        begin(comm, said)

    return opened_anywhere
